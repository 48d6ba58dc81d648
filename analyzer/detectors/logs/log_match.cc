#include "analyzer/detectors/logs/log_match.h"

#include <algorithm>

namespace chargewarden::logs {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// So often a log must have told a kind of message before one of it can be missing: some programs
// log begins alone, or what they find interesting.
constexpr std::uint64_t kToldBeforeMin = 3;

// As many must be missing, and as many be told behind the hole. One or two are lost by accident.
constexpr std::uint64_t kMissingMin = 3;
constexpr std::uint64_t kToldAfterMin = 3;

// Of the messages in a hole, one of so many may be told late and it still is one.
constexpr std::uint64_t kLateShare = 4;

// How long a hole waits for lines that come late: programs write what they hold back within
// seconds, and buffers of forwarders within minutes.
constexpr std::int64_t kSettleNs = 600 * kNsPerSecond;

// A log that ends this much before the wire, with so many messages behind it, has not just been
// copied a little earlier.
constexpr std::int64_t kEndsMinNs = 3'600 * kNsPerSecond;
constexpr std::uint64_t kEndsMissingMin = 10;

}  // namespace

void LogMatch::take_off(Silence& silence, StationIndex station, std::int64_t id) {
  silence.told_late += std::erase_if(silence.awaited, [&](const Awaited& each) {
    return each.station == station && each.id == id;
  });
}

void LogMatch::on_line(StationIndex station, std::int64_t id) {
  take_off(present_, station, id);
  for (Silence& each : silences_) take_off(each, station, id);
}

// A present silence that is over is kept when it was long, and else begins anew.
void LogMatch::come_to(const LogProgress& log) {
  if (present_.from_ns == log.last_ns) return;
  if (present_.from_ns == log.silent_from_ns && !present_.awaited.empty()) {
    present_.to_ns = log.silent_to_ns;
    present_.from_line = log.silent_from_line;
    present_.to_line = log.silent_to_line;
    if (silences_.size() >= kSilencesMax) {
      silences_.erase(silences_.begin());
      ++dropped_;
    }
    silences_.push_back(present_);
  }
  present_.from_ns = log.last_ns;
  present_.told_late = 0;
  present_.awaited.clear();
}

void LogMatch::await(const Awaited& message, const LogProgress& log) {
  if (told_[message.kind] < kToldBeforeMin) return;
  come_to(log);
  if (present_.awaited.size() < kAwaitedMax) present_.awaited.push_back(message);
}

bool LogMatch::is_missing(const Silence& silence) {
  const std::uint64_t looked_for = silence.awaited.size() + silence.told_late;
  return silence.awaited.size() >= kMissingMin && silence.told_late * kLateShare <= looked_for;
}

Hole LogMatch::make_hole(const Silence& silence) {
  Hole out;
  out.from_ns = silence.from_ns;
  out.to_ns = silence.to_ns;
  out.from_line = silence.from_line;
  out.to_line = silence.to_line;
  out.missing = silence.awaited.size();
  std::vector<StationIndex> stations;
  for (const Awaited& each : silence.awaited) {
    stations.push_back(each.station);
    out.packets.add(each.tag);
  }
  std::sort(stations.begin(), stations.end());
  out.stations =
      static_cast<std::uint64_t>(std::unique(stations.begin(), stations.end()) - stations.begin());
  return out;
}

std::optional<Hole> LogMatch::look(const LogProgress& log, std::int64_t now_ns) {
  come_to(log);
  for (std::size_t i = 0; i < silences_.size();) {
    const Silence& each = silences_[i];
    const bool decided = !is_missing(each) || each.told_after >= kToldAfterMin;
    if (!decided || now_ns - each.to_ns < kSettleNs) {
      ++i;
      continue;
    }
    std::optional<Hole> out;
    if (is_missing(each)) out = make_hole(each);
    silences_.erase(silences_.begin() + static_cast<std::ptrdiff_t>(i));
    if (out) return out;
  }
  return std::nullopt;
}

std::optional<Hole> LogMatch::behind_the_end(const LogProgress& log, std::int64_t now_ns) const {
  const bool is_last = present_.from_ns == log.last_ns && now_ns - log.last_ns >= kEndsMinNs;
  if (!is_last || !is_missing(present_)) return std::nullopt;
  Hole out = make_hole(present_);
  if (out.missing < kEndsMissingMin) return std::nullopt;
  out.to_ns = now_ns;
  out.from_line = log.last_line;
  return out;
}

void LogMatch::forget(StationIndex station) {
  const auto take_out = [&](Silence& silence) {
    std::erase_if(silence.awaited, [&](const Awaited& each) { return each.station == station; });
  };
  take_out(present_);
  for (Silence& each : silences_) take_out(each);
}

}  // namespace chargewarden::logs
