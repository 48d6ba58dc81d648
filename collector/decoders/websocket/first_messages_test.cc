// What a WebSocket without an OCPP subprotocol carries, judged by its first messages.

#include "collector/decoders/websocket/first_messages.h"

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "collector/base/limits.h"
#include "tests/support/decoder_harness.h"
#include "tests/support/frames.h"

using namespace chargewarden;             // NOLINT(google-build-using-namespace)
using namespace chargewarden::harness;    // NOLINT(google-build-using-namespace)
using namespace chargewarden::websocket;  // NOLINT(google-build-using-namespace)

namespace {

using Lines = std::vector<std::string>;

std::string call(std::string_view id, std::string_view action = "Heartbeat") {
  return "[2,\"" + std::string(id) + "\",\"" + std::string(action) + "\",{}]";
}

std::string result(std::string_view id) {
  return "[3,\"" + std::string(id) + "\",{}]";
}

// Ids of the OCPP messages, in order.
std::string ids(const Lines& lines) {
  std::string out;
  for (const std::string& line : named(lines, "ocpp.message")) out += field(line, "id") + " ";
  return out;
}

// A WebSocket whose handshake says nothing of OCPP.
std::unique_ptr<StreamDecoder> make_unnamed() {
  WebSocketParams params;
  params.handshake_seen = true;
  params.identity = "CP9";
  return make_websocket_decoder(params);
}

std::string texts(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += client_text("ping");
  return out;
}

}  // namespace

TEST_CASE("a WebSocket that begins with something else becomes OCPP when OCPP follows") {
  for (const char* other : {"ping", "", "{}", "[42]", "hello [2,\"x\",\"Heartbeat\",{}]"}) {
    INFO(other);
    const Lines lines = check_decoder(
        make_unnamed, {client(client_text(other)), server(server_text("pong")),
                       client(client_text(call("1"))), server(server_text(result("1")))});
    CHECK(ids(lines) == "1 1 ");
    const Lines recognised = named(lines, "websocket.recognised");
    REQUIRE(recognised.size() == 1);
    CHECK(recognised[0] == "websocket.recognised c content=ocpp judged_messages=3 station=CP9");
    // What came before is judged as well, in its order: client, server, and then the call.
    CHECK(lines[0] == recognised[0]);
    CHECK(named(lines, "ocpp.anomaly").size() == 2);
    CHECK(named(lines, "ocpp.anomaly")[0].starts_with("ocpp.anomaly c "));
    CHECK(named(lines, "ocpp.anomaly")[1].starts_with("ocpp.anomaly s "));
    CHECK(lines[3].starts_with("ocpp.message c "));
  }
}

TEST_CASE("a WebSocket is judged by its first messages, of both sides together") {
  const auto judged = [](std::size_t before) {
    DecoderRig rig(make_unnamed());
    rig.send(Side::kClient, texts(before)).send(Side::kServer, server_text(call("1", "Reset")));
    rig.end();
    CHECK(rig.stats().websockets_other == (before < kJudgedMessagesMax ? 0 : 1));
    CHECK(rig.stats().ocpp_invalid == (before < kJudgedMessagesMax ? before : 0));
    CHECK(rig.station() == (before < kJudgedMessagesMax ? "CP9" : ""));
    CHECK(named(rig.lines(), "websocket.recognised").size() == 1);
    return ids(rig.lines());
  };
  CHECK(judged(0) == "1 ");
  CHECK(judged(kJudgedMessagesMax - 1) == "1 ");
  CHECK(judged(kJudgedMessagesMax).empty());
  DecoderRig rig(make_unnamed());
  rig.send(Side::kClient, texts(kJudgedMessagesMax));
  CHECK(rig.lines() == Lines{"websocket.recognised c content=other judged_messages=8"});
  rig.end();
  CHECK(rig.lines().size() == 1);
}

TEST_CASE("a WebSocket that ends before it is clear what it carries is somebody else's") {
  DecoderRig rig(make_unnamed());
  rig.send(Side::kClient, texts(2)).end();
  CHECK(rig.lines() == Lines{"websocket.recognised c content=other judged_messages=2"});
  CHECK(rig.stats().websockets_other == 1);
  CHECK(rig.stats().ocpp_invalid == 0);
  DecoderRig silent(make_unnamed());
  silent.end();
  CHECK(silent.lines().empty());
}

TEST_CASE("an agreed subprotocol needs no judgement") {
  WebSocketParams params;
  params.handshake_seen = true;
  params.subprotocol = "ocpp1.6";
  DecoderRig rig(make_websocket_decoder(params));
  rig.send(Side::kClient, client_text("ping") + client_text(call("1")));
  CHECK(named(rig.lines(), "websocket.recognised").empty());
  CHECK(ids(rig.lines()) == "1 ");
  CHECK(rig.kinds() == "malformed_json");
}

TEST_CASE("abuse of the framing before the decision is reported when OCPP follows") {
  const auto kinds = [](std::string_view last) {
    DecoderRig rig(make_unnamed());
    rig.send(Side::kClient, client_text("ping") + client_frame(3, "?") + client_text("ping"));
    CHECK(rig.kinds().empty());
    rig.send(Side::kClient, client_text(last)).end();
    return rig.kinds();
  };
  CHECK(kinds(call("1")) == "malformed_json reserved_opcode malformed_json");
  CHECK(kinds("end").empty());
}

TEST_CASE("numeric ids are recognised in calls") {
  DecoderRig rig(make_unnamed());
  rig.send(Side::kClient, client_text("[3,4,5]") + client_text("[2,7,\"Heartbeat\",{}]"));
  // Only the second one decides; the first is then read as what it may be.
  CHECK(field(named(rig.lines(), "websocket.recognised")[0], "judged_messages") == "2");
  CHECK(ids(rig.lines()) == "4 7 ");
}

TEST_CASE("of a long message before the decision the begin is kept, and counted") {
  for (const std::size_t len : {kJudgedTextMaxLen, kJudgedTextMaxLen + 1}) {
    DecoderRig rig(make_unnamed());
    rig.send(Side::kClient, client_text("\"" + std::string(len - 2, 'x') + "\""));
    rig.send(Side::kClient, client_text(call("1")));
    const bool cut = len > kJudgedTextMaxLen;
    CHECK(rig.kinds() == (cut ? "partial_message" : "not_an_array"));
    CHECK(rig.stats().ocpp_partial == (cut ? 1 : 0));
    CHECK(rig.stats().limits.count(Limit::kJudgedMessages) == (cut ? 1 : 0));
    CHECK(ids(rig.lines()) == "1 ");
  }
}

TEST_CASE("more before the decision than is kept is counted") {
  DecoderRig rig(make_unnamed());
  rig.send(Side::kClient, texts(1));
  for (std::size_t i = 0; i < kKeptBeforeDecisionMax + 2; ++i) {
    rig.send(Side::kClient, client_frame(3, "?"));
  }
  CHECK(rig.stats().limits.count(Limit::kJudgedMessages) == 3);
  rig.send(Side::kClient, client_text(call("1")));
  CHECK(ids(rig.lines()) == "1 ");
  CHECK(named(rig.lines(), "websocket.anomaly").size() == kKeptBeforeDecisionMax - 1);
}
