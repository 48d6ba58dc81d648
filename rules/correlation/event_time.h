#pragma once
// Sums and differences of event times that stop at the ends of the range: captures may say any
// time, and rules any time span. Nanoseconds.

#include <cstdint>
#include <limits>

namespace chargewarden {

// No event has such a time, but for those of a capture that says so.
inline constexpr std::int64_t kBeforeAllTime = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kAfterAllTime = std::numeric_limits<std::int64_t>::max();

// `span_ns` is not negative.
constexpr std::int64_t time_plus(std::int64_t time_ns, std::int64_t span_ns) noexcept {
  return time_ns > kAfterAllTime - span_ns ? kAfterAllTime : time_ns + span_ns;
}

constexpr std::int64_t time_minus(std::int64_t time_ns, std::int64_t span_ns) noexcept {
  return time_ns < kBeforeAllTime + span_ns ? kBeforeAllTime : time_ns - span_ns;
}

}  // namespace chargewarden
