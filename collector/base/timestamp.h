#pragma once
// Timestamps as other programs write them, and the parts of one. Pure functions.
//
// RFC 3339 is what our own events have (collector/base/text.h). Logs and foreign events leave the
// zone out, put a blank for the T, write an offset without colon, a date alone, or seconds since
// 1970 as a number.

#include <cstdint>
#include <optional>
#include <string_view>

namespace chargewarden {

// Years are those of the calendar, weeks those of ISO 8601 (1 to 53).
enum class TimePart : std::uint8_t { kMinute, kHour, kDay, kWeek, kMonth, kYear };

// YYYY-MM-DD, then T or a blank and hh:mm:ss with an optional fraction behind point or comma, then
// Z, +hh:mm, +hhmm or nothing, which means UTC. A date alone is its first moment.
std::optional<std::int64_t> parse_timestamp_ns(std::string_view text) noexcept;

// A number of seconds, milliseconds, microseconds or nanoseconds since 1970; the size tells which,
// so that each reading covers 1973 to 5138. nullopt when negative, or too large for any.
std::optional<std::int64_t> timestamp_of_number_ns(double number) noexcept;
std::optional<std::int64_t> timestamp_of_number_ns(std::int64_t number) noexcept;

// Seconds of s, m, h, d or w, as lengths of time are written; nullopt for anything else.
std::optional<std::int64_t> seconds_of_unit(char unit) noexcept;

// The part, in UTC.
std::int64_t time_part(std::int64_t time_ns, TimePart part) noexcept;

// The smallest and the largest value that the part can have.
struct TimePartRange {
  std::int64_t min;
  std::int64_t max;
};

TimePartRange time_part_range(TimePart part) noexcept;

}  // namespace chargewarden
