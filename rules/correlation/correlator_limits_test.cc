// What happens at the limits, and at the ends of time.

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/correlation/entry_store.h"
#include "rules/correlation/testing/recorded_hits.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;

Fields station(const std::string& name) {
  return {{"station", {name}}};
}

CorrelationDef count(CorrelationBound bound) {
  return make_def(CorrelationType::kEventCount, {0}, kMinute, {bound}, {"station"});
}

CorrelationBound at_least(double value) {
  return {Comparison::kGreaterEqual, value};
}

}  // namespace

TEST_CASE("beyond the limit the stalest group goes", "[correlation]") {
  CorrelatorLimits limits;
  limits.groups = 3;
  TestCorrelator correlator({count(at_least(2)), count({Comparison::kEqual, 7})}, 1, limits);
  SECTION("of all correlations") {
    // Each match makes a group in both correlations.
    correlator.match(0, 1, station("A"));
    correlator.match(0, 2, station("B"));
    CHECK(correlator.correlator.counters().groups_evicted == 1);
    CHECK(correlator.correlator.usage().groups == 3);
    CHECK_FALSE(correlator.fires(0, 3, station("A")));  // It was A's.
  }
  SECTION("a match makes a group fresh") {
    TestCorrelator single({count(at_least(3))}, 1, limits);
    for (const char* name : {"A", "B", "C", "A", "D"}) single.match(0, 1, station(name));
    CHECK(single.correlator.counters().groups_evicted == 1);
    CHECK(single.fires(0, 1, station("A")));
    single.match(0, 1, station("B"));
    CHECK_FALSE(single.fires(0, 1, station("B")));
  }
}

TEST_CASE("more groups than the limit of production", "[correlation]") {
  TestCorrelator correlator({count(at_least(2))}, 1);
  std::string name;
  const auto send = [&](std::size_t number) {
    name = std::to_string(number);
    const std::string_view text = name;
    const FieldTexts field(&text, 1);
    correlator.correlator.on_match({0, 1, number, number, {&field, 1}});
  };
  for (std::size_t i = 0; i < kCorrelationGroupsMax; ++i) send(i);
  CHECK(correlator.correlator.counters().groups_evicted == 0);
  send(kCorrelationGroupsMax);
  CHECK(correlator.correlator.counters().groups_evicted == 1);
  CHECK(correlator.correlator.usage().groups == kCorrelationGroupsMax);
  CHECK(correlator.correlator.usage().bytes < 300 * kCorrelationGroupsMax);
}

TEST_CASE("a full group forgets its oldest entry", "[correlation]") {
  CorrelatorLimits limits;
  limits.entries_per_group = 5;
  const auto type = GENERATE(CorrelationType::kEventCount, CorrelationType::kValueCount,
                             CorrelationType::kValueSum);
  CorrelationDef def =
      make_def(type, {0}, kMinute, {at_least(6)}, {},
               type == CorrelationType::kEventCount ? std::vector<std::string>()
                                                    : std::vector<std::string>{"v"});
  TestCorrelator correlator({def}, 1, limits);
  for (int i = 0; i < 20; ++i) {
    const std::string value = type == CorrelationType::kValueSum ? "1" : std::to_string(i);
    CHECK(correlator.match(0, i, {{"v", {value}}}).empty());
  }
  CHECK(correlator.correlator.counters().entries_dropped == 15);
  CHECK(correlator.correlator.usage().entries == 5);
}

TEST_CASE("a full group is above every bound", "[correlation]") {
  const CorrelationBound most = {Comparison::kLessEqual,
                                 static_cast<double>(kCorrelationThresholdMax)};
  TestCorrelator correlator({count(most), count({Comparison::kGreater, most.value})}, 1);
  for (std::size_t i = 0; i < kCorrelationThresholdMax; ++i) {
    REQUIRE(correlator.match(0, 1, station("A")).empty());
  }
  REQUIRE(correlator.match(0, 1, station("A")).size() == 1);
  correlator.match(0, 1, station("A"));
  CHECK(correlator.correlator.counters().entries_dropped == 2);
  CHECK(correlator.correlator.usage().entries == 2 * kCorrelationEntriesMax);
  CHECK(correlator.finish().empty());
}

