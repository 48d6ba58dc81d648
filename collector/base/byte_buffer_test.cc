#include "collector/base/byte_buffer.h"

#include <string>

#include <catch2/catch.hpp>

#include "collector/base/text.h"

using namespace chargewarden;  // NOLINT(google-build-using-namespace)

TEST_CASE("a byte buffer keeps what it holds while it grows") {
  ByteBuffer buffer;
  std::string expected;
  CHECK(buffer.bytes().empty());
  for (int i = 0; i < 1000; ++i) {
    const std::string part(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26));
    buffer.append(as_bytes(part));
    expected += part;
  }
  CHECK(as_text(buffer.bytes()) == expected);
  buffer.clear();
  CHECK(buffer.size() == 0);
}

TEST_CASE("room is memory behind the bytes, and only what was taken over counts") {
  ByteBuffer buffer;
  buffer.append(as_bytes("ab"));
  const auto room = buffer.room(100);
  REQUIRE(room.size() == 100);
  room[0] = 'c';
  CHECK(buffer.size() == 2);
  buffer.more(1);
  CHECK(as_text(buffer.bytes()) == "abc");
  CHECK(buffer.room(0).empty());
}
