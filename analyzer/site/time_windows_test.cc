// Maintenance windows and closing hours, at their edges.

#include "analyzer/site/time_windows.h"

#include <catch2/catch.hpp>

#include "analyzer/site/text_pattern.h"
#include "collector/base/text.h"

using namespace chargewarden;

namespace {

std::int64_t at(std::string_view text) {
  const auto time = parse_rfc3339(text);
  REQUIRE(time.has_value());
  return *time;
}

bool inside(const TimeWindows& windows, std::string_view time) {
  return windows.judge("CS-1", at(time)) == WindowAnswer::kInside;
}

TimeWindows weekly(const WeeklyTime& time) {
  TimeWindows out;
  REQUIRE(out.add_weekly(time, {}).has_value());
  return out;
}

std::string error_of(const WeeklyTime& time) {
  TimeWindows out;
  const auto added = out.add_weekly(time, {});
  CHECK(out.empty());
  return added ? "" : added.error().message;
}

}  // namespace

TEST_CASE("a weekly window has its begin and not its end") {
  // 2026-01-05 is a Monday.
  const TimeWindows windows = weekly({{"mon", "WED"}, "01:00", "05:00"});
  CHECK_FALSE(inside(windows, "2026-01-05T00:59:59.999999999Z"));
  CHECK(inside(windows, "2026-01-05T01:00:00Z"));
  CHECK(inside(windows, "2026-01-05T04:59:59.999999999Z"));
  CHECK_FALSE(inside(windows, "2026-01-05T05:00:00Z"));
  CHECK_FALSE(inside(windows, "2026-01-06T03:00:00Z"));
  CHECK(inside(windows, "2026-01-07T03:00:00Z"));
  CHECK_FALSE(inside(windows, "2026-01-04T03:00:00Z"));
}

TEST_CASE("a weekly window crosses midnight into the day after") {
  const TimeWindows windows = weekly({{"sun"}, "22:00", "04:00"});
  CHECK(inside(windows, "2026-01-04T22:00:00Z"));
  CHECK(inside(windows, "2026-01-04T23:59:59Z"));
  CHECK(inside(windows, "2026-01-05T00:00:00Z"));
  CHECK(inside(windows, "2026-01-05T03:59:59Z"));
  CHECK_FALSE(inside(windows, "2026-01-05T04:00:00Z"));
  CHECK_FALSE(inside(windows, "2026-01-04T03:00:00Z"));  // That would have begun on a Saturday.
  CHECK_FALSE(inside(windows, "2026-01-05T22:00:00Z"));
}

TEST_CASE("days are those of the offset") {
  const TimeWindows east = weekly({{"mon"}, "00:00", "02:00", "+05:30"});
  CHECK(inside(east, "2026-01-04T18:30:00Z"));
  CHECK(inside(east, "2026-01-04T20:29:59Z"));
  CHECK_FALSE(inside(east, "2026-01-04T20:30:00Z"));
  CHECK_FALSE(inside(east, "2026-01-05T00:00:00Z"));
  const TimeWindows west = weekly({{"sun"}, "20:00", "24:00", "-08:00"});
  CHECK(inside(west, "2026-01-05T04:00:00Z"));
  CHECK(inside(west, "2026-01-05T07:59:59Z"));
  CHECK_FALSE(inside(west, "2026-01-05T08:00:00Z"));
  // Before 1970 days go on in the same order: 1969-12-31 was a Wednesday.
  CHECK(inside(weekly({{"wed"}, "00:00", "24:00"}), "1969-12-31T23:59:59.5Z"));
  CHECK_FALSE(inside(weekly({{"thu"}, "00:00", "24:00"}), "1969-12-31T23:59:59.5Z"));
}

TEST_CASE("an absolute window is from one moment to another") {
  TimeWindows windows;
  REQUIRE(
      windows.add_absolute("2026-03-01T22:00:00+01:00", "2026-03-02T00:00:00Z", {}).has_value());
  CHECK_FALSE(inside(windows, "2026-03-01T20:59:59Z"));
  CHECK(inside(windows, "2026-03-01T21:00:00Z"));
  CHECK_FALSE(inside(windows, "2026-03-02T00:00:00Z"));
  CHECK_FALSE(windows.add_absolute("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", {}).has_value());
  CHECK_FALSE(windows.add_absolute("22:00", "23:00", {}).has_value());
}

