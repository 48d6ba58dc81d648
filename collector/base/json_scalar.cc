#include "collector/base/json_scalar.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "collector/base/short_decimal.h"

namespace chargewarden {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Length of the number at the start of `text`, 0 when there is none.
std::size_t number_len(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto take = [&](char c) {
    const bool is_there = at < end && *at == c;
    at += is_there ? 1 : 0;
    return is_there;
  };
  const auto digits = [&] {
    const char* const start = at;
    while (at < end && is_digit(*at)) ++at;
    return at > start;
  };
  (void)take('-');
  if (!take('0') && !digits()) return 0;
  if (take('.') && !digits()) return 0;
  if (take('e') || take('E')) {
    if (!take('+')) (void)take('-');
    if (!digits()) return 0;
  }
  return static_cast<std::size_t>(at - text.data());
}

std::size_t scalar_len(std::string_view text) noexcept {
  if (!text.empty() && is_digit(text.front())) return number_len(text);
  if (text.starts_with("true") || text.starts_with("null")) return 4;
  if (text.starts_with("false")) return 5;
  return number_len(text);
}

int hex_digit(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four hex digits at `at`, or -1.
std::int32_t hex4(std::string_view raw, std::size_t at) noexcept {
  if (at + 4 > raw.size()) return -1;
  std::int32_t value = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    const int digit = hex_digit(raw[at + k]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

char* put_utf8(char* out, std::uint32_t code) noexcept {
  const auto put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0U | (code >> 6U));
    put(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    put(0xe0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3fU));
    put(0x80U | (code & 0x3fU));
  } else {
    put(0xf0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3fU));
    put(0x80U | ((code >> 6U) & 0x3fU));
    put(0x80U | (code & 0x3fU));
  }
  return out;
}

char plain_escape(char c) noexcept {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '"':
    case '\\':
    case '/':
      return c;
    default:
      return '\0';
  }
}

// Code point of the \uXXXX escape at `at` (its backslash), and how many characters it takes.
std::uint32_t unicode_escape(std::string_view raw, std::size_t at, std::size_t& len) noexcept {
  constexpr std::uint32_t kReplacement = 0xfffd;
  len = 6;
  const std::int32_t unit = hex4(raw, at + 2);
  if (unit < 0) return kReplacement;
  const auto high = static_cast<std::uint32_t>(unit);
  if (high < 0xd800 || high > 0xdfff) return high;
  if (high >= 0xdc00 || at + 12 > raw.size() || raw[at + 6] != '\\' || raw[at + 7] != 'u') {
    return kReplacement;
  }
  const std::int32_t low = hex4(raw, at + 8);
  if (low < 0xdc00 || low > 0xdfff) return kReplacement;
  len = 12;
  return 0x10000U + ((high - 0xd800U) << 10U) + (static_cast<std::uint32_t>(low) - 0xdc00U);
}

}  // namespace

bool json_scalar_is_valid(std::string_view text) noexcept {
  const std::size_t len = scalar_len(text);
  if (len == 0) return false;
  if (len == text.size()) return true;
  const char next = text[len];
  return next == ',' || next == '}' || next == ']' || next == ' ' || next == '\n' || next == '\r' ||
         next == '\t';
}

Value json_scalar_value(std::string_view text) noexcept {
  if (text.empty() || text.front() == 'n') return Value::null();
  if (text.front() == 't') return Value::boolean(true);
  if (text.front() == 'f') return Value::boolean(false);
  if (const auto number = read_short_decimal(text)) {
    return number->has_point ? Value::real(number->value()) : Value::integer(number->integer());
  }
  text = text.substr(0, number_len(text));
  if (text.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t integer = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (failure == std::errc{} && end == text.data() + text.size()) return Value::integer(integer);
  }
  double real = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), real);
  (void)end;
  if (failure == std::errc::result_out_of_range || !std::isfinite(real)) {
    // Too large or too small for a double: keep the direction, lose the amount.
    const std::size_t exponent = text.find_first_of("eE");
    const bool tiny = exponent != std::string_view::npos && exponent + 1 < text.size() &&
                      text[exponent + 1] == '-';
    real = tiny ? 0.0 : std::numeric_limits<double>::max();
    if (text.front() == '-') real = -real;
  }
  return Value::real(real);
}

bool json_escapes_are_valid(std::string_view raw) noexcept {
  for (std::size_t i = raw.find('\\'); i != std::string_view::npos; i = raw.find('\\', i)) {
    if (i + 1 >= raw.size()) return false;
    if (raw[i + 1] == 'u') {
      if (hex4(raw, i + 2) < 0) return false;
      i += 6;
    } else {
      if (plain_escape(raw[i + 1]) == '\0') return false;
      i += 2;
    }
  }
  return true;
}

std::size_t json_unescape(std::string_view raw, char* out) noexcept {
  char* const start = out;
  for (std::size_t i = 0; i < raw.size();) {
    if (raw[i] != '\\' || i + 1 >= raw.size()) {
      *out++ = raw[i++];
    } else if (raw[i + 1] == 'u') {
      std::size_t len = 0;
      out = put_utf8(out, unicode_escape(raw, i, len));
      i += len;
    } else {
      *out++ = plain_escape(raw[i + 1]);
      i += 2;
    }
  }
  return static_cast<std::size_t>(out - start);
}

}  // namespace chargewarden
