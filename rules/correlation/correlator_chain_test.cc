// Correlations that stand upon correlations.

#include <vector>

#include <catch2/catch.hpp>

#include "rules/correlation/testing/recorded_hits.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;

CorrelationDef count_of(double count, std::uint32_t rule, std::vector<std::string> group_by = {}) {
  return make_def(CorrelationType::kEventCount, {rule}, kMinute,
                  {{Comparison::kGreaterEqual, count}}, std::move(group_by));
}

}  // namespace

TEST_CASE("one match drives a chain of three", "[correlation]") {
  // Two failures on a connector, on two connectors of a station, on two stations of a site. The
  // order of the defs does not matter.
  CorrelationDef connectors = count_of(2, 0, {"site", "station", "connector"});
  CorrelationDef stations =
      make_def(CorrelationType::kValueCount, {3}, kMinute, {{Comparison::kGreaterEqual, 2}},
               {"site", "station"}, {"connector"});
  CorrelationDef sites = make_def(CorrelationType::kValueCount, {2}, kMinute,
                                  {{Comparison::kGreaterEqual, 2}}, {"site"}, {"station"});
  TestCorrelator correlator({sites, stations, connectors}, 1);
  std::vector<RecordedHit> hits;
  std::int64_t time_ns = 0;
  for (const char* station : {"A", "B"}) {
    for (const char* connector : {"1", "2"}) {
      for (int i = 0; i < 2; ++i) {
        hits = correlator.match(
            0, ++time_ns, {{"site", {"S"}}, {"station", {station}}, {"connector", {connector}}});
      }
    }
  }
  REQUIRE(hits.size() == 3);
  CHECK(hits[0].correlation == 2);
  CHECK(hits[0].group == std::vector<std::string>{"S", "B", "2"});
  CHECK(hits[1].correlation == 1);
  CHECK(hits[1].group == std::vector<std::string>{"S", "B"});
  CHECK(hits[2].correlation == 0);
  CHECK(hits[2].group == std::vector<std::string>{"S"});
  for (const RecordedHit& hit : hits) {
    CHECK(hit.time_ns == 8);
    CHECK(hit.sequence == 8);
    CHECK(hit.tags.back() == 1008);
  }
}

TEST_CASE("only a fire is an event for the next correlation", "[correlation]") {
  TestCorrelator correlator({count_of(2, 0), count_of(2, 1)}, 1);
  for (int i = 0; i < 20; ++i) correlator.match(0, i);
  CHECK(correlator.correlator.counters().fires == 1);
  CHECK(correlator.correlator.counters().repeats == 18);
}

TEST_CASE("a correlation may refer to rules and correlations together", "[correlation]") {
  // Three failures, then a success, on one station.
  CorrelationDef then = make_def(CorrelationType::kTemporalOrdered, {2, 1}, kMinute,
                                 {{Comparison::kGreaterEqual, 2}}, {"station"});
  TestCorrelator correlator({count_of(3, 0, {"station"}), then}, 2);
  const Fields station = {{"station", {"A"}}};
  CHECK(correlator.match(1, 1, station).empty());
  for (int i = 0; i < 3; ++i) correlator.match(0, 2 + i, station);
  CHECK_FALSE(correlator.fires(1, 5, {{"station", {"B"}}}));
  const auto hits = correlator.match(1, 6, station);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].correlation == 1);
  CHECK(hits[0].first_ns == 4);
}

TEST_CASE("a hit has no other fields than its group values", "[correlation]") {
  TestCorrelator correlator({count_of(1, 0, {"station"}), count_of(1, 1, {"connector"})}, 1);
  const auto hits = correlator.match(0, 1, {{"station", {"A"}}, {"connector", {"1"}}});
  CHECK(hits.size() == 1);
  CHECK(correlator.correlator.counters().without_group_field == 1);
}

TEST_CASE("a hit at close is not too late for the correlation above", "[correlation]") {
  // A station that is heard once only in a minute, three such stations in a minute. No match comes
  // for an hour, and then all that happened is told in its order.
  CorrelationDef lone =
      make_def(CorrelationType::kEventCount, {0}, kMinute, {{Comparison::kEqual, 1}}, {"station"});
  CorrelationDef many = count_of(3, 1);
  CorrelationDef pause =
      make_def(CorrelationType::kEventCount, {1}, kMinute, {{Comparison::kLess, 4}});
  TestCorrelator correlator({lone, many, pause}, 1);
  for (const char* name : {"A", "B", "C"}) {
    CHECK(correlator.match(0, kSecond * (name[0] - 'A'), {{"station", {name}}}).empty());
  }
  const auto hits = correlator.advance(60 * kMinute);
  REQUIRE(hits.size() == 5);
  CHECK(hits[2].correlation == 0);
  CHECK(hits[3].correlation == 1);
  CHECK(hits[3].time_ns == 2 * kSecond);
  CHECK(hits[4].correlation == 2);
  CHECK(hits[4].value == 3);
  CHECK(correlator.correlator.counters().late == 0);
}

TEST_CASE("a chain as deep as the loader allows", "[correlation]") {
  std::vector<CorrelationDef> defs;
  for (std::uint32_t i = 0; i < kCorrelationDepthMax; ++i) defs.push_back(count_of(1, i));
  TestCorrelator correlator(defs, 1);
  CHECK(correlator.match(0, 1).size() == kCorrelationDepthMax);
}

TEST_CASE("correlations that refer to each other do nothing", "[correlation]") {
  TestCorrelator correlator({count_of(1, 2), count_of(1, 1), count_of(1, 0)}, 1);
  const auto hits = correlator.match(0, 1);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].correlation == 2);
}

TEST_CASE("a correlator that was finished begins anew", "[correlation]") {
  TestCorrelator correlator({count_of(2, 0)}, 1);
  correlator.match(0, kMinute);
  CHECK(correlator.finish().empty());
  CHECK(correlator.correlator.usage().groups == 0);
  CHECK_FALSE(correlator.fires(0, 1));  // Nothing is left of the first, and time starts again.
  CHECK(correlator.fires(0, 2));
}
