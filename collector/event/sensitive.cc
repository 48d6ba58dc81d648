#include "collector/event/sensitive.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace chargewarden {

namespace {

constexpr std::size_t kCardDigitsMin = 13;
constexpr std::size_t kCardDigitsMax = 19;
constexpr std::size_t kVinLen = 17;
constexpr std::size_t kEmailPartMaxLen = 64;  // RFC 5321, 4.5.3.1.1, for the local part.
constexpr std::size_t kDomainMaxLen = 255;    // RFC 5321, 4.5.3.1.2.

constexpr std::uint8_t kDigit = 1;
constexpr std::uint8_t kUpper = 2;
constexpr std::uint8_t kLower = 4;
constexpr std::uint8_t kSeparator = 8;

constexpr auto kClass = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = '0'; c <= '9'; ++c) table[c] = kDigit;
  for (std::size_t c = 'A'; c <= 'Z'; ++c) table[c] = kUpper;
  for (std::size_t c = 'a'; c <= 'z'; ++c) table[c] = kLower;
  table[' '] = kSeparator;
  table['-'] = kSeparator;
  return table;
}();

std::uint8_t class_of(char c) noexcept {
  return kClass[static_cast<unsigned char>(c)];
}

bool is(char c, std::uint8_t classes) noexcept {
  return (class_of(c) & classes) != 0;
}

bool passes_luhn(const std::array<std::uint8_t, kCardDigitsMax>& digits,
                 std::size_t count) noexcept {
  unsigned sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    unsigned digit = digits[count - 1 - i];
    if (i % 2 == 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

// Number ranges of the card schemes by first digits and length.
bool has_scheme(const std::array<std::uint8_t, kCardDigitsMax>& d, std::size_t count) noexcept {
  const unsigned two = d[0] * 10U + d[1];
  const unsigned four = two * 100U + d[2] * 10U + d[3];
  if (d[0] == 4) return count == 13 || count == 16 || count == 19;                     // Visa
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return count == 16;  // Mastercard
  if (two == 34 || two == 37) return count == 15;  // American Express
  if (four == 6011 || two == 65 || (four >= 6440 && four <= 6499)) return count >= 16;  // Discover
  if (two == 36 || two == 38 || two == 39 || (four >= 3000 && four <= 3059)) return count == 14;
  if (four >= 3528 && four <= 3589) return count >= 16;       // JCB
  if (two == 62) return count >= 16;                          // UnionPay
  return two == 50 || (two >= 56 && two <= 58) || two == 67;  // Maestro
}

bool may_stand_beside_number(char c) noexcept {
  return !is(c, kDigit | kUpper | kLower) && c != '.' && c != '_' && c != '+' && c != '%';
}

// A card number among the run of digits and single separators around `at`.
bool card_around(std::string_view text, std::size_t at, std::size_t from,
                 SensitiveSpan& out) noexcept {
  const auto part_of_number = [&](std::size_t i) {
    if (is(text[i], kDigit)) return true;
    return is(text[i], kSeparator) && i > from && i + 1 < text.size() && is(text[i - 1], kDigit) &&
           is(text[i + 1], kDigit);
  };
  if (!part_of_number(at)) return false;
  constexpr std::size_t kRunMax = 2 * kCardDigitsMax;
  std::size_t start = at;
  while (start > from && at - start < kRunMax && part_of_number(start - 1)) --start;
  std::size_t end = at + 1;
  while (end < text.size() && end - at < kRunMax && part_of_number(end)) ++end;
  std::array<std::uint8_t, kCardDigitsMax> digits{};
  std::size_t count = 0;
  for (std::size_t i = start; i < end; ++i) {
    if (!is(text[i], kDigit)) continue;
    if (count == kCardDigitsMax) return false;
    digits[count++] = static_cast<std::uint8_t>(text[i] - '0');
  }
  if (count < kCardDigitsMin || !has_scheme(digits, count) || !passes_luhn(digits, count)) {
    return false;
  }
  if (start > 0 && !may_stand_beside_number(text[start - 1])) return false;
  if (end < text.size() && !may_stand_beside_number(text[end])) return false;
  out = {SensitiveKind::kCardNumber, start, end - start};
  return true;
}

// ISO 3779 with the check digit of 49 CFR 565.15.
bool is_vin(std::string_view text) noexcept {
  constexpr std::array<unsigned, 26> kLetterValue = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4,
                                                     5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  constexpr std::array<unsigned, kVinLen> kWeight = {8, 7, 6, 5, 4, 3, 2, 10, 0,
                                                     9, 8, 7, 6, 5, 4, 3, 2};
  unsigned sum = 0;
  unsigned letters = 0;
  for (std::size_t i = 0; i < kVinLen; ++i) {
    const char c = text[i];
    if (c == 'I' || c == 'O' || c == 'Q') return false;
    const bool letter = is(c, kUpper);
    letters += letter ? 1U : 0U;
    const unsigned value =
        letter ? kLetterValue[static_cast<std::size_t>(c - 'A')] : static_cast<unsigned>(c - '0');
    sum += value * kWeight[i];
  }
  const char check = sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11);
  return letters >= 2 && letters < kVinLen && text[8] == check;
}

bool vin_around(std::string_view text, std::size_t at, std::size_t from,
                SensitiveSpan& out) noexcept {
  if (!is(text[at], kDigit | kUpper)) return false;
  std::size_t start = at;
  while (start > from && at - start < kVinLen && is(text[start - 1], kDigit | kUpper)) --start;
  std::size_t end = at + 1;
  while (end < text.size() && end - start <= kVinLen && is(text[end], kDigit | kUpper)) ++end;
  if (end - start != kVinLen || !is_vin(text.substr(start, kVinLen))) return false;
  if (start > 0 && is(text[start - 1], kLower)) return false;
  if (end < text.size() && is(text[end], kLower)) return false;
  out = {SensitiveKind::kVin, start, kVinLen};
  return true;
}

bool email_around(std::string_view text, std::size_t at, std::size_t from,
                  SensitiveSpan& out) noexcept {
  const auto local = [](char c) {
    return is(c, kDigit | kUpper | kLower) || c == '.' || c == '_' || c == '+' || c == '-' ||
           c == '%';
  };
  const auto domain = [](char c) {
    return is(c, kDigit | kUpper | kLower) || c == '.' || c == '-';
  };
  std::size_t start = at;
  while (start > from && at - start < kEmailPartMaxLen && local(text[start - 1])) --start;
  std::size_t end = at + 1;
  while (end < text.size() && end - at < kDomainMaxLen && domain(text[end])) ++end;
  while (end > at + 1 && !is(text[end - 1], kDigit | kUpper | kLower)) --end;
  const std::string_view host = text.substr(at + 1, end - at - 1);
  const auto dot = host.rfind('.');
  if (start == at || dot == std::string_view::npos || dot == 0 || host.size() - dot < 3) {
    return false;
  }
  if (!std::all_of(host.begin() + static_cast<std::ptrdiff_t>(dot) + 1, host.end(),
                   [](char c) { return is(c, kUpper | kLower); })) {
    return false;
  }
  // user@host and user:password@host behind "://" are credentials, not mail.
  if (start > 0 && (text[start - 1] == ':' || text[start - 1] == '/')) return false;
  out = {SensitiveKind::kEmail, start, end - start};
  return true;
}

}  // namespace

