#include "collector/wire/websocket/inflater.h"

#include <string>

#include <catch2/catch.hpp>

#include "collector/base/text.h"
#include "tests/support/frames.h"

using namespace chargewarden;
using namespace chargewarden::websocket;

namespace {

constexpr std::size_t kPlenty = 1 << 20;

std::string text_of(chargewarden::Bytes bytes) {
  return std::string(as_text(bytes));
}

// [2,"1","Heartbeat",{}] and [2,"2","Heartbeat",{}] with context takeover, zlib level 9.
const std::vector<std::uint8_t> kFirst = {0x8a, 0x36, 0xd2, 0x51, 0x32, 0x54, 0xd2, 0x51,
                                          0xf2, 0x48, 0x4d, 0x2c, 0x2a, 0x49, 0x4a, 0x4d,
                                          0x2c, 0x51, 0xd2, 0xa9, 0xae, 0x8d, 0x05, 0x00};
const std::vector<std::uint8_t> kSecond = {0x8a, 0x06, 0x8a, 0x1a, 0x61, 0x88, 0x02, 0x00};

}  // namespace

TEST_CASE("messages are inflated with context takeover") {
  Inflater inflater(true);
  ByteBuffer out;
  CHECK(inflater.inflate_message(kFirst, kPlenty, out) == InflateStatus::kDone);
  CHECK(text_of(out.bytes()) == "[2,\"1\",\"Heartbeat\",{}]");
  out.clear();
  CHECK(inflater.inflate_message(kSecond, kPlenty, out) == InflateStatus::kDone);
  CHECK(text_of(out.bytes()) == "[2,\"2\",\"Heartbeat\",{}]");
  CHECK_FALSE(inflater.is_lossy());
}

TEST_CASE("without takeover a reference into an earlier message is malformed") {
  Inflater inflater(false);
  ByteBuffer out;
  CHECK(inflater.inflate_message(kFirst, kPlenty, out) == InflateStatus::kDone);
  CHECK(inflater.inflate_message(kFirst, kPlenty, out) == InflateStatus::kDone);
  out.clear();
  CHECK(inflater.inflate_message(kSecond, kPlenty, out) == InflateStatus::kMalformed);
}

TEST_CASE("a lost window comes out as placeholders, never as an error") {
  Inflater inflater(true);
  inflater.lose_window();
  ByteBuffer out;
  CHECK(inflater.inflate_message(kSecond, kPlenty, out) == InflateStatus::kDone);
  CHECK(text_of(out.bytes()).substr(0, 5) == "[???2");
  CHECK(inflater.is_lossy());
}

TEST_CASE("a final block inside a connection starts a new stream") {
  // "Hello" with BFINAL set (RFC 7692, 7.2.3.4), twice.
  const std::vector<std::uint8_t> message = {0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00};
  Inflater inflater(true);
  ByteBuffer out;
  CHECK(inflater.inflate_message(message, kPlenty, out) == InflateStatus::kDone);
  CHECK(inflater.inflate_message(message, kPlenty, out) == InflateStatus::kDone);
  CHECK(text_of(out.bytes()) == "HelloHello");
}

TEST_CASE("a decompression bomb stops at the limit") {
  const std::string packed = harness::Deflater().message(std::string(3'000'000, 'A'));
  const Bytes bomb = as_bytes(packed);
  REQUIRE(bomb.size() < 5000);
  ByteBuffer out;
  CHECK(Inflater(true).inflate_message(bomb, kPlenty, out) == InflateStatus::kTooLong);
  CHECK(out.size() <= kPlenty + 1);
  out.clear();
  CHECK(Inflater(true).inflate_message(bomb, 3'000'000, out) == InflateStatus::kDone);
  CHECK(out.size() == 3'000'000);
  out.clear();
  CHECK(Inflater(true).inflate_message(bomb, 2'999'999, out) == InflateStatus::kTooLong);
}
