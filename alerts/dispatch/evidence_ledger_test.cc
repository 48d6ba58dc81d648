#include "alerts/dispatch/evidence_ledger.h"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace chargewarden;

namespace {

std::vector<std::uint64_t> sorted_numbers(const EvidenceLedger::Entry& entry) {
  std::vector<std::uint64_t> out;
  for (const PacketRef packet : entry.packets) out.push_back(packet.number());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("of an alert the first packets and the latest are kept") {
  constexpr std::uint64_t kKept = kEvidenceFirstMax + kEvidenceLastMax;
  for (const std::uint64_t count : {std::uint64_t{1}, kKept - 1, kKept, kKept + 1, 3 * kKept + 7}) {
    CAPTURE(count);
    EvidenceLedger ledger;
    const auto alert = ledger.begin("a");
    std::vector<std::uint64_t> expected;
    for (std::uint64_t number = 1; number <= count; ++number) {
      ledger.add(alert, {0, number});
      if (number <= kEvidenceFirstMax || number + kEvidenceLastMax > count) {
        expected.push_back(number);
      }
    }
    REQUIRE(ledger.entries().size() == 1);
    CHECK(sorted_numbers(ledger.entries()[0]) == expected);
    CHECK(ledger.entries()[0].added == count);
    CHECK(ledger.packets_left_out() == count - expected.size());
  }
}

TEST_CASE("packets go to their alert, and a packet that comes again at once is one") {
  EvidenceLedger ledger;
  const auto one = ledger.begin("one");
  const auto two = ledger.begin("two");
  for (const std::uint64_t number : {1U, 1U, 2U, 1U}) ledger.add(one, {0, number});
  ledger.add(two, {0, 1});
  ledger.add(EvidenceLedger::kNone, {0, 9});
  CHECK(sorted_numbers(ledger.entries()[0]) == std::vector<std::uint64_t>{1, 1, 2});
  CHECK(sorted_numbers(ledger.entries()[1]) == std::vector<std::uint64_t>{1});
  CHECK(EvidenceLedger::file_of(ledger.entries()[1].finding_uid) == "two.pcap");
}

TEST_CASE("beyond the limits nothing is entered, and it is counted") {
  EvidenceLedger ledger({2, 3});
  const auto one = ledger.begin("one");
  const auto two = ledger.begin("two");
  CHECK(ledger.begin("three") == EvidenceLedger::kNone);
  for (std::uint64_t number = 1; number <= 2; ++number) ledger.add(one, {0, number});
  for (std::uint64_t number = 1; number <= 5000; ++number) ledger.add(two, {0, number});
  CHECK(ledger.alerts_left_out() == 1);
  CHECK(ledger.packets_left_out() == 4999);
  CHECK(sorted_numbers(ledger.entries()[0]) == std::vector<std::uint64_t>{1, 2});
  CHECK(sorted_numbers(ledger.entries()[1]) == std::vector<std::uint64_t>{1});
}
