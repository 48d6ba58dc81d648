#pragma once
// TimeWindows: times that the operator has set aside, for all stations or for some: maintenance,
// closing hours.
//
// A pure function of a time: weekly windows are told in a fixed offset from UTC, so summer time
// does not move them. The begin belongs to a window, its end does not.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/expected.h"

namespace chargewarden {

// Windows of one kind. Operators have one or a few for each region; all are looked at for each
// question. Test: time_windows_test.cc "windows and their stations are bounded".
inline constexpr std::size_t kTimeWindowsMax = 200;

// Stations, or patterns of them, of one window. Test: as above.
inline constexpr std::size_t kWindowStationsMax = 1'000;

struct WeeklyTime {
  std::vector<std::string> days;      // mon to sun: the days on which it begins.
  std::string from;                   // 00:00 to 23:59
  std::string to;                     // 00:01 to 24:00; before `from`: on the day after.
  std::string utc_offset = "+00:00";  // -14:00 to +14:00
};

// Where a time stands to the windows of a station.
enum class WindowAnswer : std::uint8_t {
  kNoWindow,  // None is for this station, so nothing can be said.
  kInside,
  kOutside,
};

class TimeWindows {
 public:
  // Each says in a sentence what is wrong with the texts. `stations`: identities, * stands for any
  // characters; empty: all stations.
  Expected<void> add_weekly(const WeeklyTime& time, std::vector<std::string> stations);

  // RFC 3339.
  Expected<void> add_absolute(std::string_view from, std::string_view to,
                              std::vector<std::string> stations);

  [[nodiscard]] WindowAnswer judge(std::string_view station, std::int64_t time_ns) const;

  [[nodiscard]] bool empty() const noexcept { return windows_.empty(); }

 private:
  struct Window {
    std::uint8_t days = 0;  // Bit 0: Monday. 0: absolute.
    std::int32_t from_s = 0;
    std::int32_t to_s = 0;  // Of the day; not above from_s: of the next one.
    std::int32_t offset_s = 0;
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    std::vector<std::string> stations;  // Lower case.
  };

  static bool applies(const Window& window, std::string_view station);
  static bool contains(const Window& window, std::int64_t time_ns);
  Expected<void> add(Window window, std::vector<std::string> stations);

  std::vector<Window> windows_;
};

}  // namespace chargewarden
