// One connection: who speaks, what is spoken, how it ends, and what forged segments cannot do.

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "collector/base/digest.h"
#include "tests/support/frames.h"
#include "tests/support/tcp_talk.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Lines = std::vector<std::string>;

const std::string kUpgrade =
    "GET /ocpp/CP1 HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "
    "dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n";
const std::string kSwitching =
    "HTTP/1.1 101 OK\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n";
const std::string kHello("\x16\x03\x01\x00\x50\x01\x00\x00\x4c\x03\x03", 11);

std::string call(int id) {
  return client_text("[2,\"" + std::to_string(id) + "\",\"Heartbeat\",{}]");
}

std::string result(int id) {
  return server_text("[3,\"" + std::to_string(id) + "\",{}]");
}

TcpTalk& start(TcpTalk& talk) {
  return talk.open().data(Side::kClient, kUpgrade).data(Side::kServer, kSwitching);
}

TcpTalk& exchange(TcpTalk& talk, int id) {
  return talk.data(Side::kClient, call(id)).data(Side::kServer, result(id));
}

std::string ids(const TableRig& rig) {
  std::string out;
  for (const std::string& line : named(rig.lines(), "ocpp.message")) out += field(line, "id") + " ";
  return out;
}

}  // namespace

TEST_CASE("a connection is followed from its handshake to its end") {
  TcpTalk talk;
  exchange(start(talk), 1).fin(Side::kClient).ack(Side::kServer).fin(Side::kServer);
  TableRig rig;
  rig.feed(talk);
  const Lines& lines = rig.lines();
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "connection.opened c midstream=false accepted=true protocol=http");
  CHECK(lines[1].starts_with("http.upgrade c "));
  CHECK(lines[2].starts_with("ocpp.message c "));
  CHECK(lines[3].starts_with("ocpp.message s "));
  CHECK(field(lines[4], "close_reason") == "fin");
  CHECK(field(lines[4], "duration_ms") == "9");
  CHECK(field(lines[4], "client_bytes") == std::to_string(kUpgrade.size() + call(1).size()));
  CHECK(field(lines[4], "server_bytes") == std::to_string(kSwitching.size() + result(1).size()));
  CHECK(field(lines[4], "protocol") == "websocket");
  CHECK(rig.stats().connections == 1);
  CHECK(rig.stats().connections_with_syn == 1);
}

TEST_CASE("half-closed, the other side may go on") {
  TcpTalk talk;
  start(talk).data(Side::kClient, call(1)).fin(Side::kClient).data(Side::kServer, result(1));
  TableRig rig;
  rig.feed(talk);
  CHECK(ids(rig) == "1 1 ");
  CHECK(rig.close_reasons().empty());
  rig.feed(talk.fin(Side::kServer).segments().back());
  CHECK(rig.close_reasons() == "fin");
}

TEST_CASE("a FIN that overtakes data does not cut it off") {
  TcpTalk talk;
  exchange(start(talk), 1).fin(Side::kServer);
  talk.data(Side::kClient, call(2)).fin(Side::kClient);
  std::vector<TalkSegment> segments = talk.segments();
  std::swap(segments[segments.size() - 1], segments[segments.size() - 2]);
  TableRig rig;
  rig.feed(segments);
  CHECK(ids(rig) == "1 1 2 ");
  CHECK(rig.close_reasons() == "fin");
}

