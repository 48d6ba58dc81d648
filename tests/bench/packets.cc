#include "tests/bench/packets.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

namespace chargewarden::bench {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;
constexpr std::size_t kMss = 1448;  // Ethernet's 1,500 less IPv4, TCP and its timestamps.
constexpr std::size_t kEthernetLen = 14;
constexpr std::size_t kIpLen = 20;
constexpr std::size_t kTcpLen = 32;           // With the timestamps option (RFC 7323, 3).
constexpr std::int64_t kLatencyNs = 150'000;  // From one end to the other, as seen at the mirror.
constexpr std::int64_t kRetransmitNs = 10'000'000;  // Least time of a tail loss probe on Linux.

constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kPsh = 0x08;
constexpr std::uint8_t kAck = 0x10;

void put8(std::string& out, unsigned value) {
  out += static_cast<char>(value & 0xFFU);
}

void put16(std::string& out, unsigned value) {
  put8(out, value >> 8U);
  put8(out, value);
}

void put32(std::string& out, std::uint32_t value) {
  put16(out, value >> 16U);
  put16(out, value & 0xFFFFU);
}

void put32le(std::string& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) put8(out, value >> shift);
}

// RFC 1071: the sum of 16-bit words, folded later. Words of eight bytes in host order first; the
// one's complement sum does not care for the order as long as the result is swapped once.
std::uint64_t checksum_add(std::uint64_t sum, std::string_view bytes) {
  std::uint64_t total = 0;
  while (bytes.size() >= 4) {
    std::uint32_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    total += __builtin_bswap32(word);
    bytes.remove_prefix(sizeof word);
  }
  std::uint32_t tail = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    tail |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (24 - 8 * i);
  }
  return sum + total + tail;
}

std::uint16_t checksum_finish(std::uint64_t sum) {
  while ((sum >> 16U) != 0) sum = (sum & 0xFFFFU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

void set16(std::string& bytes, std::size_t offset, std::uint16_t value) {
  bytes[offset] = static_cast<char>(value >> 8U);
  bytes[offset + 1] = static_cast<char>(value & 0xFFU);
}

// A locally administered address that follows from the IPv4 address.
void put_mac(std::string& out, std::uint32_t ip) {
  put16(out, 0x0200);
  put32(out, ip);
}

}  // namespace

Expected<std::unique_ptr<PcapWriter>> PcapWriter::create(const std::string& path) {
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return Error{ErrorCode::kReadWrite, fmt::format("cannot create \"{}\": {}", path,
                                                    std::generic_category().message(errno))};
  }
  std::unique_ptr<PcapWriter> writer(new PcapWriter(file));
  // draft-ietf-opsawg-pcap, 4: magic number for microseconds, version 2.4, link type Ethernet.
  put32le(writer->buffer_, 0xA1B2C3D4);
  put32le(writer->buffer_, 2U | (4U << 16U));
  put32le(writer->buffer_, 0);
  put32le(writer->buffer_, 0);
  put32le(writer->buffer_, 262144);
  put32le(writer->buffer_, 1);
  writer->truth_.bytes = writer->buffer_.size();
  return writer;
}

PcapWriter::~PcapWriter() {
  if (file_ != nullptr && file_ != stdout) std::fclose(file_);
}

