#include "rules/correlation/correlator.h"

#include <vector>

#include <catch2/catch.hpp>

#include "rules/correlation/testing/recorded_hits.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;

CorrelationBound at_least(double value) {
  return {Comparison::kGreaterEqual, value};
}

Fields station(const char* name) {
  return {{"station", {name}}};
}

CorrelationDef three_a_minute() {
  return make_def(CorrelationType::kEventCount, {0}, kMinute, {at_least(3)}, {"station"});
}

// Rules 0, 1, ... within a minute on one station.
CorrelationDef rules_in_a_minute(CorrelationType type, const std::vector<std::uint32_t>& rules) {
  const auto all = static_cast<double>(rules.size());
  return make_def(type, rules, kMinute, {at_least(all)}, {"station"});
}

}  // namespace

TEST_CASE("a match exactly one time span old is out of the window", "[correlation]") {
  const std::int64_t third = GENERATE(kMinute - 1, kMinute, kMinute + 1);
  TestCorrelator correlator({three_a_minute()}, 1);
  CHECK_FALSE(correlator.fires(0, 0, station("A")));
  CHECK_FALSE(correlator.fires(0, kSecond, station("A")));
  CHECK(correlator.fires(0, third, station("A")) == (third < kMinute));
}

TEST_CASE("the match that makes the condition true fires, with what it was judged by",
          "[correlation]") {
  TestCorrelator correlator({three_a_minute()}, 1);
  correlator.match(0, 5, station("A"));
  correlator.match(0, 6, station("A"));
  const auto hits = correlator.match(0, 7, station("A"));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0] == RecordedHit{0, true, 7, 3, {"A"}, 3, 5, 3, {1001, 1002, 1003}});
}

TEST_CASE("groups are counted apart", "[correlation]") {
  TestCorrelator correlator({three_a_minute()}, 1);
  for (const char* name : {"A", "B", "A", "B"})
    CHECK(correlator.match(0, 1, station(name)).empty());
  CHECK(correlator.fires(0, 2, station("B")));
  CHECK(correlator.fires(0, 2, station("A")));
}

TEST_CASE("group values are the same only if their texts are", "[correlation]") {
  CorrelationDef def =
      make_def(CorrelationType::kEventCount, {0}, kMinute, {at_least(2)}, {"a", "b"});
  TestCorrelator correlator({def}, 1);
  CHECK_FALSE(correlator.fires(0, 1, {{"a", {"xy"}}, {"b", {"z"}}}));
  CHECK_FALSE(correlator.fires(0, 1, {{"a", {"x"}}, {"b", {"yz"}}}));
  CHECK_FALSE(correlator.fires(0, 1, {{"a", {"XY"}}, {"b", {"z"}}}));
  CHECK_FALSE(correlator.fires(0, 1, {{"a", {"xy"}}, {"b", {""}}}));
  CHECK(correlator.fires(0, 1, {{"a", {"xy"}}, {"b", {"z"}}}));
}

TEST_CASE("a list of group values is one text", "[correlation]") {
  TestCorrelator correlator({three_a_minute()}, 1);
  correlator.match(0, 1, {{"station", {"A", "B"}}});
  correlator.match(0, 1, {{"station", {"A,B"}}});
  const auto hits = correlator.match(0, 1, {{"station", {"A", "B"}}});
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].group == std::vector<std::string>{"A,B"});
}

TEST_CASE("a match without a group field is not correlated and counted", "[correlation]") {
  TestCorrelator correlator({three_a_minute()}, 1);
  for (int i = 0; i < 5; ++i) CHECK(correlator.match(0, 1).empty());
  CHECK(correlator.correlator.counters().without_group_field == 5);
  CHECK(correlator.correlator.usage().groups == 0);
}

TEST_CASE("without group_by all matches are one group", "[correlation]") {
  TestCorrelator correlator({make_def(CorrelationType::kEventCount, {0}, kMinute, {at_least(2)})},
                            1);
  CHECK_FALSE(correlator.fires(0, 1, station("A")));
  CHECK(correlator.fires(0, 2));
}

TEST_CASE("a group that fired rests while its condition stays true", "[correlation]") {
  TestCorrelator correlator({three_a_minute()}, 1);
  for (int i = 0; i < 2; ++i) correlator.match(0, 0, station("A"));
  CHECK(correlator.fires(0, 0, station("A")));
  for (std::int64_t second = 1; second < 60; ++second) {
    const auto hits = correlator.match(0, second * kSecond, station("A"));
    REQUIRE(hits.size() == 1);
    CHECK_FALSE(hits[0].fire);
    CHECK(hits[0].sequence == static_cast<std::uint64_t>(second + 3));
  }
  // It has never been false, but one time span has passed.
  CHECK(correlator.fires(0, kMinute, station("A")));
  CHECK(correlator.correlator.counters().fires == 2);
  CHECK(correlator.correlator.counters().repeats == 59);
}

