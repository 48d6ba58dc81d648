#pragma once
// Finds personal data in free text by its form: payment card numbers, e-mail addresses, vehicle
// identification numbers.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chargewarden {

enum class SensitiveKind : std::uint8_t { kCardNumber, kEmail, kVin };

std::string_view to_string(SensitiveKind kind);

struct SensitiveSpan {
  SensitiveKind kind;
  std::size_t start;
  std::size_t len;
};

// The first one at or behind `from`; false when there is none. Linear in the text.
//
// A card number has 13 to 19 digits (ISO/IEC 7812-1), alone or in groups parted by single blanks or
// dashes, begins like the numbers of a card scheme and passes the Luhn check; an amount, a date or
// a check number may stand beside it. What is called a serial, order or SIM number is none. A VIN
// has 17 characters without I, O, Q (ISO 3779), letters and digits both, and a right check digit,
// or a known maker or a name that says so and four digits at its end. An address in the credentials
// of a URL, or of an office (support@), is not an e-mail of a person.
bool find_sensitive(std::string_view text, std::size_t from, SensitiveSpan& out) noexcept;

}  // namespace chargewarden
