#include "analyzer/site/time_windows.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "analyzer/site/text_pattern.h"
#include "collector/base/text.h"

namespace chargewarden {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int32_t kDayS = 86'400;
constexpr auto kDayNames =
    std::to_array<std::string_view>({"mon", "tue", "wed", "thu", "fri", "sat", "sun"});

Error wrong(std::string message) {
  return {ErrorCode::kUsage, std::move(message)};
}

// Seconds of "hh:mm".
std::optional<std::int32_t> read_clock(std::string_view text, std::int32_t max_s) {
  const auto digit = [&](std::size_t at) { return text[at] - '0'; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t at : {0U, 1U, 3U, 4U}) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
  }
  const std::int32_t minutes = digit(3) * 10 + digit(4);
  const std::int32_t out = ((digit(0) * 10 + digit(1)) * 60 + minutes) * 60;
  return minutes < 60 && out <= max_s ? std::optional(out) : std::nullopt;
}

std::optional<std::int32_t> read_offset(std::string_view text) {
  constexpr std::int32_t kOffsetMaxS = 14 * 3'600;  // Of Kiribati.
  if (text == "Z" || text == "z") return 0;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const auto size = read_clock(text.substr(1), kOffsetMaxS);
  if (!size) return std::nullopt;
  return text.front() == '-' ? -*size : *size;
}

}  // namespace

Expected<void> TimeWindows::add(Window window, std::vector<std::string> stations) {
  if (windows_.size() >= kTimeWindowsMax) {
    return wrong(fmt::format("there are more than {} windows; merge some", kTimeWindowsMax));
  }
  if (stations.size() > kWindowStationsMax) {
    return wrong(fmt::format("the window has more than {} stations; use patterns such as \"DE-*\"",
                             kWindowStationsMax));
  }
  for (const std::string& each : stations) {
    if (each.empty()) return wrong("an entry of \"stations\" is empty; write an identity, or *");
    window.stations.push_back(lower_ascii(each));
  }
  windows_.push_back(std::move(window));
  return {};
}

Expected<void> TimeWindows::add_weekly(const WeeklyTime& time, std::vector<std::string> stations) {
  Window window;
  for (const std::string& name : time.days) {
    const auto found = std::find(kDayNames.begin(), kDayNames.end(), lower_ascii(name));
    if (found == kDayNames.end()) {
      return wrong(
          fmt::format("\"{}\" is no day; write mon, tue, wed, thu, fri, sat or sun", name));
    }
    window.days = static_cast<std::uint8_t>(window.days | (1U << (found - kDayNames.begin())));
  }
  if (window.days == 0) return wrong("\"days\" is empty; list the days on which the window begins");
  const auto from = read_clock(time.from, kDayS - 60);
  const auto to = read_clock(time.to, kDayS);
  if (!from || !to || *from == *to || *to == 0) {
    return wrong(
        fmt::format("\"{}\" to \"{}\" is no time of the day; write hh:mm in quotes, the "
                    "end from 00:01 to 24:00 and not the same as the begin",
                    time.from, time.to));
  }
  const auto offset = read_offset(time.utc_offset);
  if (!offset) {
    return wrong(
        fmt::format("\"{}\" is no offset from UTC; write it as \"+01:00\"", time.utc_offset));
  }
  window.from_s = *from;
  window.to_s = *to;
  window.offset_s = *offset;
  return add(std::move(window), std::move(stations));
}

Expected<void> TimeWindows::add_absolute(std::string_view from, std::string_view to,
                                         std::vector<std::string> stations) {
  Window window;
  for (const auto& [text, out] : {std::pair(from, &window.from_ns), std::pair(to, &window.to_ns)}) {
    const auto time = parse_rfc3339(text);
    if (!time) {
      return wrong(
          fmt::format("\"{}\" is no time; write it as 2026-03-01T22:00:00+01:00, or give "
                      "\"days\" for a window of every week",
                      text));
    }
    *out = *time;
  }
  if (window.from_ns >= window.to_ns) return wrong("the window ends before it begins");
  return add(std::move(window), std::move(stations));
}

bool TimeWindows::applies(const Window& window, std::string_view station) {
  return window.stations.empty() ||
         std::any_of(window.stations.begin(), window.stations.end(),
                     [&](const std::string& each) { return matches_pattern(each, station); });
}

bool TimeWindows::contains(const Window& window, std::int64_t time_ns) {
  if (window.days == 0) return time_ns >= window.from_ns && time_ns < window.to_ns;
  std::int64_t seconds = time_ns / kNsPerSecond;
  if (time_ns % kNsPerSecond < 0) --seconds;
  seconds += window.offset_s;
  std::int64_t day = seconds / kDayS;
  if (seconds % kDayS < 0) --day;
  const std::int64_t second = seconds - day * kDayS;
  constexpr std::int64_t kThursday = 3;  // 1970-01-01
  const auto weekday = static_cast<unsigned>(((day + kThursday) % 7 + 7) % 7);
  const auto begins_on = [&](unsigned which) { return ((window.days >> which) & 1U) != 0; };
  const bool crosses = window.to_s <= window.from_s;
  if (begins_on(weekday) && second >= window.from_s && (crosses || second < window.to_s)) {
    return true;
  }
  return crosses && begins_on((weekday + 6) % 7) && second < window.to_s;
}

WindowAnswer TimeWindows::judge(std::string_view station, std::int64_t time_ns) const {
  WindowAnswer answer = WindowAnswer::kNoWindow;
  for (const Window& window : windows_) {
    if (!applies(window, station)) continue;
    if (contains(window, time_ns)) return WindowAnswer::kInside;
    answer = WindowAnswer::kOutside;
  }
  return answer;
}

}  // namespace chargewarden
