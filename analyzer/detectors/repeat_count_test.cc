#include "analyzer/detectors/repeat_count.h"

#include <vector>

#include <catch2/catch.hpp>

namespace chargewarden {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;
constexpr std::uint32_t kSpan = 60'000;  // ms

}  // namespace

TEST_CASE("repeats are counted over one to two spans") {
  RepeatCount count;
  CHECK(count.add(kStart + kSecond, kSpan) == 1);
  CHECK(count.add(kStart + 59 * kSecond, kSpan) == 2);
  CHECK(count.add(kStart + 61 * kSecond, kSpan) == 3);
  CHECK(count.age_ms(kStart + 61 * kSecond) == 60'000);
  CHECK(count.add(kStart + 121 * kSecond, kSpan) == 2);
  CHECK(count.age_ms(kStart + 121 * kSecond) == 60'000);
  CHECK(count.add(kStart + 600 * kSecond, kSpan) == 1);
  CHECK(count.add(kStart, kSpan) == 2);
}

TEST_CASE("repeats are told at a floor and at doublings, and anew once they have ceased") {
  RepeatCount count;
  std::vector<std::uint32_t> told;
  for (int i = 0; i < 25; ++i) {
    count.add(kStart, kSpan);
    if (count.should_tell(5)) told.push_back(count.count());
  }
  CHECK(told == std::vector<std::uint32_t>{5, 10, 20});
  for (int i = 0; i < 5; ++i) count.add(kStart + 600 * kSecond, kSpan);
  CHECK(count.should_tell(5));
}

TEST_CASE("repeats beyond what fits stay there") {
  RepeatCount count;
  count.add(kStart, kSpan, UINT32_MAX);
  CHECK(count.add(kStart, kSpan, 10) == UINT32_MAX);
  CHECK(count.add(kStart + 60 * kSecond, kSpan, 10) == UINT32_MAX);
}

}  // namespace chargewarden
