#pragma once
// IPv4 (RFC 791) and IPv6 (RFC 8200) headers with extension headers and AH (RFC 4302).
//
// Pure functions. Checksums are not looked at: offload leaves them unset on the sender's side.

#include <cstdint>

#include "collector/base/ip_address.h"
#include "collector/wire/packet/layer.h"

namespace chargewarden {

// Extension headers of one packet. RFC 8200, 4.1 knows six kinds, of which one may come twice.
// Test: ip_decoder_test.cc "extension headers beyond the limit".
inline constexpr unsigned kIpv6ExtensionsMax = 8;

// Payload protocols (IANA protocol numbers).
inline constexpr std::uint8_t kProtocolIpv4 = 4;
inline constexpr std::uint8_t kProtocolTcp = 6;
inline constexpr std::uint8_t kProtocolUdp = 17;
inline constexpr std::uint8_t kProtocolIpv6 = 41;
inline constexpr std::uint8_t kProtocolGre = 47;
inline constexpr std::uint8_t kProtocolEsp = 50;

struct IpHeader {
  Bytes source;  // 4 or 16 bytes of the packet.
  Bytes destination;
  std::uint8_t protocol = 0;          // Of what is at the front of the layer.
  bool is_fragment = false;           // The layer is a part of the payload, at fragment_offset.
  bool more_fragments = false;        // It is not the last part.
  std::uint16_t fragment_offset = 0;  // Bytes.
  std::uint32_t fragment_id = 0;

  [[nodiscard]] bool is_v6() const noexcept { return source.size() == 16; }
};

// Leaves the payload at the front of the layer, without padding, and fills `ip`. Total length 0
// means that the sender's network card was to fill it in (segmentation offload): the packet's own
// length counts. Jumbograms (RFC 2675) are malformed: no link of this field carries them.
Stop open_ip(Layer& layer, IpHeader& ip);

// The extension headers in front of the payload proper; for the payload of a reassembled datagram,
// since open_ip() has already done it for whole ones. Stops at a fragment header.
Stop open_extensions(Layer& layer, IpHeader& ip);

}  // namespace chargewarden
