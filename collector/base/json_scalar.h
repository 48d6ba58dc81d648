#pragma once
// JSON scalars (RFC 8259, 6 and 7): check and convert. Used by JsonDocument.

#include <cstddef>
#include <string_view>

#include "collector/base/value.h"

namespace chargewarden {

// Whether `text` begins with a whole number, true, false or null that ends where a value may end.
bool json_scalar_is_valid(std::string_view text) noexcept;

// Value of what json_scalar_is_valid accepted. Integers that fit 64 bits stay integers; other
// numbers become reals, those too large for a double the largest one.
Value json_scalar_value(std::string_view text) noexcept;

// Whether the backslashes in the inside of a string are escapes of RFC 8259.
bool json_escapes_are_valid(std::string_view raw) noexcept;

// Writes the plain text, never longer than `raw`, and returns its length. A surrogate without its
// partner becomes U+FFFD.
std::size_t json_unescape(std::string_view raw, char* out) noexcept;

}  // namespace chargewarden
