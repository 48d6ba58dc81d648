#include "analyzer/pipeline/pipeline.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "analyzer/pipeline/reader.h"
#include "analyzer/pipeline/sensor_report.h"
#include "collector/base/thread.h"

namespace chargewarden {

namespace {

// Reads that make up a batch: enough work to outweigh the hand-over, and no more than the caches
// hold.
constexpr std::size_t kReadsPerBatch = 4;

// How many segments ahead the memory of a connection is asked for.
constexpr std::size_t kAheadSlot = 12;
constexpr std::size_t kAheadEntry = 8;
constexpr std::size_t kAheadConnection = 4;

// Log records are worked on in between, in the order of all.
void work_through(const std::vector<WorkItem>& items, const std::vector<LogItem>& records,
                  Shard& shard) {
  const FlowTable& flows = shard.flows();
  const std::size_t count = items.size();
  auto record = records.begin();
  for (std::size_t i = 0; i < count; ++i) {
    if (i + kAheadSlot < count) flows.prefetch_slot(items[i + kAheadSlot].hash);
    if (i + kAheadEntry < count) flows.prefetch_entry(items[i + kAheadEntry].hash);
    if (i + kAheadConnection < count) flows.prefetch_connection(items[i + kAheadConnection].hash);
    const WorkItem& item = items[i];
    for (; record != records.end() && record->order < item.order; ++record) {
      shard.on_record(*record->record, record->source, record->order);
    }
    shard.on_segment(item.segment, item.hash, item.source, item.order);
  }
  for (; record != records.end(); ++record) {
    shard.on_record(*record->record, record->source, record->order);
  }
}

}  // namespace

// Threads that work on the shards of one batch. A shard is taken by whoever is free; that a batch
// is finished before the next begins keeps each shard's packets in order.
class Pipeline::Workers {
 public:
  Workers(std::vector<std::unique_ptr<Shard>>& shards, unsigned count) : shards_(shards) {
    for (unsigned i = 0; i < count; ++i) {
      threads_.push_back(start_thread("shards-" + std::to_string(i), [this] { serve(); }));
    }
  }

  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  ~Workers() {
    stop_ = true;
    generation_.fetch_add(1);
    generation_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void start(WorkBatch& batch) {
    batch_ = &batch;
    next_shard_ = 0;
    busy_ = static_cast<unsigned>(threads_.size());
    generation_.fetch_add(1);
    generation_.notify_all();
  }

  // Helps, then waits until every shard of the batch is done.
  void finish() {
    work();
    for (unsigned busy = busy_; busy != 0; busy = busy_) busy_.wait(busy);
  }

 private:
  void serve() {
    unsigned seen = 0;
    for (;;) {
      generation_.wait(seen);
      seen = generation_;
      if (stop_) return;
      work();
      if (busy_.fetch_sub(1) == 1) busy_.notify_all();
    }
  }

  void work() {
    for (std::size_t i = next_shard_++; i < shards_.size(); i = next_shard_++) {
      work_through(batch_->items[i], batch_->log_items[i], *shards_[i]);
    }
  }

  std::vector<std::unique_ptr<Shard>>& shards_;
  std::vector<std::thread> threads_;
  WorkBatch* batch_ = nullptr;
  std::atomic<std::size_t> next_shard_ = 0;
  std::atomic<unsigned> busy_ = 0;
  std::atomic<unsigned> generation_ = 0;
  std::atomic<bool> stop_ = false;
};

Pipeline::Pipeline(const PipelineOptions& options,
                   std::vector<std::unique_ptr<CaptureSource>> sources, unsigned threads,
                   NextRules next_rules)
    : options_(options),
      next_rules_(std::move(next_rules)),
      sources_(std::move(sources)),
      threads_(std::max(1U, threads)) {
  use_rules(options_.rules, nullptr);
  for (const auto& source : sources_) names_.push_back(source->name());
  for (std::size_t i = 0; i < kShards; ++i) {
    shards_.push_back(std::make_unique<Shard>(options_, interest_, names_));
  }
}

Pipeline::~Pipeline() = default;

void Pipeline::add_logs(std::vector<std::unique_ptr<LogSource>> logs) {
  for (auto& source : logs) {
    names_.push_back(source->name());
    logs_.push_back(std::move(source));
  }
}

// What the shards and the correlations need to know of the rules. Hits go to `consumer`; before the
// run there is none, and no match either.
void Pipeline::use_rules(const RuleSet* rules, NoteConsumer* consumer) {
  options_.rules = rules;
  options_.correlation_fields = nullptr;
  correlation_.reset();
  correlation_fields_.reset();
  if (rules != nullptr && !rules->correlations().empty()) {
    correlation_fields_ = std::make_unique<CorrelationFields>(*rules);
    options_.correlation_fields = correlation_fields_.get();
    if (consumer != nullptr) {
      correlation_ = std::make_unique<CorrelationStage>(*rules, *consumer, options_.hash_key);
    }
  }
  interest_ = make_interest(options_);
}

// Between two batches: nobody works on a shard, and everything of the old rules was handed on.
void Pipeline::consider(const RulesOffer& offer, std::int64_t time_ns, NoteConsumer& consumer) {
  std::vector<std::uint64_t> counts;
  if (offer.rules != nullptr) {
    if (correlation_ != nullptr) correlation_->finish();
    counts = suppressed();
    use_rules(offer.rules, &consumer);
    for (const auto& shard : shards_) shard->change_rules();
  }
  consumer.on_rules({offer, time_ns, counts});
  report_rules(offer, time_ns, origin(0),
               [this](const Event& event) { shards_.front()->report(event); });
  hand_on(consumer, {});
}

std::vector<std::uint64_t> Pipeline::suppressed() const {
  std::vector<std::uint64_t> out;
  for (const auto& shard : shards_) {
    const auto counts = shard->suppressed();
    out.resize(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) out[i] += counts[i];
  }
  return out;
}

PipelineResult Pipeline::run(NoteConsumer& consumer) {
  PipelineResult result;
  Reader reader(sources_, logs_, options_.hash_key, result);
  use_rules(options_.rules, &consumer);
  if (const Packet* first = reader.first_packet()) consumer.on_start(*first);
  work_all(reader, result, consumer);
  for (const auto& shard : shards_) shard->finish(reader.next_order() + 1);
  hand_on(consumer, {});
  if (correlation_ != nullptr) {
    correlation_->finish();
    result.correlation = correlation_->counters();
  }
  reader.finish();
  report_end(result, consumer);
  return result;
}

// What only shows at the end. Rules may match it, correlations too.
void Pipeline::report_end(PipelineResult& result, NoteConsumer& consumer) {
  for (const auto& shard : shards_) result.decode.add(shard->stats());
  // Without packets and records there is no time that the events could have.
  if (!result.empty()) {
    report_sensor(result, origin(result.packets + result.logs.lines),
                  [this](const Event& event) { shards_.front()->report(event); });
    hand_on(consumer, {});
    if (correlation_ != nullptr) correlation_->finish();
  }
  result.suppressed = suppressed();
  for (const auto& shard : shards_) {
    const auto& counts = shard->event_counts();
    for (std::size_t i = 0; i < counts.size(); ++i) result.events[i] += counts[i];
  }
}

std::unique_ptr<CoverageCounter> Pipeline::coverage() const {
  if (!options_.want_coverage || options_.rules == nullptr) return nullptr;
  auto out = std::make_unique<CoverageCounter>(*options_.rules);
  for (const auto& shard : shards_) out->add(*shard->coverage());
  return out;
}

// With one thread the batches are worked on shard by shard too: the connections of one shard fit
// the cache, those of all do not.
void Pipeline::work_all(Reader& reader, const PipelineResult& result, NoteConsumer& consumer) {
  Workers workers(shards_, threads_ - 1);
  std::array<WorkBatch, 2> batches;
  std::size_t current = 0;
  bool more = reader.fill(batches[current], kReadsPerBatch);
  while (more) {
    workers.start(batches[current]);
    current = 1 - current;
    // While an input keeps silent, what it has said before is handed on; else reading overlaps with
    // the work.
    const bool waiting = reader.must_wait();
    if (!waiting) more = reader.fill(batches[current], kReadsPerBatch);
    workers.finish();
    hand_on(consumer, batches[1 - current].ticks);
    if (!consumer.on_progress(reader.bytes_read(), waiting)) return;
    if (const auto offer = next_rules_ ? next_rules_() : std::nullopt) {
      consider(*offer, result.last_time_ns, consumer);
    }
    if (waiting) more = reader.fill(batches[current], kReadsPerBatch);
  }
}

// Merges the outboxes of the shards by the order of the packets. A packet belongs to one shard, but
// at the end of the input all shards report under the same order: then the shard's number decides.
void Pipeline::hand_on(NoteConsumer& consumer, std::span<const ClockTick> ticks) {
  struct Cursor {
    std::uint64_t order;
    std::size_t shard;
    std::size_t next;
  };

  std::vector<Cursor> cursors;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const auto& notes = shards_[i]->outbox().notes();
    if (!notes.empty()) cursors.push_back({notes.front().order, i, 0});
  }
  const auto later = [](const Cursor& a, const Cursor& b) {
    return a.order != b.order ? a.order > b.order : a.shard > b.shard;
  };
  std::make_heap(cursors.begin(), cursors.end(), later);
  while (!cursors.empty()) {
    std::pop_heap(cursors.begin(), cursors.end(), later);
    Cursor& cursor = cursors.back();
    const Outbox& outbox = shards_[cursor.shard]->outbox();
    for (; !ticks.empty() && ticks.front().order <= cursor.order; ticks = ticks.subspan(1)) {
      if (correlation_ != nullptr) correlation_->advance(ticks.front().time_ns);
    }
    hand_on(outbox.notes()[cursor.next], outbox, cursor.shard, consumer);
    if (++cursor.next < outbox.notes().size()) {
      cursor.order = outbox.notes()[cursor.next].order;
      std::push_heap(cursors.begin(), cursors.end(), later);
    } else {
      cursors.pop_back();
    }
  }
  if (!ticks.empty() && correlation_ != nullptr) correlation_->advance(ticks.back().time_ns);
  for (const auto& shard : shards_) shard->outbox().clear();
}

void Pipeline::hand_on(const Note& note, const Outbox& outbox, std::size_t shard,
                       NoteConsumer& consumer) {
  // For coverage every match counts.
  if (note.kind != NoteKind::kMatch || note.alerts || options_.want_coverage) {
    consumer.on_note(note, outbox);
  }
  if (note.correlates && correlation_ != nullptr) correlation_->on_match(note, outbox, shard);
}

}  // namespace chargewarden
