// Matches that come out of order.

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/correlation/testing/recorded_hits.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;

CorrelationDef count_of(double count) {
  return make_def(CorrelationType::kEventCount, {0}, kMinute, {{Comparison::kGreaterEqual, count}});
}

}  // namespace

TEST_CASE("a match may be two seconds late and not more", "[correlation]") {
  const std::int64_t late_by =
      GENERATE(as<std::int64_t>{}, kCorrelationLatenessNs, kCorrelationLatenessNs + 1);
  const bool by_advance = GENERATE(false, true);
  TestCorrelator correlator({count_of(2)}, 2);
  correlator.match(0, kMinute);
  if (by_advance) {
    correlator.advance(kMinute + kSecond);
  } else {
    correlator.match(1, kMinute + kSecond);  // Nobody refers to it, and it tells the time.
  }
  const bool taken = late_by == kCorrelationLatenessNs;
  CHECK(correlator.fires(0, kMinute + kSecond - late_by) == taken);
  CHECK(correlator.correlator.counters().late == (taken ? 0 : 1));
}

TEST_CASE("a clock that was set back is followed", "[correlation]") {
  TestCorrelator correlator({count_of(2)}, 2);
  constexpr std::int64_t kHour = 60 * kMinute;
  correlator.match(0, kHour);
  // Late ones, but never so many in a row.
  for (int i = 0; i < 3; ++i) {
    for (std::size_t late = 0; late + 1 < kClockSetBackMatches; ++late) {
      CHECK_FALSE(correlator.fires(0, kMinute));
    }
    correlator.match(1, kHour);
    correlator.match(0, kHour + i * 2 * kMinute);
  }
  CHECK(correlator.correlator.counters().clock_set_back == 0);
  for (std::size_t late = 0; late + 1 < kClockSetBackMatches; ++late) {
    CHECK_FALSE(correlator.fires(0, kMinute + kSecond));
  }
  CHECK_FALSE(correlator.fires(0, kMinute + 2 * kSecond));  // The first of the new time.
  CHECK(correlator.correlator.counters().clock_set_back == 1);
  CHECK(correlator.fires(0, kMinute + 3 * kSecond));
  CHECK(correlator.correlator.usage().groups == 1);
}

TEST_CASE("a late match completes the window that it belongs to", "[correlation]") {
  // Three within a minute, but for the newest, which is a minute after the first.
  TestCorrelator correlator({count_of(3)}, 1);
  correlator.match(0, 0);
  correlator.match(0, kMinute - kSecond);
  CHECK(correlator.match(0, kMinute).empty());
  const auto hits = correlator.match(0, kMinute - 2 * kSecond);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0] == RecordedHit{0, true, kMinute - kSecond, 2, {}, 3, 0, 3, {1001, 1004, 1002}});
}

TEST_CASE("a late match is not counted in windows that it is too old for", "[correlation]") {
  CorrelationDef short_span = count_of(2);
  short_span.timespan_ns = kSecond;
  TestCorrelator correlator({short_span}, 1);
  correlator.match(0, 10 * kSecond);
  CHECK(correlator.match(0, 9 * kSecond).empty());  // Exactly a time span apart.
  CHECK_FALSE(correlator.match(0, 9 * kSecond + 1).empty());
}

TEST_CASE("entries in the future of a late match do not count for it", "[correlation]") {
  // A deque that takes matches as they come would see 0 and 1 in order here.
  CorrelationDef def = make_def(CorrelationType::kTemporalOrdered, {0, 1}, kMinute,
                                {{Comparison::kGreaterEqual, 2}});
  TestCorrelator correlator({def}, 2);
  correlator.match(0, 5 * kSecond);
  CHECK(correlator.match(1, 4 * kSecond).empty());
  CHECK(correlator.fires(1, 6 * kSecond));
}

TEST_CASE("a late first rule completes a chain", "[correlation]") {
  CorrelationDef def = make_def(CorrelationType::kTemporalOrdered, {0, 1, 2}, kMinute,
                                {{Comparison::kGreaterEqual, 3}});
  TestCorrelator correlator({def}, 3);
  correlator.match(1, 5 * kSecond);
  correlator.match(2, 6 * kSecond);
  const auto hits = correlator.match(0, 4 * kSecond);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].fire);
  CHECK(hits[0].first_ns == 4 * kSecond);
  CHECK(hits[0].sequence == 2);
  CHECK(hits[0].tags == std::vector<std::uint64_t>{1003, 1001, 1002});
}

