#include "collector/base/slot_index.h"

#include <map>
#include <random>

#include <catch2/catch.hpp>

using namespace chargewarden;  // NOLINT(google-build-using-namespace)

TEST_CASE("entries are found after any order of additions and removals") {
  std::mt19937 random(20261122);
  // Few different hashes make long runs, also across the end of the slots.
  for (const std::uint64_t different : {4U, 13U, 1'000'000U}) {
    SlotIndex index(64);
    std::map<std::uint32_t, std::uint64_t> hashes;
    const auto hash_of = [&](std::uint32_t entry) { return hashes.at(entry); };
    for (int round = 0; round < 20'000; ++round) {
      const auto entry = static_cast<std::uint32_t>(random() % 100);
      if (hashes.contains(entry)) {
        index.erase(entry, hash_of);
        hashes.erase(entry);
      } else {
        hashes[entry] = (random() % different) + 60;
        if (hashes.size() * 2 > index.slots()) index.grow(hash_of);
        index.insert(hashes[entry], entry);
      }
      for (const auto& [each, hash] : hashes) {
        const std::uint32_t wanted = each;
        REQUIRE(index.find(hash, [&](std::uint32_t at) { return at == wanted; }) == each);
      }
      REQUIRE(index.find(60, [](std::uint32_t) { return false; }) == SlotIndex::kNone);
    }
    CHECK(index.slots() == 256);
  }
}

TEST_CASE("the first entry of a search is told without searching") {
  SlotIndex index(8);
  CHECK(index.first(3) == SlotIndex::kNone);
  index.insert(3, 7);
  index.insert(11, 8);
  CHECK(index.first(3) == 7);
  CHECK(index.first(11) == 7);
}
