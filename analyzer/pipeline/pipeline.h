#pragma once
// Pipeline: captures and logs in, notes out, in the order of the packets and records.
//
// With one thread everything happens in turn. With more, the calling thread reads and decodes the
// next batch and hands on the notes of the one before, while the others work on the shards of this
// one. Output is the same for any number of threads.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/pipeline/detection_stage.h"
#include "analyzer/pipeline/shard.h"
#include "collector/capture/capture_source.h"
#include "collector/logs/log_source.h"
#include "collector/wire/packet/packet_decoder.h"

namespace chargewarden {

// Threads where nobody says how many: one for each processor, but more than these would wait for
// the one behind the merge.
// Test: pipeline_test.cc "there are as many threads as processors, up to some".
inline constexpr unsigned kThreadsDefaultMax = 4;

unsigned default_threads();

// New rules, offered while the run goes on.
struct RulesOffer {
  const RuleSet* rules = nullptr;  // Null: they have problems, and the old ones stay.
  std::size_t problems = 0;
};

// What became of an offer.
struct RulesChange {
  const RulesOffer& offer;
  std::int64_t time_ns = 0;  // Of the latest packet.
  // Matches that filters suppressed until now, by RuleSet::filter_uses() of the old rules. Empty
  // when they stay.
  std::span<const std::uint64_t> suppressed;
};

// Asked between two batches, on the thread of run(). Rules must live until the end of the run, and
// what was in force before too: alerts refer to it.
using NextRules = std::function<std::optional<RulesOffer>()>;

// Takes notes in order; called on the thread of run().
// on_hit() tells what correlations find, between the notes that they come from; its tags are those
// of pack_tag().
class NoteConsumer : public CorrelationHits {
 public:
  // The first packet of the run, before anything is decoded, or the first record of a log: then
  // only time, number and data are set. Not called when there is none.
  virtual void on_start(const Packet& first) = 0;
  virtual void on_note(const Note& note, const Outbox& outbox) = 0;
  // A change of rules was taken over or refused; notes and hits that follow are those of the rules
  // then in force.
  virtual void on_rules(const RulesChange& change) = 0;
  // Between batches: whether to go on. `waiting`: nothing more can be read for the moment, so what
  // was told must not stay in a buffer.
  virtual bool on_progress(std::uint64_t bytes_read, bool waiting) = 0;
};

// Event time has come this far with the packet of this order.
struct ClockTick {
  std::uint64_t order = 0;
  std::int64_t time_ns = 0;
};

struct PipelineResult {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  // As captured, without the headers of the file format.
  std::int64_t first_time_ns = 0;
  std::int64_t last_time_ns = 0;
  // Packets and records more than a second older than the one before.
  std::uint64_t clock_backwards = 0;
  LogCounters logs;
  DecodeStats decode;
  // Events that were reported, by event_index(): of what neither rules nor audit trail ask for,
  // none. Counted for the audit trail and for coverage.
  std::array<std::uint64_t, kEventDefsMax> events{};
  DecodeCounters packets_by_outcome;
  FragmentCounters fragments;
  std::vector<std::string> problems;  // One sentence for each input that ended early.
  bool read_failed = false;           // The operating system refused a read on the way.
  CorrelatorCounters correlation;
  std::vector<DetectionStage::Dropped> detection_dropped;
  // Matches that filters suppressed, by RuleSet::filter_uses() of the rules at the end.
  std::vector<std::uint64_t> suppressed;
  bool stopped = false;  // An input was not read to its end, because of StopRequest.

  // Nothing was read: there is no time.
  [[nodiscard]] bool empty() const noexcept { return packets == 0 && logs.records == 0; }
};

class Pipeline {
 public:
  // Without threads, with default_threads().
  Pipeline(const PipelineOptions& options, std::vector<std::unique_ptr<CaptureSource>> sources,
           unsigned threads, NextRules next_rules = {});
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Further inputs, before run(). Their numbers follow those of the captures.
  void add_logs(std::vector<std::unique_ptr<LogSource>> logs);

  // Reads all inputs to their end, or until their StopRequest. Then too everything that was read is
  // decoded, and open connections are finished, as at the end of the input. To be called once.
  PipelineResult run(NoteConsumer& consumer);

  // What the rules could see, of all shards; null unless it was asked for. After run().
  [[nodiscard]] std::unique_ptr<CoverageCounter> coverage() const;

  // Names of the inputs, by Note::source: first captures, then logs.
  [[nodiscard]] const std::vector<std::string>& source_names() const noexcept { return names_; }

 private:
  class OutboxCursor;
  class Reader;
  class Workers;

  // Where a note or a fact is.
  struct Merged {
    std::uint64_t order;
    std::size_t place;  // In the notes or facts of its outbox.
    std::uint32_t shard;
    bool is_fact;
  };

  // Where events about the run as a whole come from.
  [[nodiscard]] Origin origin(std::uint64_t number) const {
    return {sources_.empty() ? "log" : "wire", names_.front(), number};
  }

  void use_rules(const RuleSet* rules, NoteConsumer* consumer);
  void consider(const RulesOffer& offer, std::int64_t time_ns, NoteConsumer& consumer);
  [[nodiscard]] std::vector<std::uint64_t> suppressed() const;
  void work_all(Reader& reader, const PipelineResult& result, NoteConsumer& consumer);
  void collect();
  void merge();
  void prefetch(std::size_t at) const;
  void hand_on(NoteConsumer& consumer);
  void hand_on(const Note& note, const Outbox& outbox, std::size_t shard, NoteConsumer& consumer);
  void hand_on_derived(NoteConsumer& consumer);
  void advance(const ClockTick& tick, NoteConsumer& consumer);
  void finish_stages(std::uint64_t order, NoteConsumer& consumer);
  void report_end(PipelineResult& result, NoteConsumer& consumer);

  PipelineOptions options_;
  std::unique_ptr<const CorrelationFields> correlation_fields_;  // Of the rules, as is the stage.
  std::unique_ptr<CorrelationStage> correlation_;                // Null without correlations.
  NextRules next_rules_;
  Interest interest_;  // Of rules, audit trail and outputs.
  Interest wanted_;    // The same and what detectors want.
  std::vector<std::unique_ptr<CaptureSource>> sources_;
  std::vector<std::unique_ptr<LogSource>> logs_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::array<Outbox, kShards> outboxes_;  // What was collected and not handed on yet, by shard.
  std::vector<Merged> merged_;            // All that is in them, in order.
  std::vector<ClockTick> ticks_;          // Of the same batch.
  std::unique_ptr<DetectionStage> detection_;  // Null until somebody wants what detectors report.
  unsigned threads_;
};

}  // namespace chargewarden
