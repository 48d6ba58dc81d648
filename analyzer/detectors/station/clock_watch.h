#pragma once
// ClockWatch: whether the clock of a station is off, from the timestamps that it sends.
//
// A message that waited in a queue is late, each by another time; a clock that is off is off by the
// same each time. So an offset counts once several messages in a row agree on it.

#include <cstdint>
#include <optional>

namespace chargewarden::station {

class ClockWatch {
 public:
  // A message with this timestamp was captured at that time. The offset, when it is new that the
  // clock is off by it.
  std::optional<std::int64_t> on_timestamp(std::int64_t station_ns, std::int64_t captured_ns);

 private:
  std::int64_t latest_ns_ = 0;  // Offset of the latest message.
  std::int64_t told_ns_ = 0;    // The offset that was told.
  int agreeing_ = 0;
};

// Whether an offset is that of a time zone: a multiple of a quarter of an hour within a day.
bool is_zone_offset(std::int64_t offset_ns);

}  // namespace chargewarden::station
