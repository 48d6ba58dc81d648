#include "collector/wire/packet/packet_decoder.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "collector/wire/packet/packet_builder.h"

using namespace chargewarden;
using namespace build;

namespace {

struct Tester {
  DecodeOutcome decode(const Buffer& bytes, std::uint16_t link_type = kLinkRaw) {
    buffers.push_back(bytes);
    return decoder.decode(packet(buffers.back(), link_type), store, segment, datagram);
  }

  PacketDecoder decoder;
  FragmentStore store;
  Segment segment;
  Datagram datagram;
  std::vector<Buffer> buffers;
};

// The IPv4 packets that carry `payload` in pieces of `step` bytes.
std::vector<Buffer> fragments4(std::uint8_t protocol, const Buffer& payload, std::size_t step,
                               std::uint16_t id = 1) {
  std::vector<Buffer> out;
  for (std::size_t at = 0; at < payload.size(); at += step) {
    const std::size_t end = std::min(at + step, payload.size());
    const auto place = static_cast<std::uint16_t>(at / 8 | (end < payload.size() ? 0x2000U : 0U));
    const Buffer piece(payload.begin() + static_cast<std::ptrdiff_t>(at),
                       payload.begin() + static_cast<std::ptrdiff_t>(end));
    out.push_back(ipv4(protocol, piece, place, id));
  }
  return out;
}

std::vector<Buffer> fragments6(std::uint8_t protocol, const Buffer& payload, std::size_t step) {
  std::vector<Buffer> out;
  for (std::size_t at = 0; at < payload.size(); at += step) {
    const std::size_t end = std::min(at + step, payload.size());
    const std::size_t place = at | (end < payload.size() ? 1U : 0U);
    const Buffer piece(payload.begin() + static_cast<std::ptrdiff_t>(at),
                       payload.begin() + static_cast<std::ptrdiff_t>(end));
    out.push_back(
        ipv6(44, join({Buffer{protocol}, hex("00"), bytes16(place), hex("00000009"), piece})));
  }
  return out;
}

const std::string kLong(100, 'm');

}  // namespace

TEST_CASE("each outcome has a name and a counter") {
  Tester tester;
  CHECK(tester.decode(ipv4(6, tcp({}))) == DecodeOutcome::kTcp);
  CHECK(tester.decode(ipv4(17, udp(1, 2, {}))) == DecodeOutcome::kUdp);
  CHECK(tester.decode(ipv4(1, {})) == DecodeOutcome::kOtherIp);
  CHECK(tester.decode(ethernet(0x0806, {}), kLinkEthernet) == DecodeOutcome::kNotIp);
  CHECK(tester.decode(ipv4(6, Buffer(8), 0x2000)) == DecodeOutcome::kFragment);
  CHECK(tester.decode(hex("45 00 0028 0001")) == DecodeOutcome::kMalformed);
  CHECK(tester.decode({}, 147) == DecodeOutcome::kUnsupportedLink);
  CHECK(tester.decode(ipv4(50, {})) == DecodeOutcome::kOpaque);
  Packet cut = packet(tester.buffers[0], kLinkRaw);
  cut.data = cut.data.first(19);
  CHECK(tester.decoder.decode(cut, tester.store, tester.segment, tester.datagram) ==
        DecodeOutcome::kTruncated);
  Buffer deep = ipv4(6, tcp({}));
  for (unsigned i = 0; i <= kEncapsulationsMax; ++i) deep = ipv4(4, deep);
  CHECK(tester.decode(deep) == DecodeOutcome::kTooDeep);
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kDecodeOutcomes; ++i) {
    const auto outcome = static_cast<DecodeOutcome>(i);
    CHECK(tester.decoder.counters().of(outcome) == 1);
    names.insert(outcome_name(outcome));
  }
  CHECK(names.size() == kDecodeOutcomes);
  CHECK(names.count("") == 0);
}

