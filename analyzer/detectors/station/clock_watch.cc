#include "analyzer/detectors/station/clock_watch.h"

#include <cstdlib>

namespace chargewarden::station {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// Clocks without NTP drift by seconds a day, and heartbeats set them; what is off by minutes was
// set wrong or not at all. German calibration law allows billing with clocks that are far more
// exact.
constexpr std::int64_t kOffMinNs = 300 * kNsPerSecond;

// How close offsets must be to be the same: delays of transmission and a timestamp without seconds.
constexpr std::int64_t kSameNs = 60 * kNsPerSecond;

// Messages in a row that must agree. A queue that is sent at once after an outage has messages of
// different age.
constexpr int kAgreeingMin = 4;

}  // namespace

std::optional<std::int64_t> ClockWatch::on_timestamp(std::int64_t station_ns,
                                                     std::int64_t captured_ns) {
  if (station_ns <= 0) return std::nullopt;
  const std::int64_t offset = station_ns - captured_ns;
  agreeing_ = std::llabs(offset - latest_ns_) <= kSameNs ? agreeing_ + 1 : 1;
  latest_ns_ = offset;
  if (agreeing_ < kAgreeingMin) return std::nullopt;
  if (std::llabs(offset) < kOffMinNs) {
    told_ns_ = 0;
    return std::nullopt;
  }
  if (told_ns_ != 0 && std::llabs(offset - told_ns_) < kOffMinNs) return std::nullopt;
  told_ns_ = offset;
  return offset;
}

bool is_zone_offset(std::int64_t offset_ns) {
  constexpr std::int64_t kQuarterNs = 900 * kNsPerSecond;
  constexpr std::int64_t kDayNs = 86'400 * kNsPerSecond;
  const std::int64_t rest = std::llabs(offset_ns) % kQuarterNs;
  return std::llabs(offset_ns) <= kDayNs && (rest <= kSameNs || kQuarterNs - rest <= kSameNs);
}

}  // namespace chargewarden::station
