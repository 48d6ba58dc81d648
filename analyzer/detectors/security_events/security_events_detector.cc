// Security events of stations: those that had to come and did not, and those whose time cannot be
// right (threats LG-12, LG-13).

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <string>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "collector/event/defs/security_event_events.h"

namespace chargewarden::security_event {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// After a boot with other firmware FirmwareUpdated is expected within this time: what was queued is
// sent when the boot is accepted, one message after the other.
constexpr std::int64_t kExpectedWithinNs = 1'800 * kNsPerSecond;

// A boot says what has changed since the one before; that of an update takes minutes. Stations that
// change their firmware at the same time: a fleet of ten thousand, updated in a night. Test:
// security_events_detector_test.cc "boots that wait for their event are bounded".
constexpr std::size_t kWaitingMax = 4'096;

// Clocks without NTP drift by seconds a day; more than this is no drift (see ClockWatch).
constexpr std::int64_t kFutureMinNs = 600 * kNsPerSecond;

// An event is pushed when it happens. Later than this, although the station was connected, somebody
// held it back or made its time up.
constexpr std::int64_t kHeldBackMinNs = 3'600 * kNsPerSecond;

// What is queued at the begin of a connection is sent within this time.
constexpr std::int64_t kQueueNs = 300 * kNsPerSecond;

struct Actions {
  ocpp::ActionId boot = ocpp::action_id("BootNotification");
  ocpp::ActionId event = ocpp::action_id("SecurityEventNotification");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

struct Known {
  bool sends = false;               // A security event was seen.
  std::int64_t updated_ns = 0;      // Latest FirmwareUpdated.
  std::int64_t waits_since_ns = 0;  // Boot with other firmware that waits for it; 0: none.
  std::uint64_t boot_tag = 0;
  std::string before;
  std::string after;
};

// Multiples of a quarter of an hour: local time that says it is UTC, in this kind of message.
bool is_zone(std::int64_t offset_ns) {
  constexpr std::int64_t kQuarterNs = 900 * kNsPerSecond;
  constexpr std::int64_t kSlackNs = 60 * kNsPerSecond;
  constexpr std::int64_t kZoneMaxNs = 14 * 3'600 * kNsPerSecond;
  const std::int64_t rest = std::llabs(offset_ns) % kQuarterNs;
  return std::llabs(offset_ns) <= kZoneMaxNs + kSlackNs &&
         (rest <= kSlackNs || kQuarterNs - rest <= kSlackNs);
}

class SecurityEventsDetector final : public Detector {
 public:
  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.actions = {"BootNotification", "SecurityEventNotification"};
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { known_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr || world.is_echo() || world.station()->id.empty()) return;
    if (fact.head().sender != Side::kClient) return;
    if (fact.is_call(actions().boot)) on_boot(fact, world, reporter);
    if (fact.is_call(actions().event)) on_event(fact, world, reporter);
  }

  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) override {
    while (!waiting_.empty() && now_ns - waiting_.front().since_ns >= kExpectedWithinNs) {
      const Waiting waiting = waiting_.front();
      waiting_.pop_front();
      Known* known = known_.find(waiting.station);
      if (known == nullptr || known->waits_since_ns != waiting.since_ns) continue;
      known->waits_since_ns = 0;
      tell_missing(*known, world, waiting, reporter);
    }
  }

  void on_station_forgotten(StationIndex station) override { known_.forget(station); }

  [[nodiscard]] std::uint64_t dropped() const override { return dropped_; }

 private:
  struct Waiting {
    StationIndex station = kNoStation;
    std::int64_t since_ns = 0;
  };

