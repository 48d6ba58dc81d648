// What it costs to get from TCP segments to OCPP events, stage by stage and as a whole.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "collector/decoders/decoder.h"
#include "collector/flow/flow_table.h"
#include "collector/wire/tcp/tcp_stream.h"
#include "collector/wire/websocket/frame.h"
#include "collector/wire/websocket/inflater.h"
#include "tests/bench/feed.h"
#include "tests/bench/websocket.h"

namespace chargewarden::bench {
namespace {

class CountingConsumer : public EventConsumer {
 public:
  void on_event(const Event& event) override { benchmark::DoNotOptimize(&event); }
};

// One segment after the other of a connection that speaks OCPP.
class Conversation {
 public:
  explicit Conversation(FlowTable& table) : table_(table) {
    Random random(2);
    for (std::size_t i = 0; i < kMessages; ++i) {
      frames_.emplace_back();
      append_frame(frames_.back(), random, i % 2 == 0 ? End::kClient : End::kServer, Opcode::kText,
                   true, false, messages()[i]);
    }
    const Handshake handshake{"CP-000001", subprotocol_of(Version::k16)};
    const std::string request = upgrade_request(random, handshake);
    send(End::kClient, kTcpSyn, {});
    send(End::kServer, kTcpSyn | kTcpAck, {});
    send(End::kClient, kTcpAck, request);
    send(End::kServer, kTcpAck, upgrade_response(request, handshake));
  }

  // The next message; returns its bytes on the wire.
  std::size_t next() {
    const std::string& frame = frames_[at_ % kMessages];
    send(at_++ % 2 == 0 ? End::kClient : End::kServer, kTcpAck | kTcpPsh, frame);
    return frame.size();
  }

 private:
  void send(End from, std::uint8_t flags, std::string_view payload) {
    constexpr std::array<std::uint8_t, 4> kClientIp{10, 1, 0, 1};
    constexpr std::array<std::uint8_t, 4> kServerIp{10, 0, 0, 1};
    constexpr std::uint64_t kFlowHash = 0x1234567;
    const bool client = from == End::kClient;
    std::uint32_t& sequence = sequences_[client ? 0 : 1];
    Segment segment;
    segment.key.source_ip = IpAddress::from_bytes(client ? kClientIp : kServerIp);
    segment.key.destination_ip = IpAddress::from_bytes(client ? kServerIp : kClientIp);
    segment.key.source_port = client ? 40000 : 9000;
    segment.key.destination_port = client ? 9000 : 40000;
    segment.time_ns = kTimeNs + static_cast<std::int64_t>(packets_) * 1'000'000;
    segment.packet_number = ++packets_;
    segment.sequence = sequence;
    segment.acknowledgment = sequences_[client ? 1 : 0];
    segment.flags = flags;
    segment.payload = as_bytes(payload);
    table_.on_segment(segment, kFlowHash, 0);
    sequence += static_cast<std::uint32_t>(payload.size()) + ((flags & kTcpSyn) != 0 ? 1 : 0);
  }

  FlowTable& table_;
  std::vector<std::string> frames_;
  std::array<std::uint32_t, 2> sequences_{1000, 2000};
  std::uint64_t packets_ = 0;
  std::size_t at_ = 0;
};

// Segment in, event out: reassembly, unmasking, OCPP, pairing. `everything` makes an event of each
// message, as --events does; otherwise no consumer wants any.
void decode(benchmark::State& state, bool everything) {
  const Interest interest = everything ? Interest::all() : Interest{};
  CountingConsumer consumer;
  ShardContext shard(interest, consumer);
  const std::vector<std::string> sources{"bench.pcap"};
  FlowTable table(shard, sources);
  Conversation conversation(table);
  std::size_t bytes = 0;
  for (auto _ : state) bytes += conversation.next();
  count(state, bytes);
}

void decode_wanted_by_nobody(benchmark::State& state) {
  decode(state, false);
}

void decode_every_event(benchmark::State& state) {
  decode(state, true);
}

class BytesConsumer : public TcpStreamConsumer {
 public:
  void on_bytes(Bytes bytes) override { total_ += bytes.size(); }

  void on_gap(std::uint64_t missing_bytes) override { total_ += missing_bytes; }

  void on_conflict(std::uint32_t bytes) override { total_ += bytes; }

  [[nodiscard]] std::size_t total() const { return total_; }

 private:
  std::size_t total_ = 0;
};

void tcp_in_order(benchmark::State& state) {
  BytesConsumer consumer;
  TcpStream stream;
  stream.start(1);
  Feed feed;
  std::uint32_t sequence = 1;
  for (auto _ : state) {
    const std::string_view text = feed.next();
    stream.on_segment(sequence, as_bytes(text), 0, kTimeNs, consumer);
    sequence += static_cast<std::uint32_t>(text.size());
    stream.on_ack(sequence);
  }
  count(state, consumer.total());
}

void tcp_pairs_swapped(benchmark::State& state) {
  BytesConsumer consumer;
  TcpStream stream;
  stream.start(1);
  Feed feed;
  std::uint32_t sequence = 1;
  for (auto _ : state) {
    const Bytes first = as_bytes(feed.next());
    const Bytes second = as_bytes(feed.next());
    const auto middle = sequence + static_cast<std::uint32_t>(first.size());
    stream.on_segment(middle, second, 0, kTimeNs, consumer);
    stream.on_segment(sequence, first, 0, kTimeNs, consumer);
    sequence = middle + static_cast<std::uint32_t>(second.size());
    stream.on_ack(sequence);
  }
  count(state, consumer.total());
}

void unmask(benchmark::State& state) {
  constexpr std::array<std::uint8_t, 4> kKey{0x37, 0xFA, 0x21, 0x3D};  // RFC 6455, 5.7.
  std::vector<std::uint8_t> out(1 << 16);
  Feed feed;
  for (auto _ : state) {
    websocket::unmask(as_bytes(feed.next()), kKey, 0, out.data());
    benchmark::DoNotOptimize(out.data());
  }
  count(state, feed.bytes());
}

// Bytes are those of the plain text.
void inflate(benchmark::State& state) {
  Deflater deflater;
  std::vector<std::string> compressed;
  for (const std::string& text : messages()) compressed.emplace_back(deflater.compress(text));
  websocket::Inflater inflater(true);
  ByteBuffer out;
  Feed feed;
  std::size_t at = 0;
  for (auto _ : state) {
    if (at % kMessages == 0) inflater = websocket::Inflater(true);
    out.clear();
    benchmark::DoNotOptimize(
        inflater.inflate_message(as_bytes(compressed[at++ % kMessages]), kMessageMaxLen, out));
    feed.next();
  }
  count(state, feed.bytes());
}

BENCHMARK(tcp_in_order);
BENCHMARK(tcp_pairs_swapped);
BENCHMARK(unmask);
BENCHMARK(inflate);
BENCHMARK(decode_wanted_by_nobody);
BENCHMARK(decode_every_event);

}  // namespace
}  // namespace chargewarden::bench
