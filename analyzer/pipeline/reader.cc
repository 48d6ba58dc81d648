#include "analyzer/pipeline/reader.h"

#include <algorithm>

namespace chargewarden {

namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;

// Windows of correlations end at most this late when no match comes.
constexpr std::int64_t kTickNs = kNsPerS;

}  // namespace

Pipeline::Reader::Reader(std::vector<std::unique_ptr<CaptureSource>>& sources, const HashKey& key,
                         PipelineResult& result)
    : result_(result), decoder_({}, key), flow_hash_(key) {
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
  return first;
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
  if (result_.packets == 1) {
    result_.first_time_ns = packet.time_ns;
    result_.last_time_ns = packet.time_ns;
  } else if (packet.time_ns + kNsPerS < previous_time_ns_) {
    ++result_.clock_backwards;
  }
  previous_time_ns_ = packet.time_ns;
  result_.last_time_ns = std::max(result_.last_time_ns, packet.time_ns);
  result_.first_time_ns = std::min(result_.first_time_ns, packet.time_ns);
}

// Made from the packets alone, so that what depends on it does not depend on the batches.
void Pipeline::Reader::note_tick(WorkBatch& batch) {
  batch.ticks.push_back({order_, result_.last_time_ns});
  next_tick_ns_ = result_.last_time_ns + kTickNs;
}

bool Pipeline::Reader::must_wait() const {
  return std::any_of(inputs_.begin(), inputs_.end(), [](const Input& input) {
    return !input.ended && input.batch == nullptr && input.source->must_wait();
  });
}

std::uint64_t Pipeline::Reader::bytes_read() const {
  std::uint64_t sum = 0;
  for (const Input& input : inputs_) sum += input.source->bytes_read();
  return sum;
}

void Pipeline::Reader::finish() {
  result_.packets_by_outcome = decoder_.counters();
  result_.fragments = decoder_.fragments();
}

}  // namespace chargewarden