TEST_CASE("a group fires again once its condition was false", "[correlation]") {
  TestCorrelator correlator({three_a_minute()}, 1);
  correlator.match(0, 0, station("A"));
  correlator.match(0, 10 * kSecond, station("A"));
  CHECK(correlator.fires(0, 20 * kSecond, station("A")));
  // At 0 + one minute the first match has left: two were in the window before this one.
  CHECK(correlator.fires(0, kMinute, station("A")));
  // Three were in the window before this one.
  CHECK_FALSE(correlator.fires(0, kMinute + 1, station("A")));
}

TEST_CASE("two criteria of one direction hold together", "[correlation]") {
  TestCorrelator correlator({make_def(CorrelationType::kEventCount, {0}, kMinute,
                                      {at_least(1), {Comparison::kGreater, 2}})},
                            1);
  CHECK_FALSE(correlator.fires(0, 1));
  CHECK_FALSE(correlator.fires(0, 1));
  CHECK(correlator.fires(0, 1));
}

TEST_CASE("a range is judged when its window closes", "[correlation]") {
  // 300 matches do not fire `gt: 100, lte: 200` on their way up.
  const int count = GENERATE(100, 101, 200, 201, 300);
  TestCorrelator correlator(
      {make_def(CorrelationType::kEventCount, {0}, kMinute,
                {{Comparison::kGreater, 100}, {Comparison::kLessEqual, 200}})},
      1);
  for (int i = 0; i < count; ++i) REQUIRE(correlator.match(0, i).empty());
  CHECK(correlator.advance(kMinute + kCorrelationLatenessNs - 1).empty());
  const auto hits = correlator.advance(kMinute + kCorrelationLatenessNs);
  REQUIRE(hits.size() == (count > 100 && count <= 200 ? 1 : 0));
  if (!hits.empty()) CHECK(hits[0].value == count);
}

TEST_CASE("eq, neq, lt and lte are judged when their window closes", "[correlation]") {
  const auto comparison = GENERATE(Comparison::kEqual, Comparison::kNotEqual, Comparison::kLess,
                                   Comparison::kLessEqual);
  const int count = GENERATE(1, 2, 3);
  TestCorrelator correlator(
      {make_def(CorrelationType::kEventCount, {0}, kMinute, {{comparison, 2}})}, 1);
  for (int i = 0; i < count; ++i) REQUIRE(correlator.match(0, i).empty());
  const bool expected = (comparison == Comparison::kEqual && count == 2) ||
                        (comparison == Comparison::kNotEqual && count != 2) ||
                        (comparison == Comparison::kLess && count < 2) ||
                        (comparison == Comparison::kLessEqual && count <= 2);
  CHECK(correlator.finish().size() == (expected ? 1U : 0U));
}

TEST_CASE("a window opens with the first match and the next match opens the next one",
          "[correlation]") {
  TestCorrelator correlator(
      {make_def(CorrelationType::kEventCount, {0}, kMinute, {{Comparison::kLess, 3}})}, 1);
  correlator.match(0, 0);
  correlator.match(0, kMinute - 1);
  // One time span after the first: not in its window, and known before that is judged.
  CHECK(correlator.match(0, kMinute).empty());
  const auto first = correlator.advance(3 * kMinute);
  REQUIRE(first.size() == 2);
  CHECK(first[0].value == 2);
  CHECK(first[0].time_ns == kMinute - 1);
  CHECK(first[1].value == 1);
  CHECK(first[1].first_ns == kMinute);
  // No match, no window, nothing to say.
  CHECK(correlator.advance(100 * kMinute).empty());
  CHECK(correlator.finish().empty());
}

TEST_CASE("windows close in the order of their ends, by any later match", "[correlation]") {
  CorrelationDef slow = make_def(CorrelationType::kEventCount, {0}, 2 * kMinute,
                                 {{Comparison::kEqual, 1}}, {"station"});
  CorrelationDef quick = slow;
  quick.timespan_ns = kMinute;
  TestCorrelator correlator({slow, quick}, 2);
  correlator.match(0, 1, station("A"));
  correlator.match(0, 1, station("B"));
  const auto hits = correlator.match(1, 5 * kMinute);
  REQUIRE(hits.size() == 4);
  CHECK((hits[0].correlation == 1 && hits[0].group[0] == "A"));
  CHECK((hits[1].correlation == 1 && hits[1].group[0] == "B"));
  CHECK((hits[2].correlation == 0 && hits[2].group[0] == "A"));
  CHECK((hits[3].correlation == 0 && hits[3].group[0] == "B"));
}

