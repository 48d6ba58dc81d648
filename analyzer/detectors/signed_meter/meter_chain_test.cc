// Numbers of the records of one meter.

#include "analyzer/detectors/signed_meter/meter_chain.h"

#include <catch2/catch.hpp>

using namespace chargewarden;
using namespace chargewarden::session;

namespace {

ocmf::Record record(std::uint64_t page, char context = 'T') {
  ocmf::Record out;
  out.context = context;
  out.page = page;
  return out;
}

// Takes pages on one connection, a second between them.
class Chain {
 public:
  PageFinding take(std::uint64_t page, char context = 'T') {
    place.time_ns += 1'000'000'000;
    return chain.take_page(record(page, context), place);
  }

  void take_all(std::initializer_list<std::uint64_t> pages) {
    for (const std::uint64_t page : pages) CHECK_FALSE(take(page).problem);
  }

  MeterChain chain{"M1"};
  RecordPlace place{.time_ns = 1'000'000'000, .link_opened_ns = 1, .gap_ns = 0, .begun_ns = {}};
};

}  // namespace

TEST_CASE("a hole says something after numbers that came one by one") {
  Chain chain;
  chain.take_all({7, 8, 9, 10});
  const PageFinding gap = chain.take(13);
  CHECK(gap.problem == SignedProblem::kPageGap);
  CHECK(gap.page_before == 10);
  CHECK(gap.missing == 2);
  CHECK_FALSE(gap.capture_gap);
  // A station that leaves records out is not told each time.
  chain.take_all({15, 16, 19, 20, 21, 22});
  CHECK(chain.take(24).missing == 1);
}

TEST_CASE("transaction and fiscal records are counted apart") {
  Chain chain;
  chain.take_all({7, 8, 9, 10});
  CHECK_FALSE(chain.take(900, 'F').problem);
  chain.take_all({11, 12});
  CHECK_FALSE(chain.take(901, 'F').problem);
  CHECK(chain.take(14).problem == SignedProblem::kPageGap);
}

TEST_CASE("a hole beside a gap of the capture or a new connection is said to be so") {
  Chain gap;
  gap.take_all({1, 2, 3, 4});
  gap.place.gap_ns = gap.place.time_ns + 1;
  CHECK(gap.take(6).capture_gap);
  Chain link;
  link.take_all({1, 2, 3, 4});
  link.place.link_opened_ns = 2;
  CHECK(link.take(6).capture_gap);
  Chain old_gap;
  old_gap.place.gap_ns = 1;
  old_gap.take_all({1, 2, 3, 4});
  CHECK_FALSE(old_gap.take(6).capture_gap);
}

TEST_CASE("a number that goes back is told for sessions that began after it was used") {
  Chain chain;
  chain.take_all({1, 2, 3, 4});
  CHECK_FALSE(chain.take(2).problem);
  chain.place.begun_ns = chain.place.time_ns - 10'000'000'000;  // Sent late.
  CHECK_FALSE(chain.take(3).problem);
  chain.place.begun_ns = chain.place.time_ns + 500'000'000;
  const PageFinding back = chain.take(4);
  CHECK(back.problem == SignedProblem::kPageBack);
  CHECK(back.page_before == 4);
  CHECK(back.missing == 0);
}

TEST_CASE("records without a number, and the largest number, are taken as they are") {
  Chain chain;
  ocmf::Record none;
  CHECK_FALSE(chain.chain.take_page(none, chain.place).problem);
  chain.take_all({1, 2, 3, 4});
  CHECK(chain.take(UINT64_MAX).missing == UINT64_MAX - 5);
  CHECK_FALSE(chain.take(UINT64_MAX).problem);
}

TEST_CASE("problems are told at the first and at doublings") {
  MeterChain chain("M1");
  std::string told;
  for (int i = 0; i < 9; ++i) {
    told += std::to_string(chain.count(SignedProblem::kInvalid).value_or(0)) + " ";
  }
  CHECK(told == "1 2 0 4 0 0 0 8 0 ");
  CHECK(chain.count(SignedProblem::kReplayed) == 1);
}

TEST_CASE("a key text beyond the limit is not kept, its fingerprint is") {
  MeterChain chain("M1");
  chain.set_key(std::string(512, 'a'), "f1");
  CHECK(chain.key_text().size() == 512);
  chain.set_key(std::string(513, 'a'), "f2");
  CHECK(chain.key_text().empty());
  CHECK(chain.fingerprint() == "f2");
}
