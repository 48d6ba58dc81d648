#pragma once
// Numbers as chargers write them, with few digits and no exponent, read without the library's
// general way, which costs several times as much.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace chargewarden {

// Digits of a short number: as many as fit a double, and so the power of ten that divides them is
// exact too, and the quotient of the two the double that is nearest (Clinger, "How to Read Floating
// Point Numbers Accurately", 1990).
inline constexpr std::size_t kShortDecimalDigits = 15;

struct ShortDecimal {
  std::int64_t digits = 0;  // Without sign and point.
  std::size_t places = 0;   // Digits behind the point.
  bool is_negative = false;
  bool has_point = false;

  // What std::from_chars makes of the same text.
  [[nodiscard]] double value() const noexcept {
    constexpr std::array<double, kShortDecimalDigits + 1> kPowers = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const double amount = static_cast<double>(digits) / kPowers[places];
    return is_negative ? -amount : amount;
  }

  // Of a number without a point.
  [[nodiscard]] std::int64_t integer() const noexcept { return is_negative ? -digits : digits; }
};

// The number that `text` begins with: an optional minus, digits, an optional point with digits.
// Nothing when it has more than kShortDecimalDigits digits, an exponent, or another form: ask the
// library then.
inline std::optional<ShortDecimal> read_short_decimal(std::string_view text) noexcept {
  ShortDecimal out;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto take_digits = [&] {
    const char* const start = at;
    for (; at < end && *at >= '0' && *at <= '9'; ++at) {
      // Wraps only for what is refused below.
      out.digits = static_cast<std::int64_t>(static_cast<std::uint64_t>(out.digits) * 10U +
                                             static_cast<std::uint64_t>(*at - '0'));
    }
    return static_cast<std::size_t>(at - start);
  };
  if (at < end && *at == '-') {
    out.is_negative = true;
    ++at;
  }
  const std::size_t whole = take_digits();
  if (whole == 0) return std::nullopt;
  if (at < end && *at == '.') {
    ++at;
    out.has_point = true;
    out.places = take_digits();
    if (out.places == 0) return std::nullopt;
  }
  if (whole + out.places > kShortDecimalDigits) return std::nullopt;
  if (at < end && (*at == 'e' || *at == 'E')) return std::nullopt;
  return out;
}

}  // namespace chargewarden
