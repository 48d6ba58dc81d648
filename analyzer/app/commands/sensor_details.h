#pragma once
// What the audit trail's records about the sensor say beside their outcome.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "rules/engine/rule_set.h"

namespace chargewarden {

// Pairs of filter and rule that a record names, those with most matches first; 250 bytes each, so
// that they fit kDetailsMax. Test: sensor_details_test.cc "many filters are named up to the limit".
inline constexpr std::size_t kFiltersNamedMax = 40;

// {"filters":[{"filter":"...","rule":"...","suppressed":12}]} with the pairs that suppressed
// something, and a sum over all. Empty when the rules have no filters.
std::string filter_details(const RuleSet& rules, std::span<const std::uint64_t> suppressed);

}  // namespace chargewarden
