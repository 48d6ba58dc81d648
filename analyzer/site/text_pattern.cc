#include "analyzer/site/text_pattern.h"

#include <cstddef>

namespace chargewarden {

namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool matches_pattern(std::string_view lower_pattern, std::string_view text) noexcept {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t star = std::string_view::npos;  // The latest one, and where it ends for now.
  std::size_t star_end = 0;
  while (at < text.size()) {
    if (in_pattern < lower_pattern.size() && lower_pattern[in_pattern] == '*') {
      star = in_pattern++;
      star_end = at;
    } else if (in_pattern < lower_pattern.size() && lower_pattern[in_pattern] == lower(text[at])) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++star_end;
    } else {
      return false;
    }
  }
  while (in_pattern < lower_pattern.size() && lower_pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == lower_pattern.size();
}

}  // namespace chargewarden
