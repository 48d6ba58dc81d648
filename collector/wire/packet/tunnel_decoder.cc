#include "collector/wire/packet/tunnel_decoder.h"

#include "collector/wire/packet/ip_decoder.h"
#include "collector/wire/packet/link_decoder.h"

namespace chargewarden {

namespace {

constexpr std::uint16_t kEtherTypeBridging = 0x6558;  // An Ethernet frame follows.
constexpr std::uint16_t kEtherTypeErspan12 = 0x88be;
constexpr std::uint16_t kEtherTypeErspan3 = 0x22eb;

constexpr std::uint16_t kPortOpenVpn = 1194;
constexpr std::uint16_t kPortIpsecNat = 4500;
constexpr std::uint16_t kPortWireGuard = 51'820;

constexpr std::size_t kVxlanLen = 8;
constexpr std::size_t kGeneveLen = 8;
constexpr std::size_t kGtpLen = 8;

Stop open_bridged_or_ip(std::uint16_t type, Layer& layer) {
  if (type == kEtherTypeBridging) return open_ethernet(layer);
  return open_ethertype(type, layer);
}

Stop open_vxlan(Layer& layer) {
  if (!layer.has(kVxlanLen)) return layer.lack(kVxlanLen);
  layer.tunnel = be32(layer.data.first<kVxlanLen>(), 4) >> 8U;
  layer.drop(kVxlanLen);
  return open_ethernet(layer);
}

// RFC 8926, 3.4: version 0; a set O bit means a control message, which carries no packet.
Stop open_geneve(Layer& layer) {
  if (!layer.has(kGeneveLen)) return layer.lack(kGeneveLen);
  const auto header = layer.data.first<kGeneveLen>();
  const std::size_t len = kGeneveLen + (header[0] & 0x3fU) * std::size_t{4};
  if ((header[0] >> 6U) != 0) return DecodeOutcome::kMalformed;
  if ((header[1] & 0x80U) != 0) return DecodeOutcome::kNotIp;
  const std::uint16_t type = be16(header, 2);
  layer.tunnel = be32(header, 4) >> 8U;
  if (!layer.has(len)) return layer.lack(len);
  layer.drop(len);
  return open_bridged_or_ip(type, layer);
}

// TS 29.281, 5.1: version 1 of the protocol proper, type 255 carries a packet. If any of E, S and
// PN is set, four more bytes follow; their last names the first extension header when E is set. An
// extension is n times four bytes, begins with n and ends with the name of the next.
Stop open_gtp(Layer& layer) {
  constexpr std::uint8_t kUserData = 0xff;
  constexpr std::size_t kOptionalLen = 4;
  if (!layer.has(kGtpLen)) return layer.lack(kGtpLen);
  const auto header = layer.data.first<kGtpLen>();
  const std::uint8_t flags = header[0];
  if (header[1] != kUserData) return DecodeOutcome::kNotIp;
  layer.drop(kGtpLen);
  if ((flags & 0x07U) == 0) return std::nullopt;
  if (!layer.has(kOptionalLen)) return layer.lack(kOptionalLen);
  std::uint8_t next = (flags & 0x04U) != 0 ? layer.data[3] : std::uint8_t{0};
  layer.drop(kOptionalLen);
  for (unsigned count = 0; next != 0; ++count) {
    if (count == kGtpExtensionsMax) return DecodeOutcome::kTooDeep;
    if (!layer.has(1)) return layer.lack(1);
    const std::size_t len = layer.data[0] * std::size_t{4};
    if (len == 0) return DecodeOutcome::kMalformed;
    if (!layer.has(len)) return layer.lack(len);
    next = layer.data[len - 1];
    layer.drop(len);
  }
  return std::nullopt;
}

// Type I has neither sequence number nor header; type II has both.
Stop open_erspan12(Layer& layer, bool has_sequence) {
  constexpr std::size_t kLen = 8;
  constexpr unsigned kVersionTypeTwo = 1;
  if (has_sequence) {
    if (!layer.has(kLen)) return layer.lack(kLen);
    if ((layer.data[0] >> 4U) != kVersionTypeTwo) return DecodeOutcome::kMalformed;
    layer.drop(kLen);
  }
  return open_ethernet(layer);
}

Stop open_erspan3(Layer& layer) {
  constexpr std::size_t kLen = 12;
  constexpr std::size_t kPlatformLen = 8;  // Follows when the O bit is set.
  constexpr unsigned kVersionTypeThree = 2;
  constexpr unsigned kFrameEthernet = 0;
  constexpr unsigned kFrameIp = 2;
  if (!layer.has(kLen)) return layer.lack(kLen);
  const auto header = layer.data.first<kLen>();
  if ((header[0] >> 4U) != kVersionTypeThree) return DecodeOutcome::kMalformed;
  const unsigned frame_type = (header[10] >> 2U) & 0x1fU;
  const std::size_t len = (header[11] & 1U) != 0 ? kLen + kPlatformLen : kLen;
  if (!layer.has(len)) return layer.lack(len);
  layer.drop(len);
  if (frame_type == kFrameEthernet) return open_ethernet(layer);
  return frame_type == kFrameIp ? Stop() : Stop(DecodeOutcome::kNotIp);
}

Stop open_gre(Layer& layer) {
  constexpr std::size_t kLen = 4;
  constexpr std::size_t kFieldLen = 4;
  if (!layer.has(kLen)) return layer.lack(kLen);
  const std::uint16_t flags = be16(layer.data.first<kLen>(), 0);
  const std::uint16_t type = be16(layer.data.first<kLen>(), 2);
  const bool has_checksum = (flags & 0x8000U) != 0;
  const bool has_key = (flags & 0x2000U) != 0;
  const bool has_sequence = (flags & 0x1000U) != 0;
  // Version 1 is PPTP, which carries compressed PPP; source routes (R) were never used.
  if ((flags & 0x0007U) != 0) return DecodeOutcome::kOtherIp;
  if ((flags & 0x4000U) != 0) return DecodeOutcome::kMalformed;
  std::size_t len = kLen;
  for (const bool present : {has_checksum, has_key, has_sequence}) len += present ? kFieldLen : 0;
  if (!layer.has(len)) return layer.lack(len);
  layer.drop(len);
  if (type == kEtherTypeErspan12) return open_erspan12(layer, has_sequence);
  if (type == kEtherTypeErspan3) return open_erspan3(layer);
  return open_bridged_or_ip(type, layer);
}

// Whether the masked first byte is this one. Where the capture cut it off, the port decides.
bool first_byte_is(const Layer& payload, unsigned mask, unsigned value) noexcept {
  if (payload.data.empty()) return payload.wire_len > 0;
  return (payload.data[0] & mask) == value;
}

// Message types 1 to 4, then three zero bytes (WireGuard, section 5.4).
bool looks_like_wireguard(const Layer& payload) noexcept {
  return payload.has(4) && payload.data[0] >= 1 && payload.data[0] <= 4 && payload.data[1] == 0 &&
         payload.data[2] == 0 && payload.data[3] == 0;
}

}  // namespace

UdpTunnel udp_tunnel(const TunnelPorts& ports, std::uint16_t source_port,
                     std::uint16_t destination_port, const Layer& payload) noexcept {
  // Without the I flag there is no VNI, and this is something else on the same port.
  if (destination_port == ports.vxlan) {
    return first_byte_is(payload, 0x08, 0x08) ? UdpTunnel::kVxlan : UdpTunnel::kNone;
  }
  if (destination_port == ports.geneve) return UdpTunnel::kGeneve;
  // Version 1 and the bit that tells GTP from the charging protocol GTP'.
  if (destination_port == ports.gtp_u) {
    return first_byte_is(payload, 0xf0, 0x30) ? UdpTunnel::kGtpU : UdpTunnel::kNone;
  }
  const auto either = [&](std::uint16_t port) {
    return source_port == port || destination_port == port;
  };
  if (either(kPortIpsecNat) || either(kPortOpenVpn)) return UdpTunnel::kEncrypted;
  if (either(kPortWireGuard) && looks_like_wireguard(payload)) return UdpTunnel::kEncrypted;
  return UdpTunnel::kNone;
}

Stop open_udp_tunnel(UdpTunnel kind, Layer& layer) {
  switch (kind) {
    case UdpTunnel::kVxlan:
      return open_vxlan(layer);
    case UdpTunnel::kGeneve:
      return open_geneve(layer);
    case UdpTunnel::kGtpU:
      return open_gtp(layer);
    case UdpTunnel::kEncrypted:
      return DecodeOutcome::kOpaque;
    case UdpTunnel::kNone:
      break;
  }
  return DecodeOutcome::kUdp;
}

Stop open_ip_tunnel(std::uint8_t protocol, Layer& layer) {
  switch (protocol) {
    case kProtocolIpv4:
    case kProtocolIpv6:
      return std::nullopt;
    case kProtocolGre:
      return open_gre(layer);
    case kProtocolEsp:
      return DecodeOutcome::kOpaque;
    default:
      return DecodeOutcome::kOtherIp;
  }
}

}  // namespace chargewarden
