#pragma once
// How packets are written as a pcap file with nanoseconds (draft-ietf-opsawg-pcap): appends to a
// string, so that the caller decides when and where bytes go. libpcap and all that use it read it.
//
// A file has one link type and one byte order. The byte order is that of the machine which wrote
// the capture, because headers of some link types (BSD loopback) depend on it. Pure.

#include <cstdint>
#include <string>

#include "collector/capture/packet.h"

namespace chargewarden {

// Longest packet that is written, bytes; of a longer one the start. libpcap refuses longer ones
// for nearly all link types (MAXIMUM_SNAPLEN). Test: pcap_form_test.cc "a packet longer than".
inline constexpr std::uint32_t kPcapPacketMax = 262'144;

// What a file must have in common.
struct PcapKind {
  std::uint16_t link_type = 0;
  bool little_endian = true;

  bool operator==(const PcapKind&) const = default;
};

inline PcapKind pcap_kind_of(const Packet& packet) noexcept {
  return {packet.link_type, packet.little_endian_writer};
}

// The header of the file.
void append_pcap_header(const PcapKind& kind, std::string& out);

// A record of a file of its kind. A time before 1970 or after 2106-02-07, which the format does not
// have, becomes the nearest that it has.
void append_pcap_record(const Packet& packet, std::string& out);

}  // namespace chargewarden
