// WebSocket frames in, messages and events out.

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "collector/wire/packet/packet_builder.h"
#include "collector/wire/websocket/frame.h"
#include "tests/support/decoder_harness.h"
#include "tests/support/frames.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Lines = std::vector<std::string>;

WebSocketParams plain() {
  WebSocketParams params;
  params.handshake_seen = true;
  params.subprotocol = "ocpp1.6";
  params.ocpp_offered = true;
  return params;
}

WebSocketParams deflate(bool client_takeover = true, bool server_takeover = true) {
  WebSocketParams params = plain();
  params.deflate = true;
  params.client_context_takeover = client_takeover;
  params.server_context_takeover = server_takeover;
  return params;
}

std::unique_ptr<StreamDecoder> make() {
  return make_websocket_decoder(plain());
}

std::unique_ptr<StreamDecoder> make_deflate() {
  return make_websocket_decoder(deflate());
}

std::string call(std::string_view id, std::string_view action = "Heartbeat") {
  return "[2,\"" + std::string(id) + "\",\"" + std::string(action) + "\",{}]";
}

std::string result(std::string_view id) {
  return "[3,\"" + std::string(id) + "\",{}]";
}

std::string bytes_of(std::string_view hex) {
  return std::string(as_text(build::hex(hex)));
}

// Ids of the OCPP messages, in order.
std::string ids(const Lines& lines) {
  std::string out;
  for (const std::string& line : named(lines, "ocpp.message")) out += field(line, "id") + " ";
  return out;
}

FrameForm first_part() {
  FrameForm form;
  form.fin = false;
  return form;
}

FrameForm compressed(bool fin = true) {
  FrameForm form;
  form.rsv = 4;
  form.fin = fin;
  return form;
}

FrameForm reserved(std::uint8_t bits) {
  FrameForm form;
  form.rsv = bits;
  return form;
}

FrameForm wrong_mask() {
  FrameForm form;
  form.wrong_mask = true;
  return form;
}

FrameForm long_length(std::uint8_t bytes) {
  FrameForm form;
  form.length_of = bytes;
  return form;
}

// A frame header of the server that promises so many bytes.
std::string promise(std::uint64_t len) {
  std::string out = "\x81\x7f";
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(len >> unsigned(shift));
  return out;
}

}  // namespace

TEST_CASE("the frames of RFC 6455, 5.7 are read") {
  // Unmasked and masked "Hello", the same in two fragments, ping and its masked pong.
  const Lines lines = check_decoder(
      make, {server(bytes_of("810548656c6c6f")), client(bytes_of("818537fa213d7f9f4d5158")),
             server(bytes_of("010348656c")), server(bytes_of("80026c6f")),
             server(bytes_of("890548656c6c6f")), client(bytes_of("8a8537fa213d7f9f4d5158"))});
  REQUIRE(lines.size() == 5);
  for (std::size_t i = 0; i < 3; ++i) CHECK(field(lines[i], "kind") == "malformed_json");
  CHECK(lines[3] == "websocket.control s opcode=ping payload_bytes=5");
  CHECK(lines[4] == "websocket.control c opcode=pong payload_bytes=5");
}

TEST_CASE("messages of all length forms are read in both directions") {
  for (const std::size_t pad : {0U, 100U, 200U, 70'000U}) {
    const bool large = pad > kLargeMessageLen;  // Said of each, besides.
    const std::string message =
        "[2,\"1\",\"DataTransfer\",{\"data\":\"" + std::string(pad, 'x') + "\"}]";
    DecoderRig rig(make());
    rig.send(Side::kClient, client_text(message)).send(Side::kServer, server_text(message));
    std::size_t messages = 0;
    for (const std::string& line : rig.lines()) {
      if (!line.starts_with("ocpp.message")) continue;
      ++messages;
      CHECK(field(line, "size_bytes") == std::to_string(message.size()));
    }
    CHECK(messages == 2);
    CHECK(rig.kinds() == (large ? "large_message large_message" : ""));
  }
}

TEST_CASE("control frames between fragments do not disturb the message") {
  const std::string text = call("1");
  const Lines lines = check_decoder(
      make, {client(client_frame(1, text.substr(0, 5), first_part()) + client_frame(9, "ab") +
                    client_frame(0, text.substr(5, 4), first_part()) + client_frame(10, "") +
                    client_frame(0, text.substr(9)) +
                    client_frame(8,
                                 "\x03\xe9"
                                 "bye"))});
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "websocket.control c opcode=ping payload_bytes=2");
  CHECK(lines[1] == "websocket.control c opcode=pong payload_bytes=0");
  CHECK(field(lines[2], "action") == "Heartbeat");
  CHECK(lines[3] ==
        "websocket.control c opcode=close payload_bytes=5 close_code=1001 close_reason=bye");
  CHECK(lines[4].starts_with("ocpp.unanswered_call"));
}

