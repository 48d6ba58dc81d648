#pragma once
// Correlator: which correlations the matches of detection rules fulfil (Sigma 2.1, "Correlation
// Rules"; what is decided where that is silent is in rules/AUTHORING.md).
//
// Gets the matches nearly in order and tells hits at once. Works by event time alone: no clock, no
// input or output, no thread of its own. One thread. Deterministic: the hits depend on the calls
// and on nothing else, not on the hash key and not on where memory lies.
//
// Two ways to judge, by the condition:
//   at once    gt and gte alone, or an expression without `not`: more matches can only help. The
//              window (t - timespan, t] is judged on each match, t being its time. The match that
//              makes the condition true is a kFire; then the group rests, and further matches that
//              find it true are a kRepeat, until the window without the next match would have been
//              below the condition, or until `timespan` has passed since it fired.
//   at close   everything else. The first match of a group opens a window [t, t + timespan). It is
//              judged when event time has passed its end by the lateness, so that its matches are
//              complete; the next match opens the next window. A group without a match has no
//              window: absence is for detectors.
//
// A match may be up to `lateness_ns` older than the newest time seen, and is put in its place:
// every window judged at once that it belongs to is judged again. Older ones are not correlated,
// unless so many of them come in a row that the clock must have been set back. A
// kFire is also an event for correlations that refer to this one, with its group values as fields,
// time and sequence of the last event of its window: one call drives a whole chain.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "collector/base/siphash.h"
#include "rules/model/correlation.h"
#include "rules/model/correlation_limits.h"

namespace chargewarden {

// How much older than the newest time a match may be: what connections of a capture, taken in
// batches, and answers that wait for their request differ in time.
// Test: correlator_late_test.cc "a match may be two seconds late and not more".
inline constexpr std::int64_t kCorrelationLatenessNs = 2'000'000'000;

// So many late matches in a row mean that the clock was set back, or that one time was far ahead of
// all others: time begins anew then, and what was open is given up. Else nothing would be
// correlated until the old time is reached again. More than come late when a capture has a hiccup.
// Test: correlator_late_test.cc "a clock that was set back is followed".
inline constexpr std::size_t kClockSetBackMatches = 64;

// Groups of all correlations together: ten correlations by station of 100,000 stations. Below 300
// MB when full and quiet. Beyond it the group goes that has been longest without a match.
// Test: correlator_limits_test.cc "beyond the limit the stalest group goes".
inline constexpr std::size_t kCorrelationGroupsMax = 1'000'000;

// Entries that all groups together have room for, 36 bytes each: below 300 MB, and as much again at
// most when value_count counts them all. What chains remember counts too. Beyond it the stalest
// groups go.
// Test: correlator_limits_test.cc "beyond the limit of entries the stalest groups go".
inline constexpr std::size_t kCorrelationAllEntriesMax = 8'000'000;

// Bytes of a group value that are kept to be shown. Longer ones are told apart by a hash of the
// whole text. Test: correlator_limits_test.cc "long group values are told apart and shown cut".
inline constexpr std::size_t kGroupValueMaxLen = 256;

// Matches of a hit that are named as its evidence: the first ones and the last.
// Test: correlator_test.cc "a hit names its first matches and the last".
inline constexpr std::size_t kEvidenceMax = 8;

// The defaults are for production; tests make them small.
struct CorrelatorLimits {
  std::size_t groups = kCorrelationGroupsMax;
  std::size_t entries_per_group = kCorrelationEntriesMax;
  std::size_t entries = kCorrelationAllEntriesMax;
  std::int64_t lateness_ns = kCorrelationLatenessNs;
};

// What an event holds for one field: the text of each element, one for a single value, none when
// the field is absent or null. Numbers and truth values as JSON writes them (5, 0.5, true).
using FieldTexts = std::span<const std::string_view>;

// A match of a detection rule. Nothing in it is needed after the call.
struct CorrelationMatch {
  std::uint32_t rule = 0;
  std::int64_t time_ns = 0;
  // Grows with each event; matches of several rules on one event share it, and their time.
  std::uint64_t sequence = 0;
  // By which the caller finds the event again; comes back in CorrelationHit::tags.
  std::uint64_t tag = 0;
  std::span<const FieldTexts> values;  // One for each of fields_of(rule).
};

enum class CorrelationHitKind : std::uint8_t {
  kFire,    // The condition has become true: an alert.
  kRepeat,  // It is still true on a further match: to be counted.
};

// Views live until on_hit() returns.
struct CorrelationHit {
  std::uint32_t correlation = 0;  // Position in the defs.
  CorrelationHitKind kind = CorrelationHitKind::kFire;
  std::int64_t time_ns = 0;  // Of the last event of the window, with its sequence.
  std::uint64_t sequence = 0;
  std::span<const std::string_view> group;  // One for each of group_by, at most kGroupValueMaxLen.

