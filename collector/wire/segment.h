#pragma once
// Segment: one TCP segment as it was found inside whatever carried it (RFC 9293, 3.1).

#include <cstdint>

#include "collector/base/byte_reader.h"
#include "collector/base/ip_address.h"

namespace chargewarden {

inline constexpr std::uint8_t kTcpFin = 0x01;
inline constexpr std::uint8_t kTcpSyn = 0x02;
inline constexpr std::uint8_t kTcpRst = 0x04;
inline constexpr std::uint8_t kTcpPsh = 0x08;
inline constexpr std::uint8_t kTcpAck = 0x10;

// Names a connection: ends in the order of this segment, and what keeps overlapping private
// addresses of different VLANs and mirror sessions apart.
struct FlowKey {
  IpAddress source_ip;
  IpAddress destination_ip;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t tunnel = 0;  // Innermost VNI or VLAN id, 0 when there is none.

  bool operator==(const FlowKey&) const = default;
};

struct Segment {
  FlowKey key;
  std::int64_t time_ns = 0;
  std::uint64_t packet_number = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = 0;
  Bytes payload;  // Captured part; valid while the packet is.
  std::uint32_t missing_bytes =
      0;  // Payload bytes that the IP header promises and the capture cut off.
};

}  // namespace chargewarden
