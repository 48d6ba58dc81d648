// Every link type and tunnel around the same TCP segment: it comes out whole, and when the packet
// is cut at any byte it comes out as what it is or not at all.

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "collector/wire/packet/packet_builder.h"
#include "collector/wire/packet/packet_decoder.h"

using namespace chargewarden;
using namespace build;

namespace {

struct Carrier {
  std::string name;
  std::uint16_t link_type;
  Buffer bytes;  // The headers around the TCP segment, and it.
  std::uint32_t tunnel;
  bool v6 = false;
  bool little = true;
};

const std::string kPayload = "[2,\"1\",\"Heartbeat\",{}]";

Buffer segment() {
  return tcp(text(kPayload));
}

Buffer inner4() {
  return ipv4(6, segment());
}

Buffer inner6() {
  return ipv6(6, segment());
}

Buffer inner_frame() {
  return ethernet(0x0800, inner4());
}

// What is inside an outer UDP datagram or GRE packet on Ethernet.
Buffer over_udp(std::uint16_t port, const Buffer& payload) {
  return ethernet(0x0800, ipv4(17, udp(40'000, port, payload)));
}

Buffer over_gre(const char* header, const Buffer& payload) {
  return ethernet(0x0800, ipv4(47, join({hex(header), payload})));
}

std::vector<Carrier> links() {
  const auto on = [](const char* header, const Buffer& packet) {
    return join({hex(header), packet});
  };
  const std::string mac = "020000000001020000000002";
  const auto tagged = [&](const char* tags) { return join({hex(mac), hex(tags), inner4()}); };
  return {
      {"ethernet", 1, inner_frame(), 0},
      {"ethernet, IPv6", 1, ethernet(0x86dd, inner6()), 0, true},
      {"802.1Q", 1, tagged("8100 e064 0800"), 100},
      {"priority tag", 1, tagged("8100 e000 0800"), 0},
      {"802.1ad with 802.1Q", 1, tagged("88a8 0064 8100 00c8 0800"), 200},
      {"0x9100 with a priority tag inside", 1, tagged("9100 0064 8100 e000 0800"), 100},
      {"802.1Q, IPv6", 1, join({hex(mac), hex("8100 0fff 86dd"), inner6()}), 4095, true},
      {"MPLS", 1, tagged("8847 00064140"), 0},
      {"MPLS, three labels", 1, tagged("8847 00064040 00065040 00066140"), 0},
      {"MPLS multicast", 1, tagged("8848 00064140"), 0},
      {"PPPoE", 1, tagged("8864 11 00 0001 0046 0021"), 0},
      {"VLAN, PPPoE, IPv6", 1,
       join({hex(mac), hex("8100 0005 8864 11 00 0001 0046 0057"), inner6()}), 5, true},
      {"Linux cooked", 113, on("0004 0001 0006 020000000001 0000 0800", inner4()), 0},
      {"Linux cooked with VLAN", 113,
       on("0000 0001 0006 020000000001 0000 8100 0007 0800", inner4()), 7},
      {"Linux cooked 2", 276, on("0800 0000 00000002 0001 04 06 0200000000010000", inner4()), 0},
      {"Linux cooked 2, IPv6", 276, on("86dd 0000 00000002 0001 00 06 0200000000010000", inner6()),
       0, true},
      {"raw", 101, inner4(), 0},
      {"raw, IPv6", 101, inner6(), 0, true},
      {"raw as 12", 12, inner4(), 0},
      {"raw as 14", 14, inner6(), 0, true},
      {"IPv4", 228, inner4(), 0},
      {"IPv6", 229, inner6(), 0, true},
      {"BSD null, little", 0, on("02000000", inner4()), 0},
      {"BSD null, big", 0, on("00000002", inner4()), 0, false, false},
      {"BSD null, IPv6 of Linux", 0, on("0a000000", inner6()), 0, true},
      {"BSD null, IPv6 of NetBSD", 0, on("18000000", inner6()), 0, true},
      {"BSD null, IPv6 of FreeBSD, big", 0, on("0000001c", inner6()), 0, true, false},
      {"BSD null, IPv6 of Darwin", 0, on("1e000000", inner6()), 0, true},
      {"BSD loop", 108, on("00000002", inner4()), 0},
      {"BSD loop, IPv6", 108, on("00000018", inner6()), 0, true},
      {"PPP", 9, on("0021", inner4()), 0},
      {"PPP with HDLC framing", 9, on("ff03 0057", inner6()), 0, true},
      {"PPP with a short protocol", 9, on("ff03 21", inner4()), 0},
      {"PPP with MPLS", 9, on("0281 00064140", inner4()), 0},
      {"PPP in HDLC", 50, on("ff03 0021", inner4()), 0},
      {"Cisco HDLC", 50, on("0f00 0800", inner4()), 0},
      {"PPPoE link", 51, on("11 00 0001 0046 0021", inner4()), 0},
      {"NFLOG, little", 239,
       on("02 00 0000 0800 0100 00000000 0500 0a00 41000000 5200 0900", inner4()), 0},
      {"NFLOG, big", 239, on("02 00 0000 0008 0001 00000000 0052 0009", inner4()), 0, false, false},
  };
}

std::vector<Carrier> tunnels() {
  const auto frame_after = [](const char* header) { return join({hex(header), inner_frame()}); };
  const auto ip_after = [](const char* header) { return join({hex(header), inner4()}); };
  const Buffer vxlan = frame_after("08000000 00abcd00");
  return {
      {"VXLAN", 1, over_udp(4789, vxlan), 0xabcd},
      {"VXLAN with a VLAN inside", 1,
       over_udp(4789,
                join({hex("08000000 00abcd00 020000000001020000000002 8100 0003 0800"), inner4()})),
       3},
      {"VXLAN over VLAN and IPv6", 1,
       join({hex("020000000001020000000002 8100 0009 86dd"), ipv6(17, udp(40'000, 4789, vxlan))}),
       0xabcd},
      {"GENEVE, Ethernet", 1, over_udp(6081, frame_after("00 00 6558 00001700")), 0x17},
      {"GENEVE, IPv4 with options", 1,
       over_udp(6081, ip_after("03 40 0800 00001700 0102 80 02 00000000 00000000")), 0x17},
      {"GENEVE, IPv6", 1, over_udp(6081, join({hex("00 00 86dd 00001700"), inner6()})), 0x17, true},
      {"GRE, IPv4", 1, over_gre("0000 0800", inner4()), 0},
      {"GRE, IPv6", 1, over_gre("0000 86dd", inner6()), 0, true},
      {"GRE with checksum, key and sequence", 1,
       over_gre("b000 6558 00000000 00000007 00000001", inner_frame()), 0},
      {"GRE with key", 1, over_gre("2000 0800 00000007", inner4()), 0},
      {"ERSPAN I", 1, over_gre("0000 88be", inner_frame()), 0},
      {"ERSPAN II", 1, over_gre("1000 88be 00000001 1064 0005 00000000", inner_frame()), 0},
      {"ERSPAN III", 1, over_gre("1000 22eb 00000001 2064 0005 00000000 0000 0000", inner_frame()),
       0},
      {"ERSPAN III with a platform header", 1,
       over_gre("1000 22eb 00000001 2064 0005 00000000 0000 0001 0000000000000000", inner_frame()),
       0},
      {"ERSPAN III with an IP packet", 1,
       over_gre("1000 22eb 00000001 2064 0005 00000000 0000 0800", inner4()), 0},
      {"IPv4 in IPv4", 1, ethernet(0x0800, ipv4(4, inner4())), 0},
      {"IPv6 in IPv4", 1, ethernet(0x0800, ipv4(41, inner6())), 0, true},
      {"IPv4 in IPv6", 1, ethernet(0x86dd, ipv6(4, inner4())), 0},
      {"GTP-U", 1, over_udp(2152, ip_after("30 ff 004a 00001234")), 0},
      {"GTP-U with sequence", 1, over_udp(2152, ip_after("32 ff 004e 00001234 0001 00 00")), 0},
      {"GTP-U with extensions", 1,
       over_udp(2152, ip_after("34 ff 0056 00001234 0000 00 85 01 1009 c0 01 0000 00")), 0},
      {"four tunnels", 1,
       over_udp(4789, join({hex("08000000 00000100"),
                            ethernet(0x0800, ipv4(4, ipv4(47, join({hex("0000 0800"),
                                                                    ipv4(41, inner6())}))))})),
       1, true},
  };
}

std::vector<Carrier> all_carriers() {
  auto out = links();
  for (auto& tunnel : tunnels()) out.push_back(std::move(tunnel));
  return out;
}

void check_identity(const Carrier& carrier, const Segment& out) {
  CHECK(out.key.source_ip.to_string() == (carrier.v6 ? "fd00::1" : "10.0.0.1"));
  CHECK(out.key.destination_ip.to_string() == (carrier.v6 ? "fd00::2" : "10.0.0.2"));
  CHECK(out.key.source_port == 50'000);
  CHECK(out.key.destination_port == 9'000);
  CHECK(out.key.tunnel == carrier.tunnel);
  CHECK(out.sequence == 0x01020304);
  CHECK(out.acknowledgment == 0x05060708);
  CHECK(out.flags == (kTcpPsh | kTcpAck));
  CHECK(out.time_ns == 1'000);
  CHECK(out.packet_number == 7);
}

}  // namespace

TEST_CASE("a TCP segment comes out of every link type and tunnel, without padding") {
  for (const Carrier& carrier : all_carriers()) {
    CAPTURE(carrier.name);
    for (const std::size_t padding : {0U, 6U}) {
      const Buffer bytes = join({carrier.bytes, Buffer(padding, 0xee)});
      Packet captured = packet(bytes, carrier.link_type);
      captured.little_endian_writer = carrier.little;
      PacketDecoder decoder;
      FragmentStore store;
      Segment out;
      Datagram datagram;
      REQUIRE(decoder.decode(captured, store, out, datagram) == DecodeOutcome::kTcp);
      check_identity(carrier, out);
      CHECK(as_text(out.payload) == kPayload);
      CHECK(out.missing_bytes == 0);
      CHECK(decoder.counters().of(DecodeOutcome::kTcp) == 1);
    }
  }
}

TEST_CASE("a packet cut at any byte gives the same segment with bytes missing, or nothing") {
  for (const Carrier& carrier : all_carriers()) {
    const std::size_t fixed_headers = carrier.bytes.size() - kPayload.size() - (kTcpHeaderLen - 20);
    for (std::size_t len = 0; len < carrier.bytes.size(); ++len) {
      CAPTURE(carrier.name, len);
      const Buffer cut(carrier.bytes.begin(),
                       carrier.bytes.begin() + static_cast<std::ptrdiff_t>(len));
      Packet captured = packet(cut, carrier.link_type);
      captured.little_endian_writer = carrier.little;
      for (const bool by_capture : {true, false}) {
        // Cut by the capture's snaplen, or by a network that made the packet shorter.
        if (by_capture) captured.original_len = static_cast<std::uint32_t>(carrier.bytes.size());
        if (!by_capture) captured.original_len = static_cast<std::uint32_t>(len);
        PacketDecoder decoder;
        FragmentStore store;
        Segment out;
        Datagram datagram;
        const DecodeOutcome outcome = decoder.decode(captured, store, out, datagram);
        if (len >= fixed_headers) {
          REQUIRE(outcome == DecodeOutcome::kTcp);
          check_identity(carrier, out);
          CHECK(out.payload.size() + out.missing_bytes == kPayload.size());
          CHECK(kPayload.starts_with(as_text(out.payload)));
          CHECK(decoder.counters().payloads_cut == (out.missing_bytes == 0 ? 0 : 1));
        } else if (by_capture) {
          CHECK(outcome == DecodeOutcome::kTruncated);
        } else {
          // An NFLOG message without its payload is a sound one that holds no packet.
          const bool empty_nflog = carrier.link_type == 239 && outcome == DecodeOutcome::kNotIp;
          CHECK((empty_nflog || outcome == DecodeOutcome::kTruncated ||
                 outcome == DecodeOutcome::kMalformed));
        }
      }
    }
  }
}

TEST_CASE("flipped bits never crash, and never make a payload that is not of the packet") {
  std::uint32_t state = 1;
  const auto next = [&state] {
    state = state * 1'664'525 + 1'013'904'223;
    return state >> 8U;
  };
  std::size_t decoded = 0;
  for (const Carrier& carrier : all_carriers()) {
    PacketDecoder decoder;
    FragmentStore store;
    for (int round = 0; round < 2000; ++round) {
      Buffer bytes = carrier.bytes;
      for (unsigned flips = 1 + next() % 3; flips > 0; --flips) {
        bytes[next() % bytes.size()] ^= static_cast<std::uint8_t>(1U << (next() % 8U));
      }
      Segment out;
      Datagram datagram;
      const auto outcome = decoder.decode(packet(bytes, carrier.link_type), store, out, datagram);
      if (outcome != DecodeOutcome::kTcp) continue;
      ++decoded;
      REQUIRE(out.payload.size() <= bytes.size());
    }
  }
  CHECK(decoded > 1000);
}
