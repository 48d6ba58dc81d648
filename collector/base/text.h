#pragma once
// Text in and out of bytes: hex, base64, percent-encoding, UTF-8, RFC 3339 times, JSON strings.
//
// Pure functions; input may be hostile, output is bounded by the input.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collector/base/byte_reader.h"

namespace chargewarden {

// The two places where bytes and characters are taken for each other.

inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Without blanks at both ends; points into `text`, also when nothing is left.
inline std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return text.substr(0, 0);
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// The letters A to Z small, all else as it is.
std::string lower_ascii(std::string_view text);

// Lower-case hex of the bytes.
std::string to_hex(Bytes bytes);

// Base64 (RFC 4648, padding optional, no white space); nullopt when it is not base64.
std::optional<std::string> from_base64(std::string_view text);
std::string to_base64(Bytes bytes);

// RFC 3986 percent-decoding; a `%` that is not followed by two hex digits stays as it is.
std::string percent_decode(std::string_view text);

bool is_valid_utf8(std::string_view text) noexcept;

// Appends `text` as the inside of a JSON string. Bytes that are not UTF-8 become U+FFFD, so that
// the output is always valid.
void append_json_escaped(std::string& out, std::string_view text);

// Appends a whole JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

bool iequals_ascii(std::string_view a, std::string_view b) noexcept;

// Length of "2026-11-22T12:13:44.123456789Z".
inline constexpr std::size_t kRfc3339Len = 30;

// RFC 3339 in UTC with nanoseconds; `time_ns` counts from 1970-01-01T00:00:00Z. Years 0000 to 9999.
std::string_view format_rfc3339(std::int64_t time_ns, std::array<char, kRfc3339Len>& out) noexcept;
std::string to_rfc3339(std::int64_t time_ns);

// RFC 3339, fraction optional, zone `Z` or offset required.
std::optional<std::int64_t> parse_rfc3339(std::string_view text) noexcept;

}  // namespace chargewarden