std::string_view to_string(SensitiveKind kind) {
  switch (kind) {
    case SensitiveKind::kCardNumber:
      return "card_number";
    case SensitiveKind::kEmail:
      return "email";
    case SensitiveKind::kVin:
      return "vin";
  }
  return "";
}

bool find_sensitive(std::string_view text, std::size_t from, SensitiveSpan& out) noexcept {
  bool found = false;
  // Whatever is longer than the stride holds one of the sampled characters.
  constexpr std::size_t kStride = kCardDigitsMin - 1;
  for (std::size_t at = from + kStride - 1; at < text.size() + kStride - 1; at += kStride) {
    const std::size_t sample = std::min(at, text.size() - 1);
    const std::uint8_t sampled = class_of(text[sample]);
    // A run that long reaches half its length to one side at least.
    const auto reaches = [&](std::size_t half, std::uint8_t classes) {
      return (sample >= half && is(text[sample - half], classes)) ||
             (sample + half < text.size() && is(text[sample + half], classes));
    };
    constexpr std::uint8_t kCard = kDigit | kSeparator;
    constexpr std::uint8_t kVin = kDigit | kUpper;
    if ((sampled & kCard) != 0 && reaches(kCardDigitsMin / 2, kCard) &&
        card_around(text, sample, from, out)) {
      found = true;
      break;
    }
    if ((sampled & kVin) != 0 && reaches(kVinLen / 2, kVin) &&
        vin_around(text, sample, from, out)) {
      found = true;
      break;
    }
  }
  const std::size_t limit = found ? out.start : text.size();
  for (std::size_t at = from; at < limit;) {
    const void* hit = std::memchr(text.data() + at, '@', limit - at);
    if (hit == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
    if (email_around(text, at, from, out)) return true;
    ++at;
  }
  return found;
}

}  // namespace chargewarden
