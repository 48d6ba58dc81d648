// value_count, value_sum, value_avg and value_percentile.

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/correlation/testing/recorded_hits.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

constexpr std::int64_t kMinute = 60'000'000'000;

CorrelationDef values(CorrelationType type, CorrelationBound bound) {
  return make_def(type, {0}, kMinute, {bound}, {}, {"v"});
}

CorrelationBound at_least(double value) {
  return {Comparison::kGreaterEqual, value};
}

Fields v(std::vector<std::string> texts) {
  return {{"v", std::move(texts)}};
}

}  // namespace

TEST_CASE("value_count counts different values", "[correlation]") {
  TestCorrelator correlator({values(CorrelationType::kValueCount, at_least(3))}, 1);
  for (const char* text : {"a", "a", "A", "a"}) CHECK_FALSE(correlator.fires(0, 1, v({text})));
  const auto hits = correlator.match(0, 2, v({"b"}));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].value == 3);
  CHECK(hits[0].matches == 5);
}

TEST_CASE("a value leaves the window with its last match", "[correlation]") {
  TestCorrelator correlator({values(CorrelationType::kValueCount, at_least(2))}, 1);
  correlator.match(0, 0, v({"a"}));
  correlator.match(0, 10, v({"a"}));
  const std::int64_t time_ns = GENERATE(kMinute + 9, kMinute + 10);
  CHECK(correlator.fires(0, time_ns, v({"b"})) == (time_ns < kMinute + 10));
}

TEST_CASE("each element of a list is a value", "[correlation]") {
  TestCorrelator correlator({values(CorrelationType::kValueCount, at_least(3))}, 1);
  CHECK_FALSE(correlator.fires(0, 1, v({"a", "b", "a"})));
  const auto hits = correlator.match(0, 2, v({"c", "a"}));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].tags == std::vector<std::uint64_t>{1001, 1002});
}

TEST_CASE("several value fields are counted as tuples", "[correlation]") {
  TestCorrelator correlator(
      {make_def(CorrelationType::kValueCount, {0}, kMinute, {at_least(3)}, {}, {"v", "w"})}, 1);
  CHECK_FALSE(correlator.fires(0, 1, {{"v", {"a"}}, {"w", {"bc"}}}));
  CHECK_FALSE(correlator.fires(0, 1, {{"v", {"ab"}}, {"w", {"c"}}}));
  CHECK_FALSE(correlator.fires(0, 1, {{"v", {"a"}}, {"w", {"bc"}}}));
  CHECK_FALSE(correlator.fires(0, 1, {{"v", {"x"}}}));
  CHECK(correlator.correlator.counters().without_value == 1);
  CHECK(correlator.fires(0, 1, {{"v", {"x"}}, {"w", {"y", "z"}}}));
}

TEST_CASE("a match without a value is not counted", "[correlation]") {
  TestCorrelator correlator({values(CorrelationType::kValueSum, at_least(0))}, 1);
  CHECK(correlator.match(0, 1).empty());
  CHECK(correlator.match(0, 1, v({})).empty());
  CHECK(correlator.correlator.counters().without_value == 2);
  CHECK(correlator.correlator.usage().groups == 0);
}

TEST_CASE("what is not a number is counted and left out", "[correlation]") {
  TestCorrelator correlator({values(CorrelationType::kValueSum, at_least(12))}, 1);
  for (const char* text :
       {"", "x", "1x", " 1", "nan", "inf", "0x10", "1e400", "true", "9.1e18", "-9.1e18"}) {
    CHECK_FALSE(correlator.fires(0, 1, v({text})));
  }
  CHECK(correlator.correlator.counters().not_numeric == 11);
  CHECK_FALSE(correlator.fires(0, 1, v({"1e1", "much", "1.5"})));
  CHECK(correlator.correlator.counters().not_numeric == 12);
  CHECK(correlator.fires(0, 1, v({"0.5"})));
  static_assert(kCorrelationNumberMax < 9.1e18);
}

TEST_CASE("sums are exact in decimals and leave nothing behind", "[correlation]") {
  TestCorrelator correlator({values(CorrelationType::kValueSum, {Comparison::kEqual, 0.3}),
                             values(CorrelationType::kValueSum, at_least(0.7 * 10))},
                            1);
  correlator.match(0, 0, v({"0.1"}));
  correlator.match(0, 1, v({"0.2"}));
  auto hits = correlator.advance(2 * kMinute);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].value == 0.3);
  // A huge number goes through the window of the second, whose sum must not feel it afterwards.
  correlator.match(0, 3 * kMinute, v({"8e18"}));
  for (int i = 0; i < 9; ++i) correlator.match(0, 4 * kMinute, v({"0.7"}));
  hits = correlator.match(0, 4 * kMinute + 1, v({"0.7"}));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].fire);
  CHECK(hits[0].value == 7);
}

TEST_CASE("whole numbers are summed as such", "[correlation]") {
  TestCorrelator correlator({values(CorrelationType::kValueSum, at_least(9'007'199'254'740'992))},
                            1);
  CHECK_FALSE(correlator.fires(0, 1, v({"9007199254740991"})));
  CHECK_FALSE(correlator.fires(0, 1, v({"-1"})));
  CHECK(correlator.fires(0, 1, v({"2"})));
}

TEST_CASE("an average is judged on each match, or at close with an upper bound", "[correlation]") {
  TestCorrelator correlator({values(CorrelationType::kValueAvg, at_least(0.2)),
                             values(CorrelationType::kValueAvg, {Comparison::kLessEqual, 0.2})},
                            1);
  CHECK_FALSE(correlator.fires(0, 1, v({"0.1"})));
  CHECK_FALSE(correlator.fires(0, 2, v({"0.2"})));
  auto hits = correlator.match(0, 3, v({"0.3"}));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].correlation == 0);
  CHECK(hits[0].value == 0.2);
  hits = correlator.finish();
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].correlation == 1);
  CHECK(hits[0].value == 0.2);
}

TEST_CASE("a percentile is the nearest rank", "[correlation]") {
  // Of 15, 20, 35, 40, 50, the example of the method: 5 % is 15, 30 % is 20, 40 % is 20, 50 % is
  // 35, 100 % is 50.
  const auto expected =
      GENERATE(std::pair(0.0, 15.0), std::pair(5.0, 15.0), std::pair(30.0, 20.0),
               std::pair(40.0, 20.0), std::pair(50.0, 35.0), std::pair(100.0, 50.0));
  CorrelationDef at_close =
      values(CorrelationType::kValuePercentile, {Comparison::kEqual, expected.second});
  at_close.percentile = expected.first;
  CorrelationDef enough = at_close;
  enough.bounds = {at_least(expected.second)};
  CorrelationDef too_much = at_close;
  too_much.bounds = {{Comparison::kGreater, expected.second}};
  TestCorrelator correlator({at_close, enough, too_much}, 1);
  const auto hits = correlator.match(0, 1, v({"35", "20", "15", "50", "40"}));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].correlation == 1);
  CHECK(hits[0].value == expected.second);
  REQUIRE(correlator.finish().size() == 1);
}

TEST_CASE("a percentile of a thousand values is not one beside", "[correlation]") {
  CorrelationDef def = values(CorrelationType::kValuePercentile, {Comparison::kEqual, 999});
  def.percentile = 99.9;
  TestCorrelator correlator({def}, 1);
  for (int i = 1; i <= 1'000; ++i) correlator.match(0, i, v({std::to_string(i)}));
  CHECK(correlator.finish().size() == 1);
}
