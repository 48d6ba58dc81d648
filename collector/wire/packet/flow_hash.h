#pragma once
// A hash of a connection that is the same for both of its directions.
//
// For choosing a thread or a slot of a table. Deterministic and without a key: whoever keeps a
// table by it bounds its chains, since an attacker can make flows that collide.

#include <bit>
#include <cstdint>

#include "collector/base/ip_address.h"
#include "collector/wire/segment.h"

namespace chargewarden {

// Both halves of the 128-bit product, folded: two multiplications' worth of mixing for one.
inline std::uint64_t mix_hash(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ typedef unsigned __int128 Product;  // clang wants it like this.
  const Product product = static_cast<Product>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

inline std::uint64_t hash_address(const IpAddress& address, std::uint64_t salt) noexcept {
  struct Halves {
    std::uint64_t high;
    std::uint64_t low;
  };

  // The digits of pi, here and below: constants without pattern and without choice.
  constexpr std::uint64_t kHigh = 0x243f6a8885a308d3;
  constexpr std::uint64_t kLow = 0x13198a2e03707345;
  const auto halves = std::bit_cast<Halves>(address.bytes());
  return mix_hash(halves.high ^ kHigh, halves.low ^ kLow ^ (salt << 32U) ^ salt);
}

inline std::uint64_t symmetric_flow_hash(const FlowKey& key) noexcept {
  constexpr std::uint64_t kSum = 0xa4093822299f31d1;
  constexpr std::uint64_t kDifference = 0x082efa98ec4e6c89;
  const std::uint64_t a = hash_address(key.source_ip, key.source_port);
  const std::uint64_t b = hash_address(key.destination_ip, key.destination_port);
  // Sum and difference by bits do not depend on the order of the ends.
  return mix_hash((a + b) ^ kSum, (a ^ b) ^ kDifference ^ key.tunnel);
}

}  // namespace chargewarden
