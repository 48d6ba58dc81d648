#pragma once
// From link layer to IP: Ethernet with VLAN tags, MPLS and PPPoE, Linux cooked, raw, BSD loopback,
// PPP and NFLOG headers (tcpdump.org/linktypes, IEEE 802.1Q, RFC 3032, RFC 2516, RFC 1661).
//
// Pure functions. Each leaves the IP packet at the front of the layer or says why there is none.

#include <cstdint>

#include "collector/capture/packet.h"
#include "collector/wire/packet/layer.h"

namespace chargewarden {

// VLAN tags, or MPLS labels, of one link header. Providers stack two or three; more is an attempt
// to tire out decoders. Test: link_decoder_test.cc "stacks of tags beyond the limit".
inline constexpr unsigned kLinkTagsMax = 8;

// `layer` is the whole packet. Unknown link types give kUnsupportedLink.
Stop open_link(const Packet& packet, Layer& layer);

// Ethernet frame, as a link or inside of a tunnel.
Stop open_ethernet(Layer& layer);

// What stands behind an EtherType.
Stop open_ethertype(std::uint16_t type, Layer& layer);

}  // namespace chargewarden
