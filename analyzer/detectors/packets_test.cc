#include "analyzer/detectors/packets.h"

#include <vector>

#include <catch2/catch.hpp>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/window.h"

using namespace chargewarden;

namespace {

std::vector<std::uint64_t> tags_of(const Packets& packets) {
  return {packets.tags().begin(), packets.tags().end()};
}

}  // namespace

TEST_CASE("the middle of many packets is left out") {
  Packets packets;
  for (std::uint64_t i = 1; i <= kEventPacketsMax; ++i) packets.add(i);
  CHECK(tags_of(packets).size() == kEventPacketsMax);
  for (std::uint64_t i = kEventPacketsMax + 1; i <= 100; ++i) packets.add(i);
  CHECK(tags_of(packets) == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8,  //
                                                       93, 94, 95, 96, 97, 98, 99, 100});
  packets.clear();
  CHECK(tags_of(packets).empty());
}

TEST_CASE("a packet is named once in a row, and no packet is none") {
  Packets packets;
  for (const unsigned tag : {0U, 3U, 3U, 4U, 3U}) packets.add(tag);
  CHECK(tags_of(packets) == std::vector<std::uint64_t>{3, 4, 3});
}

TEST_CASE("a window counts what happened within its span, to a sixteenth of it") {
  Window window(16'000);
  CHECK(window.add(1'000'000) == 1);
  CHECK(window.add(1'007'999, 2) == 3);
  CHECK(window.count(1'015'999) == 3);
  CHECK(window.count(1'016'000) == 2);
  CHECK(window.add(900'000) == 3);  // Time that goes back counts as now.
  CHECK(window.count(9'000'000) == 0);
}

TEST_CASE("a set tells values apart up to its limit") {
  DistinctSet set(2);
  CHECK(set.add(5));
  CHECK_FALSE(set.add(5));
  CHECK(set.add(1));
  CHECK_FALSE(set.add(9));
  CHECK(set.size() == 2);
  CHECK(set.contains(1));
  CHECK_FALSE(set.contains(9));
}

TEST_CASE("an expiring map forgets what is old, and at its limit what is quiet for longest") {
  ExpiringMap<int> map(HashKey{}, 2, 100);
  map.at("a", 0) = 1;
  map.at("b", 50) = 2;
  REQUIRE(map.find("a", 100) != nullptr);
  CHECK(map.find("a", 101) == nullptr);  // Looking does not touch.
  map.at("b", 120);
  map.at("c", 130) = 3;
  map.at("d", 140) = 4;
  CHECK(map.find("b", 140) == nullptr);
  CHECK(map.dropped() == 1);
  CHECK(*map.find("c", 140) == 3);
  map.erase("c");
  CHECK(map.size() == 1);
}

TEST_CASE("what is kept for a station goes with it") {
  ByStation<int> by_station;
  CHECK(by_station.find(3) == nullptr);
  by_station.at(3) = 7;
  by_station.at(1) = 5;
  std::vector<int> seen;
  by_station.for_each([&](StationIndex, int value) { seen.push_back(value); });
  CHECK(seen == std::vector<int>{5, 7});
  by_station.forget(3);
  CHECK(by_station.find(3) == nullptr);
  by_station.forget(99);
}
