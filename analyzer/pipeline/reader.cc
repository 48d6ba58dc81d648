#include "analyzer/pipeline/reader.h"

#include <algorithm>
#include <utility>

#include "collector/base/text.h"

namespace chargewarden {

namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;

// Windows of correlations end at most this late when no match comes.
constexpr std::int64_t kTickNs = kNsPerS;

}  // namespace

Pipeline::Reader::Reader(std::vector<std::unique_ptr<CaptureSource>>& sources,
                         std::vector<std::unique_ptr<LogSource>>& logs, const HashKey& key,
                         PipelineResult& result)
    : logs_(logs, sources.size()), result_(result), decoder_({}, key), flow_hash_(key) {
  for (const auto& source : sources) inputs_.push_back({source.get(), nullptr, 0, false});
}

std::unique_ptr<PacketBatch> Pipeline::Reader::memory_of(WorkBatch& batch) {
  if (batch.packets.size() == batch.packets_used) batch.packets.emplace_back();
  std::unique_ptr<PacketBatch> memory = std::move(batch.packets[batch.packets_used]);
  if (memory == nullptr) memory = std::make_unique<PacketBatch>();
  return memory;
}

bool Pipeline::Reader::refill(Input& input, std::unique_ptr<PacketBatch> memory) {
  input.batch = std::move(memory);
  input.next = 0;
  const auto more = input.source->read(*input.batch, kPacketsPerRead);
  if (more.has_value() && more.value()) return true;
  input.ended = true;
  input.batch.reset();
  if (!more.has_value()) {
    result_.problems.push_back(more.error().message);
    result_.read_failed = true;
  } else if (!input.source->problem().empty()) {
    result_.problems.push_back(input.source->problem());
  }
  result_.stopped = result_.stopped || input.source->stopped();
  return false;
}

const Packet* Pipeline::Reader::first_packet() {
  const Packet* first = nullptr;
  for (Input& input : inputs_) {
    if (!refill(input, std::make_unique<PacketBatch>())) continue;
    const Packet& packet = input.batch->packets.front();
    if (first == nullptr || packet.time_ns < first->time_ns) first = &packet;
  }
  refill_logs(first_logs_);
  const LogRecord* const record = logs_.oldest();
  if (record != nullptr && (first == nullptr || record->time_ns < first->time_ns)) {
    first_record_.time_ns = record->time_ns;
    first_record_.data = as_bytes(!record->message.empty() ? record->message : record->station);
    first_record_.number = record->line;
    first = &first_record_;
  }
  return first;
}

void Pipeline::Reader::refill_logs(LogMemory& memory) {
  logs_.refill(memory);
  for (std::string& problem : logs_.take_problems()) result_.problems.push_back(std::move(problem));
  result_.read_failed = result_.read_failed || logs_.read_failed();
  result_.stopped = result_.stopped || logs_.stopped();
}

// The oldest record goes to the shard of its station.
void Pipeline::Reader::take_record(WorkBatch& batch) {
  const LogRecord* const record = logs_.oldest();
  note_time(record->time_ns);
  ++order_;
  if (result_.last_time_ns >= next_tick_ns_) note_tick(batch);
  batch.log_items[station_hash(record->station) % kShards].push_back(
      {record, order_, logs_.source_of_oldest()});
}

bool Pipeline::Reader::fill(WorkBatch& batch, std::size_t reads) {
  batch.clear();
  const auto sink = [&](const WorkItem& item) {
    batch.items[shard_of(item.segment.key)].push_back(item);
  };
  bool any = false;
  for (std::size_t i = 0; i < reads; ++i) {
    if ((any && must_wait()) || !read_some(batch, sink)) break;
    any = true;
  }
  return any;
}

void Pipeline::Reader::note_packet(const Packet& packet) {
  ++result_.packets;
  result_.bytes += packet.data.size();
  note_time(packet.time_ns);
}

void Pipeline::Reader::note_time(std::int64_t time_ns) {
  if (!has_time_) {
    has_time_ = true;
    result_.first_time_ns = time_ns;
    result_.last_time_ns = time_ns;
  } else if (time_ns + kNsPerS < previous_time_ns_) {
    ++result_.clock_backwards;
  }
  previous_time_ns_ = time_ns;
  result_.last_time_ns = std::max(result_.last_time_ns, time_ns);
  result_.first_time_ns = std::min(result_.first_time_ns, time_ns);
}

// Made from the packets alone, so that what depends on it does not depend on the batches.
void Pipeline::Reader::note_tick(WorkBatch& batch) {
  batch.ticks.push_back({order_, result_.last_time_ns});
  next_tick_ns_ = result_.last_time_ns + kTickNs;
}

bool Pipeline::Reader::must_wait() const {
  return std::any_of(inputs_.begin(), inputs_.end(),
                     [](const Input& input) {
                       return !input.ended && input.batch == nullptr && input.source->must_wait();
                     }) ||
         logs_.must_wait();
}

std::uint64_t Pipeline::Reader::bytes_read() const {
  std::uint64_t sum = logs_.bytes_read();
  for (const Input& input : inputs_) sum += input.source->bytes_read();
  return sum;
}

void Pipeline::Reader::finish() {
  result_.packets_by_outcome = decoder_.counters();
  result_.fragments = decoder_.fragments();
  result_.logs = logs_.counters();
  result_.decode.limits.hit(Limit::kLogRecord, result_.logs.cut);
}

}  // namespace chargewarden
