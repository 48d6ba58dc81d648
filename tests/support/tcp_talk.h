#pragma once
// TcpTalk: scripts one TCP connection as segments; TableRig feeds segments to a FlowTable.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector/flow/flow_table.h"
#include "collector/wire/packet/flow_hash.h"
#include "tests/support/decoder_harness.h"

namespace chargewarden::harness {

// A segment that owns its payload.
struct TalkSegment {
  Segment segment;  // Its payload is empty; see bytes.
  std::string bytes;
  Side sender = Side::kClient;
};

// Client 10.0.0.1 on `port`, server 10.0.0.2 on 9000, all acknowledged at once. Each call appends
// to segments(); sequence numbers run on as the ends would count them.
class TcpTalk {
 public:
  explicit TcpTalk(std::uint16_t port = 50'000, std::uint32_t client_start = 1'000,
                   std::uint32_t server_start = 5'000);

  // SYN, SYN ACK, ACK.
  TcpTalk& open();
  TcpTalk& syn();
  TcpTalk& syn_ack();
  TcpTalk& ack(Side side);
  TcpTalk& data(Side side, std::string_view bytes);
  TcpTalk& fin(Side side);
  TcpTalk& reset(Side side, std::int64_t ahead = 0);  // Bytes beyond the next one expected.

  // Data that nobody captured: the numbers run on.
  TcpTalk& lose(Side side, std::uint32_t bytes);

  // A segment of somebody else: any flags, `ahead` bytes beyond the next one of that side.
  TcpTalk& forge(Side side, std::uint8_t flags, std::int64_t ahead, std::string_view bytes = {});

  TcpTalk& wait_ms(std::int64_t ms);

  [[nodiscard]] const std::vector<TalkSegment>& segments() const noexcept { return segments_; }

  [[nodiscard]] std::vector<TalkSegment>& segments() noexcept { return segments_; }

  [[nodiscard]] std::uint32_t next(Side side) const noexcept { return next_[index_of(side)]; }

 private:
  TcpTalk& add(Side side, std::uint8_t flags, std::uint32_t sequence, std::string_view bytes);

  FlowKey key_;  // As the client sends.
  std::array<std::uint32_t, 2> next_;
  std::int64_t time_ns_ = 1'767'225'600'000'000'000;
  std::vector<TalkSegment> segments_;
};

// A capture file (pcap, nanoseconds, raw IPv4) of the segments, in their order.
std::vector<std::uint8_t> capture_of(const std::vector<TalkSegment>& segments);

class TableRig {
 public:
  explicit TableRig(std::size_t flows_max = kFlowsPerShardMax);
  TableRig(const TableRig&) = delete;
  TableRig& operator=(const TableRig&) = delete;

  // Packets are numbered as they come.
  TableRig& feed(const TalkSegment& segment, std::uint16_t source = 0);
  TableRig& feed(const TcpTalk& talk);
  TableRig& feed(const std::vector<TalkSegment>& segments);
  TableRig& finish();

  [[nodiscard]] const std::vector<std::string>& lines() const noexcept { return recorder_.lines(); }

  [[nodiscard]] std::string kinds() const { return anomaly_kinds(lines()); }

  // Reasons of connection.closed, with a blank between.
  [[nodiscard]] std::string close_reasons() const;

  [[nodiscard]] const DecodeStats& stats() const noexcept { return shard_->stats; }

  [[nodiscard]] FlowTable& table() noexcept { return *table_; }

  [[nodiscard]] const ShardContext& shard() const noexcept { return *shard_; }

 private:
  EventRecorder recorder_;
  std::vector<std::string> sources_ = {"a.pcap", "b.pcap"};
  std::unique_ptr<ShardContext> shard_;
  std::unique_ptr<FlowTable> table_;
  std::uint64_t number_ = 0;
};

}  // namespace chargewarden::harness
