#include "collector/wire/packet/link_decoder.h"

#include <string>

#include <catch2/catch.hpp>

#include "collector/wire/packet/packet_builder.h"

using namespace chargewarden;
using namespace build;

namespace {

Stop open(const Buffer& bytes, std::uint16_t link_type, Layer& layer) {
  const Packet captured = packet(bytes, link_type);
  layer = {captured.data, captured.original_len, 0};
  return open_link(captured, layer);
}

Stop open(const char* bytes, std::uint16_t link_type = kLinkEthernet) {
  const Buffer buffer = hex(bytes);
  Layer layer;
  return open(buffer, link_type, layer);
}

const std::string kMac = "020000000001020000000002";

}  // namespace

TEST_CASE("frames that carry no IP are told apart from broken ones") {
  struct Case {
    const char* what;
    std::string bytes;
    std::uint16_t link_type;
    DecodeOutcome outcome;
  };

  for (const Case& c : {
           Case{"ARP", kMac + "0806 0001", 1, DecodeOutcome::kNotIp},
           Case{"LLDP", kMac + "88cc 0207", 1, DecodeOutcome::kNotIp},
           Case{"spanning tree: a length instead of a type", kMac + "0026 424203", 1,
                DecodeOutcome::kNotIp},
           Case{"ARP in a VLAN", kMac + "8100 0001 0806 0001", 1, DecodeOutcome::kNotIp},
           Case{"PPPoE discovery", kMac + "8864 11 09 0000 0000 0021", 1, DecodeOutcome::kNotIp},
           Case{"PPPoE of another version", kMac + "8864 21 00 0000 0000 0021", 1,
                DecodeOutcome::kMalformed},
           Case{"PPP link control", kMac + "8864 11 00 0001 0004 c021", 1, DecodeOutcome::kNotIp},
           Case{"MPLS pseudowire", kMac + "8847 00064140 00000000", 1, DecodeOutcome::kNotIp},
           Case{"cooked netlink", "0004 0338 0000 0000000000000000 0004 00", 113,
                DecodeOutcome::kNotIp},
           Case{"loopback of AppleTalk", "05000000 45", 0, DecodeOutcome::kNotIp},
           Case{"NFLOG element of impossible length", "02000000 0300 0100", 239,
                DecodeOutcome::kMalformed},
           Case{"NFLOG without payload", "02000000 0800 0100 00000000", 239, DecodeOutcome::kNotIp},
           Case{"a user's own link type", "45", 147, DecodeOutcome::kUnsupportedLink},
           Case{"radio", "00", 127, DecodeOutcome::kUnsupportedLink},
       }) {
    CAPTURE(c.what);
    CHECK(open(c.bytes.c_str(), c.link_type) == c.outcome);
  }
}

TEST_CASE("the innermost VLAN id is the tunnel id, and 802.1p and drop bits are not part of it") {
  const Buffer frame = hex(kMac + "88a8 f064 8100 3fff 0800 45");
  Layer layer;
  CHECK_FALSE(open(frame, kLinkEthernet, layer).has_value());
  CHECK(layer.tunnel == 0xfff);
  CHECK(layer.data.size() == 1);
}

TEST_CASE("stacks of tags beyond the limit are not followed") {
  const auto with = [](const std::string& tag, unsigned count, const std::string& last) {
    std::string bytes = kMac;
    for (unsigned i = 0; i < count; ++i) bytes += tag;
    return open((bytes + last).c_str());
  };
  CHECK_FALSE(with("8100 0001", kLinkTagsMax, "0800 45").has_value());
  CHECK(with("8100 0001", kLinkTagsMax + 1, "0800 45") == DecodeOutcome::kTooDeep);
  CHECK(with("8100 0001", 5000, "0800 45") == DecodeOutcome::kTooDeep);
  const auto labels = [](unsigned count) {
    std::string bytes = kMac + "8847";
    for (unsigned i = 1; i < count; ++i) bytes += "00064040";
    return open((bytes + "00064140 45").c_str());
  };
  CHECK_FALSE(labels(kLinkTagsMax).has_value());
  CHECK(labels(kLinkTagsMax + 1) == DecodeOutcome::kTooDeep);
}
