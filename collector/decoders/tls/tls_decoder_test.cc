#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "collector/wire/packet/packet_builder.h"
#include "tests/support/decoder_harness.h"
#include "tests/support/tls_bytes.h"

using namespace chargewarden;
using namespace chargewarden::harness;
using namespace chargewarden::testing;

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

TEST_CASE("an encrypted connection is told once, with its handshake, and then not looked at") {
  const auto text = [](const ByteString& bytes) { return std::string(bytes.begin(), bytes.end()); };
  const std::string hello =
      text(record(22,
                  handshake(1, client_hello({.suites = {0xc02b, 0x000a},
                                             .extensions = server_name("csms.example.net")})),
                  1));
  const std::string answer = text(record(22, handshake(2, server_hello({.suites = {0x000a}}))));
  const std::string finished = text(record(20, {1})) + text(record(22, ByteString(40, 0xee)));
  const std::vector<Step> steps = {
      client(hello), server(answer + text(record(22, handshake(11, certificate_list({{7}}))))),
      client(finished), server(finished), server("what follows is not looked at")};
  DecoderRig rig(tls().create());
  rig.run(steps);
  CHECK(rig.stopped());
  CHECK(rig.protocol() == "tls");
  REQUIRE(rig.lines().size() == 3);
  CHECK(rig.lines()[0] == "tls.seen c record_version=3.1");
  CHECK(rig.lines()[1] ==
        "tls.certificates s certificates_of=server chain=[Bw==] server_name=csms.example.net");
  const std::string& line = rig.lines()[2];
  CHECK(line.starts_with("tls.handshake c outcome=completed version=1.2 version_offered=1.2 "));
  CHECK(field(line, "suite") == "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
  CHECK(field(line, "suite_weakness") == "3des");
  CHECK(field(line, "forward_secrecy") == "false");
  CHECK(field(line, "server_name") == "csms.example.net");
  CHECK(field(line, "client_certificate") == "not_requested");
  CHECK(rig.stats().connections_tls == 1);
}

TEST_CASE("a handshake that is refused tells by whom and why") {
  const auto text = [](const ByteString& bytes) { return std::string(bytes.begin(), bytes.end()); };
  DecoderRig rig(tls().create());
  rig.send(Side::kClient, text(record(22, handshake(1, client_hello({.version = 0x0301})), 1)));
  rig.send(Side::kServer, text(record(21, {2, 70})));
  REQUIRE(rig.lines().size() == 2);
  CHECK(field(rig.lines()[1], "outcome") == "refused");
  CHECK(field(rig.lines()[1], "alert") == "protocol_version");
  CHECK(field(rig.lines()[1], "alert_by") == "server");
  CHECK(field(rig.lines()[1], "version_offered") == "1.0");
  CHECK(field(rig.lines()[1], "version").empty());
}

TEST_CASE("a handshake that breaks off or has a gap is told for what it is") {
  const auto text = [](const ByteString& bytes) { return std::string(bytes.begin(), bytes.end()); };
  const std::string hello = text(record(22, handshake(1, client_hello({})), 1));
  DecoderRig ended(tls().create());
  ended.send(Side::kClient, hello).end();
  CHECK(field(ended.lines().back(), "outcome") == "unfinished");
  ended.end();
  CHECK(ended.lines().size() == 2);
  DecoderRig gap(tls().create());
  gap.send(Side::kClient, hello).gap(Side::kServer, 5).end();
  CHECK(gap.stopped());
  CHECK(field(gap.lines().back(), "outcome") == "lost");
  DecoderRig broken(tls().create());
  broken.send(Side::kClient, hello).send(Side::kServer, "HTTP/1.1 400 Bad Request");
  CHECK(broken.kinds() == "not_a_record");
}
