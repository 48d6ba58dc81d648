#include "collector/wire/websocket/frame.h"

#include <vector>

#include <catch2/catch.hpp>

using namespace chargewarden;
using namespace chargewarden::websocket;

TEST_CASE("frame headers of all length forms are read, cut ones ask for more") {
  struct Row {
    std::vector<std::uint8_t> bytes;
    std::uint64_t payload_len;
    bool masked;
    bool minimal;
  };

  const std::vector<Row> rows = {
      {{0x81, 0x05}, 5, false, true},                         // Unmasked text "Hello" of RFC 6455.
      {{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d}, 5, true, true},  // The same, masked.
      {{0x82, 0x7e, 0x01, 0x00}, 256, false, true},           // 16-bit length.
      {{0x82, 0x7e, 0x00, 0x7d}, 125, false, false},          // 16 bits where 7 were enough.
      {{0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0}, 65536, false, true},
      {{0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4}, 65535, true, false},
  };
  for (const Row& row : rows) {
    FrameHeader header;
    REQUIRE(parse_frame_header(row.bytes, header));
    CHECK(header.payload_len == row.payload_len);
    CHECK(header.masked == row.masked);
    CHECK(header.minimal == row.minimal);
    CHECK(header.header_len == row.bytes.size());
    for (std::size_t len = 0; len < row.bytes.size(); ++len) {
      CHECK_FALSE(parse_frame_header(Bytes(row.bytes).first(len), header));
    }
  }
}

TEST_CASE("unmasking in parts equals unmasking whole, for every length and offset") {
  const std::array<std::uint8_t, 4> key = {0x37, 0xfa, 0x21, 0x3d};
  for (std::size_t size = 0; size < 100; ++size) {
    std::vector<std::uint8_t> in(size);
    std::vector<std::uint8_t> expected(size);
    for (std::size_t i = 0; i < size; ++i) {
      in[i] = static_cast<std::uint8_t>(i * 7 + 1);
      expected[i] = static_cast<std::uint8_t>(in[i] ^ key[i % 4]);
    }
    for (std::size_t cut = 0; cut <= size; ++cut) {
      std::vector<std::uint8_t> out(size);
      unmask(Bytes(in).first(cut), key, 0, out.data());
      unmask(Bytes(in).subspan(cut), key, cut, out.data() + cut);
      REQUIRE(out == expected);
    }
  }
}
