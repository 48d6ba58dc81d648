#include "collector/base/timestamp.h"

#include <catch2/catch.hpp>

#include "collector/base/text.h"

namespace chargewarden {

namespace {

std::string read(std::string_view text) {
  const auto time = parse_timestamp_ns(text);
  return time ? to_rfc3339(*time) : "none";
}

TEST_CASE("timestamps are read in the forms that logs use") {
  const std::string noon = "2026-11-22T12:00:00.000000000Z";
  CHECK(read("2026-11-22T12:00:00Z") == noon);
  CHECK(read("2026-11-22 12:00:00") == noon);
  CHECK(read("2026-11-22T14:00:00+02:00") == noon);
  CHECK(read("2026-11-22 10:00:00-0200") == noon);
  CHECK(read("2026-11-22T12:00:00.25Z") == "2026-11-22T12:00:00.250000000Z");
  CHECK(read("2026-11-22T12:00:00,250") == "2026-11-22T12:00:00.250000000Z");
  CHECK(read("2026-11-22") == "2026-11-22T00:00:00.000000000Z");
}

TEST_CASE("what is no timestamp is not read as one") {
  for (const char* text :
       {"", "2026", "2026-13-01", "2026-02-30", "2026-11-22T", "2026-11-22T12:00", "x026-11-22",
        "2026-11-22T12:00:00 Z", "2026-11-22T12:00:00+2", "2026-11-22T12:00:00.",
        "2026-11-22T12:00:00.123456789012345678901234567890Z", "22.11.2026 12:00:00"}) {
    INFO(text);
    CHECK_FALSE(parse_timestamp_ns(text).has_value());
  }
}

TEST_CASE("a number is read in the unit that its size tells") {
  constexpr std::int64_t kTime = 1'795'348'800'000'000'000;  // 2026-11-22T12:00:00Z.
  CHECK(timestamp_of_number_ns(std::int64_t{1'795'348'800}) == kTime);
  CHECK(timestamp_of_number_ns(std::int64_t{1'795'348'800'000}) == kTime);
  CHECK(timestamp_of_number_ns(std::int64_t{1'795'348'800'000'000}) == kTime);
  CHECK(timestamp_of_number_ns(kTime) == kTime);
  CHECK(timestamp_of_number_ns(1'795'348'800.5) == kTime + 500'000'000);
  CHECK(timestamp_of_number_ns(std::int64_t{99'999'999'999}).has_value() == false);
  CHECK_FALSE(timestamp_of_number_ns(std::int64_t{-1}).has_value());
  CHECK_FALSE(timestamp_of_number_ns(-0.5).has_value());
  CHECK_FALSE(timestamp_of_number_ns(1e300).has_value());
}

TEST_CASE("parts of a time are those of the calendar in UTC") {
  const auto part = [](std::string_view text, TimePart which) {
    return time_part(parse_timestamp_ns(text).value(), which);
  };
  CHECK(part("2026-11-22T23:59:59Z", TimePart::kMinute) == 59);
  CHECK(part("2026-11-22T23:59:59Z", TimePart::kHour) == 23);
  CHECK(part("2026-11-22T23:59:59+01:00", TimePart::kHour) == 22);
  CHECK(part("2026-11-01", TimePart::kDay) == 1);
  CHECK(part("2026-11-22", TimePart::kMonth) == 11);
  CHECK(part("2026-11-22", TimePart::kYear) == 2026);
  CHECK(part("1969-12-31T23:30:00Z", TimePart::kMinute) == 30);
  CHECK(part("1969-12-31T23:30:00Z", TimePart::kYear) == 1969);
}

TEST_CASE("weeks are those of ISO 8601") {
  const auto week = [](std::string_view text) {
    return time_part(parse_timestamp_ns(text).value(), TimePart::kWeek);
  };
  CHECK(week("2026-01-01") == 1);
  CHECK(week("2025-12-29") == 1);  // A Monday, of the year that follows.
  CHECK(week("2025-12-28") == 52);
  CHECK(week("2021-01-03") == 53);  // A Sunday, of the year before.
  CHECK(week("2021-01-04") == 1);
  CHECK(week("2026-12-31") == 53);
}

}  // namespace

}  // namespace chargewarden