TEST_CASE("tunnels beyond the limit are not followed, however many there are") {
  for (unsigned depth = 0; depth < 200; ++depth) {
    Buffer bytes = ipv4(6, tcp(text("x")));
    for (unsigned i = 0; i < depth; ++i) bytes = i % 2 == 0 ? ipv4(4, bytes) : ipv6(4, bytes);
    Tester tester;
    CAPTURE(depth);
    CHECK(tester.decode(bytes) ==
          (depth <= kEncapsulationsMax ? DecodeOutcome::kTcp : DecodeOutcome::kTooDeep));
    CHECK(tester.decoder.counters().encapsulated ==
          (depth > 0 && depth <= kEncapsulationsMax ? 1 : 0));
  }
}

TEST_CASE("a datagram is delivered with its ports, without padding") {
  Tester tester;
  REQUIRE(
      tester.decode(ethernet(0x0800, join({ipv4(17, udp(53, 40'000, text("answer"))), Buffer(10)})),
                    kLinkEthernet) == DecodeOutcome::kUdp);
  CHECK(tester.datagram.key.source_ip.to_string() == "10.0.0.1");
  CHECK(tester.datagram.key.source_port == 53);
  CHECK(tester.datagram.key.destination_port == 40'000);
  CHECK(tester.datagram.packet_number == 7);
  CHECK(as_text(tester.datagram.payload) == "answer");
  CHECK(tester.datagram.missing_bytes == 0);
  // The UDP length counts where it is below the IP length, and IP's where it is not.
  Buffer shorter = udp(1, 2, text("answer"));
  shorter[5] = 8 + 3;
  tester.decode(ipv4(17, shorter));
  CHECK(as_text(tester.datagram.payload) == "ans");
  shorter[5] = 200;
  tester.decode(ipv4(17, shorter));
  CHECK(as_text(tester.datagram.payload) == "answer");
  shorter[5] = 7;
  CHECK(tester.decode(ipv4(17, shorter)) == DecodeOutcome::kMalformed);
  shorter[5] = 0;
  CHECK(tester.decode(ipv4(17, shorter)) == DecodeOutcome::kUdp);
  CHECK(as_text(tester.datagram.payload) == "answer");
}

TEST_CASE("TCP headers that contradict themselves are malformed") {
  Buffer header = tcp(text("x"));
  for (const unsigned words : {0U, 4U, 9U, 15U}) {
    CAPTURE(words);
    header[12] = static_cast<std::uint8_t>(words << 4U);
    Tester tester;
    CHECK(tester.decode(ipv4(6, header)) == DecodeOutcome::kMalformed);
  }
}

TEST_CASE("a packet that the capture cut says how many bytes are missing") {
  const Buffer bytes = ipv4(6, tcp(text(kLong)));
  Packet cut = packet(bytes, kLinkRaw);
  cut.data = cut.data.first(bytes.size() - 60);
  Tester tester;
  CHECK(tester.decoder.decode(cut, tester.store, tester.segment, tester.datagram) ==
        DecodeOutcome::kTcp);
  CHECK(tester.segment.payload.size() == 40);
  CHECK(tester.segment.missing_bytes == 60);
  CHECK(tester.decoder.counters().payloads_cut == 1);
}

TEST_CASE("a segment in fragments comes out whole in every order, and outlives its packets") {
  for (const bool v6 : {false, true}) {
    const auto pieces =
        v6 ? fragments6(6, tcp(text(kLong)), 40) : fragments4(6, tcp(text(kLong)), 40);
    REQUIRE(pieces.size() == 4);
    std::vector<std::size_t> order = {0, 1, 2, 3};
    do {
      Tester tester;
      for (std::size_t i = 0; i < 3; ++i) {
        REQUIRE(tester.decode(pieces[order[i]]) == DecodeOutcome::kFragment);
      }
      REQUIRE(tester.decode(pieces[order[3]]) == DecodeOutcome::kTcp);
      tester.buffers.clear();
      CHECK(as_text(tester.segment.payload) == kLong);
      CHECK(tester.segment.missing_bytes == 0);
      CHECK(tester.segment.key.source_port == 50'000);
      CHECK(tester.segment.key.source_ip.is_v4() != v6);
      CHECK_FALSE(tester.store.empty());
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST_CASE("segments of one batch stay valid while more of them are put together") {
  Tester tester;
  std::vector<Segment> segments;
  for (std::uint16_t id = 0; id < 50; ++id) {
    const std::string payload(100, static_cast<char>('0' + id));
    for (const Buffer& piece : fragments4(6, tcp(text(payload)), 64, id)) {
      if (tester.decode(piece) == DecodeOutcome::kTcp) segments.push_back(tester.segment);
    }
  }
  REQUIRE(segments.size() == 50);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    CHECK(as_text(segments[i].payload) == std::string(100, static_cast<char>('0' + i)));
  }
}

TEST_CASE("a tunnel in fragments is followed, and fragments inside of a tunnel too") {
  const Buffer frame = ethernet(0x0800, ipv4(6, tcp(text(kLong))));
  const Buffer vxlan = udp(40'000, 4789, join({hex("08000000 00000500"), frame}));
  Tester outer;
  DecodeOutcome last = DecodeOutcome::kNotIp;
  for (const Buffer& piece : fragments4(17, vxlan, 80)) last = outer.decode(piece);
  CHECK(last == DecodeOutcome::kTcp);
  CHECK(as_text(outer.segment.payload) == kLong);
  CHECK(outer.segment.key.tunnel == 5);

  Tester inner;
  for (const char* vni : {"00000500", "00000600"}) {
    const auto pieces = fragments4(6, tcp(text(vni)), 24);
    // Equal fragments of two networks are not mixed: only the first of each is sent at first.
    CHECK(inner.decode(ipv4(
              17, udp(1, 4789, join({hex("08000000"), hex(vni), ethernet(0x0800, pieces[0])})))) ==
          DecodeOutcome::kFragment);
  }
  for (const char* vni : {"00000500", "00000600"}) {
    const auto pieces = fragments4(6, tcp(text(vni)), 24);
    CHECK(inner.decode(ipv4(
              17, udp(1, 4789, join({hex("08000000"), hex(vni), ethernet(0x0800, pieces[1])})))) ==
          DecodeOutcome::kTcp);
    CHECK(as_text(inner.segment.payload) == vni);
  }
}

TEST_CASE("fragments that cannot be used are not held") {
  Tester tester;
  // Nobody looks into ICMP.
  CHECK(tester.decode(ipv4(1, Buffer(8), 0x2000)) == DecodeOutcome::kOtherIp);
  const Buffer bytes = ipv4(6, Buffer(64), 0x2000);
  Packet cut = packet(bytes, kLinkRaw);
  cut.data = cut.data.first(40);
  CHECK(tester.decoder.decode(cut, tester.store, tester.segment, tester.datagram) ==
        DecodeOutcome::kTruncated);
  // Beyond the largest datagram.
  CHECK(tester.decode(ipv4(6, Buffer(16), 0x3fff)) == DecodeOutcome::kMalformed);
  CHECK(tester.decoder.fragments().refused == 1);
  CHECK(tester.decoder.fragments().fragments == 1);
}

TEST_CASE("fragments inside of fragments are refused, and extensions inside of them are read") {
  Tester tester;
  const Buffer nested = join({hex("06 00 0001 00000001"), Buffer(16)});
  const auto outer = fragments6(44, nested, 16);
  CHECK(tester.decode(outer[0]) == DecodeOutcome::kFragment);
  CHECK(tester.decode(outer[1]) == DecodeOutcome::kMalformed);
  const Buffer with_options = join({hex("06 00 0104 00000000"), tcp(text("hello"))});
  DecodeOutcome last = DecodeOutcome::kNotIp;
  for (const Buffer& piece : fragments6(60, with_options, 24)) last = tester.decode(piece);
  CHECK(last == DecodeOutcome::kTcp);
  CHECK(as_text(tester.segment.payload) == "hello");
}

TEST_CASE("unsupported link types are counted one by one, up to a limit") {
  Tester tester;
  for (std::size_t i = 0; i < kUnsupportedLinksMax + 5; ++i) {
    for (int twice = 0; twice < 2; ++twice) {
      CHECK(tester.decode({}, static_cast<std::uint16_t>(1000 + i)) ==
            DecodeOutcome::kUnsupportedLink);
    }
  }
  const DecodeCounters& counters = tester.decoder.counters();
  REQUIRE(counters.unsupported_links.size() == kUnsupportedLinksMax);
  CHECK(counters.unsupported_links[0] == std::pair<std::uint16_t, std::uint64_t>{1000, 2});
  CHECK(counters.unsupported_other == 10);
}
