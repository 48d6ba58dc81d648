#include "analyzer/pipeline/pipeline.h"

#include <algorithm>
#include <atomic>
#include <optional>
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

// The same for what detectors know of a station: facts between two steps of it.
constexpr std::size_t kAheadFact = 4;

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

// A place in the outbox of a shard.
class Pipeline::OutboxCursor {
 public:
  OutboxCursor(const Outbox& outbox, std::size_t shard) : outbox_(&outbox), shard_(shard) {
    settle();
  }

  [[nodiscard]] bool at_end() const noexcept { return order_ == kEnd; }

  [[nodiscard]] std::uint64_t order() const noexcept { return order_; }

  [[nodiscard]] std::size_t shard() const noexcept { return shard_; }

  // Adds what there is of order() to the list.
  void take(std::vector<Merged>& out) {
    const auto shard = static_cast<std::uint32_t>(shard_);
    const auto& notes = outbox_->notes();
    for (; note_ < notes.size() && notes[note_].order == order_; ++note_) {
      out.push_back({order_, note_, shard, false});
    }
    const FactBuffer& facts = outbox_->facts();
    for (; fact_ < facts.end() && facts.head_at(fact_).order == order_; fact_ = facts.next(fact_)) {
      out.push_back({order_, fact_, shard, true});
    }
    settle();
  }

 private:
  static constexpr std::uint64_t kEnd = ~std::uint64_t{0};

  void settle() noexcept {
    const auto& notes = outbox_->notes();
    const FactBuffer& facts = outbox_->facts();
    order_ = note_ < notes.size() ? notes[note_].order : kEnd;
    if (fact_ < facts.end()) order_ = std::min(order_, facts.head_at(fact_).order);
  }

  const Outbox* outbox_;
  std::size_t shard_;
  std::size_t note_ = 0;
  std::size_t fact_ = 0;
  std::uint64_t order_ = kEnd;
};

