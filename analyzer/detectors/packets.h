#pragma once
// Packets: the evidence of a derived event, bounded: the first ones and the latest.

#include <array>
#include <cstdint>
#include <span>

namespace chargewarden {

// Packets that an event names. An analyst looks at the begin and at the end of a story; the middle
// is counted. Test: packets_test.cc "the middle of many packets is left out".
inline constexpr std::size_t kEventPacketsMax = 16;

class Packets {
 public:
  void add(std::uint64_t tag) noexcept {
    if (tag == 0 || (size_ > 0 && tags_[size_ - 1] == tag)) return;
    if (size_ < tags_.size()) {
      tags_[size_++] = tag;
      return;
    }
    // The second half moves on; the first half stays.
    for (std::size_t i = kKept; i + 1 < tags_.size(); ++i) tags_[i] = tags_[i + 1];
    tags_.back() = tag;
  }

  void clear() noexcept { size_ = 0; }

  [[nodiscard]] std::span<const std::uint64_t> tags() const noexcept {
    return {tags_.data(), size_};
  }

 private:
  static constexpr std::size_t kKept = kEventPacketsMax / 2;

  std::array<std::uint64_t, kEventPacketsMax> tags_{};
  std::size_t size_ = 0;
};

}  // namespace chargewarden
