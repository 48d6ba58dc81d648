#pragma once
// Shard: one of the parts that connections are divided into: their tables, their decoders, their
// rules.
//
// The number of shards is fixed, so that limits and results are the same for any number of threads.
// A shard is worked on by one thread at a time.

#include <array>
#include <span>
#include <string>
#include <vector>

#include "analyzer/facts/fact_extractor.h"
#include "analyzer/pipeline/note_maker.h"
#include "analyzer/pipeline/outbox.h"
#include "collector/decoders/decoder.h"
#include "collector/flow/flow_table.h"
#include "collector/logs/log_flows.h"

namespace chargewarden {

inline constexpr std::size_t kShards = 16;

// What rules, audit trail and outputs want, in the form that decoders read.
Interest make_interest(const PipelineOptions& options);

// The same and what detectors want.
Interest with_facts(const Interest& own, const PipelineOptions& options);

class Shard : private EventConsumer {
 public:
  // `wanted` is what decoders report, `own` what the notes are about.
  Shard(const PipelineOptions& options, const Interest& wanted, const Interest& own,
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

  // An event that comes from no connection.
  void report(const Event& event) { on_event(event); }

  // The input has ended.
  void finish(std::uint64_t order);

  [[nodiscard]] NoteMaker& notes() noexcept { return notes_; }

  [[nodiscard]] const NoteMaker& notes() const noexcept { return notes_; }

  [[nodiscard]] Outbox& outbox() noexcept { return notes_.outbox(); }

  [[nodiscard]] const DecodeStats& stats() const noexcept { return context_.stats; }

 private:
  void on_event(const Event& event) override;
  [[nodiscard]] bool wants_note(const Event& event) const;

  const PipelineOptions& options_;
  const Interest& own_;
  NoteMaker notes_;
  FactExtractor facts_;
  ShardContext context_;
  FlowTable flows_;
  LogFlows logs_;
};

}  // namespace chargewarden