TEST_CASE("all rules in any order and in one group", "[correlation]") {
  TestCorrelator correlator({rules_in_a_minute(CorrelationType::kTemporal, {0, 1, 2})}, 3);
  CHECK_FALSE(correlator.fires(2, 1, station("A")));
  CHECK_FALSE(correlator.fires(0, 2, station("A")));
  CHECK_FALSE(correlator.fires(1, 3, station("B")));  // Another station is no help.
  CHECK_FALSE(correlator.fires(0, 3, station("A")));  // Nor the same rule again.
  const auto hits = correlator.match(1, 4, station("A"));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].value == 3);
  CHECK(hits[0].tags == std::vector<std::uint64_t>{1001, 1002, 1005});
}

TEST_CASE("one event may match several rules of a temporal", "[correlation]") {
  const auto type = GENERATE(CorrelationType::kTemporal, CorrelationType::kTemporalOrdered);
  const bool backwards = GENERATE(false, true);
  TestCorrelator correlator({rules_in_a_minute(type, {0, 1})}, 2);
  CHECK(correlator.match(backwards ? 1 : 0, 1, station("A")).empty());
  const auto hits = correlator.also(backwards ? 0 : 1, 1, station("A"));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].tags == std::vector<std::uint64_t>{1001});
}

TEST_CASE("temporal asks for as many rules as its condition says", "[correlation]") {
  CorrelationDef def = rules_in_a_minute(CorrelationType::kTemporal, {0, 1, 2});
  def.bounds = {at_least(2)};
  TestCorrelator correlator({def}, 3);
  CHECK_FALSE(correlator.fires(2, 1, station("A")));
  CHECK(correlator.fires(0, 2, station("A")));
}

TEST_CASE("an expression over rules is judged at once, with not at close", "[correlation]") {
  using Kind = CorrelationExpr::Kind;
  CorrelationDef def = rules_in_a_minute(CorrelationType::kTemporal, {0, 1});
  def.bounds.clear();
  def.expression = {{Kind::kRule, 0, {}}, {Kind::kRule, 1, {}}, {Kind::kAnd, 0, {0, 1}}};
  SECTION("and") {
    TestCorrelator correlator({def}, 2);
    CHECK_FALSE(correlator.fires(1, 1, station("A")));
    CHECK(correlator.fires(0, 2, station("A")));
  }
  SECTION("and not") {
    def.expression[2] = {Kind::kNot, 0, {1}};
    def.expression.push_back({Kind::kAnd, 0, {0, 2}});
    TestCorrelator correlator({def}, 2);
    CHECK_FALSE(correlator.fires(0, 1, station("A")));
    CHECK_FALSE(correlator.fires(0, 1, station("B")));
    CHECK_FALSE(correlator.fires(1, kMinute, station("B")));  // Still in the window.
    const auto hits = correlator.advance(2 * kMinute);
    REQUIRE(hits.size() == 1);
    CHECK(hits[0].group[0] == "A");
  }
}

TEST_CASE("temporal_ordered looks at the order of every rule", "[correlation]") {
  TestCorrelator correlator({rules_in_a_minute(CorrelationType::kTemporalOrdered, {0, 1, 2})}, 3);
  SECTION("in order") {
    CHECK_FALSE(correlator.fires(0, 1, station("A")));
    CHECK_FALSE(correlator.fires(1, 2, station("A")));
    CHECK(correlator.fires(2, 3, station("A")));
  }
  SECTION("the later ones the wrong way round") {
    CHECK_FALSE(correlator.fires(0, 1, station("A")));
    CHECK_FALSE(correlator.fires(2, 2, station("A")));
    CHECK_FALSE(correlator.fires(1, 3, station("A")));
    CHECK(correlator.fires(2, 4, station("A")));
  }
  SECTION("in another group") {
    CHECK_FALSE(correlator.fires(0, 1, station("A")));
    CHECK_FALSE(correlator.fires(1, 2, station("B")));
    CHECK_FALSE(correlator.fires(2, 3, station("A")));
  }
}

