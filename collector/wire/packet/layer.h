#pragma once
// Layer: what is left of a packet after its outer headers, and how decoding one ends.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "collector/base/byte_reader.h"

namespace chargewarden {

// What a packet turned out to be.
enum class DecodeOutcome : std::uint8_t {
  kTcp,              // The segment is filled.
  kUdp,              // The datagram is filled.
  kOtherIp,          // IP with another payload: ICMP, SCTP ...
  kNotIp,            // ARP, LLDP, spanning tree ...
  kFragment,         // Held until the rest of its datagram comes.
  kTruncated,        // The capture cut it before the headers ended.
  kMalformed,        // Its headers contradict the standard or each other.
  kUnsupportedLink,  // A link type that is not decoded.
  kOpaque,           // An encrypted tunnel: ESP, WireGuard, OpenVPN.
  kTooDeep,          // More tunnels, tags or extension headers than are followed.
};
inline constexpr std::size_t kDecodeOutcomes = 10;

// Name of the counter: "tcp", "not_ip", "unsupported_link" ...
std::string_view outcome_name(DecodeOutcome outcome) noexcept;

// A step over a header: nothing when what is inside is at the front of the layer now, else the
// outcome with which decoding ends.
using Stop = std::optional<DecodeOutcome>;

// Big-endian integer; the place must lie inside, which a span of fixed size shows to the compiler.
template <std::size_t N>
std::uint16_t be16(std::span<const std::uint8_t, N> bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

template <std::size_t N>
std::uint32_t be32(std::span<const std::uint8_t, N> bytes, std::size_t at) noexcept {
  return static_cast<std::uint32_t>(be16(bytes, at)) << 16U | be16(bytes, at + 2);
}

struct Layer {
  Bytes data;                // What was captured of it.
  std::size_t wire_len = 0;  // What was there on the wire, or what the header around it promises.
  std::uint32_t tunnel = 0;  // Innermost VNI or VLAN id so far.

  [[nodiscard]] bool has(std::size_t len) const noexcept { return data.size() >= len; }

  // The outcome when a header of this length is not there: cut off by the capture, or never sent.
  [[nodiscard]] DecodeOutcome lack(std::size_t len) const noexcept {
    return wire_len >= len ? DecodeOutcome::kTruncated : DecodeOutcome::kMalformed;
  }

  // Moves behind a header that is there.
  void drop(std::size_t len) noexcept {
    data = data.subspan(len);
    wire_len = wire_len > len ? wire_len - len : 0;
  }

  // Leaves `len` bytes on the wire, which takes off padding; more than were there means that the
  // network cut the packet.
  void limit(std::size_t len) noexcept {
    data = data.first(std::min(data.size(), len));
    wire_len = len;
  }
};

}  // namespace chargewarden
