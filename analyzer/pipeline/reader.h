#pragma once
// Reader: packets and log records of all inputs in time order, packets decoded down to TCP
// segments, a batch at a time.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "analyzer/pipeline/log_input.h"
#include "analyzer/pipeline/pipeline.h"
#include "collector/wire/packet/flow_hash.h"

namespace chargewarden {

// A segment with all that a shard needs to know.
struct WorkItem {
  Segment segment;
  std::uint64_t hash;  // Of FlowHasher: the place in the shard's table.
  std::uint64_t order;
  std::uint16_t source;
};

// A batch of segments and log records by shard. What they point into lives in it.
struct WorkBatch {
  std::vector<std::unique_ptr<PacketBatch>> packets;  // Memory of the segments' payloads.
  std::size_t packets_used = 0;
  FragmentStore fragments;
  LogMemory logs;
  std::array<std::vector<WorkItem>, kShards> items;
  std::array<std::vector<LogItem>, kShards> log_items;
  std::vector<ClockTick> ticks;  // At least kTickNs of event time apart.

  void clear() {
    packets_used = 0;
    fragments.clear();
    logs.clear();
    ticks.clear();
    for (auto& list : items) list.clear();
    for (auto& list : log_items) list.clear();
  }
};

// Without a key: the same in every run.
inline std::size_t shard_of(const FlowKey& key) noexcept {
  return (symmetric_flow_hash(key) >> 40U) % kShards;
}

class Pipeline::Reader {
 public:
  Reader(std::vector<std::unique_ptr<CaptureSource>>& sources,
         std::vector<std::unique_ptr<LogSource>>& logs, const HashKey& key, PipelineResult& result);

  // Reads ahead to the first packet of the run, or first record in the form of a packet; null when
  // there is none.
  const Packet* first_packet();

  // Refills the batch with one to `reads` reads of packets or records, fewer when the next would
  // have to wait; false at the end of all inputs.
  bool fill(WorkBatch& batch, std::size_t reads);

  // Whether the next fill() would have to wait for an input that has nothing to read yet.
  [[nodiscard]] bool must_wait() const;

  [[nodiscard]] std::uint64_t bytes_read() const;

  [[nodiscard]] std::uint64_t next_order() const noexcept { return order_; }

  void finish();

 private:
  struct Input {
    CaptureSource* source;
    std::unique_ptr<PacketBatch> batch;
    std::size_t next = 0;
    bool ended = false;
  };

  template <typename Sink>
  bool read_some(WorkBatch& batch, Sink&& sink);
  template <typename Sink>
  bool read_merged(WorkBatch& batch, Sink& sink);
  template <typename Sink>
  void take(const Packet& packet, std::uint16_t source, WorkBatch& batch, Sink& sink);
  void take_record(WorkBatch& batch);
  bool refill(Input& input, std::unique_ptr<PacketBatch> memory);
  void refill_logs(LogMemory& memory);
  std::unique_ptr<PacketBatch> memory_of(WorkBatch& batch);
  void note_packet(const Packet& packet);
  void note_time(std::int64_t time_ns);
  void note_tick(WorkBatch& batch);

  std::vector<Input> inputs_;
  LogInputs logs_;
  LogMemory first_logs_;  // Of what was read before there was a batch.
  Packet first_record_;
  PipelineResult& result_;
  PacketDecoder decoder_;
  FlowHasher flow_hash_;
  std::uint64_t order_ = 0;
  std::int64_t previous_time_ns_ = 0;
  bool has_time_ = false;
  std::int64_t next_tick_ns_ = INT64_MIN;
};

// Packets of one read: about what kBatchBytes holds.
inline constexpr std::size_t kPacketsPerRead = 2048;

template <typename Sink>
void Pipeline::Reader::take(const Packet& packet, std::uint16_t source, WorkBatch& batch,
                            Sink& sink) {
  note_packet(packet);
  WorkItem item;
  Datagram datagram;
  ++order_;
  if (result_.last_time_ns >= next_tick_ns_) note_tick(batch);
  if (decoder_.decode(packet, batch.fragments, item.segment, datagram) != DecodeOutcome::kTcp) {
    return;
  }
  item.hash = flow_hash_(item.segment.key);
  item.order = order_;
  item.source = source;
  sink(item);
}

template <typename Sink>
bool Pipeline::Reader::read_some(WorkBatch& batch, Sink&& sink) {
  if (inputs_.size() != 1 || !logs_.empty()) return read_merged(batch, sink);
  Input& input = inputs_.front();
  if (input.batch == nullptr && (input.ended || !refill(input, memory_of(batch)))) return false;
  if (batch.packets.size() == batch.packets_used) batch.packets.emplace_back();
  for (const Packet& packet : input.batch->packets) take(packet, 0, batch, sink);
  batch.packets[batch.packets_used++] = std::move(input.batch);
  return true;
}

// Several inputs: always the oldest packet or record next; of equal ones that of the first input,
// and captures before logs. Stops where
// an input has to be refilled, because its memory belongs to the batch.
template <typename Sink>
bool Pipeline::Reader::read_merged(WorkBatch& batch, Sink& sink) {
  for (Input& input : inputs_) {
    if (!input.ended && input.batch == nullptr) (void)refill(input, memory_of(batch));
  }
  if (!logs_.empty()) refill_logs(batch.logs);
  for (;;) {
    Input* oldest = nullptr;
    for (Input& input : inputs_) {
      if (input.ended) continue;
      const Packet& packet = input.batch->packets[input.next];
      if (oldest == nullptr || packet.time_ns < oldest->batch->packets[oldest->next].time_ns) {
        oldest = &input;
      }
    }
    const LogRecord* const record = logs_.oldest();
    if (record != nullptr &&
        (oldest == nullptr || record->time_ns < oldest->batch->packets[oldest->next].time_ns)) {
      take_record(batch);
      if (logs_.advance(batch.logs)) return true;
      continue;
    }
    if (oldest == nullptr) return false;
    take(oldest->batch->packets[oldest->next], static_cast<std::uint16_t>(oldest - inputs_.data()),
         batch, sink);
    if (++oldest->next < oldest->batch->packets.size()) continue;
    if (batch.packets.size() == batch.packets_used) batch.packets.emplace_back();
    batch.packets[batch.packets_used++] = std::move(oldest->batch);
    return true;
  }
}

}  // namespace chargewarden
