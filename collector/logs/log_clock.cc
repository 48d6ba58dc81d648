#include "collector/logs/log_clock.h"

#include <chrono>
#include <string>

#include "collector/base/timestamp.h"

namespace chargewarden {

namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;
constexpr std::int64_t kNsPerDay = 86'400 * kNsPerS;
constexpr std::int64_t kHalfDayNs = kNsPerDay / 2;

// Every day of a calendar occurs within these years around any other.
constexpr int kYearsAround = 8;

// Years that a log can be of: outside of them four digits are something else.
constexpr int kYearFirst = 2000;
constexpr int kYearLast = 2199;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int number_at(std::string_view text, std::size_t at, std::size_t len) {
  if (at + len > text.size()) return -1;
  int out = 0;
  for (const char c : text.substr(at, len)) {
    if (!is_digit(c)) return -1;
    out = out * 10 + (c - '0');
  }
  return out;
}

std::int64_t distance(std::int64_t a, std::int64_t b) {
  return a > b ? a - b : b - a;
}

bool is_year(int year) {
  return year >= kYearFirst && year <= kYearLast;
}

// Midnight of yyyymmdd at that place.
std::optional<std::int64_t> packed_date(std::string_view text, std::size_t at) {
  const int year = number_at(text, at, 4);
  const int month = number_at(text, at + 4, 2);
  const int day = number_at(text, at + 6, 2);
  if (!is_year(year) || month < 1 || day < 1) return std::nullopt;
  if (at > 0 && is_digit(text[at - 1])) return std::nullopt;
  if (at + 8 < text.size() && is_digit(text[at + 8])) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count() * kNsPerDay;
}

}  // namespace

void LogClock::set_start(std::int64_t time_ns, bool is_date) noexcept {
  has_start_ = true;
  now_ns_ = time_ns;
  // All times of a day are nearest to its noon.
  reference_ns_ = is_date ? time_ns + kHalfDayNs : time_ns;
}

std::optional<std::int64_t> LogClock::without_year(unsigned month, unsigned day,
                                                   std::int64_t of_day_ns) const noexcept {
  const int middle = static_cast<int>(time_part(reference_ns_, TimePart::kYear));
  std::optional<std::int64_t> best;
  for (int year = middle - kYearsAround; year <= middle + kYearsAround; ++year) {
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    if (!date.ok()) continue;
    const std::int64_t time_ns =
        std::chrono::sys_days{date}.time_since_epoch().count() * kNsPerDay + of_day_ns;
    // Nothing is known: not before the start of counting.
    if (!has_start_ && reference_ns_ == 0 && time_ns < 0) continue;
    if (!best || distance(time_ns, reference_ns_) < distance(*best, reference_ns_)) best = time_ns;
  }
  return best;
}

std::int64_t LogClock::without_date(std::int64_t of_day_ns) const noexcept {
  if (!has_start_ && reference_ns_ == 0) return of_day_ns;
  std::int64_t day = reference_ns_ / kNsPerDay;
  if (reference_ns_ % kNsPerDay < 0) --day;
  const std::int64_t same = day * kNsPerDay + of_day_ns;
  if (same - reference_ns_ > kHalfDayNs) return same - kNsPerDay;
  if (reference_ns_ - same > kHalfDayNs) return same + kNsPerDay;
  return same;
}

std::optional<std::int64_t> parse_time_of_day_ns(std::string_view text, std::size_t& len) noexcept {
  const int hour = number_at(text, 0, 2);
  const int minute = number_at(text, 3, 2);
  const int second = number_at(text, 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
    return std::nullopt;
  }
  if (text[2] != ':' || text[5] != ':') return std::nullopt;
  std::size_t at = 8;
  std::int64_t fraction = 0;
  if (at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && is_digit(text[at + 1])) {
    std::int64_t unit = kNsPerS / 10;
    for (++at; at < text.size() && is_digit(text[at]); ++at) {
      fraction += unit * (text[at] - '0');
      unit /= 10;
    }
  }
  len = at;
  return ((hour * 60 + minute) * std::int64_t{60} + (second < 60 ? second : 59)) * kNsPerS +
         fraction;
}

std::optional<std::int64_t> find_date_ns(std::string_view text, bool& is_date) noexcept {
  constexpr std::size_t kDateLen = 10;
  constexpr std::size_t kDateTimeLen = 19;
  for (std::size_t at = 0; at + 8 <= text.size(); ++at) {
    // All years of logs begin so.
    if (text[at] != '2' || (text[at + 1] != '0' && text[at + 1] != '1')) continue;
    if (const auto packed = packed_date(text, at)) {
      is_date = true;
      return packed;
    }
    if (at + kDateLen > text.size() || !is_year(number_at(text, at, 4))) continue;
    if (text[at + 4] != '-' || text[at + 7] != '-') continue;
    if (at + kDateTimeLen <= text.size()) {
      if (const auto whole = parse_timestamp_ns(text.substr(at, kDateTimeLen))) {
        is_date = false;
        return whole;
      }
    }
    if (const auto date = parse_timestamp_ns(text.substr(at, kDateLen))) {
      is_date = true;
      return date;
    }
  }
  return std::nullopt;
}

}  // namespace chargewarden
