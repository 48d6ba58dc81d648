#pragma once
// PcapngParser: blocks of a pcapng file (draft-ietf-opsawg-pcapng).
//
// Section headers, interface descriptions, enhanced, simple and old packet blocks, and TLS key logs
// in decryption secrets blocks; every other block is skipped. Each section has its own byte order
// and interfaces.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "collector/base/byte_reader.h"
#include "collector/capture/packet.h"
#include "collector/capture/record_parser.h"

namespace chargewarden {

// How an interface counts time: if_tsresol and if_tsoffset (section 4.2).
struct TimeScale {
  std::uint8_t resolution = 6;      // Exponent: of ten, or of two when the top bit is set.
  std::int64_t offset_seconds = 0;  // Added to every time stamp.

  // Nanoseconds since 1970, rounded down; sets `clamped` when they do not fit and returns the
  // nearest that does.
  [[nodiscard]] std::int64_t to_ns(std::uint64_t ticks, bool& clamped) const noexcept;
};

class PcapngParser {
 public:
  // Bytes that tell the byte order of the first section.
  static constexpr std::size_t kStartLen = 12;

  // Whether a file that starts with these bytes is a pcapng file.
  static bool recognises(Bytes start) noexcept;

  PcapngParser() = default;
  PcapngParser(PcapngParser&&) noexcept = default;
  PcapngParser& operator=(PcapngParser&&) noexcept = default;
  ~PcapngParser();

  // As PcapParser::parse. Secrets are wiped from the window once they are kept.
  ParseProgress parse(std::span<std::uint8_t> window, std::vector<Packet>& out,
                      std::size_t packets_max);

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  // Whether a block that is being skipped goes on.
  [[nodiscard]] bool inside_record() const noexcept { return skip_ > 0; }

  [[nodiscard]] const CaptureCounters& counters() const noexcept { return counters_; }

  // Text of all TLS key logs so far. Valid until the next call of parse().
  [[nodiscard]] Bytes secrets() const noexcept { return secrets_; }

 private:
  struct Interface {
    std::uint16_t link_type = 0;
    std::uint32_t snaplen = 0;  // 0: no limit.
    TimeScale time;
  };

  struct PacketFields {
    std::size_t data_at = 0;  // Where the packet's bytes start in the block.
    std::uint64_t ticks = 0;
    std::uint32_t captured = 0;
    std::uint32_t original = 0;
  };

  std::size_t open_block(Bytes start);
  bool read_block(std::span<std::uint8_t> block, std::vector<Packet>& out);
  bool take_byte_order(Bytes block);
  bool start_section(Bytes block);
  void add_interface(Bytes block);
  void read_packet(Bytes block, std::vector<Packet>& out);
  void read_simple_packet(Bytes block, std::vector<Packet>& out);
  void add_packet(Bytes block, const Interface& interface, const PacketFields& fields,
                  std::vector<Packet>& out);
  const Interface* interface_at(std::uint32_t id);
  void read_secrets(std::span<std::uint8_t> block);

  [[nodiscard]] std::uint32_t u32(Bytes bytes, std::size_t at) const noexcept {
    return load_u32(bytes, at, little_);
  }

  [[nodiscard]] std::uint16_t u16(Bytes bytes, std::size_t at) const noexcept {
    return load_u16(bytes, at, little_);
  }

  bool little_ = true;
  std::vector<Interface> interfaces_;
  std::uint64_t skip_ = 0;  // Bytes of the current block that are still to be passed over.
  std::uint64_t number_ = 0;
  std::uint64_t block_number_ = 0;
  std::string problem_;
  std::vector<std::uint8_t> secrets_;
  CaptureCounters counters_;
};

}  // namespace chargewarden