TEST_CASE("equal times are in the order of arrival", "[correlation]") {
  TestCorrelator correlator({rules_in_a_minute(CorrelationType::kTemporalOrdered, {0, 1})}, 2);
  CHECK_FALSE(correlator.fires(1, 5, station("A")));
  CHECK_FALSE(correlator.fires(0, 5, station("A")));
  CHECK_FALSE(correlator.fires(1, 5, station("B")));
  CHECK(correlator.fires(1, 5, station("A")));
}

TEST_CASE("a chain may begin with any match that is still in the window", "[correlation]") {
  const std::int64_t end = GENERATE(kMinute + 9, kMinute + 10);
  TestCorrelator correlator({rules_in_a_minute(CorrelationType::kTemporalOrdered, {0, 1})}, 2);
  correlator.match(0, 1, station("A"));
  correlator.match(0, 10, station("A"));
  const auto hits = correlator.match(1, end, station("A"));
  REQUIRE(hits.size() == (end < kMinute + 10 ? 1 : 0));
  if (!hits.empty()) CHECK(hits[0].first_ns == 10);
}

TEST_CASE("a chain may leave rules out when the condition asks for fewer", "[correlation]") {
  CorrelationDef def = rules_in_a_minute(CorrelationType::kTemporalOrdered, {0, 1, 2, 3});
  def.bounds = {at_least(3)};
  TestCorrelator correlator({def}, 4);
  CHECK_FALSE(correlator.fires(3, 1, station("A")));
  CHECK_FALSE(correlator.fires(1, 2, station("A")));
  CHECK_FALSE(correlator.fires(0, 3, station("A")));
  CHECK_FALSE(correlator.fires(2, 4, station("A")));
  CHECK(correlator.fires(3, 5, station("A")));
}

TEST_CASE("a hit names its first matches and the last", "[correlation]") {
  TestCorrelator correlator({make_def(CorrelationType::kEventCount, {0}, kMinute, {at_least(20)})},
                            1);
  std::vector<RecordedHit> hits;
  for (int i = 0; i < 20; ++i) hits = correlator.match(0, i);
  REQUIRE(hits.size() == 1);
  REQUIRE(hits[0].tags.size() == kEvidenceMax);
  CHECK(hits[0].tags == std::vector<std::uint64_t>{1001, 1002, 1003, 1004, 1005, 1006, 1007, 1020});
}

TEST_CASE("the correlator says which fields it needs", "[correlation]") {
  CorrelationDef by_station = three_a_minute();
  CorrelationDef aliased =
      make_def(CorrelationType::kValueCount, {0, 2}, kMinute, {at_least(2)}, {"who"}, {"what"});
  aliased.inputs[0].group_fields = {"station"};
  aliased.inputs[0].value_fields = {"id"};
  aliased.inputs[1].group_fields = {"name"};
  TestCorrelator correlator({by_station, aliased}, 3);
  const auto fields = [&](std::uint32_t rule) {
    const auto names = correlator.correlator.fields_of(rule);
    return std::vector<std::string>(names.begin(), names.end());
  };
  CHECK(fields(0) == std::vector<std::string>{"station", "id"});
  CHECK(fields(2) == std::vector<std::string>{"name", "what"});
  CHECK(fields(1).empty());
  CHECK(fields(3).empty());
  CHECK(correlator.correlator.wants(0));
  CHECK_FALSE(correlator.correlator.wants(1));
  CHECK_FALSE(correlator.correlator.wants(3));  // A correlation is not asked about.
  // Aliases join what different rules call differently.
  correlator.match(0, 1, {{"station", {"A"}}, {"id", {"1"}}});
  CHECK(correlator.fires(2, 1, {{"name", {"A"}}, {"what", {"2"}}}));
}

TEST_CASE("the hash key changes nothing", "[correlation]") {
  std::vector<RecordedHit> said[2];
  for (std::uint64_t key = 0; key < 2; ++key) {
    CorrelationDef distinct =
        make_def(CorrelationType::kValueCount, {0}, kMinute, {at_least(5)}, {"station"}, {"id"});
    CorrelatorLimits limits;
    limits.groups = 20;
    TestCorrelator correlator({distinct, three_a_minute()}, 1, limits, {key, ~key});
    for (int i = 0; i < 2'000; ++i) {
      const Fields fields = {{"station", {std::to_string(i * i % 37)}},
                             {"id", {std::to_string(i % 11)}}};
      for (const auto& hit : correlator.match(0, i * kSecond / 10, fields)) {
        said[key].push_back(hit);
      }
    }
  }
  CHECK(said[0].size() > 100);
  CHECK(said[0] == said[1]);
}
