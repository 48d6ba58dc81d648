#pragma once
// WindowTally: what the condition of a correlation that is judged at once needs to know about the
// window of a group, kept up to date entry by entry.
//
// Each group has a few words of memory here, by the type of its correlation. Adding, removing and
// judging take a constant time, but for temporal_ordered, which takes one step for each rule that a
// chain may leave out, and for conditions with an expression. One thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rules/correlation/entry_store.h"
#include "rules/correlation/group_table.h"
#include "rules/correlation/measure.h"
#include "rules/correlation/plan.h"
#include "rules/correlation/value_counts.h"

namespace chargewarden {

class WindowTally {
 public:
  WindowTally(const CorrelationPlans& plans, EntryStore& entries, GroupTable& groups);
  ~WindowTally();
  WindowTally(const WindowTally&) = delete;
  WindowTally& operator=(const WindowTally&) = delete;

  // Before the first and after the last use of a group.
  void open(std::uint32_t group);
  void close(std::uint32_t group);

  // Takes the entry, which is in the list of the group and follows the last of the window, into the
  // window.
  void add(std::uint32_t group, EntryStore::Place place);

  // Takes out of the window what is not in (time - timespan, time].
  void slide(std::uint32_t group, std::int64_t time_ns);

  // Takes the first entry out of the window, which must not be empty.
  void remove_first(std::uint32_t group);

  // An empty window, as after open().
  void clear(std::uint32_t group);

  // Whether the condition holds for the window that ends at the time, to which it was moved.
  [[nodiscard]] bool holds(std::uint32_t group, std::int64_t time_ns);

  // What CorrelationHit::value says, when the tally knows it; measured otherwise.
  [[nodiscard]] double value(std::uint32_t group, WindowMeasure& measure) const;

  // Of a temporal_ordered whose condition holds: when the chain began that began last.
  [[nodiscard]] std::int64_t chain_start(std::uint32_t group) const;

  [[nodiscard]] static EntryRange window(const CorrelationGroup& group) {
    return {{group.window_block, group.window_slot}, group.in_window};
  }

  // Memory of open groups, in entries of EntryStore.
  [[nodiscard]] std::size_t room() const noexcept { return room_; }

  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  class Words;

  [[nodiscard]] std::span<std::int64_t> words(const CorrelationGroup& group) const;
  void reset(std::uint32_t group);
  void extend_chains(const CorrelationGroup& group, EntryStore::Place place);
  static void extend_chain(const CorrelationPlan& plan, std::span<std::int64_t> words,
                           std::size_t position, std::int64_t time_ns);

  const CorrelationPlans& plans_;
  EntryStore& entries_;
  GroupTable& groups_;
  ValueCounts counts_;
  std::vector<std::unique_ptr<Words>> words_;  // One for each correlation.
  std::size_t room_ = 0;
  std::vector<char> scratch_;
};

}  // namespace chargewarden
