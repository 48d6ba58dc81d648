#pragma once
// Texts of the site's data against what was seen: never with regard to case, because OCPP's
// identifiers and keys have none (OCPP 2.0.1 part 2, 3.1, identifierString).

#include <string_view>

namespace chargewarden {

// Whether the text fits the pattern, which is in lower case and in which * stands for any
// characters. Time grows with the product of the lengths at most.
bool matches_pattern(std::string_view lower_pattern, std::string_view text) noexcept;

}  // namespace chargewarden
