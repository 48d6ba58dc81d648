#pragma once
// FilterUse: a filter on a rule. What filters suppress is counted for each such pair.

#include <cstdint>

namespace chargewarden {

struct FilterUse {
  std::uint32_t filter = 0;  // Among the filters of the set.
  std::uint32_t rule = 0;    // Among its detection rules.
};

}  // namespace chargewarden
