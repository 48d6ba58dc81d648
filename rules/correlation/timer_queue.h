#pragma once
// TimerQueue: the windows that are to be closed, the one that ends first in front; of those that
// end together the one whose group is older. A binary heap of groups, each of which knows its
// place, so that a window can be taken out or moved. One thread.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "rules/correlation/group_table.h"

namespace chargewarden {

class TimerQueue {
 public:
  explicit TimerQueue(GroupTable& groups) : groups_(groups) {}

  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }

  // Event time at which the first window is due. There must be one.
  [[nodiscard]] std::int64_t due_ns() const noexcept { return heap_.front().due_ns; }

  [[nodiscard]] std::uint32_t group() const noexcept { return heap_.front().group; }

  // Adds the window of a group, or moves it.
  void set(std::uint32_t group, std::int64_t due_ns) {
    std::size_t at = groups_[group].timer;
    if (groups_[group].timer == kNoIndex) {
      at = heap_.size();
      heap_.push_back({due_ns, made_++, group});
    }
    heap_[at].due_ns = due_ns;
    settle(at);
  }

  // Nothing happens when the group has none.
  void remove(std::uint32_t group) {
    const std::uint32_t at = std::exchange(groups_[group].timer, kNoIndex);
    if (at == kNoIndex) return;
    const Timer last = heap_.back();
    heap_.pop_back();
    if (last.group == group) return;
    heap_[at] = last;
    settle(at);
  }

  [[nodiscard]] std::size_t bytes() const noexcept { return heap_.capacity() * sizeof(Timer); }

 private:
  struct Timer {
    std::int64_t due_ns = 0;
    std::uint64_t number = 0;  // Counts groups that opened a window.
    std::uint32_t group = 0;

    [[nodiscard]] bool is_before(const Timer& other) const noexcept {
      return due_ns != other.due_ns ? due_ns < other.due_ns : number < other.number;
    }
  };

  // Moves what is at the place up or down to where it belongs.
  void settle(std::size_t at) {
    const Timer timer = heap_[at];
    while (at > 0 && timer.is_before(heap_[(at - 1) / 2])) {
      place(at, heap_[(at - 1) / 2]);
      at = (at - 1) / 2;
    }
    for (std::size_t child = 2 * at + 1; child < heap_.size(); child = 2 * at + 1) {
      if (child + 1 < heap_.size() && heap_[child + 1].is_before(heap_[child])) ++child;
      if (!heap_[child].is_before(timer)) break;
      place(at, heap_[child]);
      at = child;
    }
    place(at, timer);
  }

  void place(std::size_t at, const Timer& timer) {
    heap_[at] = timer;
    groups_[timer.group].timer = static_cast<std::uint32_t>(at);
  }

  GroupTable& groups_;
  std::vector<Timer> heap_;
  std::uint64_t made_ = 0;
};

}  // namespace chargewarden
