#pragma once
// SipHash-1-3 (Aumasson and Bernstein, 2012; the variant of the hash tables of Rust and Ruby).
//
// For tables whose keys a stranger chooses: who does not know the key cannot prepare entries that
// collide. The value never reaches an output, so a key does not change what the program says.

#include <bit>
#include <cstdint>
#include <string_view>

namespace chargewarden {

// Secret of one process, drawn by the program when it starts. All zero is a key like any other: for
// tests and tools, where nobody attacks.
struct HashKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

class SipHash13 {
 public:
  explicit SipHash13(const HashKey& key) noexcept
      : v0_(0x736f6d6570736575U ^ key.low),
        v1_(0x646f72616e646f6dU ^ key.high),
        v2_(0x6c7967656e657261U ^ key.low),
        v3_(0x7465646279746573U ^ key.high) {}

  void add(std::uint64_t word) noexcept {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }

  // The text and its length.
  void add(std::string_view text) noexcept {
    std::size_t at = 0;
    for (; text.size() - at >= 8; at += 8) add(load(text, at, 8));
    add((std::uint64_t{text.size()} << 56U) | load(text, at, text.size() - at));
  }

  [[nodiscard]] std::uint64_t finish() noexcept {
    v2_ ^= 0xff;
    return last_rounds();
  }

  // After finish(): 64 bits more, as the 128-bit form of SipHash makes them. For sets that keep the
  // hash instead of what was hashed.
  [[nodiscard]] std::uint64_t finish_more() noexcept {
    v1_ ^= 0xdd;
    return last_rounds();
  }

 private:
  // `count` bytes, at most 8, little endian.
  static std::uint64_t load(std::string_view text, std::size_t at, std::size_t count) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i) {
      word |= std::uint64_t{static_cast<std::uint8_t>(text[at + i])} << (8 * i);
    }
    return word;
  }

  [[nodiscard]] std::uint64_t last_rounds() noexcept {
    round();
    round();
    round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

  void round() noexcept {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_;
  std::uint64_t v1_;
  std::uint64_t v2_;
  std::uint64_t v3_;
};

}  // namespace chargewarden
