#pragma once
// NoteMaker: events in, notes out. Asks the rules, and writes what consumers of the pipeline want
// of an event into an outbox.
//
// One for each shard and one for the detection stage; a maker belongs to one thread at a time.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_set>

#include "analyzer/facts/fact_extractor.h"
#include "analyzer/pipeline/correlation_stage.h"
#include "analyzer/pipeline/outbox.h"
#include "analyzer/site/site_knowledge.h"
#include "collector/base/siphash.h"
#include "collector/event/event.h"
#include "collector/event/redactor.h"
#include "rules/engine/coverage.h"
#include "rules/engine/matcher.h"
#include "rules/engine/rule_set.h"

namespace chargewarden {

// Groups of alerts that a shard remembers having described in full; beyond it, it starts afresh and
// describes them again. Test: pipeline_test.cc "a shard that knows too many groups starts afresh".
inline constexpr std::size_t kKnownGroupsMax = 65'536;

// What a run is asked to produce. Shared by all shards; only the rules change, between two batches.
struct PipelineOptions {
  const RuleSet* rules = nullptr;  // May be null: no alerts.
  const Redactor* redactor = nullptr;
  bool want_events = false;   // --events
  bool want_actions = false;  // Audit trail.
  // Of the rules; null when no correlation is among them.
  const CorrelationFields* correlation_fields = nullptr;
  // What the rules could see, as Shard::coverage(): makes every event that there is.
  bool want_coverage = false;
  bool want_facts = false;  // Detectors run.
  // What the operator has written down; null: nothing. Outlives the run.
  const SiteKnowledge* site = nullptr;
  HashKey hash_key;  // Guards tables against prepared input; changes no output.
};

// Whether the audit trail keeps messages of this action: commands that change a charger (kept when
// answered), and what a station says about its own security.
bool is_audited_command(ocpp::ActionId action);
bool is_audited_notice(ocpp::ActionId action);

class NoteMaker {
 public:
  // The options must outlive it.
  explicit NoteMaker(const PipelineOptions& options);

  // Place in the run of the packet that the next events come from.
  void set_order(std::uint64_t order) noexcept { order_ = order; }

  [[nodiscard]] std::uint64_t order() const noexcept { return order_; }

  void on_event(const Event& event);

  // The rules of the options have become others. What filters suppressed is forgotten: see
  // suppressed().
  void change_rules();

  // By RuleSet::filter_uses(), since the rules came.
  [[nodiscard]] std::span<const std::uint64_t> suppressed() const noexcept;

  [[nodiscard]] Outbox& outbox() noexcept { return outbox_; }

  // Null unless it was asked for.
  [[nodiscard]] const CoverageCounter* coverage() const noexcept { return coverage_.get(); }

  // Events that came, by event_index(); counted for the audit trail and for coverage.
  [[nodiscard]] const std::array<std::uint64_t, kEventDefsMax>& event_counts() const noexcept {
    return event_counts_;
  }

 private:
  // Keyed hash of what makes a group, wide enough to stand for it.
  struct GroupMark {
    std::uint64_t first;
    std::uint64_t second;

    bool operator==(const GroupMark&) const = default;
  };

  struct GroupMarkHash {
    std::size_t operator()(const GroupMark& mark) const noexcept { return mark.first; }
  };

  void add_match(const Event& event, std::uint32_t rule);
  void add_action(const Event& event);
  void add_values(std::uint32_t rule, Note& note);
  void count(const Event& event);
  [[nodiscard]] std::string_view station_of(const Event& event) const;
  Note make_note(const Event& event, NoteKind kind);
  [[nodiscard]] GroupMark group_mark(std::uint32_t rule, const Event& event) const;
  bool is_new_group(std::uint32_t rule, const Event& event);

  const PipelineOptions& options_;
  std::unique_ptr<Matcher> matcher_;
  std::unique_ptr<CoverageCounter> coverage_;
  std::array<std::uint64_t, kEventDefsMax> event_counts_{};
  Outbox outbox_;
  std::unordered_set<GroupMark, GroupMarkHash> known_groups_;
  std::uint64_t order_ = 0;
  std::uint32_t event_ = 0;
  ValueArena arena_;
};

}  // namespace chargewarden