TEST_CASE("each kind of WebSocket anomaly is reported") {
  struct Row {
    std::string_view kinds;  // All that the steps give, in order.
    std::vector<Step> steps;
  };

  const std::string text = call("1");
  const std::string long_text(126, 'x');
  const std::string invalid = "[2,\"1\",\"Heart\xff\",{}]";
  const Row rows[] = {
      {"unmasked_client_frame", {client(client_frame(1, text, wrong_mask()))}},
      {"masked_server_frame",
       {server(server_frame(1, result("1"), wrong_mask())), server(server_frame(9, ""))}},
      {"reserved_bit", {client(client_frame(1, text, reserved(2)))}},
      {"reserved_bit", {client(client_frame(1, text, reserved(1)))}},
      {"reserved_bit", {client(client_frame(9, "", reserved(4)))}},
      {"reserved_bit",
       {client(client_frame(1, "[2,", first_part()) +
               client_frame(0, text.substr(3), reserved(4)))}},
      {"reserved_opcode", {client(client_frame(3, "x"))}},
      {"reserved_opcode", {client(client_frame(11, "x"))}},
      {"long_control_frame", {client(client_frame(9, long_text))}},
      {"fragmented_control_frame", {client(client_frame(9, "x", first_part()))}},
      {"orphan_continuation", {client(client_frame(0, text))}},
      {"interrupted_message", {client(client_frame(1, "[2,", first_part()) + client_text(text))}},
      {"length_not_minimal", {client(client_frame(1, text, long_length(2)))}},
      {"length_not_minimal", {client(client_frame(1, text, long_length(8)))}},
      {"frame_too_long", {server(promise(kMessageMaxLen + 1))}},
      {"frame_too_long", {server(promise(~std::uint64_t{0}))}},
      {"invalid_utf8", {client(client_text(invalid))}},
      {"invalid_utf8", {client(client_frame(8, "\x03\xe8\xff"))}},
      {"bad_close_code", {client(client_frame(8, "\x03\xed"))}},  // 1005 is never sent.
      {"bad_close_code", {client(client_frame(8, "\x03"))}},      // One byte is no code.
      {"bad_compression compression_not_negotiated",
       {client(client_frame(1, "\xff\xff", compressed()))}},
      {"data_after_close", {client(client_frame(8, "\x03\xe8") + client_text(text))}},
      {"binary_message", {client(client_frame(2, text))}},
  };
  for (const Row& row : rows) {
    INFO(row.kinds);
    DecoderRig rig(make());
    // What follows makes clear that the messages are OCPP and that the stream was survived.
    rig.run(row.steps);
    std::string seen = anomaly_kinds(named(rig.lines(), "websocket.anomaly"));
    if (seen == "compression_not_negotiated bad_compression") {
      seen = "bad_compression compression_not_negotiated";
    }
    CHECK(seen == row.kinds);
    rig.send(row.steps.front().side, row.steps.front().side == Side::kClient
                                         ? client_text(call("after"))
                                         : server_text(call("after", "Reset")));
    CHECK(named(rig.lines(), "ocpp.message").back().find("id=after") != std::string::npos);
  }
}

