#include "collector/wire/tcp/tcp_stream.h"

#include <algorithm>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "collector/base/text.h"

using namespace chargewarden;

namespace {

struct Recorder : TcpStreamConsumer {
  std::string out;

  void on_bytes(Bytes bytes) override { out += as_text(bytes); }

  void on_gap(std::uint64_t missing) override { out += "<" + std::to_string(missing) + ">"; }

  void on_conflict(std::uint32_t bytes) override { out += "!" + std::to_string(bytes) + "!"; }
};

struct Stream {
  TcpStream stream;
  Recorder recorder;
  std::int64_t now = 0;

  explicit Stream(std::uint32_t start = 1000) { stream.start(start); }

  Stream& put(std::uint32_t sequence, std::string_view text, std::uint32_t missing = 0) {
    stream.on_segment(sequence, as_bytes(text), missing, now, recorder);
    return *this;
  }
};

}  // namespace

TEST_CASE("segments come out in order, once") {
  Stream s;
  s.put(1000, "ab").put(1004, "ef").put(1000, "ab").put(1002, "cd").put(1003, "defg");
  CHECK(s.recorder.out == "abcdefg");
  CHECK_FALSE(s.stream.has_hole());
}

TEST_CASE("the first copy wins and a different copy is reported") {
  Stream s;
  s.put(1000, "abcd").put(1002, "XX");
  CHECK(s.recorder.out == "abcd!2!");
  Stream waiting;
  waiting.put(1002, "cd").put(1000, "abXYe");
  CHECK(waiting.recorder.out == "!2!abcde");
}

TEST_CASE("what the receiver has acknowledged is not compared any more") {
  Stream s;
  s.put(1000, "abcd");
  s.stream.on_ack(1004);
  s.put(1000, "XXXX");
  CHECK(s.recorder.out == "abcd");
}

TEST_CASE("only the newest unacknowledged bytes are compared") {
  Stream s;
  const std::string big(kUnackedBytesMax, 'a');
  s.put(1000, "zz").put(1002, big).put(1000, "yy");
  CHECK(s.recorder.out == "zz" + big);
  s.put(1002, "b");
  CHECK(s.recorder.out.substr(2 + big.size()) == "!1!");
}

TEST_CASE("sequence numbers wrap") {
  Stream s(0xfffffffe);
  s.put(0xfffffffe, "ab").put(2, "ef").put(0, "cd").put(0xfffffffe, "abcd");
  CHECK(s.recorder.out == "abcdef");
}

TEST_CASE("a hole is given up when it was acknowledged and time has passed") {
  Stream s;
  s.put(1005, "later");
  s.stream.on_ack(1010);
  s.now = TcpStream::kAckedHoleNs - 1;
  s.stream.expire(s.now, s.recorder);
  CHECK(s.recorder.out.empty());
  s.now = TcpStream::kAckedHoleNs;
  s.stream.expire(s.now, s.recorder);
  CHECK(s.recorder.out == "<5>later");
}

TEST_CASE("a hole that nobody acknowledged waits longer") {
  Stream s;
  s.put(1005, "later");
  s.stream.expire(TcpStream::kHoleNs - 1, s.recorder);
  CHECK(s.recorder.out.empty());
  s.stream.expire(TcpStream::kHoleNs, s.recorder);
  CHECK(s.recorder.out == "<5>later");
}

TEST_CASE("a hole is given up when too much waits") {
  Stream s;
  const std::string part(1024, 'x');
  std::uint32_t at = 2000;
  std::size_t sent = 0;
  while (sent <= kReorderBytesMax) {
    s.put(at, part);
    at += 1024;
    sent += part.size();
  }
  CHECK(s.stream.take_overflow());
  CHECK(s.recorder.out.substr(0, 6) == "<1000>");
  CHECK(s.recorder.out.size() == 6 + sent);
  CHECK(s.stream.waiting_bytes() == 0);
}

TEST_CASE("forged segments ahead do not make the stream jump") {
  Stream s;
  s.put(1000, "a").put(1000 + TcpStream::kWindowMaxLen + 2, "forged");
  CHECK_FALSE(s.stream.has_hole());
  s.put(2000, "forged within the window");
  for (std::uint32_t i = 0; i < 100; ++i) {  // Progress for longer than a hole is waited for.
    s.now += TcpStream::kHoleNs / 10;
    s.put(1001 + i, "b");
    s.stream.expire(s.now, s.recorder);
  }
  CHECK(s.recorder.out == "a" + std::string(100, 'b'));
}

TEST_CASE("a jump is believed when the stream goes on there") {
  Stream s;
  const std::uint32_t far = 1000 + TcpStream::kWindowMaxLen + 5000;
  s.put(1000, "a").put(far, "bc").put(far + 2, "de");
  s.stream.expire(TcpStream::kHoleNs, s.recorder);
  CHECK(s.recorder.out.substr(s.recorder.out.size() - 2) == "de");
  Stream acked;
  acked.stream.on_ack(far + 2);
  acked.put(far, "bc");
  CHECK(acked.stream.has_hole());
}

