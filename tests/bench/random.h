#pragma once
// Reproducible numbers for the generator: the same seed gives the same capture on every machine.

#include <cstdint>
#include <string>

namespace chargewarden::bench {

// SplitMix64 (Steele, Lea, Flood 2014). The standard library's distributions differ between
// implementations, so the few that are needed are here.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  // Evenly from [0, bound); bound must be 1 to 2^32.
  std::uint64_t below(std::uint64_t bound) { return ((next() >> 32U) * bound) >> 32U; }

  // Evenly from [low, high], which must be less than 2^32 apart.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }

  bool chance(double percent) { return static_cast<double>(next() >> 11U) * kPercent < percent; }

  // Appends `bytes` random bytes as lower-case hex.
  void append_hex(std::string& out, unsigned bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 2 * bytes; ++i) {
      if (i % 16 == 0) bits = next();
      out += kDigits[bits & 15U];
      bits >>= 4U;
    }
  }

 private:
  static constexpr double kPercent = 100.0 / 9007199254740992.0;  // 2^53.

  std::uint64_t state_;
};

}  // namespace chargewarden::bench
