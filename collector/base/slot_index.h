#pragma once
// SlotIndex: finds the entries of a table by their hash (open addressing, linear probing).
//
// Holds numbers of entries only: entries and their hashes belong to the table, which tells the hash
// of an entry with `hash_of(index)`. The table keeps it at most half full, and the hash must be
// keyed (SipHash13) where strangers choose what is hashed: then a search takes a few steps whatever
// they choose. Allocates in grow() only. One thread.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chargewarden {

class SlotIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  // `slots` must be a power of two.
  explicit SlotIndex(std::size_t slots) : slots_(slots, kNone) {}

  [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }

  // Asks for the memory that a search for the hash begins with.
  void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&slots_[place(hash)]); }

  // The entry that a search for the hash would look at first, or kNone.
  [[nodiscard]] std::uint32_t first(std::uint64_t hash) const noexcept {
    return slots_[place(hash)];
  }

  // The entry for which `is_it(index)` holds, or kNone.
  template <typename IsIt>
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, IsIt&& is_it) const {
    for (std::size_t at = place(hash); slots_[at] != kNone; at = place(at + 1)) {
      if (is_it(slots_[at])) return slots_[at];
    }
    return kNone;
  }

  void insert(std::uint64_t hash, std::uint32_t index) noexcept {
    std::size_t at = place(hash);
    while (slots_[at] != kNone) at = place(at + 1);
    slots_[at] = index;
  }

  // The entry must be there.
  template <typename HashOf>
  void erase(std::uint32_t index, HashOf&& hash_of) {
    std::size_t at = place(hash_of(index));
    while (slots_[at] != index) at = place(at + 1);
    // Later entries of the same run move up, so that no search ends too early.
    for (std::size_t next = place(at + 1); slots_[next] != kNone; next = place(next + 1)) {
      const std::size_t home = place(hash_of(slots_[next]));
      if (place(next - home) < place(next - at)) continue;
      slots_[at] = slots_[next];
      at = next;
    }
    slots_[at] = kNone;
  }

  // Twice as many slots.
  template <typename HashOf>
  void grow(HashOf&& hash_of) {
    std::vector<std::uint32_t> old(slots_.size() * 2, kNone);
    old.swap(slots_);
    for (const std::uint32_t index : old) {
      if (index != kNone) insert(hash_of(index), index);
    }
  }

 private:
  [[nodiscard]] std::size_t place(std::uint64_t hash) const noexcept {
    return hash & (slots_.size() - 1);
  }

  std::vector<std::uint32_t> slots_;  // kNone is free.
};

}  // namespace chargewarden
