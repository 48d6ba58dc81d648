#pragma once
// FieldIndex: the number of a field name in a rule set's table of distinct names.

#include <cstdint>

namespace chargewarden {

// The first one is no field: it stands for every text of the event, where keywords are looked for.
using FieldIndex = std::uint32_t;
inline constexpr FieldIndex kKeywordField = 0;

}  // namespace chargewarden
