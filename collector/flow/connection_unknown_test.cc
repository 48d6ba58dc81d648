// Connections of unknown protocol, and those that nobody accepts.

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/tcp_talk.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

constexpr std::int64_t kMinuteMs = 60'000;

std::string progress_of(const TableRig& rig) {
  std::string out;
  for (const std::string& line : named(rig.lines(), "connection.progress")) out += line + "\n";
  return out;
}

}  // namespace

TEST_CASE("whether the server agreed is told of each connection that has a begin") {
  const auto accepted = [](const TcpTalk& talk) {
    TableRig rig;
    rig.feed(talk).finish();
    const std::string opened = field(named(rig.lines(), "connection.opened").at(0), "accepted");
    const std::string closed = field(named(rig.lines(), "connection.closed").at(0), "accepted");
    CHECK(opened == closed);
    return closed;
  };
  TcpTalk open;
  CHECK(accepted(open.open()) == "true");
  TcpTalk half;
  CHECK(accepted(half.syn().syn_ack().reset(Side::kClient)) == "true");
  TcpTalk unanswered;
  CHECK(accepted(unanswered.syn().syn()) == "false");
  TcpTalk refused;
  CHECK(accepted(refused.syn().reset(Side::kServer)) == "false");
  // The answer alone shows who is who, and that it was given.
  TcpTalk answer;
  CHECK(accepted(answer.syn_ack().ack(Side::kClient)) == "true");
  TcpTalk middle;
  CHECK(accepted(middle.data(Side::kClient, "GET / HTTP/1.1\r\n\r\n")).empty());
  // A client cannot accept for its server.
  TcpTalk forged;
  CHECK(accepted(forged.syn().forge(Side::kClient, static_cast<std::uint8_t>(kTcpSyn | kTcpAck),
                                    0)) == "false");
}

TEST_CASE("a SYN that nobody answers is closed after a minute, and told once") {
  TcpTalk silent(50'001);
  silent.syn().wait_ms(1'000).syn().wait_ms(2'000).syn();
  // Another connection is what makes time pass.
  TcpTalk other(50'002);
  other.open().wait_ms(59'000).data(Side::kClient, "\x01ping");
  TableRig rig;
  rig.feed(silent).feed(other);
  CHECK(rig.close_reasons().empty());
  rig.feed(other.wait_ms(2'000).data(Side::kClient, "\x01ping").segments().back());
  CHECK(rig.close_reasons() == "unanswered");
  const std::string closed = named(rig.lines(), "connection.closed").at(0);
  CHECK(field(closed, "accepted") == "false");
  CHECK(std::stoi(field(closed, "duration_ms")) >= 60'000);
  // A late answer is none; another attempt is another connection.
  rig.feed(silent.wait_ms(60'000).syn().segments().back()).finish();
  CHECK(rig.close_reasons() == "unanswered end_of_input end_of_input");
}

TEST_CASE("what was answered, or has data, is not taken for unanswered") {
  const auto reasons = [](TcpTalk& talk) {
    TcpTalk other(50'009);
    other.open().wait_ms(120'000).data(Side::kClient, "\x01ping");
    TableRig rig;
    rig.feed(talk).feed(other);
    return rig.close_reasons();
  };
  TcpTalk open;
  CHECK(reasons(open.open()).empty());
  // Only one direction is captured.
  TcpTalk blind;
  CHECK(reasons(blind.syn().data(Side::kClient, "\x01ping")).empty());
  TcpTalk met;
  CHECK(reasons(met.syn_ack()).empty());
  TcpTalk closed;
  CHECK(reasons(closed.syn().reset(Side::kServer)) == "reset");
}

TEST_CASE("SYNs that wait for an answer are at most as many as connections") {
  constexpr std::size_t kFlows = 8;
  TableRig rig(kFlows);
  for (std::uint16_t i = 0; i < 20; ++i)
    rig.feed(TcpTalk(static_cast<std::uint16_t>(50'000 + i)).syn());
  CHECK(rig.table().size() <= kFlows);
  TcpTalk other(60'000);
  other.open().wait_ms(120'000).data(Side::kClient, "\x01ping");
  rig.feed(other);
  rig.finish();
  CHECK(named(rig.lines(), "connection.closed").size() == 21);
}

TEST_CASE("a connection that nobody understands is told as soon as that is clear") {
  TcpTalk talk;
  talk.open().data(Side::kServer, "SSH-2.0-dropbear_2022.83\r\n");
  TableRig rig;
  rig.feed(talk);
  CHECK(named(rig.lines(), "connection.opened") ==
        std::vector<std::string>{
            "connection.opened c midstream=false accepted=true protocol=unknown"});
}

TEST_CASE("a connection of unknown protocol that goes on is told every ten minutes") {
  TcpTalk talk;
  talk.open();
  for (int i = 0; i < 25; ++i) {
    talk.data(Side::kClient, "\x01ping").data(Side::kServer, "\x01pong-pong");
    talk.wait_ms(kMinuteMs);
  }
  TableRig rig;
  rig.feed(talk).finish();
  const auto told = named(rig.lines(), "connection.progress");
  REQUIRE(told.size() == 2);
  CHECK(field(told[0], "client_bytes") == "55");
  CHECK(field(told[0], "server_bytes") == "100");
  CHECK(field(told[0], "largest_segment_bytes") == "10");
  CHECK(std::stoi(field(told[0], "duration_ms")) / kMinuteMs == 10);
  CHECK(std::stoi(field(told[0], "longest_silence_ms")) / kMinuteMs == 1);
  CHECK(std::stoi(field(told[1], "duration_ms")) / kMinuteMs == 20);
}

TEST_CASE("what is understood, silent, or met in the middle does not tell that it goes on") {
  const std::string get = "GET /a HTTP/1.1\r\n\r\n";
  TcpTalk http;
  http.open();
  TcpTalk quiet;
  quiet.open().data(Side::kClient, "\x01hello");
  TcpTalk tls;
  tls.open().data(Side::kClient, std::string("\x16\x03\x01\x00\x04\x01\x00\x00\x00", 9));
  TcpTalk middle;
  for (int i = 0; i < 25; ++i) {
    http.data(Side::kClient, get).wait_ms(kMinuteMs);
    quiet.ack(Side::kServer).wait_ms(kMinuteMs);
    tls.data(Side::kServer, "\x17\x03\x03").wait_ms(kMinuteMs);
    middle.data(Side::kClient, "\x01ping").wait_ms(kMinuteMs);
  }
  for (const TcpTalk* talk : {&http, &quiet, &tls, &middle}) {
    TableRig rig;
    rig.feed(*talk).finish();
    CHECK(progress_of(rig).empty());
  }
}