TEST_CASE("anomalies do not depend on how the bytes are cut") {
  const std::string text = call("1");
  const std::string long_close = "\x03\xe8" + std::string(150, 'x');
  const Lines lines = check_decoder(
      make, {client(client_frame(1, text, wrong_mask()) + client_frame(9, std::string(130, 'p')) +
                    client_frame(3, "x") + client_frame(0, "orphan") +
                    client_frame(1, "part", first_part()) + client_frame(2, call("2")) +
                    client_frame(8, long_close) + client_frame(8, "\x03\xe8"))});
  CHECK(anomaly_kinds(lines) ==
        "unmasked_client_frame long_control_frame reserved_opcode orphan_continuation "
        "interrupted_message binary_message overlapping_call long_control_frame data_after_close");
}

TEST_CASE("close codes are judged by the ranges of RFC 6455") {
  struct Row {
    unsigned code;
    bool valid;
  };

  for (const Row& row :
       {Row{0, false}, Row{999, false}, Row{1000, true}, Row{1003, true}, Row{1004, false},
        Row{1005, false}, Row{1006, false}, Row{1007, true}, Row{1014, true}, Row{1015, false},
        Row{2999, false}, Row{3000, true}, Row{4999, true}, Row{5000, false}, Row{65535, false}}) {
    INFO(row.code);
    std::string payload;
    payload += static_cast<char>(row.code >> 8U);
    payload += static_cast<char>(row.code & 0xffU);
    DecoderRig rig(make());
    rig.send(Side::kServer, server_frame(8, payload));
    CHECK(rig.kinds() == (row.valid ? "" : "bad_close_code"));
    CHECK(field(rig.lines().back(), "close_code") == std::to_string(row.code));
  }
}

TEST_CASE("a message beyond the limit is skipped and reported") {
  const std::string part(kMessageMaxLen / 2, 'x');
  DecoderRig rig(make());
  rig.send(Side::kClient, client_frame(1, part, first_part()));
  rig.send(Side::kClient, client_frame(0, part, first_part()));
  CHECK(rig.kinds().empty());  // Exactly the limit so far.
  rig.send(Side::kClient, client_frame(0, "x", first_part()));
  CHECK(rig.kinds() == "message_too_long");
  CHECK(field(rig.lines().back(), "bytes") == std::to_string(kMessageMaxLen + 1));
  rig.send(Side::kClient, client_frame(0, part, first_part()));
  rig.send(Side::kClient, client_frame(0, "x") + client_text(call("after")));
  CHECK(rig.kinds() == "message_too_long");
  CHECK(ids(rig.lines()) == "after ");
  CHECK(rig.stats().limits.count(Limit::kMessage) == 1);
}

TEST_CASE("a frame of exactly the limit is read, one byte more is not waited for") {
  const std::string head = R"([2,"big","DataTransfer",{"data":")";
  const std::string text = head + std::string(kMessageMaxLen - head.size() - 3, 'x') + "\"}]";
  DecoderRig rig(make());
  rig.send(Side::kServer, server_text(text));
  CHECK(ids(rig.lines()) == "big ");
  rig.send(Side::kServer, promise(kMessageMaxLen + 1));
  rig.send(Side::kServer, server_text(call("next", "Reset")));
  CHECK(ids(rig.lines()) == "big next ");
  CHECK(rig.kinds().find("frame_too_long") != std::string::npos);
}

TEST_CASE("the longest frame header is fourteen bytes, and is read from single bytes") {
  const std::string frame = client_frame(1, call("1"), long_length(8));
  websocket::FrameHeader header;
  REQUIRE(websocket::parse_frame_header(as_bytes(frame), header));
  CHECK(header.header_len == websocket::kFrameHeaderMaxLen);
  CHECK(ids(check_decoder(make, {client(frame)}, false)) == "1 ");
}

TEST_CASE("a control frame holds 125 bytes, and more are reported and not kept") {
  const std::string most(websocket::kControlPayloadMaxLen, 'r');
  DecoderRig rig(make());
  rig.send(Side::kClient, client_frame(9, most));
  CHECK(rig.kinds().empty());
  rig.send(Side::kClient, client_frame(8, "\x0b\xb8" + most));
  CHECK(rig.kinds() == "long_control_frame");
  CHECK(field(rig.lines().back(), "close_code") == "3000");
  CHECK(field(rig.lines().back(), "close_reason").size() == websocket::kControlPayloadMaxLen - 2);
}

