#include "collector/flow/raw_digest.h"

#include <vector>

#include <catch2/catch.hpp>

#include "collector/base/text.h"

using namespace chargewarden;

TEST_CASE("a stream is hashed from its limit of shortness on") {
  const std::string text(kHashedStreamMinBytes, 'x');
  RawDigest digest;
  CHECK(digest.sha256().empty());
  REQUIRE(digest.add(as_bytes(text.substr(1))));
  CHECK(digest.sha256().empty());
  REQUIRE(digest.add(as_bytes("x")));
  CHECK(digest.sha256() == sha256_hex(text));
  digest.lose();
  CHECK(digest.sha256().empty());
  REQUIRE(digest.add(as_bytes(text)));
  CHECK(digest.sha256().empty());
}

TEST_CASE("a stream beyond the limit has no hash") {
  const std::vector<std::uint8_t> piece(1024 * 1024);
  RawDigest digest;
  digest.lose();  // So that the test need not hash what it counts.
  for (std::uint64_t sent = 0; sent < kHashedStreamMaxBytes; sent += piece.size()) {
    REQUIRE(digest.add(piece));
  }
  CHECK_FALSE(digest.add(Bytes(piece).first(1)));
}

TEST_CASE("streams that are hashed are counted as long as they exist") {
  std::size_t count = 0;
  {
    const RawStreams one(count);
    const RawStreams two(count);
    CHECK(count == 2);
  }
  CHECK(count == 0);
}