void PcapWriter::write(std::int64_t time_ns, std::string_view headers, std::string_view payload) {
  time_ns -= time_ns % 1000;
  if (truth_.packets == 0) {
    truth_.first_ns = time_ns;
  } else if (time_ns <= truth_.last_ns) {
    time_ns = truth_.last_ns + 1000;
  }
  truth_.last_ns = time_ns;

  const auto len = static_cast<std::uint32_t>(headers.size() + payload.size());
  put32le(buffer_, static_cast<std::uint32_t>(time_ns / 1'000'000'000));
  put32le(buffer_, static_cast<std::uint32_t>(time_ns / 1000 % 1'000'000));
  put32le(buffer_, len);
  put32le(buffer_, len);
  buffer_ += headers;
  buffer_ += payload;
  ++truth_.packets;
  truth_.bytes += 16U + len;
  if (buffer_.size() >= kBufferBytes) flush();
}

void PcapWriter::flush() {
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size()) failed_ = true;
  buffer_.clear();
}

Expected<void> PcapWriter::close() {
  flush();
  const bool flushed = std::fflush(file_) == 0;
  if (failed_ || !flushed) {
    return Error{ErrorCode::kReadWrite, "cannot write the capture; is the disk full?"};
  }
  return {};
}

TcpConnection::TcpConnection(PcapWriter& writer, Random& random, const Disorder& disorder,
                             Address client, Address server)
    : writer_(writer),
      random_(random),
      disorder_(disorder),
      sides_{{client, static_cast<std::uint32_t>(random.next()),
              static_cast<std::uint16_t>(random.next())},
             {server, static_cast<std::uint32_t>(random.next()),
              static_cast<std::uint16_t>(random.next())}} {}

void TcpConnection::segment(std::int64_t time_ns, End from, std::uint8_t flags, std::uint32_t seq,
                            std::string_view payload) {
  Side& source = side(from);
  const Side& target = side(from == End::kClient ? End::kServer : End::kClient);
  const bool syn = (flags & kSyn) != 0;
  const std::size_t tcp_len = syn ? kTcpLen + 8 : kTcpLen;

  std::string& out = headers_;
  out.clear();
  put_mac(out, target.address.ip);
  put_mac(out, source.address.ip);
  put16(out, 0x0800);
  put16(out, 0x4500);
  put16(out, static_cast<unsigned>(kIpLen + tcp_len + payload.size()));
  put16(out, source.ip_id++);
  put16(out, 0x4000);  // Do not fragment.
  put16(out, 0x4006);  // Time to live 64, TCP.
  put16(out, 0);       // Checksum, below.
  put32(out, source.address.ip);
  put32(out, target.address.ip);
  put16(out, source.address.port);
  put16(out, target.address.port);
  put32(out, seq);
  put32(out, (flags & kAck) != 0 ? target.next_seq : 0);
  put16(out, static_cast<unsigned>(tcp_len / 4) << 12U | flags);
  put16(out, 502);                  // Window.
  put32(out, 0);                    // Checksum, below; no urgent data.
  if (syn) put32(out, 0x020405B4);  // Maximum segment size 1,460.
  put32(out, 0x0101080A);           // Timestamps, padded in front.
  put32(out, static_cast<std::uint32_t>(time_ns / 1'000'000));
  put32(out, static_cast<std::uint32_t>((time_ns - kLatencyNs) / 1'000'000));
  if (syn) put32(out, 0x01030307);  // Window scale 7.

  const std::string_view view = out;
  set16(out, kEthernetLen + 10,
        checksum_finish(checksum_add(0, view.substr(kEthernetLen, kIpLen))));
  // Pseudo header (RFC 9293, 3.1): both addresses, protocol, length.
  std::uint64_t sum = checksum_add(6 + tcp_len + payload.size(), view.substr(kEthernetLen + 12, 8));
  sum = checksum_add(sum, view.substr(kEthernetLen + kIpLen));
  set16(out, kEthernetLen + kIpLen + 16, checksum_finish(checksum_add(sum, payload)));
  writer_.write(time_ns, out, payload);
}

void TcpConnection::open(std::int64_t time_ns) {
  segment(time_ns, End::kClient, kSyn, side(End::kClient).next_seq++, {});
  segment(time_ns + kLatencyNs, End::kServer, kSyn | kAck, side(End::kServer).next_seq++, {});
  segment(time_ns + 2 * kLatencyNs, End::kClient, kAck, side(End::kClient).next_seq, {});
}

void TcpConnection::data(std::int64_t time_ns, End from, std::string_view bytes) {
  Side& source = side(from);
  const std::uint32_t seq = source.next_seq;
  source.next_seq += static_cast<std::uint32_t>(bytes.size());
  writer_.truth().stream_bytes += bytes.size();
  if (bytes.size() > 1 && random_.chance(disorder_.reorder_percent)) {
    const std::size_t cut = 1 + random_.below(bytes.size() - 1);
    const auto second = seq + static_cast<std::uint32_t>(cut);
    segment(time_ns, from, kPsh | kAck, second, bytes.substr(cut));
    segment(time_ns + kLatencyNs, from, kAck, seq, bytes.substr(0, cut));
    ++writer_.truth().reordered;
  } else {
    segment(time_ns, from, kPsh | kAck, seq, bytes);
  }
  if (random_.chance(disorder_.retransmit_percent)) {
    segment(time_ns + kRetransmitNs, from, kPsh | kAck, seq, bytes);
    ++writer_.truth().retransmitted;
  }
}

void TcpConnection::send(std::int64_t time_ns, End from, std::string_view bytes, bool acknowledge) {
  const End to = from == End::kClient ? End::kServer : End::kClient;
  std::size_t sent = 0;
  for (std::size_t segments = 1; !bytes.empty(); ++segments) {
    const std::size_t len = std::min(bytes.size(), kMss);
    data(time_ns, from, bytes.substr(0, len));
    bytes.remove_prefix(len);
    sent += len;
    time_ns += 10'000;
    // Every second full segment is acknowledged at once (RFC 9293, 3.8.6.3).
    if (segments % 2 == 0 && !bytes.empty()) {
      segment(time_ns + kLatencyNs, to, kAck, side(to).next_seq, {});
    }
  }
  if (acknowledge && sent > 0) {
    segment(time_ns + kLatencyNs, to, kAck, side(to).next_seq, {});
  }
}

void TcpConnection::close(std::int64_t time_ns, End from) {
  const End to = from == End::kClient ? End::kServer : End::kClient;
  segment(time_ns, from, kFin | kAck, side(from).next_seq++, {});
  segment(time_ns + kLatencyNs, to, kFin | kAck, side(to).next_seq++, {});
  segment(time_ns + 2 * kLatencyNs, from, kAck, side(from).next_seq, {});
}

}  // namespace chargewarden::bench