TEST_CASE("compressed messages of the reference are read") {
  // [2,"1","Heartbeat",{}] and [2,"2","Heartbeat",{}] with context takeover, masked.
  const Lines lines = check_decoder(
      make_deflate,
      {client(bytes_of("c19837fa213dbdccf36c05aef36cc5b26c111db36b701babf3949977243d")),
       client(bytes_of("c18837fa213dbdfcab275672233d"))},
      false);
  CHECK(ids(lines) == "1 2 ");
  CHECK(anomaly_kinds(lines) == "overlapping_call");
}

TEST_CASE("compression follows what was agreed on in each direction") {
  for (const bool client_takeover : {true, false}) {
    for (const bool server_takeover : {true, false}) {
      Deflater up(client_takeover);
      Deflater down(server_takeover);
      std::vector<Step> steps;
      for (const std::string id : {"1", "2", "3"}) {
        steps.push_back(client(client_frame(1, up.message(call(id)), compressed())));
        steps.push_back(server(server_frame(1, down.message(result(id)), compressed())));
      }
      const Lines lines = check_decoder(
          [&] { return make_websocket_decoder(deflate(client_takeover, server_takeover)); }, steps);
      INFO(client_takeover << server_takeover);
      CHECK(ids(lines) == "1 1 2 2 3 3 ");
      CHECK(anomaly_kinds(lines).empty());
    }
  }
}

TEST_CASE("takeover that was not agreed on breaks messages and is reported") {
  Deflater up;
  DecoderRig rig(make_websocket_decoder(deflate(false, true)));
  rig.send(Side::kClient, client_frame(1, up.message(call("1")), compressed()));
  rig.send(Side::kClient, client_frame(1, up.message(call("2")), compressed()));
  CHECK(ids(rig.lines()) == "1 ");
  CHECK(rig.kinds() == "bad_compression");
}

TEST_CASE("compressed messages come in fragments, and between plain ones") {
  Deflater up;
  const std::string first = up.message(call("1"));
  const std::string third = up.message(call("3"));
  const Lines lines = check_decoder(
      make_deflate, {client(client_frame(1, first.substr(0, 4), compressed(false)) +
                            client_frame(9, "") + client_frame(0, first.substr(4))),
                     server(server_text(result("1"))), client(client_text(call("2"))),
                     server(server_text(result("2"))), client(client_frame(1, third, compressed())),
                     server(server_text(result("3")))});
  CHECK(ids(lines) == "1 1 2 2 3 3 ");
  CHECK(anomaly_kinds(lines).empty());
}

TEST_CASE("compression without agreement is tried, and reported") {
  Deflater up;
  const Lines lines =
      check_decoder(make, {client(client_frame(1, up.message(call("1")), compressed()))}, false);
  CHECK(anomaly_kinds(lines) == "compression_not_negotiated");
  CHECK(ids(lines) == "1 ");
}

