#pragma once
// Simple case folding of UTF-8 (Unicode 14, CaseFolding.txt, statuses C and S).
//
// Rules and events are folded by the same table, so that a comparison never depends on a language.
// Foldings that change the number of characters are not made: "ß" is not "ss". Bytes that are not
// UTF-8 stay as they are.

#include <cstddef>
#include <string>
#include <string_view>

namespace chargewarden {

// Folding never makes a text longer than this many bytes for each of its own.
inline constexpr std::size_t kFoldGrowthMax = 2;

// Writes the folded text to `out`, which must have room for text.size() * kFoldGrowthMax bytes.
// Returns the length.
std::size_t fold_case(std::string_view text, char* out) noexcept;

std::string fold_case(std::string_view text);

// The folded form of one code point.
char32_t fold_code_point(char32_t code) noexcept;

}  // namespace chargewarden
