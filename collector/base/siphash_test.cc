#include "collector/base/siphash.h"

#include <array>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace chargewarden;

namespace {

std::uint64_t hash_of(HashKey key, std::string_view a, std::string_view b = {}) {
  SipHash13 hash(key);
  hash.add(a);
  hash.add(b);
  return hash.finish();
}

}  // namespace

TEST_CASE("texts, their border and both halves of the key change the hash") {
  std::set<std::uint64_t> seen;
  std::string text;
  for (int len = 0; len < 40; ++len) {
    seen.insert(hash_of({}, text));
    seen.insert(hash_of({1, 0}, text));
    seen.insert(hash_of({0, 1}, text));
    text += 'a';
  }
  seen.insert(hash_of({}, "aXb"));
  seen.insert(hash_of({}, "aX", "b"));
  seen.insert(hash_of({}, "a", "Xb"));
  seen.insert(hash_of({}, std::string(1, '\0')));
  CHECK(seen.size() == 124);
  CHECK(hash_of({7, 8}, "station", "rule") == hash_of({7, 8}, "station", "rule"));
}

TEST_CASE("hashes of similar names spread over all buckets") {
  std::array<int, 64> buckets{};
  for (int i = 0; i < 64'000; ++i) ++buckets[hash_of({}, "CP-" + std::to_string(i)) % 64];
  for (const int count : buckets) {
    CHECK(count > 800);
    CHECK(count < 1200);
  }
}

// The key 00 01 .. 0f and the text 00 01 .. of the paper's vectors, with one round a word and three
// at the end: the 64-bit values that the hash tables of Rust check.
TEST_CASE("the hash is SipHash-1-3") {
  constexpr HashKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const std::array<std::uint64_t, 9> expected = {
      0xabac0158050fc4dc, 0xc9f49bf37d57ca93, 0x82cb9b024dc7d44d,
      0x8bf80ab8e7ddf7fb, 0xcf75576088d38328, 0xdef9d52f49533b67,
      0xc50d2b50c59f22a7, 0xd3927d989bb11140, 0x369095118d299a8e};
  std::string text;
  for (const std::uint64_t hash : expected) {
    SipHash13 hasher(kKey);
    hasher.add(text);
    CHECK(hasher.finish() == hash);
    text += static_cast<char>(text.size());
  }
}

TEST_CASE("the second half of a wide hash is independent of the first") {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) {
    SipHash13 hash({});
    hash.add(std::to_string(i));
    seen.insert(hash.finish());
    seen.insert(hash.finish_more());
  }
  CHECK(seen.size() == 200);
}
