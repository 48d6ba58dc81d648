#include "collector/wire/packet/ip_decoder.h"

namespace chargewarden {

namespace {

constexpr std::size_t kIpv4Len = 20;
constexpr std::size_t kIpv6Len = 40;

constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kAuthentication = 51;
constexpr std::uint8_t kDestinationOptions = 60;
constexpr std::uint8_t kMobility = 135;
constexpr std::uint8_t kHostIdentity = 139;
constexpr std::uint8_t kShim6 = 140;

bool is_extension(const IpHeader& ip) noexcept {
  if (ip.protocol == kAuthentication) return true;
  if (!ip.is_v6()) return false;
  return ip.protocol == kHopByHop || ip.protocol == kRouting || ip.protocol == kFragment ||
         ip.protocol == kDestinationOptions || ip.protocol == kMobility ||
         ip.protocol == kHostIdentity || ip.protocol == kShim6;
}

// RFC 8200, 4.5. A "fragment" that is the whole datagram is read as one (RFC 6946).
Stop open_fragment_header(Layer& layer, IpHeader& ip) {
  constexpr std::size_t kLen = 8;
  if (!layer.has(kLen)) return layer.lack(kLen);
  const auto header = layer.data.first<kLen>();
  const std::uint16_t place = be16(header, 2);
  ip.protocol = header[0];
  ip.fragment_offset = place & 0xfff8U;
  ip.more_fragments = (place & 1U) != 0;
  ip.is_fragment = ip.fragment_offset != 0 || ip.more_fragments;
  ip.fragment_id = be32(header, 4);
  layer.drop(kLen);
  return std::nullopt;
}

Stop open_ipv4(Layer& layer, IpHeader& ip) {
  if (!layer.has(kIpv4Len)) return layer.lack(kIpv4Len);
  const auto header = layer.data.first<kIpv4Len>();
  const std::size_t header_len = (header[0] & 0x0fU) * std::size_t{4};
  const std::uint16_t promised = be16(header, 2);
  const std::size_t total_len = promised == 0 ? layer.wire_len : promised;
  if (header_len < kIpv4Len || total_len < header_len) return DecodeOutcome::kMalformed;
  layer.limit(total_len);
  if (!layer.has(header_len)) return layer.lack(header_len);
  const std::uint16_t place = be16(header, 6);
  ip.source = header.subspan<12, 4>();
  ip.destination = header.subspan<16, 4>();
  ip.protocol = header[9];
  ip.fragment_offset = static_cast<std::uint16_t>((place & 0x1fffU) * 8);
  ip.more_fragments = (place & 0x2000U) != 0;
  ip.is_fragment = (place & 0x3fffU) != 0;
  ip.fragment_id = be16(header, 4);
  layer.drop(header_len);
  if (ip.protocol == kAuthentication && !ip.is_fragment) return open_extensions(layer, ip);
  return std::nullopt;
}

Stop open_ipv6(Layer& layer, IpHeader& ip) {
  if (!layer.has(kIpv6Len)) return layer.lack(kIpv6Len);
  const auto header = layer.data.first<kIpv6Len>();
  std::size_t payload_len = be16(header, 4);
  ip.source = header.subspan<8, 16>();
  ip.destination = header.subspan<24, 16>();
  ip.protocol = header[6];
  ip.is_fragment = false;
  if (payload_len == 0) {
    if (ip.protocol == kHopByHop) return DecodeOutcome::kMalformed;
    payload_len = layer.wire_len - kIpv6Len;
  }
  layer.drop(kIpv6Len);
  layer.limit(payload_len);
  return is_extension(ip) ? open_extensions(layer, ip) : std::nullopt;
}

}  // namespace

Stop open_extensions(Layer& layer, IpHeader& ip) {
  for (unsigned count = 0; is_extension(ip); ++count) {
    if (count == kIpv6ExtensionsMax) return DecodeOutcome::kTooDeep;
    if (ip.protocol == kFragment) {
      if (auto stop = open_fragment_header(layer, ip)) return stop;
      if (ip.is_fragment) return std::nullopt;
      continue;
    }
    if (!layer.has(2)) return layer.lack(2);
    const std::size_t units = layer.data[1];
    const std::size_t len = ip.protocol == kAuthentication ? (units + 2) * 4 : (units + 1) * 8;
    if (!layer.has(len)) return layer.lack(len);
    ip.protocol = layer.data[0];
    layer.drop(len);
  }
  return std::nullopt;
}

Stop open_ip(Layer& layer, IpHeader& ip) {
  if (!layer.has(1)) return layer.lack(1);
  const unsigned version = layer.data[0] >> 4U;
  if (version == 4) return open_ipv4(layer, ip);
  if (version == 6) return open_ipv6(layer, ip);
  return DecodeOutcome::kMalformed;
}

}  // namespace chargewarden