TEST_CASE("beyond the limit of entries the stalest groups go", "[correlation]") {
  CorrelatorLimits limits;
  limits.entries = 8 * kBlockEntries;
  static_assert(kCorrelationAllEntriesMax % kBlockEntries == 0);
  TestCorrelator correlator({count(at_least(1'000))}, 1, limits);
  // One block for each of eight groups; the first of them takes a second one.
  for (int i = 0; i < 8; ++i) correlator.match(0, i, station(std::to_string(i)));
  for (std::uint32_t i = 0; i < kBlockEntries - 1; ++i) correlator.match(0, 9, station("0"));
  CHECK(correlator.correlator.counters().groups_evicted == 0);
  correlator.match(0, 9, station("0"));
  CHECK(correlator.correlator.counters().groups_evicted == 1);
  CHECK(correlator.correlator.usage().groups == 7);
  // Alone, it forgets its own.
  for (int i = 0; i < 100; ++i) correlator.match(0, 10, station("0"));
  CHECK(correlator.correlator.usage().groups == 1);
  CHECK(correlator.correlator.usage().entries <= limits.entries);
  CHECK(correlator.correlator.usage().entries > limits.entries - kBlockEntries);
  CHECK(correlator.correlator.counters().entries_dropped > 0);
}

TEST_CASE("what chains need counts as entries", "[correlation]") {
  CorrelatorLimits limits;
  limits.entries = 100;
  CorrelationDef def = make_def(CorrelationType::kTemporalOrdered, {0, 1, 2, 3, 4, 5, 6, 7},
                                kMinute, {at_least(4)}, {"station"});
  TestCorrelator correlator({def}, 8, limits);
  // 1 + 8 * 5 words are 11 entries, and one block is 2: seven groups are 91 entries.
  for (int i = 0; i < 7; ++i) correlator.match(0, i, station(std::to_string(i)));
  CHECK(correlator.correlator.counters().groups_evicted == 0);
  correlator.match(0, 7, station("7"));
  CHECK(correlator.correlator.counters().groups_evicted == 1);
}

TEST_CASE("long group values are told apart and shown cut", "[correlation]") {
  TestCorrelator correlator({count(at_least(2))}, 1);
  const std::string start(kGroupValueMaxLen, 'x');
  CHECK_FALSE(correlator.fires(0, 1, station(start)));
  CHECK_FALSE(correlator.fires(0, 1, station(start + "1")));
  CHECK_FALSE(correlator.fires(0, 1, station(start + "2")));
  const auto hits = correlator.match(0, 2, station(start + "1"));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].group[0] == start);
  // A character is not cut in two.
  const std::string accent = std::string(kGroupValueMaxLen - 1, 'x') + "\xc3\xa9";
  correlator.match(0, 3, station(accent));
  CHECK(correlator.match(0, 3, station(accent))[0].group[0].size() == kGroupValueMaxLen - 1);
}

TEST_CASE("groups that no window reaches any more are removed", "[correlation]") {
  TestCorrelator correlator({count(at_least(2)), count({Comparison::kEqual, 1})}, 1);
  for (int i = 0; i < 10'000; ++i) {
    correlator.match(0, i * kSecond, station(std::to_string(i)));
    REQUIRE(correlator.correlator.usage().groups <= 2 * 70);
  }
  for (int i = 0; i < 200; ++i) correlator.advance((20'000 + i) * kSecond);
  CHECK(correlator.correlator.usage().groups == 0);
  CHECK(correlator.correlator.usage().entries == 0);
}

TEST_CASE("nothing overflows at the ends of time", "[correlation]") {
  CorrelationDef endless = count(at_least(2));
  endless.timespan_ns = INT64_MAX;
  CorrelationDef at_close = count({Comparison::kEqual, 1});
  TestCorrelator correlator({endless, at_close}, 1);
  CHECK(correlator.match(0, INT64_MIN + 1, station("A")).empty());
  CHECK(correlator.fires(0, INT64_MIN + 2, station("A")));
  correlator.match(0, INT64_MAX - 1, station("B"));
  correlator.match(0, INT64_MAX, station("B"));
  correlator.match(0, INT64_MAX, station("B"));
  correlator.finish();
  CHECK(correlator.correlator.usage().groups == 0);
}
