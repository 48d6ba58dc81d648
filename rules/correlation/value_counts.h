#pragma once
// ValueCounts: how often each value is in the window of each group, for value_count.
//
// One table for all groups. Values are known by a keyed hash of 64 bits: two different ones of a
// full group share it with a chance below one in a thousand million. One thread.

#include <cstddef>
#include <cstdint>

#include "collector/base/slot_index.h"
#include "rules/correlation/pool.h"

namespace chargewarden {

class ValueCounts {
 public:
  // True when the group had no such value before.
  bool add(std::uint32_t group, std::uint64_t value) {
    const std::uint32_t found = find(group, value);
    if (found != kNoIndex) {
      ++counts_[found].times;
      return false;
    }
    if ((counts_.used() + 1) * 2 > index_.slots()) {
      index_.grow([&](std::uint32_t at) { return hash_of(counts_[at].next, counts_[at].value); });
    }
    const std::uint32_t added = counts_.take();
    counts_[added] = {value, group, 1};
    index_.insert(hash_of(group, value), added);
    return true;
  }

  // The value must be there. True when it was its last time.
  bool remove(std::uint32_t group, std::uint64_t value) {
    const std::uint32_t found = find(group, value);
    if (--counts_[found].times != 0) return false;
    index_.erase(found,
                 [&](std::uint32_t at) { return hash_of(counts_[at].next, counts_[at].value); });
    counts_.release(found);
    return true;
  }

  [[nodiscard]] std::size_t bytes() const noexcept {
    return counts_.bytes() + index_.slots() * sizeof(std::uint32_t);
  }

 private:
  struct Count {
    std::uint64_t value = 0;
    std::uint32_t next = kNoIndex;  // The group while it is in use.
    std::uint32_t times = 0;
  };

  // The value is a keyed hash itself; the group only has to tell groups apart that see the same.
  static std::uint64_t hash_of(std::uint32_t group, std::uint64_t value) noexcept {
    constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;  // 2^64 divided by the golden ratio.
    return value ^ ((group + 1) * kSpread >> 16U);
  }

  [[nodiscard]] std::uint32_t find(std::uint32_t group, std::uint64_t value) const {
    return index_.find(hash_of(group, value), [&](std::uint32_t at) {
      return counts_[at].value == value && counts_[at].next == group;
    });
  }

  static constexpr std::size_t kSlotsAtStart = 64;

  Pool<Count> counts_;
  SlotIndex index_{kSlotsAtStart};
};

}  // namespace chargewarden
