#pragma once
// ReplayOutput: everything behind the pipeline of a replay. Folds matches and hits of correlations
// into alerts, keeps the audit trail, writes events.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "alerts/audit/audit_store.h"
#include "alerts/dispatch/alert_folder.h"
#include "alerts/dispatch/dispatcher.h"
#include "analyzer/app/commands/event_writer.h"
#include "analyzer/app/progress.h"
#include "analyzer/pipeline/pipeline.h"
#include "collector/event/redactor.h"

namespace chargewarden {

struct ReplayOutputOptions {
  AuditStore* audit = nullptr;    // May be null: nothing is kept.
  EventWriter* events = nullptr;  // May be null.
  // When not null: gets a key from the first packet. The same capture gives the same pseudonyms,
  // and who does not have it learns nothing.
  Redactor* redactor_without_key = nullptr;
  EvidenceLedger* evidence = nullptr;  // May be null: nobody wants the packets of alerts.
  HashKey hash_key;
  std::uint64_t bytes_total = 0;  // Of all inputs, for the progress bar; 0 when nobody knows.
};

// One thread: that of Pipeline::run(). Rule sets, also those that a run has had before, outlive it.
class ReplayOutput final : public NoteConsumer {
 public:
  ReplayOutput(const RuleSet& rules, Dispatcher& dispatcher, const ReplayOutputOptions& options);

  // Names of the inputs; those from `first_log` on are logs.
  void set_sources(const std::vector<std::string>& names, std::size_t first_log) {
    sources_ = names;
    first_log_ = first_log;
  }

  void on_start(const Packet& first) override;
  void on_note(const Note& note, const Outbox& outbox) override;
  void on_hit(const CorrelationHit& hit) override;
  void on_rules(const RulesChange& change) override;
  bool on_progress(std::uint64_t bytes_read, bool waiting) override;

  // Reports what is still open; the first failure of the run, if there was one.
  Expected<void> finish(const PipelineResult& result);

  // Those in force now.
  [[nodiscard]] const RuleSet& rules() const noexcept { return *rules_; }

  [[nodiscard]] const FolderCounters& counters() const noexcept { return folder_.counters(); }

 private:
  void on_match(const Note& note, const Outbox& outbox);
  void on_action(const Note& note, const Outbox& outbox);
  void use(const RuleSet& rules);
  void append_sensor(std::string_view action, std::string_view outcome, std::int64_t time_ns,
                     const std::string& details_json,
                     std::optional<Observation> observed = std::nullopt);
  [[nodiscard]] Origin origin_of(const PacketTag& packet) const;
  [[nodiscard]] std::string origin_text(const PacketTag& packet) const;
  void add_packet(const PacketTag& packet);
  [[nodiscard]] std::span<const PacketRef> packets_of(const Note& note, const Outbox& outbox);
  [[nodiscard]] std::span<const PacketRef> packets_of(const CorrelationHit& hit);

  const RuleSet* rules_ = nullptr;
  // By rule; for a rule that has not changed, the one of the first set that had it, so that its
  // alerts go on.
  std::vector<const RuleInfo*> infos_;
  std::unordered_map<std::string, const RuleInfo*> infos_by_hash_;
  Dispatcher& dispatcher_;
  AlertFolder folder_;
  AuditStore* audit_;
  EventWriter* events_;
  Redactor* redactor_without_key_;
  ProgressBar progress_;
  std::vector<std::string> sources_;
  std::vector<PacketRef> packets_;  // Of one note or hit; the memory is kept.
  std::size_t first_log_ = 0;
  std::optional<Error> failure_;
};

}  // namespace chargewarden
