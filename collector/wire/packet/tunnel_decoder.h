#pragma once
// From a tunnel to the IP packet inside: VXLAN (RFC 7348), GENEVE (RFC 8926), GRE (RFC 2784, 2890),
// ERSPAN types I to III, IP in IP (RFC 2003), 6in4 (RFC 4213), GTP-U (3GPP TS 29.281).
//
// Pure functions. Each leaves the inner IP packet at the front of the layer or says why there is
// none.

#include <cstdint>

#include "collector/wire/packet/layer.h"

namespace chargewarden {

// Extension headers of one GTP-U packet; the standard defines few, of which two are in use.
// Test: tunnel_decoder_test.cc "GTP-U extension headers beyond the limit".
inline constexpr unsigned kGtpExtensionsMax = 8;

// Destination ports; cloud providers let their users choose them.
struct TunnelPorts {
  std::uint16_t vxlan = 4789;
  std::uint16_t geneve = 6081;
  std::uint16_t gtp_u = 2152;
};

enum class UdpTunnel : std::uint8_t { kNone, kVxlan, kGeneve, kGtpU, kEncrypted };

// What a datagram carries, by its ports and the first bytes of its payload.
UdpTunnel udp_tunnel(const TunnelPorts& ports, std::uint16_t source_port,
                     std::uint16_t destination_port, const Layer& payload) noexcept;

// The payload of a datagram that is a tunnel, which is not kNone. The VNI becomes the tunnel id;
// GTP-U's endpoint id does not, since it differs between the directions of a connection.
Stop open_udp_tunnel(UdpTunnel kind, Layer& layer);

// The payload of an IP packet that is neither TCP nor UDP. GRE keys and ERSPAN sessions do not
// become the tunnel id: senders may use another for each direction.
Stop open_ip_tunnel(std::uint8_t protocol, Layer& layer);

}  // namespace chargewarden
