#include "collector/wire/packet/fragment_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "collector/base/text.h"

using namespace chargewarden;

namespace {

using Buffer = std::vector<std::uint8_t>;
using Result = FragmentTable::Result;

struct Piece {
  std::uint32_t offset;
  std::string data;
  bool more;
};

// "abcdefghIJKLMNOPqrst" in three parts.
const std::vector<Piece> kPieces = {
    {0, "abcdefgh", true}, {8, "IJKLMNOP", true}, {16, "qrst", false}};
const std::string kWhole = "abcdefghIJKLMNOPqrst";

class Tester {
 public:
  Result add(const Piece& piece, std::uint32_t id = 1, std::int64_t time_ns = 0) {
    Fragment fragment;
    fragment.key.id = id;
    fragment.payload_protocol = piece.offset == 0 ? 6 : 99;
    fragment.offset = piece.offset;
    fragment.more = piece.more;
    fragment.data = as_bytes(piece.data);
    fragment.time_ns = time_ns;
    return table.add(fragment, whole, protocol);
  }

  [[nodiscard]] std::string text() const { return std::string(as_text(whole)); }

  FragmentTable table;
  Buffer whole;
  std::uint8_t protocol = 0;
};

}  // namespace

TEST_CASE("fragments in any order make the datagram, with the protocol of the first one") {
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    Tester tester;
    CHECK(tester.add(kPieces[order[0]]) == Result::kHeld);
    CHECK(tester.add(kPieces[order[1]]) == Result::kHeld);
    REQUIRE(tester.add(kPieces[order[2]]) == Result::kWhole);
    CHECK(tester.text() == kWhole);
    CHECK(tester.protocol == 6);
    CHECK(tester.table.size() == 0);
    CHECK(tester.table.bytes() == 0);
    CHECK(tester.table.counters().reassembled == 1);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("duplicates are counted and change nothing") {
  Tester tester;
  for (const int times : {1, 2, 3}) {
    CHECK(tester.add(kPieces[2]) == Result::kHeld);
    CHECK(tester.add(kPieces[0]) == Result::kHeld);
    CHECK(tester.table.counters().duplicates == static_cast<std::uint64_t>(2 * (times - 1)));
  }
  CHECK(tester.add(kPieces[1]) == Result::kWhole);
  CHECK(tester.text() == kWhole);
  CHECK(tester.table.counters().conflicts == 0);
}

TEST_CASE("on overlap the copy that came first wins, and a different one is counted") {
  Tester tester;
  tester.add({8, "IJKLMNOP", true});
  tester.add({0, "abcdefghXXXXXXXX", true});
  CHECK(tester.table.counters().conflicts == 1);
  CHECK(tester.add({16, "qrst", false}) == Result::kWhole);
  CHECK(tester.text() == kWhole);
}

TEST_CASE("fragments at impossible places are refused, and the datagram stays as it was") {
  Tester tester;
  tester.add(kPieces[0]);
  tester.add(kPieces[2]);
  CHECK(tester.add({16, "qrstuvwx", true}) == Result::kRefused);  // Beyond the end.
  CHECK(tester.add({24, "x", false}) == Result::kRefused);        // A second end, later.
  CHECK(tester.add({8, "IJKLMNOP", false}) == Result::kRefused);  // A second end, earlier.
  CHECK(tester.add({8, "IJKL", true}) == Result::kRefused);       // Not a multiple of eight.
  CHECK(tester.add({8, "", true}) == Result::kRefused);
  CHECK(tester.table.counters().refused == 5);
  CHECK(tester.add(kPieces[1]) == Result::kWhole);
  CHECK(tester.text() == kWhole);
  // An end before bytes that are there already.
  tester.add({16, "qrstuvwx", true});
  CHECK(tester.add({8, "I", false}) == Result::kRefused);
}

TEST_CASE("a datagram of the largest size passes and a larger one is refused") {
  Tester tester;
  const std::string unit = "12345678";
  for (std::uint32_t offset = 0; offset < 65'528; offset += 8) {
    REQUIRE(tester.add({offset, unit, true}) == Result::kHeld);
  }
  CHECK(tester.add({65'528, unit, false}) == Result::kRefused);
  CHECK(tester.add({65'528, "1234567", false}) == Result::kWhole);
  CHECK(tester.whole.size() == kDatagramBytesMax);
}

TEST_CASE("datagrams are kept apart by every part of their key") {
  FragmentTable table;
  Buffer whole;
  std::uint8_t protocol = 0;
  FragmentKey key{*IpAddress::parse("10.0.0.1"), *IpAddress::parse("10.0.0.2"), 1, 1, 6};
  std::vector<FragmentKey> keys(6, key);
  keys[1].source = key.destination;
  keys[2].destination = key.source;
  keys[3].id = 2;
  keys[4].tunnel = 2;
  keys[5].protocol = 17;
  for (const FragmentKey& each : keys) {
    Fragment fragment{each, 6, true, 0, as_bytes("abcdefgh"), 0};
    CHECK(table.add(fragment, whole, protocol) == Result::kHeld);
  }
  CHECK(table.size() == keys.size());
  Fragment last{keys[4], 6, false, 8, as_bytes("xyz"), 0};
  CHECK(table.add(last, whole, protocol) == Result::kWhole);
  CHECK(table.size() == keys.size() - 1);
}

TEST_CASE("a datagram that stays incomplete goes after its time, counted in packet time") {
  Tester tester;
  tester.add(kPieces[0], 1, 1'000);
  tester.add(kPieces[1], 1, 1'000 + kFragmentTimeoutNs);
  CHECK(tester.table.size() == 1);
  tester.add(kPieces[0], 2, 1'001 + kFragmentTimeoutNs);
  CHECK(tester.table.counters().expired == 1);
  CHECK(tester.table.size() == 1);
  CHECK(tester.add(kPieces[2], 1, 1'001 + kFragmentTimeoutNs) == Result::kHeld);
  // One that came with a wrong, later time does not keep those behind it.
  Tester blocked;
  blocked.add(kPieces[0], 1, 10 * kFragmentTimeoutNs);
  blocked.add(kPieces[0], 2, 0);
  blocked.add(kPieces[1], 2, 2 * kFragmentTimeoutNs);
  CHECK(blocked.table.counters().expired == 1);
  CHECK(blocked.add(kPieces[2], 2, 2 * kFragmentTimeoutNs) == Result::kHeld);
  // Time that goes back, or stands at the ends of its range, drops nothing and crashes nothing.
  Tester strange;
  strange.add(kPieces[0], 1, std::numeric_limits<std::int64_t>::max());
  strange.add(kPieces[0], 2, std::numeric_limits<std::int64_t>::min());
  CHECK(strange.table.size() == 2);
  CHECK(strange.add(kPieces[1], 1, 0) == Result::kHeld);
  CHECK(strange.add(kPieces[2], 1, 0) == Result::kWhole);
}

TEST_CASE("more datagrams than the table holds push out the oldest, whatever their keys are") {
  for (const HashKey& key : {HashKey{}, HashKey{1, 2}, HashKey{~std::uint64_t{0}, 3}}) {
    Tester tester;
    tester.table = FragmentTable(key);
    constexpr std::uint32_t kCount = 3 * kFragmentDatagramsMax;
    for (std::uint32_t id = 0; id < kCount; ++id) {
      tester.add(kPieces[0], id);
      REQUIRE(tester.table.size() == std::min<std::size_t>(id + 1, kFragmentDatagramsMax));
    }
    CHECK(tester.table.counters().evicted == kCount - kFragmentDatagramsMax);
    // Those that came last are all there, and none before them.
    for (std::uint32_t id = kCount - kFragmentDatagramsMax; id < kCount; ++id) {
      tester.add(kPieces[1], id);
      REQUIRE(tester.add(kPieces[2], id) == Result::kWhole);
    }
    CHECK(tester.table.size() == 0);
    CHECK(tester.table.bytes() == 0);
  }
}

TEST_CASE("more bytes than the table may take push out the oldest datagrams") {
  Tester tester;
  const std::string unit = "12345678";
  for (std::uint32_t id = 0; id < 1'000; ++id) {
    for (std::uint32_t offset = 0; offset < 65'520; offset += 8'192) {
      tester.add({offset, unit, true}, id);
      REQUIRE(tester.table.bytes() <= kFragmentBytesMax);
    }
  }
  CHECK(tester.table.counters().evicted > 400);
  CHECK(tester.table.size() == 1'000 - tester.table.counters().evicted);
  // The oldest that is left may be the one that grows.
  const auto oldest = static_cast<std::uint32_t>(tester.table.counters().evicted);
  for (std::uint32_t offset = 0; offset < 65'528; offset += 8) {
    tester.add({offset, unit, true}, oldest);
  }
  CHECK(tester.add({65'528, "1234567", false}, oldest) == Result::kWhole);
}
