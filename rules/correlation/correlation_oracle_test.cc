// Random correlations on random streams: the correlator must say what the slow one says, hit by
// hit and call by call.

#include "rules/correlation/testing/correlation_oracle.h"

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/correlation/testing/recorded_hits.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

constexpr std::uint32_t kRules = 3;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  std::uint32_t below(std::size_t bound) { return static_cast<std::uint32_t>(engine_() % bound); }

  bool one_in(std::size_t count) { return below(count) == 0; }

 private:
  std::mt19937 engine_;
};

std::vector<CorrelationExpr> random_expression(Random& random, std::uint32_t inputs) {
  using Kind = CorrelationExpr::Kind;
  std::vector<CorrelationExpr> nodes;
  for (std::uint32_t i = 0; i < inputs; ++i) nodes.push_back({Kind::kRule, i, {}});
  std::uint32_t root = 0;
  for (std::uint32_t i = 1; i < inputs; ++i) {
    std::uint32_t right = i;
    if (random.one_in(3)) {
      nodes.push_back({Kind::kNot, 0, {right}});
      right = static_cast<std::uint32_t>(nodes.size() - 1);
    }
    nodes.push_back({random.one_in(2) ? Kind::kAnd : Kind::kOr, 0, {root, right}});
    root = static_cast<std::uint32_t>(nodes.size() - 1);
  }
  return nodes;
}

std::vector<CorrelationBound> random_bounds(Random& random) {
  std::vector<CorrelationBound> bounds;
  const bool grows = random.one_in(2);
  for (std::uint32_t left = 1 + random.below(2); left > 0; --left) {
    const auto comparison =
        grows ? (random.one_in(2) ? Comparison::kGreater : Comparison::kGreaterEqual)
              : static_cast<Comparison>(random.below(6));
    bounds.push_back({comparison, static_cast<double>(random.below(9)) / 2});
  }
  return bounds;
}

// Some stand on those before them.
CorrelationDef random_def(Random& random, std::uint32_t place) {
  std::vector<std::uint32_t> rules;
  for (std::uint32_t rule = 0; rule < kRules + place; ++rule) {
    if (random.one_in(2)) rules.push_back(rule);
  }
  if (rules.empty()) rules.push_back(0);
  std::shuffle(rules.begin(), rules.end(), std::mt19937(random.below(1000)));
  const auto type = static_cast<CorrelationType>(random.below(7));
  std::vector<std::string> group_by;
  if (!random.one_in(3)) group_by.emplace_back("a");
  if (random.one_in(3)) group_by.emplace_back("b");
  std::vector<std::string> values;
  if (type == CorrelationType::kValueCount || type >= CorrelationType::kValueSum) {
    values.emplace_back(random.one_in(4) ? "a" : "v");
    if (type == CorrelationType::kValueCount && random.one_in(3)) values.emplace_back("b");
  }
  CorrelationDef def =
      make_def(type, rules, 1 + random.below(12), random_bounds(random), group_by, values);
  const auto inputs = static_cast<std::uint32_t>(rules.size());
  if (type == CorrelationType::kTemporalOrdered && random.one_in(2)) {
    def.bounds = {{Comparison::kGreaterEqual, static_cast<double>(inputs)}};
  }
  if (type == CorrelationType::kTemporal && random.one_in(2)) {
    def.bounds.clear();
    def.expression = random_expression(random, inputs);
  }
  def.percentile = 5.0 * random.below(21);
  return def;
}

Fields random_fields(Random& random) {
  static const char* const kValues[] = {"1", "2", "0.1", "-1.5", "3", "x"};
  Fields fields;
  if (!random.one_in(10)) fields["a"] = {random.one_in(2) ? "1" : "2"};
  if (!random.one_in(5)) fields["b"] = {random.one_in(2) ? "p" : "q"};
  if (random.one_in(10)) fields["b"] = {"p", "q"};
  for (std::uint32_t left = random.below(3); left > 0; --left) {
    fields["v"].emplace_back(kValues[random.below(6)]);
  }
  return fields;
}

// Fires and repeats of each type, so that no type passes because it is silent.
struct Seen {
  std::map<CorrelationType, std::uint64_t> fires;
  std::map<CorrelationType, std::uint64_t> repeats;
};

// The same calls on both; the hits must be the same after each.
void compare_once(unsigned seed, Seen& seen) {
  Random random(seed);
  std::vector<CorrelationDef> defs;
  for (std::uint32_t count = 1 + random.below(4); count > 0; --count) {
    defs.push_back(random_def(random, static_cast<std::uint32_t>(defs.size())));
  }
  CorrelatorLimits limits;
  limits.lateness_ns = random.below(5);
  TestCorrelator fast(defs, kRules, limits, HashKey{seed, random.below(1000)});
  CorrelationOracle slow(defs, kRules, limits.lateness_ns);
  std::int64_t time_ns = 1'000;
  TestMatch match;
  for (int step = 0; step < 60; ++step) {
    if (random.one_in(40)) time_ns += 30;
    if (random.one_in(12)) {
      const std::int64_t to_ns = time_ns + random.below(6);
      REQUIRE(fast.advance(to_ns) == slow.advance(to_ns));
      continue;
    }
    const bool same_event = step > 0 && random.one_in(5);
    if (!same_event) {
      time_ns += random.below(3);
      match.fields = random_fields(random);
      match.time_ns = random.one_in(3) ? time_ns - random.below(7) : time_ns;
      ++match.sequence;
    }
    match.rule = random.below(kRules);
    const auto hits = fast.match(match);
    REQUIRE(hits == slow.match(match));
    for (const RecordedHit& hit : hits) {
      ++(hit.fire ? seen.fires : seen.repeats)[defs[hit.correlation].type];
    }
  }
  REQUIRE(fast.finish() == slow.finish());
}

}  // namespace

TEST_CASE("random correlations say what the slow ones say", "[correlation]") {
  Seen seen;
  for (unsigned seed = 1; seed <= 6'000; ++seed) {
    INFO("seed " << seed);
    compare_once(seed, seen);
  }
  for (int type = 0; type <= static_cast<int>(CorrelationType::kValuePercentile); ++type) {
    INFO("type " << type);
    CHECK(seen.fires[static_cast<CorrelationType>(type)] > 1'000);
    CHECK(seen.repeats[static_cast<CorrelationType>(type)] > 1'000);
  }
}
