#include "collector/wire/packet/link_decoder.h"

namespace chargewarden {

namespace {

// LINKTYPE_ values (tcpdump.org/linktypes).
enum LinkType : std::uint16_t {
  kNull = 0,
  kEthernet = 1,
  kPpp = 9,
  kRawBsd = 12,  // DLT_RAW of most systems and of OpenBSD, written to files by mistake.
  kRawOpenBsd = 14,
  kPppHdlc = 50,
  kPppEther = 51,
  kRaw = 101,
  kLoop = 108,
  kLinuxSll = 113,
  kIpv4 = 228,
  kIpv6 = 229,
  kNflog = 239,
  kLinuxSll2 = 276,
};

constexpr std::size_t kEthernetLen = 14;
constexpr std::size_t kTagLen = 4;
constexpr std::size_t kPppoeLen = 6;
constexpr std::size_t kSllLen = 16;
constexpr std::size_t kSll2Len = 20;
constexpr std::size_t kFamilyLen = 4;

// RFC 3032, 2.1: four bytes a label, the last marked; what follows is not said, and told by its
// first four bits.
Stop open_mpls(Layer& layer) {
  for (unsigned label = 0; label < kLinkTagsMax; ++label) {
    if (!layer.has(kTagLen)) return layer.lack(kTagLen);
    const bool last = (layer.data[2] & 1U) != 0;
    layer.drop(kTagLen);
    if (!last) continue;
    if (!layer.has(1)) return layer.lack(1);
    const unsigned version = layer.data[0] >> 4U;
    if (version == 4 || version == 6) return std::nullopt;
    return DecodeOutcome::kNotIp;
  }
  return DecodeOutcome::kTooDeep;
}

// RFC 1661, 2: two bytes, or one when both sides agreed to compress it, which an odd first byte
// shows.
Stop open_ppp_protocol(Layer& layer) {
  if (!layer.has(1)) return layer.lack(1);
  const bool compressed = (layer.data[0] & 1U) != 0;
  const std::size_t len = compressed ? 1 : 2;
  if (!layer.has(len)) return layer.lack(len);
  const std::uint16_t protocol =
      compressed ? std::uint16_t{layer.data[0]} : be16(layer.data.first<2>(), 0);
  layer.drop(len);
  constexpr std::uint16_t kPppIpv4 = 0x0021;
  constexpr std::uint16_t kPppIpv6 = 0x0057;
  constexpr std::uint16_t kPppMpls = 0x0281;
  if (protocol == kPppIpv4 || protocol == kPppIpv6) return std::nullopt;
  if (protocol == kPppMpls) return open_mpls(layer);
  return DecodeOutcome::kNotIp;
}

// PPP, with the address and control bytes of HDLC framing where they were not left out.
Stop open_ppp(Layer& layer) {
  if (!layer.has(2)) return layer.lack(2);
  if (layer.data[0] == 0xff && layer.data[1] == 0x03) layer.drop(2);
  return open_ppp_protocol(layer);
}

// Cisco HDLC has an EtherType where PPP has its protocol.
Stop open_ppp_hdlc(Layer& layer) {
  if (!layer.has(4)) return layer.lack(4);
  if (layer.data[0] == 0xff) return open_ppp(layer);
  const std::uint16_t type = be16(layer.data.first<4>(), 2);
  layer.drop(4);
  return open_ethertype(type, layer);
}

// RFC 2516, 4: session data carry version and type 1, code 0.
Stop open_pppoe(Layer& layer) {
  if (!layer.has(kPppoeLen)) return layer.lack(kPppoeLen);
  const auto header = layer.data.first<kPppoeLen>();
  if (header[0] != 0x11) return DecodeOutcome::kMalformed;
  if (header[1] != 0) return DecodeOutcome::kNotIp;
  layer.drop(kPppoeLen);
  return open_ppp_protocol(layer);
}

// Protocol family of the writing system: AF_INET is 2 everywhere, AF_INET6 differs. Families are
// small numbers, so that the byte order shows itself, also where a file was converted.
Stop open_family(Layer& layer) {
  if (!layer.has(kFamilyLen)) return layer.lack(kFamilyLen);
  std::uint32_t family = be32(layer.data.first<kFamilyLen>(), 0);
  if ((family >> 16U) != 0) family = __builtin_bswap32(family);
  layer.drop(kFamilyLen);
  switch (family) {
    case 2:
    case 10:  // Linux.
    case 24:  // NetBSD, OpenBSD.
    case 28:  // FreeBSD.
    case 30:  // Darwin.
      return std::nullopt;
    default:
      return DecodeOutcome::kNotIp;
  }
}

// LINKTYPE_NFLOG: four bytes, then elements of length and type in the writer's byte order, each
// padded to four bytes. Element 9 is the packet.
Stop open_nflog(const Packet& packet, Layer& layer) {
  constexpr std::size_t kHeaderLen = 4;
  constexpr std::size_t kElementLen = 4;
  constexpr std::uint16_t kPayload = 9;
  const auto u16 = [&](std::size_t at) {
    const std::uint16_t value = be16(layer.data.first<kElementLen>(), at);
    return packet.little_endian_writer ? __builtin_bswap16(value) : value;
  };
  if (!layer.has(kHeaderLen)) return layer.lack(kHeaderLen);
  layer.drop(kHeaderLen);
  // Each turn takes at least four bytes: the packet bounds the loop.
  while (layer.has(kElementLen)) {
    const std::size_t len = u16(0);
    const bool payload = u16(2) == kPayload;
    if (len < kElementLen) return DecodeOutcome::kMalformed;
    if (payload) {
      layer.limit(len);
      layer.drop(kElementLen);
      return std::nullopt;
    }
    const std::size_t padded = (len + 3) / 4 * 4;
    if (!layer.has(padded)) return layer.lack(padded);
    layer.drop(padded);
  }
  return layer.wire_len > 0 ? layer.lack(kElementLen) : DecodeOutcome::kNotIp;
}

}  // namespace

Stop open_ethertype(std::uint16_t type, Layer& layer) {
  for (unsigned tag = 0; tag <= kLinkTagsMax; ++tag) {
    switch (type) {
      case 0x0800:
      case 0x86dd:
        return std::nullopt;
      case 0x8100:    // 802.1Q.
      case 0x88a8:    // 802.1ad.
      case 0x9100: {  // What was used before 802.1ad.
        if (!layer.has(kTagLen)) return layer.lack(kTagLen);
        const auto header = layer.data.first<kTagLen>();
        // Id 0 is a priority tag: it names no VLAN (802.1Q, 9.6).
        const std::uint16_t id = be16(header, 0) & 0x0fffU;
        if (id != 0) layer.tunnel = id;
        type = be16(header, 2);
        layer.drop(kTagLen);
        break;
      }
      case 0x8847:
      case 0x8848:
        return open_mpls(layer);
      case 0x8864:
        return open_pppoe(layer);
      default:
        return DecodeOutcome::kNotIp;
    }
  }
  return DecodeOutcome::kTooDeep;
}

Stop open_ethernet(Layer& layer) {
  if (!layer.has(kEthernetLen)) return layer.lack(kEthernetLen);
  const std::uint16_t type = be16(layer.data.first<kEthernetLen>(), 12);
  layer.drop(kEthernetLen);
  return open_ethertype(type, layer);
}

Stop open_link(const Packet& packet, Layer& layer) {
  switch (packet.link_type) {
    case kEthernet:
      return open_ethernet(layer);
    case kRaw:
    case kRawBsd:
    case kRawOpenBsd:
    case kIpv4:
    case kIpv6:
      return std::nullopt;
    case kLinuxSll: {
      if (!layer.has(kSllLen)) return layer.lack(kSllLen);
      const std::uint16_t type = be16(layer.data.first<kSllLen>(), 14);
      layer.drop(kSllLen);
      return open_ethertype(type, layer);
    }
    case kLinuxSll2: {
      if (!layer.has(kSll2Len)) return layer.lack(kSll2Len);
      const std::uint16_t type = be16(layer.data.first<kSll2Len>(), 0);
      layer.drop(kSll2Len);
      return open_ethertype(type, layer);
    }
    case kNull:
    case kLoop:
      return open_family(layer);
    case kPpp:
      return open_ppp(layer);
    case kPppHdlc:
      return open_ppp_hdlc(layer);
    case kPppEther:
      return open_pppoe(layer);
    case kNflog:
      return open_nflog(packet, layer);
    default:
      return DecodeOutcome::kUnsupportedLink;
  }
}

}  // namespace chargewarden
