// The table of connections: identity, reuse of ports, limits.

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "collector/base/limits.h"
#include "tests/support/frames.h"
#include "tests/support/tcp_talk.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Lines = std::vector<std::string>;

const std::string kGet = "GET /a HTTP/1.1\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

TcpTalk& exchange(TcpTalk& talk) {
  return talk.data(Side::kClient, kGet).data(Side::kServer, kOk);
}

std::size_t transactions(const TableRig& rig) {
  std::size_t count = 0;
  for (const std::string& line : named(rig.lines(), "http.transaction")) {
    count += field(line, "status") == "200" ? 1U : 0U;
  }
  return count;
}

TalkSegment in_tunnel(TalkSegment segment, std::uint32_t tunnel) {
  segment.segment.key.tunnel = tunnel;
  return segment;
}

}  // namespace

TEST_CASE("both directions of a connection meet, also from two interfaces") {
  TcpTalk talk;
  exchange(talk.open());
  TableRig rig;
  for (const TalkSegment& segment : talk.segments()) {
    rig.feed(segment, segment.sender == Side::kClient ? 0 : 1);
  }
  CHECK(rig.table().size() == 1);
  CHECK(transactions(rig) == 1);
}

TEST_CASE("equal addresses in different tunnels are different connections") {
  TcpTalk talk;
  exchange(talk.open());
  TableRig rig;
  for (const TalkSegment& segment : talk.segments()) {
    rig.feed(in_tunnel(segment, 10)).feed(in_tunnel(segment, 20));
  }
  CHECK(rig.table().size() == 2);
  CHECK(transactions(rig) == 2);
  CHECK(rig.kinds().empty());
}

TEST_CASE("only a SYN or data begins a connection") {
  TcpTalk talk;
  talk.ack(Side::kClient).reset(Side::kClient).fin(Side::kClient);
  talk.forge(Side::kServer, kTcpRst, 0, "data in a reset");
  TableRig rig;
  rig.feed(talk);
  CHECK(rig.table().size() == 0);
  CHECK(rig.lines().empty());
  TalkSegment cut = talk.data(Side::kClient, "").segments().back();
  cut.segment.missing_bytes = 100;
  rig.feed(cut);
  CHECK(rig.table().size() == 1);
}

