#include "collector/wire/packet/tunnel_decoder.h"

#include <string>

#include <catch2/catch.hpp>

#include "collector/wire/packet/packet_builder.h"

using namespace chargewarden;
using namespace build;

namespace {

UdpTunnel tunnel_of(std::uint16_t source, std::uint16_t destination, const char* payload,
                    const TunnelPorts& ports = {}) {
  const Buffer bytes = hex(payload);
  return udp_tunnel(ports, source, destination, {bytes, bytes.size(), 0});
}

Stop open(UdpTunnel kind, const Buffer& bytes) {
  Layer layer{bytes, bytes.size(), 0};
  return open_udp_tunnel(kind, layer);
}

Stop open_gre(const char* text) {
  const Buffer bytes = hex(text);
  Layer layer{bytes, bytes.size(), 0};
  return open_ip_tunnel(47, layer);
}

}  // namespace

TEST_CASE("a tunnel is known by its destination port and its first byte") {
  CHECK(tunnel_of(1, 4789, "08000000") == UdpTunnel::kVxlan);
  CHECK(tunnel_of(1, 4789, "00000000") == UdpTunnel::kNone);
  CHECK(tunnel_of(4789, 1, "08000000") == UdpTunnel::kNone);
  CHECK(tunnel_of(1, 6081, "00") == UdpTunnel::kGeneve);
  CHECK(tunnel_of(1, 2152, "30") == UdpTunnel::kGtpU);
  CHECK(tunnel_of(1, 2152, "20") == UdpTunnel::kNone);
  CHECK(tunnel_of(1, 2152, "50") == UdpTunnel::kNone);
  CHECK(tunnel_of(1, 53, "08") == UdpTunnel::kNone);
  CHECK(tunnel_of(1, 9999, "08", {.vxlan = 9999}) == UdpTunnel::kVxlan);
  CHECK(tunnel_of(1, 4789, "08", {.vxlan = 9999}) == UdpTunnel::kNone);
}

TEST_CASE("encrypted tunnels are opaque") {
  CHECK(tunnel_of(500, 4500, "00000001") == UdpTunnel::kEncrypted);
  CHECK(tunnel_of(1194, 40'000, "38") == UdpTunnel::kEncrypted);
  CHECK(tunnel_of(40'000, 51'820, "01000000 55") == UdpTunnel::kEncrypted);
  // A DNS answer to a client that happened to have this port.
  CHECK(tunnel_of(53, 51'820, "1a2b8180") == UdpTunnel::kNone);
  CHECK(open(UdpTunnel::kEncrypted, {}) == DecodeOutcome::kOpaque);
  Layer layer;
  CHECK(open_ip_tunnel(50, layer) == DecodeOutcome::kOpaque);
  CHECK(open_ip_tunnel(1, layer) == DecodeOutcome::kOtherIp);
}

TEST_CASE("tunnel headers that carry no packet, or make no sense, are told apart") {
  CHECK(open(UdpTunnel::kGeneve, hex("00 80 6558 00001700")) == DecodeOutcome::kNotIp);
  CHECK(open(UdpTunnel::kGeneve, hex("40 00 6558 00001700")) == DecodeOutcome::kMalformed);
  CHECK(open(UdpTunnel::kGeneve, hex("3f 00 6558 00001700")) == DecodeOutcome::kMalformed);
  CHECK(open(UdpTunnel::kGeneve, hex("00 00 0001 00001700")) == DecodeOutcome::kNotIp);
  CHECK(open(UdpTunnel::kGtpU, hex("30 01 0000 00000000")) == DecodeOutcome::kNotIp);
  CHECK(open(UdpTunnel::kVxlan, hex("08000000 0000")) == DecodeOutcome::kMalformed);
  CHECK(open_gre("0001 880b 00000000") == DecodeOutcome::kOtherIp);
  CHECK(open_gre("4000 0800 00000000") == DecodeOutcome::kMalformed);
  CHECK(open_gre("1000 88be 00000001 2064000500000000") == DecodeOutcome::kMalformed);
  CHECK(open_gre("0000 22eb 1064 0005 00000000 0000 0000") == DecodeOutcome::kMalformed);
  CHECK(open_gre("0000 22eb 2064 0005 00000000 0000 0400") == DecodeOutcome::kNotIp);
  CHECK(open_gre("0000 880b") == DecodeOutcome::kNotIp);
}

TEST_CASE("GTP-U extension headers beyond the limit are not followed") {
  const auto with = [](unsigned count) {
    std::string bytes = "34 ff 0000 00000001 0000 00 85";
    for (unsigned i = 1; i < count; ++i) bytes += "01 0000 85";
    return open(UdpTunnel::kGtpU, hex(bytes + "01 0000 00 45"));
  };
  CHECK_FALSE(with(kGtpExtensionsMax).has_value());
  CHECK(with(kGtpExtensionsMax + 1) == DecodeOutcome::kTooDeep);
  // An extension of no length would never end.
  CHECK(open(UdpTunnel::kGtpU, hex("34 ff 0000 00000001 0000 00 85 00 0000 85")) ==
        DecodeOutcome::kMalformed);
}