  // Of a kFire; 0 for a kRepeat, which has one tag, that of its last event.
  double value = 0;           // What the condition was asked about: number of events or of
                              // distinct values, sum, average, percentile; for temporal
                              // types the number of rules.
  std::int64_t first_ns = 0;  // Time of the first event of the window; of the chain for
                              // temporal_ordered.
  std::uint64_t matches = 0;  // In the window; a list of values counts each.
  std::span<const std::uint64_t> tags;  // In order of time, at most kEvidenceMax, each event once.
                                        // Temporal types name the first match of each rule.
};

// Takes hits in the order of the matches that completed them, on the thread of the correlator. May
// not call the correlator.
class CorrelationHits {
 public:
  virtual ~CorrelationHits() = default;
  virtual void on_hit(const CorrelationHit& hit) = 0;
};

// What was counted for a match is counted once for each correlation that refers to its rule, but
// for `matches` and `late`.
struct CorrelatorCounters {
  std::uint64_t matches = 0;              // All that were handed in and that somebody refers to.
  std::uint64_t late = 0;                 // Too old: not correlated.
  std::uint64_t clock_set_back = 0;       // How often time began anew: kClockSetBackMatches.
  std::uint64_t without_group_field = 0;  // Not correlated.
  std::uint64_t without_value = 0;        // A field of value_names was absent or null.
  std::uint64_t not_numeric = 0;          // Elements that are no number.
  std::uint64_t fires = 0;
  std::uint64_t repeats = 0;
  std::uint64_t groups_evicted = 0;   // At kCorrelationGroupsMax or kCorrelationAllEntriesMax.
  std::uint64_t entries_dropped = 0;  // At kCorrelationEntriesMax.
};

// What is held now.
struct CorrelatorUsage {
  std::size_t groups = 0;
  std::size_t entries = 0;
  std::size_t bytes = 0;  // Of all tables, used or free.
};

class Correlator {
 public:
  // `rule_count` detection rules come first in the common numbering: correlation i is rule
  // `rule_count` + i. The defs and `out` must outlive the correlator. Without cycles; the loader
  // refuses those, expressions of other types than temporal, and more than kCorrelationDepthMax.
  // `hash_key` guards the tables against prepared values.
  Correlator(std::span<const CorrelationDef> defs, std::uint32_t rule_count, CorrelationHits& out,
             const CorrelatorLimits& limits = {}, const HashKey& hash_key = {});
  ~Correlator();
  Correlator(const Correlator&) = delete;
  Correlator& operator=(const Correlator&) = delete;

  // Whether any correlation refers to the detection rule.
  [[nodiscard]] bool wants(std::uint32_t rule) const noexcept;

  // Names of the fields that a match of the rule must bring, in this order.
  [[nodiscard]] std::span<const std::string> fields_of(std::uint32_t rule) const noexcept;

  // Allocates nothing once the tables have grown to what the traffic needs.
  void on_match(const CorrelationMatch& match);

  // Event time has come this far: windows that end are judged. Costs two comparisons when none
  // does, so it may be called for every event.
  void advance(std::int64_t time_ns);

  // End of the input. Windows that are still open are closed as if time had gone on, in the order
  // of their ends. Everything is forgotten then but the counters.
  void finish();

  [[nodiscard]] const CorrelatorCounters& counters() const noexcept;
  [[nodiscard]] CorrelatorUsage usage() const noexcept;

 private:
  class State;

  std::unique_ptr<State> state_;
};

}  // namespace chargewarden
