#pragma once
// PacketTag: names a packet (or a line of a log) of the run in one word, for evidence.

#include <cstdint>

namespace chargewarden {

struct PacketTag {
  std::uint16_t source = 0;  // Index of the input.
  std::uint64_t number = 0;  // Below 2^48.
};

constexpr std::uint64_t pack_tag(const PacketTag& tag) noexcept {
  return std::uint64_t{tag.source} << 48U | (tag.number & 0xFFFF'FFFF'FFFFU);
}

constexpr PacketTag unpack_tag(std::uint64_t tag) noexcept {
  return {static_cast<std::uint16_t>(tag >> 48U), tag & 0xFFFF'FFFF'FFFFU};
}

}  // namespace chargewarden