TEST_CASE("a port that is used again is a new connection") {
  struct Row {
    std::string_view what;
    bool closed;
    std::uint32_t second_start;
  };

  for (const Row& row : {Row{"after a close", true, 900'000}, Row{"without one", false, 900'000},
                         Row{"with a lower number", false, 3}}) {
    INFO(row.what);
    TcpTalk first;
    exchange(first.open());
    if (row.closed) first.fin(Side::kClient).fin(Side::kServer);
    TcpTalk second(50'000, row.second_start, row.second_start + 77);
    exchange(second.wait_ms(1'000).open());
    TableRig rig;
    rig.feed(first).feed(second).finish();
    CHECK(transactions(rig) == 2);
    CHECK(rig.close_reasons() == (row.closed ? "fin end_of_input" : "replaced end_of_input"));
    CHECK(rig.table().size() == 1);
    CHECK(rig.kinds().empty());
  }
}

TEST_CASE("a port that is used again is noticed if only the client was captured") {
  TcpTalk first;
  first.open().data(Side::kClient, kGet);
  TcpTalk second(50'000, 900'000);
  second.open().data(Side::kClient, kGet);
  TableRig rig;
  for (const TcpTalk* talk : {&first, &second}) {
    for (const TalkSegment& segment : talk->segments()) {
      if (segment.sender == Side::kClient) rig.feed(segment);
    }
  }
  rig.finish();
  CHECK(rig.close_reasons() == "replaced end_of_input");
  CHECK(named(rig.lines(), "http.transaction").size() == 2);
}

TEST_CASE("a SYN that is repeated begins the connection once") {
  TcpTalk talk;
  talk.syn().segments().push_back(talk.segments().back());
  exchange(talk.syn_ack().ack(Side::kClient));
  TableRig rig;
  rig.feed(talk).finish();
  CHECK(transactions(rig) == 1);
  CHECK(rig.stats().connections == 1);
}

TEST_CASE("a forged SYN on an open connection changes nothing") {
  for (const std::int64_t ahead :
       {std::int64_t{1'000'000}, std::int64_t{-1'000'000}, std::int64_t{1} << 31U}) {
    // Before the first data, and after it.
    TcpTalk early;
    exchange(early.open().forge(Side::kClient, kTcpSyn, ahead));
    TcpTalk late;
    exchange(late.open());
    exchange(late.forge(Side::kClient, kTcpSyn, ahead));
    TableRig rig;
    rig.feed(early);
    INFO(ahead);
    CHECK(transactions(rig) == 1);
    TableRig second;
    second.feed(late);
    CHECK(transactions(second) == 2);
    CHECK(second.close_reasons().empty());
  }
}

TEST_CASE("a client that tries again with a new number is followed") {
  TcpTalk first;
  first.open();  // And then silence.
  TcpTalk second(50'000, 7'000'000, 8'000'000);
  exchange(second.wait_ms(3'000).open());
  TableRig rig;
  rig.feed(first).feed(second).finish();
  CHECK(transactions(rig) == 1);
  TcpTalk lost;
  lost.syn();  // It never arrived.
  TableRig again;
  again.feed(lost).feed(second).finish();
  CHECK(transactions(again) == 1);
  CHECK(again.stats().connections == 1);
}

TEST_CASE("late packets of a closed connection are absorbed") {
  TcpTalk talk;
  exchange(talk.open()).fin(Side::kClient).fin(Side::kServer);
  std::vector<TalkSegment> segments = talk.segments();
  TableRig rig;
  rig.feed(segments);
  const std::size_t lines = rig.lines().size();
  for (const std::size_t late : {3U, 4U, 5U, 6U}) rig.feed(segments[late]);
  rig.feed(talk.ack(Side::kClient).segments().back());
  rig.finish();
  CHECK(rig.lines().size() == lines);
  CHECK(rig.table().size() == 1);
}

TEST_CASE("closed connections make room after a minute") {
  TableRig rig;
  TcpTalk first(1'000);
  rig.feed(exchange(first.open()).fin(Side::kClient).fin(Side::kServer));
  TcpTalk second(1'001);
  rig.feed(second.wait_ms(59'000).open());
  CHECK(rig.table().size() == 2);
  TcpTalk third(1'002);
  rig.feed(third.wait_ms(61'000).open());
  CHECK(rig.table().size() == 2);
}

TEST_CASE("the least recently active connection is evicted at the limit") {
  constexpr std::size_t kLimit = 4;
  TableRig rig(kLimit);
  std::vector<TcpTalk> talks;
  for (std::uint16_t i = 0; i < kLimit; ++i) {
    talks.emplace_back(static_cast<std::uint16_t>(2'000 + i));
    rig.feed(talks.back().wait_ms(i * 2'000).open());
  }
  // The first becomes the most recent.
  rig.feed(talks[0].wait_ms(60'000).data(Side::kClient, kGet).segments().back());
  CHECK(rig.close_reasons().empty());
  TcpTalk one_more(3'000);
  rig.feed(one_more.wait_ms(61'000).open());
  CHECK(rig.table().size() == kLimit);
  CHECK(rig.close_reasons() == "evicted");
  CHECK(rig.stats().limits.count(Limit::kFlows) == 1);
  rig.feed(talks[0].data(Side::kServer, kOk).segments().back());
  CHECK(transactions(rig) == 1);
  // The second is met again in the middle.
  rig.feed(talks[1].wait_ms(62'000).data(Side::kClient, kGet).segments().back());
  CHECK(rig.close_reasons() == "evicted evicted");
  CHECK(named(rig.lines(), "connection.opened").back() ==
        "connection.opened c midstream=true protocol=http");
}

TEST_CASE("the table holds its limit of connections and finds each of them") {
  TableRig rig(500);
  for (std::uint16_t i = 0; i < 1'500; ++i) {
    TcpTalk talk(static_cast<std::uint16_t>(10'000 + i));
    rig.feed(talk.wait_ms(i * 1'100).open());
    CHECK(rig.table().size() <= 500);
  }
  CHECK(rig.stats().limits.count(Limit::kFlows) == 1'000);
  for (std::uint16_t i = 1'000; i < 1'500; ++i) {
    TcpTalk talk(static_cast<std::uint16_t>(10'000 + i), 1'001, 5'001);
    rig.feed(talk.wait_ms(1'700'000).data(Side::kClient, kGet));
  }
  CHECK(rig.stats().connections == 1'500);
}

TEST_CASE("a flood of SYNs stays within the limit and leaves active connections alone") {
  TableRig rig(100);
  TcpTalk station(60'000);
  rig.feed(exchange(station.open()));
  for (std::uint16_t i = 0; i < 5'000; ++i) {
    TcpTalk flood(static_cast<std::uint16_t>(1'000 + i));
    rig.feed(flood.wait_ms(i * 50).syn());
    if (i % 50 == 0) rig.feed(station.wait_ms(2'500).ack(Side::kClient).segments().back());
  }
  CHECK(rig.table().size() <= 100);
  rig.feed(station.data(Side::kClient, kGet).segments().back());
  rig.feed(station.data(Side::kServer, kOk).segments().back());
  CHECK(transactions(rig) == 2);
}

TEST_CASE("waiting bytes of all connections are bounded") {
  TableRig rig;
  const std::string block(32 * 1024, 'x');
  const std::size_t per_flow = kReorderBytesMax / block.size() - 1;
  const std::size_t flows = kReorderBytesPerShardMax / (per_flow * block.size()) + 8;
  for (std::size_t i = 0; i < flows; ++i) {
    TcpTalk talk(static_cast<std::uint16_t>(1'000 + i));
    talk.open().lose(Side::kClient, 10);
    for (std::size_t k = 0; k < per_flow; ++k) talk.data(Side::kClient, block);
    rig.feed(talk);
  }
  CHECK(rig.stats().limits.count(Limit::kReorderBytes) == 0);
  CHECK(rig.stats().limits.count(Limit::kReorderBytesPerShard) > 0);
  CHECK(rig.stats().limits.count(Limit::kReorderBytesPerShard) < 100);
  // Given up holes are told; the others wait still.
  CHECK_FALSE(named(rig.lines(), "connection.gap").empty());
  CHECK(named(rig.lines(), "connection.gap").size() < flows);
}

TEST_CASE("holes are given up by the clock of the capture, also after a leap of it") {
  TcpTalk talk;
  talk.open().lose(Side::kClient, 5).data(Side::kClient, "xyz");
  TcpTalk leap(1'000);
  leap.wait_ms(std::int64_t{50} * 365 * 24 * 3'600 * 1'000).open();
  TcpTalk steady(1'001);
  TableRig rig;
  // A hole is listed, a packet from the far future passes, and time goes on.
  TcpTalk first(1'002);
  rig.feed(first.open().lose(Side::kClient, 5).data(Side::kClient, "xyz")).feed(leap);
  rig.feed(talk);
  steady.open();
  for (int i = 0; i < 100; ++i) steady.wait_ms(1'000).data(Side::kClient, kGet);
  rig.feed(steady);
  CHECK(named(rig.lines(), "connection.gap").size() == 2);
}

TEST_CASE("at the end of the input connections are closed in the order of their begin") {
  TableRig rig;
  std::vector<TcpTalk> talks;
  for (const std::uint16_t port :
       {std::uint16_t{3'000}, std::uint16_t{1'000}, std::uint16_t{2'000}}) {
    talks.emplace_back(port);
    rig.feed(talks.back().open().data(Side::kClient, "x" + std::to_string(port)));
  }
  rig.feed(talks[1].wait_ms(5'000).data(Side::kClient, "later").segments().back());
  rig.finish();
  Lines closed = named(rig.lines(), "connection.closed");
  REQUIRE(closed.size() == 3);
  CHECK(field(closed[0], "client_bytes") == "5");
  CHECK(field(closed[1], "client_bytes") == "10");
  CHECK(field(closed[2], "client_bytes") == "5");
  const std::size_t lines = rig.lines().size();
  rig.finish();
  CHECK(rig.lines().size() == lines);
}

TEST_CASE("more closed connections than are remembered: the oldest is met in the middle") {
  const auto revived = [](std::size_t others) {
    TableRig rig;
    TcpTalk talk(60'000);
    exchange(talk.open()).reset(Side::kClient);
    rig.feed(talk);
    for (std::size_t i = 0; i < others; ++i) {
      TcpTalk other(static_cast<std::uint16_t>(1'000 + i));
      rig.feed(exchange(other.open()).reset(Side::kClient));
    }
    rig.feed(talk.data(Side::kClient, kGet).segments().back());
    CHECK(rig.stats().limits.count(Limit::kResumable) == (others < kResumablePerShardMax ? 0 : 1));
    return field(named(rig.lines(), "connection.opened").back(), "midstream");
  };
  CHECK(revived(kResumablePerShardMax - 1) == "false");
  CHECK(revived(kResumablePerShardMax) == "true");
}
