#include "tests/support/tcp_talk.h"

#include <utility>

#include "collector/capture/capture_builder.h"

namespace chargewarden::harness {

TcpTalk::TcpTalk(std::uint16_t port, std::uint32_t client_start, std::uint32_t server_start)
    : next_{client_start, server_start} {
  key_.source_ip = *IpAddress::parse("10.0.0.1");
  key_.destination_ip = *IpAddress::parse("10.0.0.2");
  key_.source_port = port;
  key_.destination_port = 9'000;
}

TcpTalk& TcpTalk::add(Side side, std::uint8_t flags, std::uint32_t sequence,
                      std::string_view bytes) {
  TalkSegment out;
  out.segment.key = key_;
  if (side == Side::kServer) {
    std::swap(out.segment.key.source_ip, out.segment.key.destination_ip);
    std::swap(out.segment.key.source_port, out.segment.key.destination_port);
  }
  out.segment.time_ns = time_ns_;
  out.segment.sequence = sequence;
  out.segment.acknowledgment = next_[index_of(other(side))];
  out.segment.flags = flags;
  out.bytes = bytes;
  out.sender = side;
  segments_.push_back(std::move(out));
  return wait_ms(1);
}

TcpTalk& TcpTalk::open() {
  return syn().syn_ack().ack(Side::kClient);
}

TcpTalk& TcpTalk::syn() {
  return add(Side::kClient, kTcpSyn, next_[0]++, {});
}

TcpTalk& TcpTalk::syn_ack() {
  return add(Side::kServer, kTcpSyn | kTcpAck, next_[1]++, {});
}

TcpTalk& TcpTalk::ack(Side side) {
  return add(side, kTcpAck, next_[index_of(side)], {});
}

TcpTalk& TcpTalk::data(Side side, std::string_view bytes) {
  const std::uint32_t sequence = next_[index_of(side)];
  next_[index_of(side)] += static_cast<std::uint32_t>(bytes.size());
  return add(side, kTcpAck | kTcpPsh, sequence, bytes);
}

TcpTalk& TcpTalk::fin(Side side) {
  return add(side, kTcpFin | kTcpAck, next_[index_of(side)]++, {});
}

TcpTalk& TcpTalk::reset(Side side, std::int64_t ahead) {
  return forge(side, kTcpRst | kTcpAck, ahead);
}

TcpTalk& TcpTalk::lose(Side side, std::uint32_t bytes) {
  next_[index_of(side)] += bytes;
  return *this;
}

TcpTalk& TcpTalk::forge(Side side, std::uint8_t flags, std::int64_t ahead, std::string_view bytes) {
  return add(side, flags, next_[index_of(side)] + static_cast<std::uint32_t>(ahead), bytes);
}

TcpTalk& TcpTalk::wait_ms(std::int64_t ms) {
  time_ns_ += ms * 1'000'000;
  return *this;
}

namespace {

std::vector<std::uint8_t> packet_of(const TalkSegment& talk) {
  const Segment& segment = talk.segment;
  CaptureBuilder out(WriterOrder::kBig);
  const auto address = [&out](const IpAddress& ip) { out.raw(Bytes(ip.bytes()).subspan(12)); };
  // IPv4 (RFC 791, 3.1) and TCP (RFC 9293, 3.1); nobody looks at checksums.
  out.u8(0x45).u8(0).u16(static_cast<std::uint16_t>(40 + talk.bytes.size()));
  out.u16(0).u16(0x4000).u8(64).u8(6).u16(0);
  address(segment.key.source_ip);
  address(segment.key.destination_ip);
  out.u16(segment.key.source_port).u16(segment.key.destination_port);
  out.u32(segment.sequence).u32(segment.acknowledgment);
  out.u8(0x50).u8(segment.flags).u16(0xffff).u16(0).u16(0);
  return out.raw(as_bytes(talk.bytes)).bytes();
}

}  // namespace

std::vector<std::uint8_t> capture_of(const std::vector<TalkSegment>& segments) {
  CaptureBuilder out;
  out.pcap_header(0xa1b23c4d, 101);
  for (const TalkSegment& talk : segments) {
    const std::vector<std::uint8_t> packet = packet_of(talk);
    const std::int64_t time_ns = talk.segment.time_ns;
    out.pcap_record(static_cast<std::uint32_t>(time_ns / 1'000'000'000),
                    static_cast<std::uint32_t>(time_ns % 1'000'000'000), packet,
                    static_cast<std::uint32_t>(packet.size()));
  }
  return out.bytes();
}

TableRig::TableRig(std::size_t flows_max)
    : shard_(std::make_unique<ShardContext>(DecoderRig::all_interest(), recorder_)),
      table_(std::make_unique<FlowTable>(*shard_, sources_, flows_max)) {}

TableRig& TableRig::feed(const TalkSegment& talk, std::uint16_t source) {
  Segment segment = talk.segment;
  const Bytes view = as_bytes(talk.bytes);
  const std::vector<std::uint8_t> exact(view.begin(), view.end());
  segment.payload = exact;
  segment.packet_number = ++number_;
  table_->on_segment(segment, FlowHasher(HashKey{})(segment.key), source);
  return *this;
}

TableRig& TableRig::feed(const TcpTalk& talk) {
  return feed(talk.segments());
}

TableRig& TableRig::feed(const std::vector<TalkSegment>& segments) {
  for (const TalkSegment& segment : segments) feed(segment);
  return *this;
}

TableRig& TableRig::finish() {
  table_->finish();
  return *this;
}

std::string TableRig::close_reasons() const {
  std::string out;
  for (const std::string& line : named(lines(), "connection.closed")) {
    out += (out.empty() ? "" : " ") + field(line, "close_reason");
  }
  return out;
}

}  // namespace chargewarden::harness
