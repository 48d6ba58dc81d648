#pragma once
// Coverage: what the rules of a set could have seen, and what they never did.
//
// A rule that is silent is not proof of safety: perhaps nothing happened, and perhaps nobody
// looked. ObservedEvents counts what was seen in the classes that Dispatch knows; CoverageCounter
// fills it from live events, and judge_rule() says what it means for one rule. None of this runs
// unless coverage is asked for. Counters belong to one thread; add() brings them together
// afterwards.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collector/event/event.h"
#include "collector/event/ocpp_actions.h"
#include "rules/engine/compiled_rules.h"
#include "rules/engine/rule_set.h"

namespace chargewarden {

// Most stations or addresses that are remembered as encrypted, and as readable: more than a site
// has chargers. What comes later is counted.
// Test: coverage_test.cc "peers beyond the limit are counted".
inline constexpr std::size_t kCoveragePeersMax = 10'000;

class ObservedEvents {
 public:
  ObservedEvents();

  // `action` and `type` as in Dispatch; ignored for events that are no OCPP messages.
  void add(std::size_t event, ocpp::ActionId action, MessageType type, std::uint64_t count);

  // Of an event whose action and type were not kept: any rule that may match it looked at it.
  void add_unsorted(std::size_t event, std::uint64_t count) { unsorted_[event] += count; }

  void add(const ObservedEvents& other);

  [[nodiscard]] std::uint64_t total(std::size_t event) const;

  [[nodiscard]] std::uint64_t unsorted(std::size_t event) const { return unsorted_[event]; }

  [[nodiscard]] std::uint64_t count(std::size_t event, ocpp::ActionId action,
                                    MessageType type) const;

 private:
  std::vector<std::vector<std::uint64_t>> counts_;  // By event, then by action and type.
  std::vector<std::uint64_t> unsorted_;
};

// Fields without which the rule cannot match, whatever the others are; by name in `fields` of the
// set. Fields that the sensor computes for every event are left out.
std::vector<FieldIndex> needed_fields(const CompiledRules& rules, std::uint32_t rule);

class CoverageCounter {
 public:
  explicit CoverageCounter(const RuleSet& rules);

  void see(const Event& event);
  void add(const CoverageCounter& other);

  [[nodiscard]] const ObservedEvents& observed() const noexcept { return observed_; }

  // Needed fields of the rule that no event had at which it looked.
  [[nodiscard]] const std::vector<FieldIndex>& missing(std::uint32_t rule) const {
    return missing_[rule];
  }

  // Stations, or client addresses where there is no station, that were only seen encrypted.
  [[nodiscard]] std::vector<std::string> only_encrypted() const;

  // Events of peers beyond kCoveragePeersMax.
  [[nodiscard]] std::uint64_t peers_left_out() const noexcept { return peers_left_out_; }

 private:
  using Names = std::set<std::string, std::less<>>;

  void note_peer(const Event& event);
  void remember(Names& names, std::string_view name);
  [[nodiscard]] bool has_field(const Event& event, std::size_t index, FieldIndex field);

  const CompiledRules& rules_;
  ObservedEvents observed_;
  std::vector<std::vector<FieldIndex>> missing_;
  Names encrypted_;
  Names readable_;
  std::uint64_t peers_left_out_ = 0;
  ValueArena arena_;
};

// What a rule could have seen.
struct Observability {
  // Events that it was asked about. Findings of the sensor, such as ocpp.anomaly, count only for
  // rules about nothing else; where there was none, the events in which one could have been made.
  std::uint64_t looked_at = 0;
  std::string blind;  // Why it could not have matched; empty: it could.
};

// `missing` as of CoverageCounter; empty where nobody watched the fields.
Observability judge_rule(const RuleSet& set, std::uint32_t rule, const ObservedEvents& observed,
                         const std::vector<FieldIndex>& missing);

}  // namespace chargewarden