TEST_CASE("a late match of a group that rests is a repeat", "[correlation]") {
  TestCorrelator correlator({count_of(2)}, 1);
  correlator.match(0, 10 * kSecond);
  CHECK(correlator.fires(0, 11 * kSecond));
  const auto hits = correlator.match(0, 10 * kSecond + 1);
  REQUIRE(hits.size() == 1);
  CHECK_FALSE(hits[0].fire);
}

TEST_CASE("a late match opens the window at close that it begins", "[correlation]") {
  CorrelationDef def =
      make_def(CorrelationType::kEventCount, {0}, kMinute, {{Comparison::kLessEqual, 2}});
  TestCorrelator correlator({def}, 1);
  correlator.match(0, 10 * kSecond);
  correlator.match(0, 9 * kSecond);
  correlator.match(0, kMinute + 9 * kSecond);  // In the window of the first, not of the late one.
  const auto hits = correlator.finish();
  REQUIRE(hits.size() == 2);
  CHECK(hits[0].value == 2);
  CHECK(hits[0].first_ns == 9 * kSecond);
  CHECK(hits[1].value == 1);
}

TEST_CASE("input shuffled within the lateness fires for the same groups", "[correlation]") {
  std::mt19937 random(7);
  const auto type = GENERATE(CorrelationType::kEventCount, CorrelationType::kValueCount,
                             CorrelationType::kTemporal, CorrelationType::kTemporalOrdered);
  CorrelationDef def =
      make_def(type, {0, 1, 2}, 5 * kSecond, {{Comparison::kGreaterEqual, 3}}, {"station"},
               type == CorrelationType::kValueCount ? std::vector<std::string>{"id"}
                                                    : std::vector<std::string>());
  std::vector<TestMatch> sorted;
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    sorted.push_back(
        {static_cast<std::uint32_t>(random() % 3),
         static_cast<std::int64_t>(i) * kSecond / 50,
         i,
         {{"station", {std::to_string(random() % 200)}}, {"id", {std::to_string(random() % 5)}}}});
  }
  std::vector<std::pair<std::int64_t, std::size_t>> order;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const auto delay = static_cast<std::int64_t>(random() % kCorrelationLatenessNs);
    order.emplace_back(sorted[i].time_ns + delay, i);
  }
  std::sort(order.begin(), order.end());
  std::set<std::string> fired[2];
  TestCorrelator in_order({def}, 3);
  TestCorrelator shuffled({def}, 3);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (const auto& hit : in_order.match(sorted[i])) fired[0].insert(hit.group[0]);
    for (const auto& hit : shuffled.match(sorted[order[i].second])) fired[1].insert(hit.group[0]);
  }
  CHECK(shuffled.correlator.counters().late == 0);
  CHECK(fired[0].size() > 20);
  CHECK(fired[0].size() < 200);
  CHECK(fired[0] == fired[1]);
}

TEST_CASE("conditions at close say the same of shuffled input, hit by hit", "[correlation]") {
  std::mt19937 random(8);
  CorrelationDef def = make_def(CorrelationType::kValueAvg, {0}, 5 * kSecond,
                                {{Comparison::kLess, 50}}, {"station"}, {"v"});
  std::vector<TestMatch> sorted;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    sorted.push_back({0,
                      static_cast<std::int64_t>(i) * kSecond / 50,
                      i,
                      {{"station", {std::to_string(random() % 50)}},
                       {"v", {std::to_string(random() % 100) + "." + std::to_string(i % 10)}}}});
  }
  std::vector<std::pair<std::int64_t, std::size_t>> order;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const auto delay = static_cast<std::int64_t>(random() % kCorrelationLatenessNs);
    order.emplace_back(sorted[i].time_ns + delay, i);
  }
  std::sort(order.begin(), order.end());
  std::vector<RecordedHit> said[2];
  for (int run = 0; run < 2; ++run) {
    TestCorrelator correlator({def}, 1);
    const auto keep = [&](const std::vector<RecordedHit>& hits) {
      said[run].insert(said[run].end(), hits.begin(), hits.end());
    };
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      keep(correlator.match(run == 0 ? sorted[i] : sorted[order[i].second]));
    }
    keep(correlator.finish());
  }
  CHECK(said[0].size() > 50);
  CHECK(said[0] == said[1]);
}
