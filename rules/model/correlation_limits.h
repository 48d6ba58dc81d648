#pragma once
// Bounds of correlations that the loader holds against what authors write. What the correlator
// bounds while it runs is in rules/correlation/correlator.h.

#include <cstddef>
#include <cstdint>

namespace chargewarden {

// Correlations that stand one upon the other: a hit of one is an event for the next. Chains of
// three are the longest in use; the loader refuses more than this.
// Test: correlator_chain_test.cc "a chain as deep as the loader allows".
inline constexpr std::size_t kCorrelationDepthMax = 10;

// Entries that one group of one correlation keeps, 32 bytes each: a match is one entry, or one for
// each element of a list of values. 36 matches a second for half an hour. Beyond it a group that is
// judged at once forgets its oldest entry, and one that is judged at the end of its window takes no
// more. Test: correlator_limits_test.cc "a full group forgets its oldest entry".
inline constexpr std::size_t kCorrelationEntriesMax = 65'536;

// Largest number of events or of distinct values that a condition may ask for. One below what a
// group can hold, so that a full group is above every upper bound, too.
// Test: correlator_limits_test.cc "a full group is above every bound".
inline constexpr std::size_t kCorrelationThresholdMax = kCorrelationEntriesMax - 1;

// Numbers of value_sum, value_avg and value_percentile beyond this, or below its negative, are
// counted as not numeric: no meter and no clock in nanoseconds comes near, and a full memory of
// them still has an exact sum. Test: correlator_values_test.cc "what is not a number".
inline constexpr double kCorrelationNumberMax = 9e18;

}  // namespace chargewarden
