#pragma once
// PcapParser: records of a libpcap file (draft-ietf-opsawg-pcap), in both byte orders, with micro-
// or nanoseconds, and with the longer record headers of Kuznetzov's variant.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collector/base/byte_reader.h"
#include "collector/capture/packet.h"
#include "collector/capture/record_parser.h"

namespace chargewarden {

class PcapParser {
 public:
  static constexpr std::size_t kFileHeaderLen = 24;

  // Whether a file that starts with these bytes is a pcap file.
  static bool recognises(Bytes start) noexcept;

  // Takes the file header. `start` is at least kFileHeaderLen bytes that are recognised.
  explicit PcapParser(Bytes start) noexcept;

  // Adds the complete records of the window to `out`, up to `packets_max` in all. Packets are views
  // of the window. The window starts where the last call stopped consuming, after the file header.
  ParseProgress parse(std::span<std::uint8_t> window, std::vector<Packet>& out,
                      std::size_t packets_max);

  // Why parsing cannot go on, as the end of a sentence; empty while it can.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  // Whether the file may not end before the next record.
  [[nodiscard]] bool inside_record() const noexcept { return false; }

  [[nodiscard]] const CaptureCounters& counters() const noexcept { return counters_; }

  [[nodiscard]] Bytes secrets() const noexcept { return {}; }

 private:
  bool little_ = true;
  bool lengths_may_be_swapped_ = false;  // Writers up to version 2.3 did not agree on the order.
  std::int64_t fraction_ns_ = 1000;
  std::size_t record_header_len_ = 16;
  std::uint16_t link_type_ = 0;
  std::uint64_t number_ = 0;
  std::string problem_;
  CaptureCounters counters_;
};

}  // namespace chargewarden
