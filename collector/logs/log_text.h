#pragma once
// Small parts that the formats share: taking a line apart from the front. Pure functions.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "collector/base/json_document.h"
#include "collector/base/text.h"

namespace chargewarden {

// Takes `prefix` off the front.
inline bool take_prefix(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes what stands before `mark` off the front, and the mark; false when it is not there.
inline bool take_until(std::string_view& text, std::string_view mark,
                       std::string_view& out) noexcept {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return false;
  out = text.substr(0, at);
  text.remove_prefix(at + mark.size());
  return true;
}

inline std::string_view without_leading_blanks(std::string_view text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

inline bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Begins as a time does: yyyy-mm-dd and something behind it.
inline bool begins_with_date(std::string_view text) noexcept {
  return text.size() > 10 && is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]) &&
         is_digit(text[3]) && text[4] == '-' && is_digit(text[5]) && text[7] == '-' &&
         is_digit(text[8]);
}

// Length of yyyy-mm-dd, T or blank, hh:mm:ss, fraction and zone at the front; 0 when there is none.
std::size_t timestamp_len(std::string_view text) noexcept;

// Whether a text begins as an OCPP message does: `[`, a type from 2 to 6, a comma.
bool begins_ocpp(std::string_view text) noexcept;

// Place of the first such text, or npos.
std::size_t find_ocpp(std::string_view text) noexcept;

// Without the sequences ESC [ ... m that colour a terminal; the text itself when it has none.
std::string_view without_colours(std::string_view text, ValueArena& arena);

// For log.message: at most kEventTextMaxLen bytes, without JSON, values that follow the name of a
// credential or token replaced. Appends to `out`.
void append_log_text(std::string& out, std::string_view text);

}  // namespace chargewarden