TEST_CASE("a decompression bomb is stopped and reported, and the connection goes on") {
  Deflater up(false);
  const std::string bomb = up.message(std::string(kMessageMaxLen + 1, 'A'));
  REQUIRE(bomb.size() < 20'000);
  DecoderRig rig(make_websocket_decoder(deflate(false, false)));
  rig.send(Side::kClient, client_frame(1, bomb, compressed()));
  CHECK(rig.kinds() == "compression_bomb");
  CHECK(rig.stats().limits.count(Limit::kMessage) == 1);
  rig.send(Side::kClient, client_frame(1, up.message(call("1")), compressed()));
  CHECK(ids(rig.lines()) == "1 ");
}

TEST_CASE("a gap inside a frame costs one message") {
  const std::string text = call("lost");
  const std::string frame = client_text(text);
  for (std::size_t from = 6; from < frame.size(); ++from) {
    for (std::size_t len = 1; from + len <= frame.size(); ++len) {
      DecoderRig rig(make());
      rig.send(Side::kClient, client_text(call("1")) + frame.substr(0, from));
      rig.gap(Side::kClient, len);
      rig.send(Side::kClient, frame.substr(from + len) + client_text(call("2")));
      INFO("from " << from << " len " << len);
      CHECK(ids(rig.lines()) == "1 2 ");
      CHECK(rig.stats().ocpp_partial == 1);
      CHECK(named(rig.lines(), "websocket.anomaly").empty());
    }
  }
}

TEST_CASE("a gap between frames, or larger than one, costs what it covers") {
  for (const std::uint64_t missing : {std::uint64_t{28}, std::uint64_t{100'000}}) {
    DecoderRig rig(make());
    rig.send(Side::kClient, client_text(call("1"))).gap(Side::kClient, missing);
    rig.send(Side::kClient, client_text(call("3")));
    CHECK(ids(rig.lines()) == "1 3 ");
    CHECK(named(rig.lines(), "websocket.anomaly").empty());
  }
}

TEST_CASE("a gap beyond the end of its frame is survived") {
  DecoderRig rig(make());
  const std::string frame = client_text(call("2"));
  rig.send(Side::kClient, client_text(call("1")) + frame.substr(0, 12));
  rig.gap(Side::kClient, frame.size() - 12 + 9);  // Into the middle of the third message.
  rig.send(Side::kClient, client_text(call("3")).substr(9));
  rig.send(Side::kClient, client_text(call("4")));
  CHECK(ids(rig.lines()) == "1 4 ");
  CHECK(rig.stats().ocpp_partial == 1);
}

TEST_CASE("a gap inside a header is survived") {
  DecoderRig rig(make());
  rig.send(Side::kClient, client_text(call("1")).substr(0, 3)).gap(Side::kClient, 5);
  rig.send(Side::kClient, "rest");
  rig.send(Side::kClient, client_text(call("2")));
  CHECK(ids(rig.lines()) == "2 ");
}

TEST_CASE("a gap between the fragments of a message leaves a partial message") {
  const std::string text = call("1");
  DecoderRig rig(make());
  rig.send(Side::kClient, client_text(call("0")));
  rig.send(Side::kClient, client_frame(1, text.substr(0, 20), first_part()));
  rig.gap(Side::kClient, 8);
  rig.send(Side::kClient, client_text(call("2")));
  CHECK(ids(rig.lines()) == "0 2 ");
  CHECK(rig.stats().ocpp_partial == 1);
}

TEST_CASE("a gap in a control frame does not damage the message around it") {
  const std::string text = call("1");
  DecoderRig rig(make());
  rig.send(Side::kClient, client_frame(1, text.substr(0, 8), first_part()));
  const std::string close = client_frame(8,
                                         "\x03\xe8"
                                         "reason");
  rig.send(Side::kClient, close.substr(0, 6)).gap(Side::kClient, 2);
  rig.send(Side::kClient, close.substr(8) + client_frame(0, text.substr(8)));
  CHECK(ids(rig.lines()) == "1 ");
  CHECK(rig.stats().ocpp_partial == 0);
  const Lines control = named(rig.lines(), "websocket.control");
  REQUIRE(control.size() == 1);
  CHECK(field(control[0], "close_code").empty());  // It was in the gap.
  CHECK(named(rig.lines(), "websocket.anomaly").size() == 1);
  CHECK(rig.kinds() == "data_after_close");
}

TEST_CASE("after a gap compressed messages are read again as their text fills in") {
  Deflater up;
  DecoderRig rig(make_deflate());
  rig.send(Side::kClient, client_frame(1, up.message(call("1")), compressed()));
  const std::string lost = client_frame(1, up.message(call("2")), compressed());
  rig.gap(Side::kClient, lost.size());
  rig.send(Side::kClient, client_frame(1, up.message(call("3")), compressed()));
  rig.send(Side::kClient, client_text(call("4")));
  // Its references into the lost text are placeholders: nothing is concluded from it.
  CHECK(rig.stats().ocpp_partial == 1);
  CHECK(ids(rig.lines()) == "1 4 ");
  CHECK(named(rig.lines(), "websocket.anomaly").empty());
}

TEST_CASE("a gap before the first compressed message loses its window too") {
  Deflater up;
  DecoderRig rig(make_deflate());
  const std::string lost = client_frame(1, up.message(call("1")), compressed());
  rig.gap(Side::kClient, lost.size());
  rig.send(Side::kClient, client_frame(1, up.message(call("2")), compressed()));
  CHECK(rig.stats().ocpp_partial == 1);
  CHECK(named(rig.lines(), "websocket.anomaly").empty());
}

TEST_CASE("plain messages stay whole when the compression window is lost") {
  Deflater up;
  const std::string text = client_text(call("9"));
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    DecoderRig rig(make_deflate());
    rig.send(Side::kClient, client_frame(1, up.message(call("1")), compressed()));
    rig.gap(Side::kClient, 50);
    rig.send(Side::kClient, client_text(call("8")));
    rig.send(Side::kClient, text.substr(0, cut)).send(Side::kClient, text.substr(cut));
    INFO("cut at " << cut);
    CHECK(ids(rig.lines()).ends_with("8 9 "));
  }
}

TEST_CASE("answers behind a gap before the first message are no news") {
  DecoderRig rig(make());
  rig.gap(Side::kClient, 28);  // The call.
  rig.send(Side::kServer, server_text(result("1")));
  CHECK(rig.kinds().empty());
  CHECK(ids(rig.lines()) == "1 ");
}

TEST_CASE("a stream in which no frame is found again is reported once") {
  DecoderRig rig(make());
  rig.send(Side::kServer, server_text(call("1", "Reset"))).gap(Side::kServer, 1000);
  const std::string noise(10'000, 'x');
  for (int i = 0; i < 3; ++i) rig.send(Side::kServer, noise);
  CHECK(rig.kinds().empty());  // The rest of a long message, maybe.
  for (int i = 0; i < 20; ++i) rig.send(Side::kServer, noise);
  CHECK(rig.kinds() == "lost_synchronisation");
  rig.send(Side::kServer, server_text(call("2", "Reset")));
  CHECK(ids(rig.lines()) == "1 2 ");
}

TEST_CASE("a message that the end of the connection cuts off is reported as partial") {
  DecoderRig rig(make());
  const std::string frame = client_text(call("1"));
  rig.send(Side::kClient, frame.substr(0, frame.size() - 3)).end();
  CHECK(rig.stats().ocpp_partial == 1);
  CHECK(rig.kinds() == "partial_message");
  DecoderRig fragments(make());
  fragments.send(Side::kClient, client_frame(1, call("1").substr(0, 20), first_part())).end();
  CHECK(fragments.stats().ocpp_partial == 1);
}

TEST_CASE("a first message that is damaged does not decide who understands the rest") {
  WebSocketParams params;
  params.handshake_seen = true;
  DecoderRig rig(make_websocket_decoder(params));
  const std::string frame = client_text(call("1"));
  rig.send(Side::kClient, frame.substr(0, 7)).gap(Side::kClient, 10);
  rig.send(Side::kClient, frame.substr(17) + client_text(call("2")));
  CHECK(ids(rig.lines()) == "2 ");
}

TEST_CASE("after its end a connection that goes on is understood as before") {
  Deflater up;
  DecoderRig rig(make_deflate());
  rig.send(Side::kClient, client_frame(1, up.message(call("1")), compressed()));
  const std::string second = client_frame(1, up.message(call("2")), compressed());
  rig.send(Side::kClient, second.substr(0, 10)).end();
  CHECK(named(rig.lines(), "ocpp.anomaly").size() == 1);
  CHECK(rig.kinds() == "partial_message");
  rig.end();
  CHECK(rig.kinds() == "partial_message");
  rig.send(Side::kServer, server_text(result("1")));
  rig.send(Side::kClient, second.substr(10)).send(Side::kServer, server_text(result("2")));
  rig.send(Side::kClient, client_frame(1, up.message(call("3")), compressed()));
  CHECK(ids(rig.lines()) == "1 1 2 2 3 ");
  CHECK(rig.kinds() == "partial_message");
}
