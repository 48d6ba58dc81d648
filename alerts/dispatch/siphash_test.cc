#include "alerts/dispatch/siphash.h"

#include <array>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace chargewarden;

namespace {

std::uint64_t hash_of(std::uint64_t seed, std::string_view a, std::string_view b = {}) {
  SipHash13 hash(seed);
  hash.add(a);
  hash.add(b);
  return hash.finish();
}

}  // namespace

TEST_CASE("texts, their border and the seed all change the hash") {
  std::set<std::uint64_t> seen;
  std::string text;
  for (int len = 0; len < 40; ++len) {
    seen.insert(hash_of(0, text));
    seen.insert(hash_of(1, text));
    text += 'a';
  }
  seen.insert(hash_of(0, "aXb"));
  seen.insert(hash_of(0, "aX", "b"));
  seen.insert(hash_of(0, "a", "Xb"));
  seen.insert(hash_of(0, std::string(1, '\0')));
  CHECK(seen.size() == 84);
  CHECK(hash_of(7, "station", "rule") == hash_of(7, "station", "rule"));
}

TEST_CASE("hashes of similar names spread over all buckets") {
  std::array<int, 64> buckets{};
  for (int i = 0; i < 64'000; ++i) ++buckets[hash_of(0, "CP-" + std::to_string(i)) % 64];
  for (const int count : buckets) {
    CHECK(count > 800);
    CHECK(count < 1200);
  }
}
