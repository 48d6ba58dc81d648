#pragma once
// What a condition asks about a window, worked out from its entries: the number of events or of
// distinct values, the sum, the average, the percentile, the number of rules.
//
// Numbers are doubles. Sums are made of millionths, to which each number is rounded, in 128 bits:
// they are exact, do not depend on the order, and nothing is left of what was added and taken away
// again. So 0.1 and 0.2 make 0.3.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "rules/correlation/entry_store.h"
#include "rules/correlation/plan.h"

namespace chargewarden {

__extension__ using Int128 = __int128;

// The number at most kCorrelationNumberMax.
Int128 millionths(double number) noexcept;

// The sum of numbers divided by `count`, rounded once.
double quotient(Int128 sum, std::size_t count) noexcept;

// Which of `count` numbers in ascending order, from 1, is the percentile (nearest rank: the
// smallest that at least that share of all does not exceed). `count` is not 0.
std::size_t percentile_rank(double percentile, std::size_t count) noexcept;

// A whole text as a JSON number or nearly so (12, -0.5, 1e3, also .5 and 007) into the value of an
// entry; false for anything else, and beyond kCorrelationNumberMax.
bool read_number(std::string_view text, std::uint64_t& value) noexcept;

double number_of(const CorrelationEntry& entry) noexcept;

// Entries that follow each other in a list.
struct EntryRange {
  EntryStore::Place first;
  std::size_t count = 0;
};

class WindowMeasure {
 public:
  explicit WindowMeasure(const EntryStore& entries) : entries_(entries) {}

  // What CorrelationHit::value says about the entries, at least one.
  double value(const CorrelationPlan& plan, EntryRange range);

  // Whether the whole condition holds for them, and that value.
  bool holds(const CorrelationPlan& plan, EntryRange range, double& value);

 private:
  double distinct(EntryRange range);
  double sum(EntryRange range, std::size_t divisor) const;
  double percentile(double percentile, EntryRange range);
  double rules(std::size_t inputs, EntryRange range);
  double longest_chain(std::size_t inputs, EntryRange range);

  const EntryStore& entries_;
  std::vector<std::uint64_t> hashes_;
  std::vector<double> numbers_;
  std::vector<std::int64_t> rules_;  // One for each input.
  std::vector<char> seen_;
};

}  // namespace chargewarden
