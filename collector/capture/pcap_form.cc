#include "collector/capture/pcap_form.h"

#include <algorithm>

#include "collector/base/text.h"

namespace chargewarden {

namespace {

constexpr std::uint32_t kMagicNanoseconds = 0xa1b23c4d;
constexpr std::uint16_t kVersionMajor = 2;
constexpr std::uint16_t kVersionMinor = 4;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kTimeMaxNs = UINT32_MAX * kNsPerSecond + (kNsPerSecond - 1);

class Writer {
 public:
  Writer(std::string& out, bool little) : out_(out), little_(little) {}

  void u16(std::uint16_t value) { put(value, 2); }

  void u32(std::uint32_t value) { put(value, 4); }

 private:
  void put(std::uint32_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) {
      const unsigned shift = 8 * (little_ ? i : bytes - 1 - i);
      out_ += static_cast<char>((value >> shift) & 0xFFU);
    }
  }

  std::string& out_;
  bool little_;
};

}  // namespace

void append_pcap_header(const PcapKind& kind, std::string& out) {
  Writer writer(out, kind.little_endian);
  writer.u32(kMagicNanoseconds);
  writer.u16(kVersionMajor);
  writer.u16(kVersionMinor);
  writer.u32(0);  // Time zone and accuracy: always 0.
  writer.u32(0);
  writer.u32(kPcapPacketMax);
  writer.u32(kind.link_type);
}

void append_pcap_record(const Packet& packet, std::string& out) {
  Writer writer(out, packet.little_endian_writer);
  const std::int64_t time_ns = std::clamp(packet.time_ns, std::int64_t{0}, kTimeMaxNs);
  const Bytes data = packet.data.first(std::min<std::size_t>(packet.data.size(), kPcapPacketMax));
  const auto captured = static_cast<std::uint32_t>(data.size());
  writer.u32(static_cast<std::uint32_t>(time_ns / kNsPerSecond));
  writer.u32(static_cast<std::uint32_t>(time_ns % kNsPerSecond));
  writer.u32(captured);
  writer.u32(std::max(packet.original_len, captured));
  out += as_text(data);
}

}  // namespace chargewarden