unsigned default_threads() {
  return std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsDefaultMax);
}

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
      threads_(threads == 0 ? default_threads() : threads) {
  for (const auto& source : sources_) names_.push_back(source->name());
  use_rules(options_.rules, nullptr);
  for (std::size_t i = 0; i < kShards; ++i) {
    shards_.push_back(std::make_unique<Shard>(options_, wanted_, interest_, names_));
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
  options_.want_facts = detection_ != nullptr || wants_detection(options_);
  interest_ = make_interest(options_);
  wanted_ = with_facts(interest_, options_);
  if (detection_ != nullptr) {
    detection_->change_rules();
  } else if (options_.want_facts) {
    detection_ = std::make_unique<DetectionStage>(options_, names_);
  }
}

// Between two batches: nobody works on a shard, and everything of the old rules was handed on.
void Pipeline::consider(const RulesOffer& offer, std::int64_t time_ns, NoteConsumer& consumer) {
  std::vector<std::uint64_t> counts;
  if (offer.rules != nullptr) {
    if (correlation_ != nullptr) correlation_->finish();
    counts = suppressed();
    use_rules(offer.rules, &consumer);
    for (const auto& shard : shards_) shard->notes().change_rules();
  }
  consumer.on_rules({offer, time_ns, counts});
  report_rules(offer, time_ns, origin(0),
               [this](const Event& event) { shards_.front()->report(event); });
  collect();
  hand_on(consumer);
}

std::vector<std::uint64_t> Pipeline::suppressed() const {
  std::vector<std::uint64_t> out;
  const auto add = [&out](const NoteMaker& notes) {
    const auto counts = notes.suppressed();
    out.resize(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) out[i] += counts[i];
  };
  for (const auto& shard : shards_) add(shard->notes());
  if (detection_ != nullptr) add(detection_->notes());
  return out;
}

PipelineResult Pipeline::run(NoteConsumer& consumer) {
  PipelineResult result;
  Reader reader(sources_, logs_, options_.hash_key, result);
  use_rules(options_.rules, &consumer);
  if (const Packet* first = reader.first_packet()) consumer.on_start(*first);
  work_all(reader, result, consumer);
  const std::uint64_t end = reader.next_order() + 1;
  for (const auto& shard : shards_) shard->finish(end);
  collect();
  hand_on(consumer);
  finish_stages(end, consumer);
  if (correlation_ != nullptr) result.correlation = correlation_->counters();
  if (detection_ != nullptr) result.detection_dropped = detection_->dropped();
  reader.finish();
  report_end(result, consumer);
  return result;
}

// Detectors first: their events may be part of correlations.
void Pipeline::finish_stages(std::uint64_t order, NoteConsumer& consumer) {
  if (detection_ != nullptr) {
    detection_->finish(order);
    hand_on_derived(consumer);
  }
  if (correlation_ != nullptr) correlation_->finish();
}

// What only shows at the end. Rules may match it, correlations too.
void Pipeline::report_end(PipelineResult& result, NoteConsumer& consumer) {
  for (const auto& shard : shards_) result.decode.add(shard->stats());
  // Without packets and records there is no time that the events could have.
  if (!result.empty()) {
    report_sensor(result, origin(result.packets + result.logs.lines),
                  [this](const Event& event) { shards_.front()->report(event); });
    collect();
    hand_on(consumer);
    if (correlation_ != nullptr) correlation_->finish();
  }
  result.suppressed = suppressed();
  const auto count = [&result](const NoteMaker& notes) {
    const auto& counts = notes.event_counts();
    for (std::size_t i = 0; i < counts.size(); ++i) result.events[i] += counts[i];
  };
  for (const auto& shard : shards_) count(shard->notes());
  if (detection_ != nullptr) count(detection_->notes());
}

std::unique_ptr<CoverageCounter> Pipeline::coverage() const {
  if (!options_.want_coverage || options_.rules == nullptr) return nullptr;
  auto out = std::make_unique<CoverageCounter>(*options_.rules);
  for (const auto& shard : shards_) out->add(*shard->notes().coverage());
  if (detection_ != nullptr) out->add(*detection_->notes().coverage());
  return out;
}

// With one thread the batches are worked on shard by shard too: the connections of one shard fit
// the cache, those of all do not. With more, reading the next batch and handing on the one before
// overlap with the work.
void Pipeline::work_all(Reader& reader, const PipelineResult& result, NoteConsumer& consumer) {
  Workers workers(shards_, threads_ - 1);
  std::array<WorkBatch, 2> batches;
  std::size_t current = 0;
  bool more = reader.fill(batches[current], kReadsPerBatch);
  while (more) {
    workers.start(batches[current]);
    current = 1 - current;
    // While an input keeps silent, what it has said before is handed on.
    const bool waiting = reader.must_wait();
    if (!waiting) more = reader.fill(batches[current], kReadsPerBatch);
    hand_on(consumer);
    workers.finish();
    collect();
    std::swap(ticks_, batches[1 - current].ticks);
    if (waiting || threads_ == 1) hand_on(consumer);
    if (!consumer.on_progress(reader.bytes_read(), waiting)) break;
    if (const auto offer = next_rules_ ? next_rules_() : std::nullopt) {
      hand_on(consumer);
      consider(*offer, result.last_time_ns, consumer);
    }
    if (waiting) more = reader.fill(batches[current], kReadsPerBatch);
  }
  hand_on(consumer);
}

// Takes what the shards have to say; they go on with empty outboxes.
void Pipeline::collect() {
  for (std::size_t i = 0; i < shards_.size(); ++i) std::swap(outboxes_[i], shards_[i]->outbox());
}

// Merges the outboxes of the shards by the order of the packets. A packet belongs to one shard, but
// at the end of the input all shards report under the same order: then the shard's number decides.
// Of one packet the notes come first, then what detectors make of it.
void Pipeline::merge() {
  std::vector<OutboxCursor> cursors;
  for (std::size_t i = 0; i < outboxes_.size(); ++i) {
    const OutboxCursor cursor(outboxes_[i], i);
    if (!cursor.at_end()) cursors.push_back(cursor);
  }
  const auto later = [](const OutboxCursor& a, const OutboxCursor& b) {
    return a.order() != b.order() ? a.order() > b.order() : a.shard() > b.shard();
  };
  std::make_heap(cursors.begin(), cursors.end(), later);
  merged_.clear();
  while (!cursors.empty()) {
    std::pop_heap(cursors.begin(), cursors.end(), later);
    cursors.back().take(merged_);
    if (cursors.back().at_end()) {
      cursors.pop_back();
    } else {
      std::push_heap(cursors.begin(), cursors.end(), later);
    }
  }
}

void Pipeline::hand_on(NoteConsumer& consumer) {
  merge();
  std::span<const ClockTick> ticks = ticks_;
  for (std::size_t i = 0; i < merged_.size(); ++i) {
    prefetch(i);
    const Merged& each = merged_[i];
    for (; !ticks.empty() && ticks.front().order <= each.order; ticks = ticks.subspan(1)) {
      advance(ticks.front(), consumer);
    }
    const Outbox& outbox = outboxes_[each.shard];
    if (each.is_fact) {
      detection_->on_fact(outbox.facts().read(each.place), each.shard);
      hand_on_derived(consumer);
    } else {
      hand_on(outbox.notes()[each.place], outbox, each.shard, consumer);
    }
  }
  // Time passes while nothing is said.
  if (!ticks.empty()) advance(ticks.back(), consumer);
  for (Outbox& outbox : outboxes_) outbox.clear();
  ticks_.clear();
}

// What detectors know of a station lies all over the memory, and packets come from any of them.
void Pipeline::prefetch(std::size_t at) const {
  if (detection_ == nullptr) return;
  for (std::size_t step = 0; step < DetectionStage::kPrefetchSteps; ++step) {
    const std::size_t ahead = at + kAheadFact * (DetectionStage::kPrefetchSteps - step);
    if (ahead >= merged_.size() || !merged_[ahead].is_fact) continue;
    const Merged& each = merged_[ahead];
    detection_->prefetch(outboxes_[each.shard].facts().head_at(each.place), each.shard, step);
  }
}

void Pipeline::advance(const ClockTick& tick, NoteConsumer& consumer) {
  if (detection_ != nullptr) {
    detection_->advance(tick.time_ns, tick.order);
    hand_on_derived(consumer);
  }
  if (correlation_ != nullptr) correlation_->advance(tick.time_ns);
}

void Pipeline::hand_on_derived(NoteConsumer& consumer) {
  Outbox& outbox = detection_->notes().outbox();
  if (outbox.notes().empty()) return;
  for (const Note& note : outbox.notes()) hand_on(note, outbox, kShards, consumer);
  outbox.clear();
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