TEST_CASE("keep-alive probes and bare acknowledgments change nothing") {
  TcpTalk talk;
  exchange(start(talk), 1);
  for (int i = 0; i < 10; ++i) {
    // RFC 9293, 3.8.4: one byte before the next, with or without a garbage byte.
    talk.wait_ms(30'000).forge(Side::kClient, kTcpAck, -1).ack(Side::kServer);
    talk.wait_ms(30'000).forge(Side::kServer, kTcpAck, -1, "\x00").ack(Side::kClient);
  }
  exchange(talk, 2);
  TableRig rig;
  rig.feed(talk);
  CHECK(ids(rig) == "1 1 2 2 ");
  CHECK(rig.kinds().empty());
  CHECK(named(rig.lines(), "connection.gap").empty());
}

TEST_CASE("a reset inside the window ends the connection, outside it is none") {
  for (const std::int64_t ahead :
       {std::int64_t{-1}, std::int64_t{-100'000}, std::int64_t{TcpStream::kWindowMaxLen} + 1}) {
    TcpTalk talk;
    exchange(start(talk), 1).reset(Side::kServer, ahead);
    TableRig rig;
    rig.feed(exchange(talk, 2));
    CHECK(ids(rig) == "1 1 2 2 ");
    CHECK(rig.close_reasons().empty());
  }
  for (const std::int64_t ahead : {std::int64_t{0}, std::int64_t{10'000}}) {
    TcpTalk talk;
    exchange(start(talk), 1).reset(Side::kServer, ahead);
    TableRig rig;
    rig.feed(talk);
    CHECK(rig.close_reasons() == "reset");
  }
}

TEST_CASE("after a forged reset a connection goes on with everything known, and it is told") {
  for (const std::int64_t ahead : {std::int64_t{0}, std::int64_t{10}, std::int64_t{100'000}}) {
    INFO(ahead);
    TcpTalk talk;
    exchange(start(talk), 1).reset(Side::kClient, ahead);
    exchange(exchange(talk, 2), 3).fin(Side::kClient).fin(Side::kServer);
    TableRig rig;
    rig.feed(talk);
    CHECK(rig.close_reasons() == "reset fin");
    CHECK(ids(rig) == "1 1 2 2 3 3 ");
    const Lines opened = named(rig.lines(), "connection.opened");
    REQUIRE(opened.size() == 2);
    CHECK(opened[1] ==
          "connection.opened c midstream=false resumes=0-1 accepted=true "
          "protocol=websocket station=CP1");
    for (const std::string& line : named(rig.lines(), "ocpp.message")) {
      CHECK(field(line, "version") == "1.6");
      CHECK(field(line, "version_guessed") == "false");
      CHECK(field(line, "station").starts_with("CP1"));
    }
    // Data before the place of the reset may only have been overtaken by it.
    CHECK(rig.kinds() == (ahead < 100'000 ? "reset_ignored" : ""));
    const Lines closed = named(rig.lines(), "connection.closed");
    const std::size_t rest = call(2).size() + call(3).size();
    CHECK(field(closed[1], "client_bytes") == std::to_string(rest));
    CHECK(rig.stats().connections == 2);
  }
}

TEST_CASE("a reset that overtakes data of its sender is no forgery") {
  TcpTalk talk;
  exchange(start(talk), 1).data(Side::kServer, result(2)).reset(Side::kServer);
  std::vector<TalkSegment> segments = talk.segments();
  std::swap(segments[segments.size() - 1], segments[segments.size() - 2]);
  TableRig rig;
  rig.feed(segments);
  CHECK(ids(rig) == "1 1 2 ");
  CHECK(rig.close_reasons() == "reset");
  CHECK(named(rig.lines(), "connection.anomaly").empty());
}

TEST_CASE("compression goes on where it was after a forged reset, also inside a message") {
  const std::string upgrade = kUpgrade.substr(0, kUpgrade.size() - 2) +
                              "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
  const std::string switching = kSwitching.substr(0, kSwitching.size() - 2) +
                                "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
  Deflater up;
  FrameForm form;
  form.rsv = 4;  // RSV1: compressed.
  const auto frame = [&](int id) {
    return client_frame(1, up.message("[2,\"" + std::to_string(id) + "\",\"Heartbeat\",{}]"), form);
  };
  TcpTalk talk;
  talk.open().data(Side::kClient, upgrade).data(Side::kServer, switching);
  talk.data(Side::kClient, frame(1)).data(Side::kServer, result(1)).reset(Side::kClient);
  talk.data(Side::kClient, frame(2)).data(Side::kServer, result(2));
  const std::string third = frame(3);
  talk.data(Side::kClient, third.substr(0, 9)).reset(Side::kClient);
  talk.data(Side::kClient, third.substr(9)).data(Side::kServer, result(3));
  TableRig rig;
  rig.feed(talk);
  CHECK(ids(rig) == "1 1 2 2 3 3 ");
  CHECK(rig.stats().ocpp_partial == 1);  // When the second reset came.
  CHECK(rig.kinds() == "reset_ignored partial_message reset_ignored");
  CHECK(rig.stats().answers_unmatched == 0);
}

TEST_CASE("what the other end sends behind a forged reset is not lost") {
  const std::string command = server_text(R"([2,"r","Reset",{"type":"Hard"}])");
  const std::string answer = client_text(R"([3,"r",{"status":"Accepted"}])");
  for (const bool acknowledged_alone : {false, true}) {
    INFO(acknowledged_alone);
    TcpTalk talk;
    exchange(start(talk), 1).reset(Side::kClient);
    talk.data(Side::kServer, command.substr(0, 7)).data(Side::kServer, command.substr(7));
    if (acknowledged_alone) {
      talk.ack(Side::kClient);
    } else {
      talk.data(Side::kClient, answer);
    }
    TableRig rig;
    rig.feed(talk);
    CHECK(ids(rig) == (acknowledged_alone ? "1 1 r " : "1 1 r r "));
    CHECK(rig.kinds() == "reset_ignored");
    CHECK(named(rig.lines(), "connection.gap").empty());
    CHECK(rig.stats().answers_unmatched == 0);
  }
}

TEST_CASE("an end that obeys a reset stays closed, whatever the other one still sends") {
  TcpTalk talk;
  exchange(start(talk), 1).reset(Side::kClient);
  talk.data(Side::kServer, server_text(R"([2,"r","Reset",{"type":"Hard"}])"));
  talk.forge(Side::kClient, kTcpRst, 0).forge(Side::kClient, kTcpRst, 0, "data in a reset");
  TableRig rig;
  rig.feed(talk).finish();
  CHECK(ids(rig) == "1 1 ");
  CHECK(rig.close_reasons() == "reset");
  CHECK(rig.kinds().empty());
}

TEST_CASE("a handshake goes on after a forged reset, and its calls are told unanswered once") {
  TcpTalk talk;
  talk.open().data(Side::kClient, kUpgrade).reset(Side::kClient);
  talk.data(Side::kServer, kSwitching).data(Side::kClient, call(1)).reset(Side::kClient);
  exchange(talk, 2).reset(Side::kServer);
  TableRig rig;
  rig.feed(talk);
  CHECK(ids(rig) == "1 2 2 ");
  CHECK(field(named(rig.lines(), "ocpp.message")[0], "station").starts_with("CP1"));
  CHECK(named(rig.lines(), "http.upgrade").size() == 1);
  const Lines unanswered = named(rig.lines(), "ocpp.unanswered_call");
  REQUIRE(unanswered.size() == 1);
  CHECK(field(unanswered[0], "id") == "1");
  CHECK(rig.close_reasons() == "reset reset reset");
}

TEST_CASE("a forged SYN behind a forged reset does not blind") {
  for (const std::int64_t ahead : {std::int64_t{1'000'000}, std::int64_t{-1'000'000}}) {
    TcpTalk talk;
    exchange(start(talk), 1).reset(Side::kClient).forge(Side::kClient, kTcpSyn, ahead);
    TableRig rig;
    rig.feed(exchange(talk, 2));
    CHECK(ids(rig) == "1 1 2 2 ");
    CHECK(rig.kinds() == "reset_ignored");
  }
}

TEST_CASE("a new connection whose SYN was not captured is not taken for the old one") {
  TcpTalk talk;
  exchange(start(talk), 1).reset(Side::kClient);
  TcpTalk second(50'000, talk.next(Side::kClient), talk.next(Side::kServer) + 100'000'000);
  second.wait_ms(1'000).data(Side::kClient, call(2));
  TableRig rig;
  rig.feed(talk).feed(second);
  CHECK(ids(rig) == "1 1 2 ");
  CHECK(field(named(rig.lines(), "connection.opened")[1], "midstream") == "true");
  CHECK(field(named(rig.lines(), "ocpp.message")[2], "station").empty());
  CHECK(rig.kinds().empty());
}

TEST_CASE("a minute after its end a connection that goes on is met in the middle") {
  for (const std::int64_t seconds : {std::int64_t{59}, std::int64_t{61}}) {
    TcpTalk talk;
    exchange(start(talk), 1).reset(Side::kClient);
    exchange(talk.wait_ms(seconds * 1'000), 2);
    TableRig rig;
    rig.feed(talk);
    CHECK(ids(rig) == "1 1 2 2 ");
    const bool known = seconds < 60;
    CHECK(field(named(rig.lines(), "connection.opened")[1], "midstream") ==
          (known ? "false" : "true"));
    CHECK(field(named(rig.lines(), "ocpp.message")[2], "version_guessed") ==
          (known ? "false" : "true"));
  }
}

TEST_CASE("a forged reset before the answer to a SYN does not blind") {
  for (const std::uint32_t server_start : {5'000U, 0x7fffffffU, 0x80000001U, 0xfffffff0U}) {
    TcpTalk talk(50'000, 1'000, server_start);
    talk.syn().reset(Side::kServer).syn_ack().ack(Side::kClient);
    talk.data(Side::kClient, kUpgrade).data(Side::kServer, kSwitching);
    exchange(talk, 1);
    TableRig rig;
    rig.feed(talk).finish();
    INFO(server_start);
    CHECK(ids(rig).find("1 ") != std::string::npos);
  }
}

TEST_CASE("forged FINs outside the window end nothing") {
  TcpTalk talk;
  exchange(start(talk), 1);
  for (const std::int64_t ahead : {std::int64_t{-500}, std::int64_t{1} << 30U}) {
    talk.forge(Side::kClient, kTcpFin | kTcpAck, ahead);
    talk.forge(Side::kServer, kTcpFin | kTcpAck, ahead);
  }
  TableRig rig;
  rig.feed(exchange(talk, 2));
  CHECK(ids(rig) == "1 1 2 2 ");
  CHECK(rig.close_reasons().empty());
}

TEST_CASE("forged FINs inside the window do not blind") {
  TcpTalk talk;
  exchange(start(talk), 1);
  talk.forge(Side::kClient, kTcpFin | kTcpAck, 0).forge(Side::kServer, kTcpFin | kTcpAck, 0);
  exchange(exchange(talk, 2), 3);
  TableRig rig;
  rig.feed(talk);
  CHECK(rig.close_reasons() == "fin");
  CHECK(ids(rig) == "1 1 2 2 3 3 ");
  CHECK(rig.kinds() == "fin_ignored");
  CHECK(field(named(rig.lines(), "connection.opened")[1], "resumes") == "0-1");
  CHECK(field(named(rig.lines(), "ocpp.message").back(), "version_guessed") == "false");
}

TEST_CASE("a forged FIN behind a real one of the other end is undone alone") {
  TcpTalk talk;
  start(talk).data(Side::kClient, call(1)).fin(Side::kClient);
  talk.forge(Side::kServer, kTcpFin | kTcpAck, 0);
  talk.data(Side::kServer, result(1)).fin(Side::kServer);
  TableRig rig;
  rig.feed(talk);
  CHECK(ids(rig) == "1 1 ");
  CHECK(rig.close_reasons() == "fin fin");
  CHECK(rig.kinds() == "fin_ignored");
}

TEST_CASE("two copies of the same bytes that differ are reported, and the first counts") {
  TcpTalk talk;
  exchange(start(talk), 1).data(Side::kClient, call(2));
  TalkSegment forged = talk.segments().back();
  forged.bytes = call(9);
  TableRig rig;
  rig.feed(talk).feed(forged);
  CHECK(rig.kinds() == "overlap_conflict");
  CHECK(named(rig.lines(), "connection.anomaly")[0].starts_with("connection.anomaly c"));
  CHECK(ids(rig) == "1 1 2 ");
}

TEST_CASE("missing bytes are reported once it is clear that they will not come") {
  TcpTalk talk;
  exchange(start(talk), 1).lose(Side::kClient, 28).data(Side::kServer, result(2));
  talk.data(Side::kClient, call(3)).data(Side::kServer, result(3));
  TableRig rig;
  rig.feed(talk);
  CHECK(named(rig.lines(), "connection.gap").empty());
  rig.feed(talk.wait_ms(10'000).ack(Side::kServer).segments().back());
  const Lines gaps = named(rig.lines(), "connection.gap");
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0] == "connection.gap c missing_bytes=28 station=CP1");
  CHECK(rig.stats().gap_bytes == 28);
  CHECK(ids(rig).ends_with("3 "));
}

TEST_CASE("who opened the connection is the client, whatever the ports are") {
  for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{60'000}}) {
    TcpTalk talk(port);
    exchange(start(talk), 1);
    TableRig rig;
    rig.feed(talk);
    CHECK(field(named(rig.lines(), "ocpp.message")[0], "direction") == "station_to_csms");
    TcpTalk late(port);
    exchange(start(late), 1);
    // From the answer to the SYN on.
    TableRig second;
    for (std::size_t i = 1; i < late.segments().size(); ++i) second.feed(late.segments()[i]);
    CHECK(field(named(second.lines(), "ocpp.message")[0], "direction") == "station_to_csms");
  }
}

TEST_CASE("what is spoken is found by looking, not by ports") {
  struct Row {
    std::string_view first;
    std::string_view protocol;
  };

  const Row rows[] = {
      {"GET / HTTP/1.1\r\n\r\n", "http"},
      {kHello, "tls"},
      {"SSH-2.0-x\r\n", "unknown"},
      {"GETTING", "unknown"},
      {"", "unknown"},
  };
  for (const Row& row : rows) {
    // At once, and byte by byte.
    for (const std::size_t step : {row.first.size() + 1, std::size_t{1}}) {
      TcpTalk talk;
      talk.open();
      for (std::size_t at = 0; at < row.first.size(); at += step) {
        talk.data(Side::kClient, row.first.substr(at, step));
      }
      TableRig rig;
      rig.feed(talk).finish();
      INFO(row.first);
      CHECK(field(named(rig.lines(), "connection.closed")[0], "protocol") == row.protocol);
      const bool unknown = row.protocol == "unknown" && !row.first.empty();
      CHECK(rig.stats().connections_unknown == (unknown ? 1 : 0));
    }
  }
}

TEST_CASE("an encrypted connection whose first segments come out of order is recognised") {
  TcpTalk talk;
  talk.open();
  for (const std::size_t at : {0U, 3U, 7U}) {
    talk.data(Side::kClient, kHello.substr(at, at == 0 ? 3 : 4));
  }
  std::vector<TalkSegment> segments = talk.segments();
  std::swap(segments[3], segments[5]);
  TableRig rig;
  rig.feed(segments).finish();
  CHECK(named(rig.lines(), "tls.seen").size() == 1);
  CHECK(field(named(rig.lines(), "connection.closed")[0], "protocol") == "tls");
}

TEST_CASE("a server that speaks first does not confuse") {
  TcpTalk talk;
  talk.open().data(Side::kServer, "HT").data(Side::kClient, kUpgrade);
  talk.data(Side::kServer, "TP/1.1 100 Continue\r\n\r\n" + kSwitching);
  exchange(talk, 1);
  TableRig rig;
  rig.feed(talk);
  CHECK(ids(rig) == "1 1 ");
}

TEST_CASE("a connection met in the middle is taken up at its next message") {
  const auto tail = [](const TcpTalk& talk, std::size_t from) {
    TableRig rig;
    for (std::size_t i = from; i < talk.segments().size(); ++i) rig.feed(talk.segments()[i]);
    rig.finish();
    CHECK(named(rig.lines(), "connection.opened")[0] ==
          "connection.opened c midstream=true protocol=websocket");
    CHECK(named(rig.lines(), "websocket.anomaly").empty());
    return ids(rig);
  };
  // At a message; behind a ping; behind the rest of a message; header and payload apart.
  TcpTalk plain;
  exchange(exchange(start(plain), 1), 2);
  CHECK(tail(plain, 7) == "2 2 ");
  TcpTalk ping;
  start(ping).data(Side::kClient, client_frame(9, "abcdef"));
  CHECK(tail(exchange(ping, 1), 5) == "1 1 ");
  TcpTalk long_one;
  start(long_one).data(Side::kClient, client_frame(10, "abc"));
  long_one.data(Side::kClient, client_text("[2,\"1\",\"DataTransfer\",{\"data\":\"" +
                                           std::string(500, 'x') + "\"}]"));
  CHECK(tail(long_one.data(Side::kServer, result(1)), 5) == "1 1 ");
  TcpTalk rest;
  exchange(start(rest).data(Side::kClient, "te\":\"Accepted\"}]"), 1);
  CHECK(tail(rest, 5) == "1 1 ");
  TcpTalk apart;
  start(apart).data(Side::kClient, call(1).substr(0, 6)).data(Side::kClient, call(1).substr(6));
  CHECK(tail(apart.data(Side::kServer, result(1)), 5) == "1 1 ");
}

TEST_CASE("a connection met in the middle that nobody understands is never given up") {
  TcpTalk talk;
  for (int i = 0; i < 200; ++i) talk.data(Side::kClient, std::string(1'000, 'x'));
  exchange(talk, 1);
  TableRig rig;
  rig.feed(talk);
  CHECK(ids(rig) == "1 1 ");
}

TEST_CASE("what goes over a connection of unknown protocol is hashed, in each direction") {
  const std::string file(2'000, '\x01');
  const std::string other(600, '\x02');
  TcpTalk talk;
  talk.open().data(Side::kServer, file.substr(0, 3)).data(Side::kServer, file.substr(3));
  talk.data(Side::kClient, other).fin(Side::kServer).ack(Side::kClient).fin(Side::kClient);
  TableRig rig;
  rig.feed(talk);
  const Lines closed = named(rig.lines(), "connection.closed");
  REQUIRE(closed.size() == 1);
  CHECK(field(closed[0], "protocol") == "unknown");
  CHECK(field(closed[0], "server_bytes") == "2000");
  CHECK(field(closed[0], "server_sha256") == sha256_hex(file));
  CHECK(field(closed[0], "client_sha256") == sha256_hex(other));
  CHECK(rig.stats().connections_unknown == 1);
}

TEST_CASE("a stream that is short, has a hole or is cut off has no hash") {
  const std::string file(2'000, '\x01');

  struct Row {
    std::string_view what;
    bool begins_missing;
    bool hole;
    bool by_reset;
    std::size_t bytes;
  };

  const Row rows[] = {{"whole", false, false, false, 2'000},
                      {"short", false, false, false, 511},
                      {"without its begin", true, false, false, 2'000},
                      {"with a hole", false, true, false, 2'000},
                      {"reset", false, false, true, 2'000}};
  for (const Row& row : rows) {
    INFO(row.what);
    TcpTalk talk;
    talk.open();
    if (row.begins_missing) talk.lose(Side::kServer, 100);
    talk.data(Side::kServer, file.substr(0, row.bytes / 2));
    if (row.hole) talk.lose(Side::kServer, 100);
    talk.data(Side::kServer, file.substr(row.bytes / 2, row.bytes - row.bytes / 2));
    if (row.by_reset) {
      talk.reset(Side::kServer);
    } else {
      talk.fin(Side::kServer).ack(Side::kClient).fin(Side::kClient);
    }
    TableRig rig;
    rig.feed(talk);
    rig.finish();
    const Lines closed = named(rig.lines(), "connection.closed");
    REQUIRE(closed.size() == 1);
    const bool whole = row.what == "whole";
    CHECK(field(closed[0], "server_sha256") == (whole ? sha256_hex(file) : ""));
    CHECK(field(closed[0], "client_sha256").empty());
  }
}

TEST_CASE("a forged reset does not take the hash away") {
  const std::string file(2'000, '\x01');
  TcpTalk talk;
  talk.open().data(Side::kServer, file.substr(0, 700)).forge(Side::kServer, kTcpRst, 0);
  talk.data(Side::kServer, file.substr(700)).fin(Side::kServer).ack(Side::kClient);
  talk.fin(Side::kClient);
  TableRig rig;
  rig.feed(talk);
  const Lines closed = named(rig.lines(), "connection.closed");
  REQUIRE(closed.size() == 2);
  CHECK(field(closed[0], "server_sha256").empty());
  CHECK(field(closed[1], "server_sha256") == sha256_hex(file));
}

TEST_CASE("more streams than are hashed at a time are counted, and room comes back") {
  TableRig rig;
  const std::string file(600, '\x01');
  for (std::size_t i = 0; i < kHashedStreamsPerShardMax + 2; ++i) {
    TcpTalk talk(static_cast<std::uint16_t>(10'000 + i));
    rig.feed(talk.open().data(Side::kServer, file));
  }
  CHECK(rig.stats().limits.count(Limit::kHashedStreams) == 2);
  rig.finish();
  CHECK(rig.shard().hashed_streams == 0);
}