TEST_CASE("what the capture cut off is a gap behind the rest") {
  Stream s;
  s.put(1000, "ab", 3).put(1005, "fg");
  CHECK(s.recorder.out == "ab<3>fg");
  Stream reordered;
  reordered.put(1005, "fg").put(1000, "ab", 3);
  reordered.stream.flush(reordered.recorder);
  CHECK(reordered.recorder.out == "ab<3>fg");
}

TEST_CASE("keep-alive probes and empty segments change nothing") {
  Stream s;
  s.put(1000, "abc");
  s.stream.on_ack(1003);
  s.put(1002, "x").put(1002, "").put(1003, "d");
  CHECK(s.recorder.out == "abcd");
}

TEST_CASE("the stream is finished when everything before the FIN was delivered") {
  Stream s;
  s.put(1003, "d");
  s.stream.on_fin(1004);
  CHECK_FALSE(s.stream.finished());
  s.put(1000, "abc");
  CHECK(s.stream.finished());
}

TEST_CASE("any segmentation, order and duplication gives the same bytes") {
  std::string text;
  for (int i = 0; i < 400; ++i) text += static_cast<char>('!' + i % 90);
  std::mt19937 random(7);
  const auto draw = [&](std::uint32_t below) {
    return static_cast<std::uint32_t>(random() % below);
  };
  for (int round = 0; round < 300; ++round) {
    struct Part {
      std::uint32_t at;
      std::uint32_t len;
    };

    std::vector<Part> parts;
    const auto size = static_cast<std::uint32_t>(text.size());
    for (std::uint32_t at = 0; at < size;) {
      const std::uint32_t len = std::min<std::uint32_t>(1 + draw(60), size - at);
      parts.push_back({at, len});
      // Overlapping and repeated parts of all sizes.
      if (draw(3) == 0) {
        const std::uint32_t from = draw(at + 1);
        parts.push_back({from, std::min<std::uint32_t>(1 + draw(90), size - from)});
      }
      at += len;
    }
    std::shuffle(parts.begin(), parts.end(), random);
    Stream s(0xffffff00);  // Wraps inside the text.
    for (const Part& part : parts) {
      s.put(0xffffff00 + part.at, std::string_view(text).substr(part.at, part.len));
      if (draw(4) == 0) s.stream.on_ack(s.stream.next_sequence());
    }
    REQUIRE(s.recorder.out == text);
    REQUIRE(s.stream.waiting_bytes() == 0);
  }
}

TEST_CASE("a consumer may lose interest while segments that waited are delivered") {
  struct OnceOnly : TcpStreamConsumer {
    TcpStream* stream = nullptr;
    std::string out;

    void on_bytes(Bytes bytes) override {
      out += as_text(bytes);
      stream->ignore();
    }

    void on_gap(std::uint64_t missing) override {
      out += "<" + std::to_string(missing) + ">";
      stream->ignore();
    }

    void on_conflict(std::uint32_t /*bytes*/) override {}
  };

  for (const bool flush : {false, true}) {
    TcpStream stream;
    OnceOnly consumer;
    consumer.stream = &stream;
    stream.start(1000);
    for (const std::uint32_t sequence : {1003U, 1006U, 1009U}) {
      stream.on_segment(sequence, as_bytes("xyz"), 0, 0, consumer);
    }
    if (flush) {
      stream.flush(consumer);
    } else {
      stream.on_segment(1000, as_bytes("abc"), 0, 0, consumer);
    }
    CHECK(consumer.out == (flush ? "<3>" : "abc"));
    CHECK_FALSE(stream.has_hole());
    CHECK(stream.waiting_bytes() == 0);
    stream.on_segment(1012, as_bytes("more"), 0, 0, consumer);
    CHECK(stream.delivered_bytes() == (flush ? 13 : 16));
  }
}

TEST_CASE("a stream that rests holds what comes, within its limit, and goes on with it") {
  Stream s;
  s.put(1000, "abcd");
  s.stream.on_fin(1004);
  s.stream.rest();
  const auto hold = [&](std::uint32_t sequence, std::string_view text) {
    s.stream.hold(sequence, as_bytes(text), 0, 0);
  };
  hold(1008, "ij");
  CHECK_FALSE(s.stream.holds_acknowledged(1004));
  CHECK(s.stream.holds_acknowledged(1010));
  CHECK_FALSE(s.stream.holds_acknowledged(1011));
  hold(1000, "abcd");                                // Old.
  hold(1004 + TcpStream::kWindowMaxLen + 1, "far");  // Outside the window.
  CHECK(s.stream.waiting_bytes() == 2);
  hold(1004, "efgh");
  CHECK(s.recorder.out == "abcd");
  s.stream.resume(s.recorder);
  CHECK(s.recorder.out == "abcdefghij");
  CHECK_FALSE(s.stream.finished());
  CHECK(s.stream.waiting_bytes() == 0);
  s.stream.rest();
  const std::string most(kHeldBytesMax, 'x');
  hold(1010, most);
  hold(1010 + static_cast<std::uint32_t>(kHeldBytesMax), "y");
  CHECK(s.stream.waiting_bytes() == kHeldBytesMax);
  s.stream.drop_held();
  CHECK(s.stream.waiting_bytes() == 0);
  s.stream.resume(s.recorder);
  CHECK(s.recorder.out == "abcdefghij");
}
