#pragma once
// The packets behind an alert: which packets of which inputs led to it.
//
// A list is a value of fixed size: an alert may stand for millions of packets, and there may be
// hundreds of thousands of alerts. It keeps the first packets and the latest and counts all.

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace chargewarden {

// A packet of the run: index of its input, number of the packet within it, from 1.
class PacketRef {
 public:
  constexpr PacketRef() noexcept = default;

  // Of the number, the lower 48 bits are kept.
  constexpr PacketRef(std::uint16_t input, std::uint64_t number) noexcept
      : packed_(std::uint64_t{input} << kNumberBits | (number & kNumberMask)) {}

  [[nodiscard]] constexpr std::uint16_t input() const noexcept {
    return static_cast<std::uint16_t>(packed_ >> kNumberBits);
  }

  [[nodiscard]] constexpr std::uint64_t number() const noexcept { return packed_ & kNumberMask; }

  // By input, then by number.
  constexpr auto operator<=>(const PacketRef&) const noexcept = default;

 private:
  static constexpr unsigned kNumberBits = 48;
  static constexpr std::uint64_t kNumberMask = (std::uint64_t{1} << kNumberBits) - 1;

  std::uint64_t packed_ = 0;
};

// Packets that an alert names, the first ones and the latest ones: as many as a person looks at,
// and few enough for each of kGroupsMax alerts and for the size of an alert. Test:
// packet_list_test.cc "of many packets the first and the latest are kept".
inline constexpr std::size_t kFirstPacketsMax = 8;
inline constexpr std::size_t kLastPacketsMax = 8;  // Test: as above.

class PacketList {
 public:
  // In the order in which they were found. The one that was added last is not added again: several
  // messages of one packet make several findings.
  constexpr void add(PacketRef packet) noexcept {
    if (count_ > 0 && packet == (*this)[size() - 1]) return;
    if (count_ < kFirstPacketsMax) {
      first_[count_] = packet;
    } else {
      last_[(count_ - kFirstPacketsMax) % kLastPacketsMax] = packet;
    }
    ++count_;
  }

  // All that were added.
  [[nodiscard]] constexpr std::uint64_t count() const noexcept { return count_; }

  // Those that were kept.
  [[nodiscard]] constexpr std::size_t size() const noexcept {
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(count_, kFirstPacketsMax + kLastPacketsMax));
  }

  [[nodiscard]] constexpr bool empty() const noexcept { return count_ == 0; }

  // Oldest first; `i` below size().
  [[nodiscard]] constexpr PacketRef operator[](std::size_t i) const noexcept {
    if (i < kFirstPacketsMax) return first_[i];
    const std::uint64_t behind = count_ - kFirstPacketsMax;
    const std::uint64_t oldest = behind > kLastPacketsMax ? behind : 0;
    return last_[(oldest + i - kFirstPacketsMax) % kLastPacketsMax];
  }

 private:
  std::array<PacketRef, kFirstPacketsMax> first_{};
  std::array<PacketRef, kLastPacketsMax> last_{};  // A ring once it is full.
  std::uint64_t count_ = 0;
};

}  // namespace chargewarden
