#pragma once
// EntryStore: what groups remember of their matches, in blocks of a few entries.
//
// A list is in order of time, then sequence, then arrival. Lists own their blocks, the store owns
// the memory. Numbers stay the same while an entry is in its list, but for those behind a late one,
// which each move one place. One thread.

#include <cstddef>
#include <cstdint>

#include "rules/correlation/pool.h"

namespace chargewarden {

struct CorrelationEntry {
  std::int64_t time_ns = 0;
  std::uint64_t sequence = 0;
  std::uint64_t tag = 0;
  // By the type of the correlation: position of the input (event_count and temporal types), hash of
  // the value (value_count) or bits of a double (numeric types).
  std::uint64_t value = 0;

  [[nodiscard]] bool is_before(const CorrelationEntry& other) const noexcept {
    return time_ns != other.time_ns ? time_ns < other.time_ns : sequence < other.sequence;
  }

  [[nodiscard]] bool is_same_event(const CorrelationEntry& other) const noexcept {
    return time_ns == other.time_ns && sequence == other.sequence;
  }
};

// Entries of one block. Most groups have few entries, and what larger blocks leave empty at both
// ends of a list is more than what they save in links.
inline constexpr std::uint32_t kBlockEntries = 2;

class EntryStore {
 public:
  // Where an entry is.
  struct Place {
    std::uint32_t block = kNoIndex;
    std::uint32_t slot = 0;
  };

  struct List {
    std::uint32_t first_block = kNoIndex;
    std::uint32_t last_block = kNoIndex;
    std::uint32_t count = 0;
    std::uint8_t first_slot = 0;
    std::uint8_t last_slot = 0;
  };

  [[nodiscard]] CorrelationEntry& at(Place place) noexcept {
    return blocks_[place.block].entries[place.slot];
  }

  [[nodiscard]] const CorrelationEntry& at(Place place) const noexcept {
    return blocks_[place.block].entries[place.slot];
  }

  // Of a list that is not empty.
  [[nodiscard]] static Place first(const List& list) noexcept {
    return {list.first_block, list.first_slot};
  }

  [[nodiscard]] static Place last(const List& list) noexcept {
    return {list.last_block, list.last_slot};
  }

  // There must be one.
  [[nodiscard]] Place next(Place place) const noexcept {
    if (place.slot + 1 < kBlockEntries) return {place.block, place.slot + 1};
    return {blocks_[place.block].next, 0};
  }

  [[nodiscard]] Place previous(Place place) const noexcept {
    if (place.slot > 0) return {place.block, place.slot - 1};
    return {blocks_[place.block].previous, kBlockEntries - 1};
  }

  // Whether one more entry takes one more block.
  [[nodiscard]] static bool needs_block(const List& list) noexcept {
    return list.count == 0 || list.last_slot + 1 == kBlockEntries;
  }

  // Puts the entry behind all that are not later.
  void insert(List& list, const CorrelationEntry& entry);

  // The list must not be empty.
  void drop_first(List& list) noexcept;

  void clear(List& list) noexcept;

  // Entries that the blocks in use have room for.
  [[nodiscard]] std::size_t room() const noexcept { return blocks_.used() * kBlockEntries; }

  [[nodiscard]] std::size_t entries() const noexcept { return entries_; }

  [[nodiscard]] std::size_t bytes() const noexcept { return blocks_.bytes(); }

 private:
  struct Block {
    CorrelationEntry entries[kBlockEntries];
    std::uint32_t previous = kNoIndex;
    std::uint32_t next = kNoIndex;
  };

  void add_slot(List& list);

  Pool<Block> blocks_;
  std::size_t entries_ = 0;
};

}  // namespace chargewarden
