#pragma once
// Finds how a person is reached or paid in free text: bank accounts and telephone numbers. For what
// is shown; nothing is reported because of it, so in doubt a number counts as one.

#include <cstddef>
#include <string_view>

namespace chargewarden {

struct ContactSpan {
  std::size_t start;
  std::size_t len;
};

// The first one at or behind `from`; false when there is none. Linear in the text.
//
// A bank account is an IBAN of a known country with its length and right check digits (ISO
// 13616-1), in groups of four or not. A telephone number has 8 to 15 digits behind a plus (ITU-T
// E.164), or 6 to 15 behind a word that says so; single blanks and the usual marks may stand
// between digits.
bool find_contact(std::string_view text, std::size_t from, ContactSpan& out) noexcept;

}  // namespace chargewarden
