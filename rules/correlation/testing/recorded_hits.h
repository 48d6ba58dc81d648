#pragma once
// Correlations in a few words for tests: how to write one, how to drive a Correlator with fields by
// name, and what it said, to keep.

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/correlation/correlator.h"

namespace chargewarden::testing {

// A hit that owns what it names.
struct RecordedHit {
  std::uint32_t correlation = 0;
  bool fire = true;
  std::int64_t time_ns = 0;
  std::uint64_t sequence = 0;
  std::vector<std::string> group;
  double value = 0;
  std::int64_t first_ns = 0;
  std::uint64_t matches = 0;
  std::vector<std::uint64_t> tags;

  bool operator==(const RecordedHit&) const = default;
};

// For messages of failed tests.
inline std::ostream& operator<<(std::ostream& out, const RecordedHit& hit) {
  out << hit.correlation << (hit.fire ? " fires at " : " again at ") << hit.time_ns << '#'
      << hit.sequence << " for";
  for (const auto& value : hit.group) out << ' ' << value;
  out << " with " << hit.value << " since " << hit.first_ns << ", " << hit.matches << " matches:";
  for (const auto tag : hit.tags) out << ' ' << tag;
  return out;
}

class RecordedHits : public CorrelationHits {
 public:
  void on_hit(const CorrelationHit& hit) override {
    RecordedHit kept{hit.correlation,
                     hit.kind == CorrelationHitKind::kFire,
                     hit.time_ns,
                     hit.sequence,
                     {},
                     hit.value,
                     hit.first_ns,
                     hit.matches,
                     {}};
    kept.group.assign(hit.group.begin(), hit.group.end());
    kept.tags.assign(hit.tags.begin(), hit.tags.end());
    hits.push_back(std::move(kept));
  }

  std::vector<RecordedHit> hits;
};

// Fields of an event; a list has several texts, an absent field none.
using Fields = std::map<std::string, std::vector<std::string>>;

struct TestMatch {
  std::uint32_t rule = 0;
  std::int64_t time_ns = 0;
  std::uint64_t sequence = 0;
  Fields fields;
};

// A correlation over rules whose fields have the names of group_by and value_names themselves.
inline CorrelationDef make_def(CorrelationType type, const std::vector<std::uint32_t>& rules,
                               std::int64_t timespan_ns, std::vector<CorrelationBound> bounds,
                               std::vector<std::string> group_by = {},
                               std::vector<std::string> value_names = {}) {
  CorrelationDef def;
  def.type = type;
  for (const std::uint32_t rule : rules) def.inputs.push_back({rule, group_by, value_names});
  def.timespan_ns = timespan_ns;
  def.group_by = std::move(group_by);
  def.value_names = std::move(value_names);
  def.bounds = std::move(bounds);
  return def;
}

// A Correlator and what it has said. The tag of a match is its sequence plus kTagOffset.
class TestCorrelator {
 public:
  static constexpr std::uint64_t kTagOffset = 1'000;

  TestCorrelator(std::vector<CorrelationDef> defs, std::uint32_t rule_count,
                 const CorrelatorLimits& limits = {}, const HashKey& hash_key = {})
      : defs_(std::move(defs)), correlator(defs_, rule_count, out_, limits, hash_key) {}

  // What the call made fire or repeat.
  std::vector<RecordedHit> match(const TestMatch& match) {
    std::vector<std::vector<std::string_view>> texts;
    for (const std::string& name : correlator.fields_of(match.rule)) {
      const auto found = match.fields.find(name);
      texts.emplace_back();
      if (found == match.fields.end()) continue;
      texts.back().assign(found->second.begin(), found->second.end());
    }
    const std::vector<FieldTexts> values(texts.begin(), texts.end());
    correlator.on_match(
        {match.rule, match.time_ns, match.sequence, match.sequence + kTagOffset, values});
    return std::exchange(out_.hits, {});
  }

  // With the next sequence.
  std::vector<RecordedHit> match(std::uint32_t rule, std::int64_t time_ns, Fields fields = {}) {
    return match(TestMatch{rule, time_ns, ++sequence_, std::move(fields)});
  }

  // A match of the same event as the last one.
  std::vector<RecordedHit> also(std::uint32_t rule, std::int64_t time_ns, Fields fields = {}) {
    return match(TestMatch{rule, time_ns, sequence_, std::move(fields)});
  }

  // Whether the match made the only correlation fire.
  bool fires(std::uint32_t rule, std::int64_t time_ns, Fields fields = {}) {
    const auto hits = match(rule, time_ns, std::move(fields));
    return !hits.empty() && hits.front().fire;
  }

  std::vector<RecordedHit> advance(std::int64_t time_ns) {
    correlator.advance(time_ns);
    return std::exchange(out_.hits, {});
  }

  std::vector<RecordedHit> finish() {
    correlator.finish();
    return std::exchange(out_.hits, {});
  }

 private:
  std::vector<CorrelationDef> defs_;
  RecordedHits out_;
  std::uint64_t sequence_ = 0;

 public:
  Correlator correlator;
};

}  // namespace chargewarden::testing
