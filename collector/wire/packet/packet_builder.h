#pragma once
// Headers for tests: each function puts one in front of a payload, with right lengths.

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "collector/base/byte_reader.h"
#include "collector/base/text.h"
#include "collector/capture/packet.h"

namespace chargewarden::build {

using Buffer = std::vector<std::uint8_t>;

// "45 00 0a": blanks are free.
inline Buffer hex(std::string_view text) {
  Buffer out;
  unsigned value = 0;
  bool half = false;
  for (const char c : text) {
    if (c == ' ') continue;
    const auto digit = static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    value = value << 4U | digit;
    if (half) out.push_back(static_cast<std::uint8_t>(value));
    half = !half;
  }
  return out;
}

inline Buffer join(std::initializer_list<Buffer> parts) {
  Buffer out;
  for (const Buffer& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

inline Buffer bytes16(std::size_t value) {
  return {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

inline Buffer text(std::string_view value) {
  const Bytes bytes = as_bytes(value);
  return {bytes.begin(), bytes.end()};
}

// Ports 50000 to 9000, sequence 0x01020304, acknowledgment 0x05060708, PSH and ACK, 12 bytes of
// options.
inline constexpr std::size_t kTcpHeaderLen = 32;

inline Buffer tcp(const Buffer& payload) {
  return join(
      {hex("c350 2328 01020304 05060708 80 18 ffff 0000 0000 0101080a0000000100000002"), payload});
}

inline Buffer udp(std::uint16_t source, std::uint16_t destination, const Buffer& payload) {
  return join(
      {bytes16(source), bytes16(destination), bytes16(8 + payload.size()), bytes16(0), payload});
}

// 10.0.0.1 to 10.0.0.2. `place` holds the flags and the fragment offset.
inline Buffer ipv4(std::uint8_t protocol, const Buffer& payload, std::uint16_t place = 0,
                   std::uint16_t id = 1) {
  return join({hex("45 00"), bytes16(20 + payload.size()), bytes16(id), bytes16(place), hex("40"),
               Buffer{protocol}, hex("0000 0a000001 0a000002"), payload});
}

// fd00::1 to fd00::2.
inline Buffer ipv6(std::uint8_t next_header, const Buffer& payload) {
  return join({hex("60000000"), bytes16(payload.size()), Buffer{next_header}, hex("40"),
               hex("fd000000000000000000000000000001 fd000000000000000000000000000002"), payload});
}

inline Buffer ethernet(std::uint16_t type, const Buffer& payload) {
  return join({hex("020000000001 020000000002"), bytes16(type), payload});
}

inline constexpr std::uint16_t kLinkEthernet = 1;
inline constexpr std::uint16_t kLinkRaw = 101;

inline Packet packet(const Buffer& bytes, std::uint16_t link_type = kLinkEthernet) {
  Packet out;
  out.time_ns = 1'000;
  out.data = bytes;
  out.original_len = static_cast<std::uint32_t>(bytes.size());
  out.link_type = link_type;
  out.number = 7;
  return out;
}

}  // namespace chargewarden::build
