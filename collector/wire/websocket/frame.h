#pragma once
// WebSocket frames (RFC 6455, 5.2): headers and masking. Bytes in, structs out.

#include <array>
#include <cstdint>

#include "collector/base/byte_reader.h"

namespace chargewarden::websocket {

enum Opcode : std::uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xa,
};

// Longest frame header: 2 + 8 + 4 bytes.
inline constexpr std::size_t kFrameHeaderMaxLen = 14;
inline constexpr std::size_t kControlPayloadMaxLen = 125;

struct FrameHeader {
  std::uint8_t opcode = 0;
  bool fin = false;
  bool rsv1 = false;
  bool rsv23 = false;
  bool masked = false;
  bool minimal = true;  // The length is in its shortest form, as 5.2 wants it.
  std::uint8_t header_len = 0;
  std::array<std::uint8_t, 4> key{};
  std::uint64_t payload_len = 0;

  [[nodiscard]] bool is_control() const noexcept { return (opcode & 0x8U) != 0; }

  [[nodiscard]] bool is_known() const noexcept {
    return opcode <= kBinary || (opcode >= kClose && opcode <= kPong);
  }
};

// False when there are not enough bytes yet.
bool parse_frame_header(Bytes bytes, FrameHeader& out) noexcept;

// Writes payload XOR key to `out`, which must hold payload.size() bytes. `offset` is the position
// of the first byte within the frame's payload.
void unmask(Bytes payload, const std::array<std::uint8_t, 4>& key, std::uint64_t offset,
            std::uint8_t* out) noexcept;

}  // namespace chargewarden::websocket
