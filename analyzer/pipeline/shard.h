#pragma once
// Shard: one of the parts that connections are divided into: their tables, their decoders, their
// rules.
//
// The number of shards is fixed, so that limits and results are the same for any number of threads.
// A shard is worked on by one thread at a time.

#include <array>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "analyzer/pipeline/correlation_stage.h"
#include "analyzer/pipeline/outbox.h"
#include "collector/base/siphash.h"
#include "collector/decoders/decoder.h"
#include "collector/event/redactor.h"
#include "collector/flow/flow_table.h"
#include "collector/logs/log_flows.h"
#include "rules/engine/coverage.h"
#include "rules/engine/matcher.h"
#include "rules/engine/rule_set.h"

namespace chargewarden {

inline constexpr std::size_t kShards = 16;

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
  HashKey hash_key;  // Guards tables against prepared input; changes no output.
};

// What consumers want, in the form that decoders read.
Interest make_interest(const PipelineOptions& options);

// Whether the audit trail keeps messages of this action: commands that change a charger (kept when
// answered), and what a station says about its own security.
bool is_audited_command(ocpp::ActionId action);
bool is_audited_notice(ocpp::ActionId action);

class Shard : private EventConsumer {
 public:
  Shard(const PipelineOptions& options, const Interest& interest,
        const std::vector<std::string>& sources);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // `hash` is that of FlowHasher, `order` the packet's place in the run.
  void on_segment(const Segment& segment, std::uint64_t hash, std::uint16_t source,
                  std::uint64_t order);

  // A record of a log, as on_segment().
  void on_record(const LogRecord& record, std::uint16_t source, std::uint64_t order);

  // For segments that come soon, see FlowTable.
  [[nodiscard]] const FlowTable& flows() const noexcept { return flows_; }

  // The rules of the options have become others. What filters suppressed is forgotten: see
  // suppressed().
  void change_rules();

  // By RuleSet::filter_uses(), since the rules came.
  [[nodiscard]] std::span<const std::uint64_t> suppressed() const noexcept;

  // An event that comes from no connection.
  void report(const Event& event) { on_event(event); }

  // The input has ended.
  void finish(std::uint64_t order);

  [[nodiscard]] Outbox& outbox() noexcept { return outbox_; }

  // Null unless it was asked for.
  [[nodiscard]] const CoverageCounter* coverage() const noexcept { return coverage_.get(); }

  // Events that were reported, by event_index(); counted for the audit trail and for coverage.
  [[nodiscard]] const std::array<std::uint64_t, kEventDefsMax>& event_counts() const noexcept {
    return event_counts_;
  }

  [[nodiscard]] const DecodeStats& stats() const noexcept { return context_.stats; }

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

  void on_event(const Event& event) override;
  void add_match(const Event& event, std::uint32_t rule);
  void add_action(const Event& event);
  void add_values(std::uint32_t rule, Note& note);
  void count(const Event& event);
  Note make_note(const Event& event, NoteKind kind);
  [[nodiscard]] GroupMark group_mark(std::uint32_t rule, const Event& event) const;
  bool is_new_group(std::uint32_t rule, const Event& event);

  const PipelineOptions& options_;
  std::unique_ptr<Matcher> matcher_;
  std::unique_ptr<CoverageCounter> coverage_;
  std::array<std::uint64_t, kEventDefsMax> event_counts_{};
  ShardContext context_;
  FlowTable flows_;
  LogFlows logs_;
  Outbox outbox_;
  std::unordered_set<GroupMark, GroupMarkHash> known_groups_;
  std::uint64_t order_ = 0;
  std::uint32_t event_ = 0;
  ValueArena arena_;
};

}  // namespace chargewarden
