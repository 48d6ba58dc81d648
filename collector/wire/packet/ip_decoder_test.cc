#include "collector/wire/packet/ip_decoder.h"

#include <catch2/catch.hpp>

#include "collector/wire/packet/packet_builder.h"

using namespace chargewarden;
using namespace build;

namespace {

struct Opened {
  Buffer bytes;  // What the views point into; moving it leaves them valid.
  Stop stop;
  IpHeader ip;
  Layer layer;
};

Opened open(Buffer bytes) {
  Opened out;
  out.bytes = std::move(bytes);
  out.layer = {out.bytes, out.bytes.size(), 0};
  out.stop = open_ip(out.layer, out.ip);
  return out;
}

// Eight bytes of an extension header that names the next.
Buffer extension(std::uint8_t next) {
  return join({Buffer{next}, hex("00 0104 00000000")});
}

}  // namespace

TEST_CASE("IPv4 options are passed over and padding is cut") {
  const Buffer bytes =
      hex("46 00 001c 0001 0000 40 06 0000 0a000001 0a000002 94040000"
          "aabbccdd eeee");
  const Opened out = open(bytes);
  REQUIRE_FALSE(out.stop.has_value());
  CHECK(out.ip.protocol == kProtocolTcp);
  CHECK_FALSE(out.ip.is_fragment);
  CHECK(to_hex(out.layer.data) == "aabbccdd");
  CHECK(out.layer.wire_len == 4);
  CHECK(to_hex(out.ip.source) == "0a000001");
  CHECK(to_hex(out.ip.destination) == "0a000002");
}

TEST_CASE("a length of zero stands for what segmentation offload will send") {
  Buffer bytes = ipv4(6, Buffer(70'000, 'x'));
  bytes[2] = bytes[3] = 0;
  const Opened v4 = open(bytes);
  CHECK_FALSE(v4.stop.has_value());
  CHECK(v4.layer.data.size() == 70'000);
  bytes = ipv6(6, Buffer(70'000, 'x'));
  bytes[4] = bytes[5] = 0;
  const Opened v6 = open(bytes);
  CHECK_FALSE(v6.stop.has_value());
  CHECK(v6.layer.data.size() == 70'000);
}

TEST_CASE("IP headers that contradict themselves are malformed") {
  struct Case {
    const char* what;
    Buffer bytes;
  };

  const Buffer addresses = hex("0a000001 0a000002");
  for (const Case& c : {
           Case{"nothing at all", {}},
           Case{"version 5", hex("55")},
           Case{"IPv4 header shorter than 20",
                join({hex("44 00 0014 00010000 4006 0000"), addresses})},
           Case{"IPv4 header longer than the packet",
                join({hex("46 00 0014 00010000 4006 0000"), addresses})},
           Case{"IPv4 total below the header",
                join({hex("45 00 0013 00010000 4006 0000"), addresses})},
           Case{"IPv4 ends in its header", hex("45 00 0014 0001")},
           Case{"IPv6 ends in its header", hex("6000 0000 0000 06 40 fd00")},
           Case{"jumbogram", ipv6(0, {})},
           Case{"extension longer than the packet", ipv6(60, hex("06 01 0104 00000000"))},
           Case{"fragment header cut short", ipv6(44, hex("06 00 0001"))},
       }) {
    CAPTURE(c.what);
    CHECK(open(c.bytes).stop == DecodeOutcome::kMalformed);
  }
}

TEST_CASE("every IPv6 extension header is passed over, AH also in IPv4") {
  const Buffer ah = hex("06 04 0000 00000001 00000001 000000000000000000000000");
  const Buffer chain = join({extension(43), extension(60), extension(135), extension(51),
                             // AH counts in four bytes less two, the others in eight less one.
                             join({Buffer{139}, Buffer(ah.begin() + 1, ah.end())}), extension(140),
                             extension(6), hex("abcd")});
  const Opened v6 = open(ipv6(0, chain));
  REQUIRE_FALSE(v6.stop.has_value());
  CHECK(v6.ip.protocol == kProtocolTcp);
  CHECK(to_hex(v6.layer.data) == "abcd");
  const Buffer with_ah = ipv4(51, join({ah, hex("abcd")}));
  const Opened v4 = open(with_ah);
  REQUIRE_FALSE(v4.stop.has_value());
  CHECK(v4.ip.protocol == kProtocolTcp);
  CHECK(to_hex(v4.layer.data) == "abcd");
  // What is an extension in IPv6 is a payload of its own in IPv4.
  CHECK(open(ipv4(60, extension(6))).ip.protocol == 60);
}

TEST_CASE("extension headers beyond the limit are not followed") {
  const auto chain = [](unsigned count) {
    Buffer out;
    for (unsigned i = 1; i < count; ++i) out = join({extension(60), out});
    // The innermost names TCP.
    return join({out, extension(6), hex("ab")});
  };
  CHECK_FALSE(open(ipv6(60, chain(kIpv6ExtensionsMax))).stop.has_value());
  CHECK(open(ipv6(60, chain(kIpv6ExtensionsMax + 1))).stop == DecodeOutcome::kTooDeep);
  Buffer empty_fragments;
  for (int i = 0; i < 20; ++i) empty_fragments = join({hex("2c00000000000001"), empty_fragments});
  CHECK(open(ipv6(44, empty_fragments)).stop == DecodeOutcome::kTooDeep);
}

TEST_CASE("fragments are recognised in both versions, and a lone one is a whole datagram") {
  const Opened first = open(ipv4(17, hex("0102030405060708"), 0x2000, 0xabcd));
  CHECK(first.ip.is_fragment);
  CHECK(first.ip.more_fragments);
  CHECK(first.ip.fragment_offset == 0);
  CHECK(first.ip.fragment_id == 0xabcd);
  const Opened last = open(ipv4(17, hex("01"), 0x0003));
  CHECK(last.ip.is_fragment);
  CHECK_FALSE(last.ip.more_fragments);
  CHECK(last.ip.fragment_offset == 24);
  // "Do not fragment" is not a fragment.
  CHECK_FALSE(open(ipv4(17, hex("01"), 0x4000)).ip.is_fragment);

  const Opened v6 = open(ipv6(60, join({extension(44), hex("06 00 0009 01020304 ab")})));
  REQUIRE_FALSE(v6.stop.has_value());
  CHECK(v6.ip.is_fragment);
  CHECK(v6.ip.more_fragments);
  CHECK(v6.ip.fragment_offset == 8);
  CHECK(v6.ip.fragment_id == 0x01020304);
  CHECK(v6.ip.protocol == kProtocolTcp);
  const Opened whole = open(ipv6(44, hex("06 00 0000 01020304 ab")));
  CHECK_FALSE(whole.ip.is_fragment);
  CHECK(whole.ip.protocol == kProtocolTcp);
  CHECK(to_hex(whole.layer.data) == "ab");
}