TEST_CASE("windows are for the stations that they name") {
  TimeWindows windows;
  REQUIRE(windows.add_weekly({{"mon"}, "01:00", "05:00"}, {"DE-*", "CS-1"}).has_value());
  REQUIRE(windows.add_weekly({{"mon"}, "10:00", "12:00"}, {"de-7"}).has_value());
  const std::int64_t early = at("2026-01-05T02:00:00Z");
  const std::int64_t late = at("2026-01-05T11:00:00Z");
  CHECK(windows.judge("de-42", early) == WindowAnswer::kInside);
  CHECK(windows.judge("DE-42", late) == WindowAnswer::kOutside);
  CHECK(windows.judge("DE-7", late) == WindowAnswer::kInside);
  CHECK(windows.judge("FR-1", early) == WindowAnswer::kNoWindow);
  CHECK(windows.judge("CS-11", early) == WindowAnswer::kNoWindow);
  CHECK(TimeWindows().judge("CS-1", early) == WindowAnswer::kNoWindow);
}

TEST_CASE("what is wrong with a window is said in a sentence") {
  CHECK_THAT(error_of({{"mo"}, "01:00", "05:00"}), Catch::Contains("\"mo\" is no day"));
  CHECK_THAT(error_of({{}, "01:00", "05:00"}), Catch::Contains("\"days\" is empty"));
  for (const char* text : {"1:00", "01:60", "24:00", "25:00", "01-00", "3600", "", "0a:00"}) {
    CAPTURE(text);
    CHECK_THAT(error_of({{"mon"}, text, "05:00"}), Catch::Contains("is no time of the day"));
  }
  CHECK_THAT(error_of({{"mon"}, "05:00", "05:00"}), Catch::Contains("is no time of the day"));
  CHECK_THAT(error_of({{"mon"}, "05:00", "00:00"}), Catch::Contains("is no time of the day"));
  for (const char* text : {"1", "+1:00", "01:00", "+15:00", "UTC", ""}) {
    CAPTURE(text);
    CHECK_THAT(error_of({{"mon"}, "01:00", "05:00", text}), Catch::Contains("is no offset"));
  }
}

TEST_CASE("windows and their stations are bounded") {
  TimeWindows windows;
  std::vector<std::string> many(kWindowStationsMax + 1, "x");
  CHECK_FALSE(windows.add_weekly({{"mon"}, "01:00", "05:00"}, many).has_value());
  many.pop_back();
  CHECK(windows.add_weekly({{"mon"}, "01:00", "05:00"}, many).has_value());
  CHECK_FALSE(windows.add_weekly({{"mon"}, "01:00", "05:00"}, {""}).has_value());
  for (std::size_t i = 1; i < kTimeWindowsMax; ++i) {
    REQUIRE(windows.add_weekly({{"mon"}, "01:00", "05:00"}, {}).has_value());
  }
  CHECK_FALSE(windows.add_weekly({{"mon"}, "01:00", "05:00"}, {}).has_value());
}

TEST_CASE("a star stands for any characters") {
  CHECK(matches_pattern("*", ""));
  CHECK(matches_pattern("a*c", "ABBC"));
  CHECK(matches_pattern("*-1", "x-1-1"));
  CHECK(matches_pattern("a*b*c", "a-b-b-c"));
  CHECK_FALSE(matches_pattern("a*c", "ab"));
  CHECK_FALSE(matches_pattern("", "a"));
  CHECK_FALSE(matches_pattern("a", ""));
  CHECK_FALSE(matches_pattern("a.c", "abc"));
  // Work stays small: the product of the lengths at most.
  CHECK_FALSE(matches_pattern("*a*a*a*a*a*a*b", std::string(2'000, 'a')));
}
