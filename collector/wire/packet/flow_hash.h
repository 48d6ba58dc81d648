#pragma once
// Hashes of a connection that are the same for both of its directions.
//
// symmetric_flow_hash() chooses the shard: deterministic and without a key, because results must
// not depend on the run. An attacker can make flows that collide in it, so no table is kept by it.
// FlowHasher is for tables: it hashes the addresses and ports themselves under the key of the
// process, and its values never reach an output.

#include <bit>
#include <cstdint>

#include "collector/base/ip_address.h"
#include "collector/base/siphash.h"
#include "collector/wire/segment.h"

namespace chargewarden {

// Both halves of the 128-bit product, folded: two multiplications' worth of mixing for one.
inline std::uint64_t mix_hash(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ typedef unsigned __int128 Product;  // clang wants it like this.
  const Product product = static_cast<Product>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

// An address as two words, for hashing only: their order of bytes is that of the machine.
struct AddressWords {
  std::uint64_t first;
  std::uint64_t second;
};

inline AddressWords words_of(const IpAddress& address) noexcept {
  return std::bit_cast<AddressWords>(address.bytes());
}

inline std::uint64_t hash_address(const IpAddress& address, std::uint64_t salt) noexcept {
  // The digits of pi, here and below: constants without pattern and without choice.
  constexpr std::uint64_t kHigh = 0x243f6a8885a308d3;
  constexpr std::uint64_t kLow = 0x13198a2e03707345;
  const AddressWords words = words_of(address);
  return mix_hash(words.first ^ kHigh, words.second ^ kLow ^ (salt << 32U) ^ salt);
}

inline std::uint64_t symmetric_flow_hash(const FlowKey& key) noexcept {
  constexpr std::uint64_t kSum = 0xa4093822299f31d1;
  constexpr std::uint64_t kDifference = 0x082efa98ec4e6c89;
  const std::uint64_t a = hash_address(key.source_ip, key.source_port);
  const std::uint64_t b = hash_address(key.destination_ip, key.destination_port);
  // Sum and difference by bits do not depend on the order of the ends.
  return mix_hash((a + b) ^ kSum, (a ^ b) ^ kDifference ^ key.tunnel);
}

class FlowHasher {
 public:
  explicit FlowHasher(const HashKey& key) noexcept : start_(key) {}

  [[nodiscard]] std::uint64_t operator()(const FlowKey& key) const noexcept {
    AddressWords low = words_of(key.source_ip);
    AddressWords high = words_of(key.destination_ip);
    std::uint64_t low_port = key.source_port;
    std::uint64_t high_port = key.destination_port;
    // The ends in an order of their own. Without branches: directions alternate, so that the
    // processor would guess wrongly every other time.
    const bool swap = comes_before(high, high_port, low, low_port);
    exchange(swap, low.first, high.first);
    exchange(swap, low.second, high.second);
    exchange(swap, low_port, high_port);
    SipHash13 hash = start_;
    // The first words of IPv4 addresses are zero.
    if ((low.first | high.first) != 0) {
      hash.add(low.first);
      hash.add(high.first);
    }
    hash.add(low.second);
    hash.add(high.second);
    hash.add((std::uint64_t{key.tunnel} << 32U) | (low_port << 16U) | high_port);
    return hash.finish();
  }

 private:
  static bool comes_before(const AddressWords& a, std::uint64_t a_port, const AddressWords& b,
                           std::uint64_t b_port) noexcept {
    const bool same_first = a.first == b.first;
    const bool same_second = a.second == b.second;
    return (a.first < b.first) | (same_first & (a.second < b.second)) |
           (same_first & same_second & (a_port < b_port));
  }

  static void exchange(bool swap, std::uint64_t& a, std::uint64_t& b) noexcept {
    const std::uint64_t difference = (a ^ b) & (std::uint64_t{0} - std::uint64_t{swap});
    a ^= difference;
    b ^= difference;
  }

  SipHash13 start_;
};

}  // namespace chargewarden
