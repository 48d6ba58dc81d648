#include "collector/capture/pcap_parser.h"

#include <utility>

#include <fmt/format.h>

namespace chargewarden {

namespace {

constexpr std::uint32_t kMagicMicroseconds = 0xa1b2c3d4;
constexpr std::uint32_t kMagicNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kMagicKuznetzov = 0xa1b2cd34;
constexpr std::size_t kKuznetzovHeaderLen = 24;  // Adds interface, protocol and packet type.
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

bool is_magic(std::uint32_t value) noexcept {
  return value == kMagicMicroseconds || value == kMagicNanoseconds || value == kMagicKuznetzov;
}

}  // namespace

bool PcapParser::recognises(Bytes start) noexcept {
  return start.size() >= 4 &&
         (is_magic(load_u32(start, 0, true)) || is_magic(load_u32(start, 0, false)));
}

PcapParser::PcapParser(Bytes start) noexcept : little_(is_magic(load_u32(start, 0, true))) {
  const std::uint32_t magic = load_u32(start, 0, little_);
  if (magic == kMagicNanoseconds) fraction_ns_ = 1;
  if (magic == kMagicKuznetzov) record_header_len_ = kKuznetzovHeaderLen;
  const std::uint16_t major = load_u16(start, 4, little_);
  const std::uint16_t minor = load_u16(start, 6, little_);
  lengths_may_be_swapped_ = major < 2 || (major == 2 && minor <= 3);
  // The upper bits say how many bytes of frame check sequence follow each packet; decoders go by
  // the lengths inside the packet and do not need to know.
  link_type_ = static_cast<std::uint16_t>(load_u32(start, 20, little_));
}

ParseProgress PcapParser::parse(std::span<std::uint8_t> window, std::vector<Packet>& out,
                                std::size_t packets_max) {
  ParseProgress progress;
  while (out.size() < packets_max) {
    const Bytes rest = window.subspan(progress.consumed);
    if (rest.size() < record_header_len_) {
      progress.wanted = record_header_len_;
      return progress;
    }
    const std::uint32_t seconds = load_u32(rest, 0, little_);
    const std::uint32_t fraction = load_u32(rest, 4, little_);
    std::uint32_t captured = load_u32(rest, 8, little_);
    std::uint32_t original = load_u32(rest, 12, little_);
    if (lengths_may_be_swapped_ && captured > original) std::swap(captured, original);
    if (captured > kPacketBytesMax) {
      problem_ = fmt::format("packet {} claims to be {} bytes long, more than {}", number_ + 1,
                             captured, kPacketBytesMax);
      return progress;
    }
    const std::size_t record_len = record_header_len_ + captured;
    if (rest.size() < record_len) {
      progress.wanted = record_len;
      return progress;
    }
    Packet& packet = out.emplace_back();
    packet.time_ns = std::int64_t{seconds} * kNsPerSecond + std::int64_t{fraction} * fraction_ns_;
    packet.data = rest.subspan(record_header_len_, captured);
    packet.original_len = original;
    packet.link_type = link_type_;
    packet.little_endian_writer = little_;
    packet.number = ++number_;
    ++counters_.packets;
    counters_.bytes += captured;
    progress.consumed += record_len;
  }
  return progress;
}

}  // namespace chargewarden