  void on_boot(const Fact& fact, const World& world, Reporter& reporter) {
    const Station& station = *world.station();
    Known* known = known_.find(world.station_index());
    const std::string_view now = fact.text(F::kFirmware);
    const std::string& before = station.inventory.firmware;
    if (known == nullptr || !known->sends || station.boots == 0) return;
    if (now.empty() || before.empty() || now == before) return;
    if (known->updated_ns >= station.booted_ns) return;  // It was told before the restart.
    if (waiting_.size() >= kWaitingMax) {
      waiting_.pop_front();
      ++dropped_;
    }
    known->waits_since_ns = fact.time_ns();
    known->boot_tag = reporter.tag();
    known->before = before;
    known->after = now;
    waiting_.push_back({world.station_index(), fact.time_ns()});
  }

  void on_event(const Fact& fact, const World& world, Reporter& reporter) {
    Known& known = known_.at(world.station_index());
    known.sends = true;
    const std::string_view type = fact.text(F::kSecurityEvent);
    if (type == "FirmwareUpdated") {
      known.updated_ns = fact.time_ns();
      known.waits_since_ns = 0;
    }
    judge_time(fact, world, type, reporter);
  }

  // A station that has gone, or of which something was not captured, may have sent it.
  static void tell_missing(const Known& known, const World& world, const Waiting& waiting,
                           Reporter& reporter) {
    const Station& station = world.station(waiting.station);
    const bool seen_whole = !station.links.empty() && station.gap_ns < waiting.since_ns &&
                            world.link(station.links.front()).opened_ns <= waiting.since_ns;
    if (!seen_whole || station.last_seen_ns <= waiting.since_ns) return;
    const std::array<std::uint64_t, 2> tags = {known.boot_tag,
                                               world.link(station.links.back()).last_client_tag};
    Event event = reporter.make(kMissing, {&station, &world.link(station.links.back())});
    event.set_text(kExpected, "FirmwareUpdated");
    event.set_text(kFirmware, known.after);
    event.set_text(kFirmwareBefore, known.before);
    event.set_packets(tags);
    reporter.emit(event);
  }

  // Both by the clock of the station as its other messages show it, and by that of the capture: a
  // clock that is off, and a message that was late, are neither of them a lie.
  static void judge_time(const Fact& fact, const World& world, std::string_view type,
                         Reporter& reporter) {
    const Station& station = *world.station();
    const auto told = fact.number(F::kTimestamp);
    if (!told || !station.clock_lag_ns) return;
    // The clock is being set, or was not yet.
    if (type == "SettingSystemTime" || type == "StartupOfTheDevice") return;
    const std::int64_t raw_ns = *told - fact.time_ns();
    const std::int64_t by_clock_ns = raw_ns + *station.clock_lag_ns;
    if (std::min(raw_ns, by_clock_ns) >= kFutureMinNs) {
      tell_time("future", type, std::min(raw_ns, by_clock_ns), reporter);
      return;
    }
    const std::int64_t latest_ns = std::max(raw_ns, by_clock_ns);
    const Link& link = *world.link();
    const bool connected =
        !link.midstream && station.gap_ns < link.opened_ns &&
        fact.time_ns() + std::min(raw_ns, by_clock_ns) >= link.opened_ns + kQueueNs;
    if (latest_ns > -kHeldBackMinNs || !connected) return;
    tell_time("held_back", type, latest_ns, reporter);
  }

  static void tell_time(std::string_view problem, std::string_view type, std::int64_t offset_ns,
                        Reporter& reporter) {
    Event event = reporter.make(kTime);
    event.set_text(kType, type);
    event.set_text(kProblem, problem);
    event.set_int(kOffset, offset_ns / kNsPerSecond);
    event.set_bool(kIsZone, is_zone(offset_ns));
    reporter.emit(event);
  }

  ByStation<Known> known_;
  std::deque<Waiting> waiting_;
  std::uint64_t dropped_ = 0;
};

constexpr auto kEvents = std::to_array<const EventDef*>({&kMissing, &kTime});

std::unique_ptr<Detector> create(const DetectorContext& /*context*/) {
  return std::make_unique<SecurityEventsDetector>();
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"security_events", kEvents, create};

}  // namespace chargewarden::security_event
