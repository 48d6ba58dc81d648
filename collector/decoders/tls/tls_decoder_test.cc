#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "collector/wire/packet/packet_builder.h"
#include "tests/support/decoder_harness.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

const StreamDecoderDef& tls() {
  for (const StreamDecoderDef& def : stream_decoders()) {
    if (def.name == "tls") return def;
  }
  FAIL("no TLS decoder in the registry");
  return stream_decoders().front();
}

ProbeResult probe(std::string_view hex) {
  return tls().probe(build::hex(hex));
}

}  // namespace

TEST_CASE("a hello is recognised as TLS, and tells who sent it") {
  struct Row {
    std::string_view hex;
    Probe answer;
    Side sender;
  };

  const Row rows[] = {
      {"16 0301 0200 01", Probe::kYes, Side::kClient},  // ClientHello, as TLS 1.3 sends it.
      {"16 0303 007a 02", Probe::kYes, Side::kServer},  // ServerHello.
      {"16 0300 0004 01", Probe::kYes, Side::kClient},  // SSL 3.0.
      {"16 0304 4100 01", Probe::kYes, Side::kClient},  // The longest record.
      {"16 0303", Probe::kNeedMore, Side::kClient},
      {"", Probe::kNeedMore, Side::kClient},
      {"17 0303", Probe::kNo, Side::kClient},
      {"17 0303 0100 01", Probe::kNo, Side::kClient},  // Application data: met in the middle.
      {"16 0203 0100 01", Probe::kNo, Side::kClient},
      {"16 0305 0100 01", Probe::kNo, Side::kClient},
      {"16 0303 0003 01", Probe::kNo, Side::kClient},  // Too short for a handshake message.
      {"16 0303 4101 01", Probe::kNo, Side::kClient},
      {"16 0303 0100 0b", Probe::kNo, Side::kClient},  // Certificate: not the first message.
      {"474554202f20", Probe::kNo, Side::kClient},     // GET /
  };
  for (const Row& row : rows) {
    INFO(row.hex);
    const ProbeResult result = probe(row.hex);
    CHECK(result.answer == row.answer);
    CHECK(result.sender_known == (row.answer == Probe::kYes));
    if (result.sender_known) CHECK(result.sender == row.sender);
  }
}

TEST_CASE("an encrypted connection is told once, and not looked at any more") {
  DecoderRig rig(tls().create());
  const build::Buffer hello = build::hex("16 0301 0200 01 0001fc 0303");
  rig.send(Side::kClient, as_text(hello));
  CHECK(rig.stopped());
  CHECK(rig.protocol() == "tls");
  CHECK(rig.lines() == std::vector<std::string>{"tls.seen c record_version=3.1"});
  rig.send(Side::kServer, as_text(hello)).gap(Side::kServer, 5).end();
  CHECK(rig.lines().size() == 1);
  CHECK(rig.stats().connections_tls == 1);
}
