#pragma once
// GroupTable: the groups of all correlations, found by their values.
//
// For each correlation its groups are also in the order of their last match, so that the stalest is
// found at once. Groups have numbers that stay; one that was removed is used again. One thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/siphash.h"
#include "collector/base/slot_index.h"
#include "rules/correlation/entry_store.h"
#include "rules/correlation/event_time.h"
#include "rules/correlation/pool.h"

namespace chargewarden {

// Small on purpose: with one block of entries and its place in the index below 300 bytes.
struct CorrelationGroup {
  std::uint64_t hash = 0;
  std::string key;  // GroupKey::text().

  EntryStore::List entries;
  std::uint8_t window_slot = 0;  // First entry of the window that the tally is about, while
  std::uint32_t window_block = kNoIndex;  // in_window is not 0.
  std::uint32_t in_window = 0;
  std::uint32_t words = kNoIndex;  // The tally, in the memory of WindowTally.

  // Judged at once: a window that ends before this belongs to what has fired already. At close:
  // when the window opened.
  std::int64_t time_ns = kBeforeAllTime;

  std::uint32_t correlation = 0;
  std::uint32_t timer = kNoIndex;  // Place in the queue of windows to be closed.
  std::uint64_t touched = 0;       // Counts touches of all groups.
  std::uint32_t previous = kNoIndex;
  std::uint32_t next = kNoIndex;
};

// One text for the elements of a field, of which there is at least one: a list is joined by commas,
// in `scratch`.
std::string_view joined(std::span<const std::string_view> texts, std::string& scratch);

// The values that a match is grouped by, in one text and a hash. Reusable; allocates until warm.
class GroupKey {
 public:
  explicit GroupKey(const HashKey& secret) : secret_(secret) {}

  void begin(std::uint32_t correlation);

  // The elements of the next field, joined.
  void add(std::span<const std::string_view> texts);

  void finish();

  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

  // Equal if and only if all values are: their starts, and a further hash if one was cut.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  // The values of a text(), cut to kGroupValueMaxLen. The views last as long as the text.
  static void split(std::string_view text, std::size_t count,
                    std::vector<std::string_view>& values);

 private:
  HashKey secret_;
  SipHash13 state_{HashKey{}};
  std::uint64_t hash_ = 0;
  bool cut_ = false;
  std::string text_;
  std::string joined_;
};

class GroupTable {
 public:
  explicit GroupTable(std::size_t correlations) : ends_(correlations) {}

  [[nodiscard]] CorrelationGroup& operator[](std::uint32_t group) noexcept {
    return groups_[group];
  }

  [[nodiscard]] const CorrelationGroup& operator[](std::uint32_t group) const noexcept {
    return groups_[group];
  }

  // kNoIndex if there is none.
  [[nodiscard]] std::uint32_t find(std::uint32_t correlation, const GroupKey& key) const;

  // It must not be there. As the last one touched.
  std::uint32_t add(std::uint32_t correlation, const GroupKey& key);

  void touch(std::uint32_t group) noexcept;

  void remove(std::uint32_t group);

  // The group of a correlation, or of all, that was touched first, but for `except`; or kNoIndex.
  [[nodiscard]] std::uint32_t stalest_of(std::uint32_t correlation) const noexcept {
    return ends_[correlation].first;
  }

  [[nodiscard]] std::uint32_t stalest(std::uint32_t except) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return groups_.used(); }

  [[nodiscard]] std::size_t bytes() const noexcept {
    return groups_.bytes() + key_bytes_ + index_.slots() * sizeof(std::uint32_t);
  }

 private:
  // `touched` of the first is here, too, so that stalest() reads no group.
  struct Ends {
    std::uint64_t touched = 0;
    std::uint32_t first = kNoIndex;
    std::uint32_t last = kNoIndex;
  };

  void append(std::uint32_t group) noexcept;
  void unlink(std::uint32_t group) noexcept;

  Pool<CorrelationGroup> groups_;
  SlotIndex index_{kSlotsAtStart};
  std::vector<Ends> ends_;
  std::uint64_t touches_ = 0;
  std::size_t key_bytes_ = 0;  // Outside the groups themselves.

  static constexpr std::size_t kSlotsAtStart = 64;
};

}  // namespace chargewarden
