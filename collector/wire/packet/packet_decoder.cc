#include "collector/wire/packet/packet_decoder.h"

#include <algorithm>

#include "collector/wire/packet/link_decoder.h"

namespace chargewarden {

namespace {

constexpr std::size_t kTcpLen = 20;
constexpr std::size_t kUdpLen = 8;

// What may be inside a payload that is worth putting together.
bool is_followed(std::uint8_t protocol) noexcept {
  return protocol == kProtocolTcp || protocol == kProtocolUdp || protocol == kProtocolGre ||
         protocol == kProtocolIpv4 || protocol == kProtocolIpv6;
}

void fill_key(FlowKey& key, const IpHeader& ip, const Layer& layer, std::uint16_t source_port,
              std::uint16_t destination_port) {
  key.source_ip = IpAddress::from_bytes(ip.source);
  key.destination_ip = IpAddress::from_bytes(ip.destination);
  key.source_port = source_port;
  key.destination_port = destination_port;
  key.tunnel = layer.tunnel;
}

std::uint32_t missing_in(const Layer& payload) noexcept {
  return static_cast<std::uint32_t>(payload.wire_len - payload.data.size());
}

// RFC 9293, 3.1. Options are not read; where the capture cut them, the rest of the header counts.
DecodeOutcome open_tcp(const Packet& packet, Layer& layer, const IpHeader& ip, Segment& out) {
  if (!layer.has(kTcpLen)) return layer.lack(kTcpLen);
  const auto header = layer.data.first<kTcpLen>();
  const std::size_t header_len = (header[12] >> 4U) * std::size_t{4};
  if (header_len < kTcpLen || header_len > layer.wire_len) return DecodeOutcome::kMalformed;
  fill_key(out.key, ip, layer, be16(header, 0), be16(header, 2));
  out.time_ns = packet.time_ns;
  out.packet_number = packet.number;
  out.sequence = be32(header, 4);
  out.acknowledgment = be32(header, 8);
  out.flags = header[13];
  layer.wire_len -= header_len;
  layer.data = layer.data.subspan(std::min(header_len, layer.data.size()));
  out.payload = layer.data;
  out.missing_bytes = missing_in(layer);
  return DecodeOutcome::kTcp;
}

}  // namespace

std::string_view outcome_name(DecodeOutcome outcome) noexcept {
  switch (outcome) {
    case DecodeOutcome::kTcp:
      return "tcp";
    case DecodeOutcome::kUdp:
      return "udp";
    case DecodeOutcome::kOtherIp:
      return "other_ip";
    case DecodeOutcome::kNotIp:
      return "not_ip";
    case DecodeOutcome::kFragment:
      return "fragment";
    case DecodeOutcome::kTruncated:
      return "truncated";
    case DecodeOutcome::kMalformed:
      return "malformed";
    case DecodeOutcome::kUnsupportedLink:
      return "unsupported_link";
    case DecodeOutcome::kOpaque:
      return "opaque";
    case DecodeOutcome::kTooDeep:
      return "too_deep";
  }
  return {};
}

DecodeOutcome PacketDecoder::decode(const Packet& packet, FragmentStore& store, Segment& segment,
                                    Datagram& datagram) {
  const DecodeOutcome outcome = open(packet, store, segment, datagram);
  ++counters_.outcomes[static_cast<std::size_t>(outcome)];
  if (outcome == DecodeOutcome::kTcp) {
    counters_.payloads_cut += segment.missing_bytes != 0 ? 1 : 0;
  } else if (outcome == DecodeOutcome::kUdp) {
    counters_.payloads_cut += datagram.missing_bytes != 0 ? 1 : 0;
  } else if (outcome == DecodeOutcome::kUnsupportedLink) {
    count_unsupported(packet.link_type);
  }
  return outcome;
}

DecodeOutcome PacketDecoder::open(const Packet& packet, FragmentStore& store, Segment& segment,
                                  Datagram& datagram) {
  Layer layer{packet.data, std::max<std::size_t>(packet.original_len, packet.data.size()), 0};
  if (const auto stop = open_link(packet, layer)) return *stop;
  for (unsigned depth = 0; depth <= kEncapsulationsMax; ++depth) {
    IpHeader ip;
    if (const auto stop = open_ip(layer, ip)) return *stop;
    if (ip.is_fragment) {
      if (const auto stop = reassemble(packet, store, layer, ip)) return *stop;
    }
    const auto stop = open_transport(packet, layer, ip, segment, datagram);
    if (!stop) continue;
    if (depth > 0 && (*stop == DecodeOutcome::kTcp || *stop == DecodeOutcome::kUdp)) {
      ++counters_.encapsulated;
    }
    return *stop;
  }
  return DecodeOutcome::kTooDeep;
}

Stop PacketDecoder::reassemble(const Packet& packet, FragmentStore& store, Layer& layer,
                               IpHeader& ip) {
  // IPv4 names the payload in each fragment. IPv6 may have extension headers in the payload.
  if (!ip.is_v6() && !is_followed(ip.protocol)) return DecodeOutcome::kOtherIp;
  if (layer.data.size() < layer.wire_len) return DecodeOutcome::kTruncated;
  const Fragment fragment{
      .key = {IpAddress::from_bytes(ip.source), IpAddress::from_bytes(ip.destination),
              ip.fragment_id, layer.tunnel, ip.is_v6() ? std::uint8_t{0} : ip.protocol},
      .payload_protocol = ip.protocol,
      .more = ip.more_fragments,
      .offset = ip.fragment_offset,
      .data = layer.data,
      .time_ns = packet.time_ns,
  };
  std::vector<std::uint8_t> whole;
  switch (table_.add(fragment, whole, ip.protocol)) {
    case FragmentTable::Result::kHeld:
      return DecodeOutcome::kFragment;
    case FragmentTable::Result::kRefused:
      return DecodeOutcome::kMalformed;
    case FragmentTable::Result::kWhole:
      break;
  }
  layer.data = store.keep(std::move(whole));
  layer.wire_len = layer.data.size();
  ip.is_fragment = false;
  if (const auto stop = open_extensions(layer, ip)) return stop;
  // Fragments of fragments are not made by any stack.
  return ip.is_fragment ? Stop(DecodeOutcome::kMalformed) : std::nullopt;
}

Stop PacketDecoder::open_transport(const Packet& packet, Layer& layer, const IpHeader& ip,
                                   Segment& segment, Datagram& datagram) {
  if (ip.protocol == kProtocolTcp) return open_tcp(packet, layer, ip, segment);
  if (ip.protocol == kProtocolUdp) return open_udp(packet, layer, ip, datagram);
  return open_ip_tunnel(ip.protocol, layer);
}

Stop PacketDecoder::open_udp(const Packet& packet, Layer& layer, const IpHeader& ip,
                             Datagram& datagram) {
  if (!layer.has(kUdpLen)) return layer.lack(kUdpLen);
  const auto header = layer.data.first<kUdpLen>();
  const std::uint16_t source_port = be16(header, 0);
  const std::uint16_t destination_port = be16(header, 2);
  const std::size_t len = be16(header, 4);
  // Length 0 is left to segmentation offload, as in IP.
  if (len != 0 && len < kUdpLen) return DecodeOutcome::kMalformed;
  if (len != 0 && len < layer.wire_len) layer.limit(len);
  layer.drop(kUdpLen);
  const UdpTunnel tunnel = udp_tunnel(ports_, source_port, destination_port, layer);
  if (tunnel != UdpTunnel::kNone) return open_udp_tunnel(tunnel, layer);
  fill_key(datagram.key, ip, layer, source_port, destination_port);
  datagram.time_ns = packet.time_ns;
  datagram.packet_number = packet.number;
  datagram.payload = layer.data;
  datagram.missing_bytes = missing_in(layer);
  return DecodeOutcome::kUdp;
}

void PacketDecoder::count_unsupported(std::uint16_t link_type) {
  auto& links = counters_.unsupported_links;
  const auto known = std::find_if(links.begin(), links.end(), [link_type](const auto& link) {
    return link.first == link_type;
  });
  if (known != links.end()) {
    ++known->second;
  } else if (links.size() < kUnsupportedLinksMax) {
    links.emplace_back(link_type, 1);
  } else {
    ++counters_.unsupported_other;
  }
}

}  // namespace chargewarden
