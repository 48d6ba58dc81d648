#include "collector/base/timestamp.h"

#include <array>
#include <chrono>
#include <cmath>

#include "collector/base/text.h"

namespace chargewarden {

namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;

// 1973-03-03 in the next smaller unit, which is 5138-11-16 in the unit itself: numbers below it are
// seconds, a thousand times as much milliseconds, and so on.
constexpr std::int64_t kSecondsEnd = 100'000'000'000;

constexpr std::size_t kDateLen = 10;       // YYYY-MM-DD
constexpr std::size_t kDateTimeLen = 19;   // YYYY-MM-DDThh:mm:ss
constexpr std::size_t kTimestampMax = 40;  // With nanoseconds and an offset: 35.

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The text in the form that parse_rfc3339() reads.
class Normalised {
 public:
  explicit Normalised(std::string_view text) {
    append(text.substr(0, kDateTimeLen));
    if (text.size() == kDateLen) append("T00:00:00");
    std::size_t at = std::min(text.size(), kDateTimeLen);
    if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
      append(".");
      const std::size_t begin = ++at;
      while (at < text.size() && is_digit(text[at])) ++at;
      append(text.substr(begin, at - begin));
    }
    const std::string_view zone = text.substr(at);
    if (zone.empty()) {
      append("Z");
    } else if (zone.size() == 5 && (zone[0] == '+' || zone[0] == '-')) {
      append(zone.substr(0, 3));
      append(":");
      append(zone.substr(3));
    } else {
      append(zone);
    }
  }

  [[nodiscard]] std::string_view view() const {
    return fits_ ? std::string_view(out_.data(), len_) : std::string_view();
  }

 private:
  void append(std::string_view piece) {
    fits_ = fits_ && len_ + piece.size() <= out_.size();
    if (!fits_) return;
    piece.copy(out_.data() + len_, piece.size());
    len_ += piece.size();
  }

  std::array<char, kTimestampMax> out_{};
  std::size_t len_ = 0;
  bool fits_ = true;
};

std::chrono::year_month_day date_of(std::chrono::sys_days day) {
  return std::chrono::year_month_day(day);
}

// ISO 8601: the week belongs to the year that its Thursday lies in.
std::int64_t iso_week(std::chrono::sys_days day) {
  const std::chrono::weekday weekday(day);
  const auto thursday = day + std::chrono::days(4 - static_cast<int>(weekday.iso_encoding()));
  const std::chrono::sys_days new_year(date_of(thursday).year() / std::chrono::January / 1);
  return (thursday - new_year).count() / 7 + 1;
}

}  // namespace

std::optional<std::int64_t> parse_timestamp_ns(std::string_view text) noexcept {
  if (text.size() != kDateLen && text.size() < kDateTimeLen) return std::nullopt;
  if (!is_digit(text[0])) return std::nullopt;
  return parse_rfc3339(Normalised(text).view());
}

std::optional<std::int64_t> timestamp_of_number_ns(std::int64_t number) noexcept {
  if (number < 0) return std::nullopt;
  std::int64_t factor = kNsPerS;
  for (std::int64_t rest = number; factor > 1 && rest >= kSecondsEnd; rest /= 1'000)
    factor /= 1'000;
  if (number > INT64_MAX / factor) return std::nullopt;
  return number * factor;
}

std::optional<std::int64_t> timestamp_of_number_ns(double number) noexcept {
  if (!std::isfinite(number) || number < 0 || number >= 9.2e18) return std::nullopt;
  const double whole = std::floor(number);
  const auto base = timestamp_of_number_ns(static_cast<std::int64_t>(whole));
  if (!base) return std::nullopt;
  // Only seconds are written with a fraction.
  if (whole >= static_cast<double>(kSecondsEnd)) return base;
  const double fraction_ns = std::floor((number - whole) * static_cast<double>(kNsPerS));
  if (*base > INT64_MAX - kNsPerS) return std::nullopt;
  return *base + static_cast<std::int64_t>(fraction_ns);
}

std::optional<std::int64_t> seconds_of_unit(char unit) noexcept {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3'600;
    case 'd':
      return 86'400;
    case 'w':
      return 7 * 86'400;
    default:
      return std::nullopt;
  }
}

std::int64_t time_part(std::int64_t time_ns, TimePart part) noexcept {
  const auto time =
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(time_ns));
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(time - day).count();
  switch (part) {
    case TimePart::kMinute:
      return second / 60 % 60;
    case TimePart::kHour:
      return second / 3'600;
    case TimePart::kDay:
      return static_cast<unsigned>(date_of(day).day());
    case TimePart::kWeek:
      return iso_week(day);
    case TimePart::kMonth:
      return static_cast<unsigned>(date_of(day).month());
    case TimePart::kYear:
      return static_cast<int>(date_of(day).year());
  }
  return 0;
}

TimePartRange time_part_range(TimePart part) noexcept {
  switch (part) {
    case TimePart::kMinute:
      return {0, 59};
    case TimePart::kHour:
      return {0, 23};
    case TimePart::kDay:
      return {1, 31};
    case TimePart::kWeek:
      return {1, 53};
    case TimePart::kMonth:
      return {1, 12};
    case TimePart::kYear:
      return {0, 9'999};
  }
  return {0, 0};
}

}  // namespace chargewarden
