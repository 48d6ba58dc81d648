// Outages: stations that are lost, fall silent, fault or end their sessions together (threats
// AV-04, AV-05, AV-12, AV-15, AV-17, SA-26). What happens to a site is told once for the site, not
// for each of its stations.

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/repeat_count.h"
#include "analyzer/detectors/station_window.h"
#include "collector/event/defs/outage_events.h"

namespace chargewarden::outage {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// What a cut line, a power cut or a backend that goes down breaks, breaks within a minute: stacks
// notice by their next message, or by a ping that is not answered.
constexpr std::int64_t kLostWindowNs = 60 * kNsPerSecond;
constexpr std::uint32_t kLostFloor = 5;

// Stacks try again within seconds, with waits that grow to a minute or two (OCPP 2.0.1 part
// 4, 5.3). Who is back by then was interrupted, by a backend that was restarted, say; the others
// are lost.
constexpr std::int64_t kBackWithinNs = 120 * kNsPerSecond;

// Losses that wait for that, one of a backend.
// Test: outage_detector_test.cc "losses that wait are bounded".
constexpr std::size_t kWaitingLossesMax = 256;

// A reset explains that a connection breaks for as long as a station may take to do it.
constexpr std::int64_t kResetExplainsNs = 300 * kNsPerSecond;

// Stops and faults that have one cause. Faults of heat or of the grid spread over minutes.
constexpr std::int64_t kStopsWindowNs = 60 * kNsPerSecond;
constexpr std::int64_t kFaultsWindowNs = 300 * kNsPerSecond;
constexpr std::uint32_t kTogetherFloor = 3;

// A stop that the station tells later than this was queued while it was offline.
constexpr std::int64_t kQueuedNs = 300 * kNsPerSecond;

// A station is silent after three heartbeat intervals, and not before ten minutes: short intervals
// are missed on any bad mobile link.
constexpr std::int64_t kSilentIntervals = 3;
constexpr std::int64_t kSilentMinNs = 600 * kNsPerSecond;

// Stations that are looked at in one tick, at least; all of them within 32 ticks.
constexpr std::size_t kLookedAtMin = 64;
constexpr std::size_t kTicksForAll = 32;

// Radio interference reaches all connectors around at once (https://arxiv.org/html/2202.02104v2);
// vehicles that give up on their own do not do it in the same second, and not again.
constexpr std::int64_t kSameNs = kNsPerSecond;
constexpr std::uint32_t kAbortsSpanMs = 600'000;
constexpr std::uint32_t kAbortsFloor = 2;

// OCPP 1.6, 7.36 and OCPP 2.x ReasonEnumType: what is neither driver nor vehicle nor a remote stop.
constexpr auto kReasons = std::to_array<std::string_view>({
    "DeAuthorized",
    "EmergencyStop",
    "GroundFault",
    "HardReset",
    "ImmediateReset",
    "OvercurrentFault",
    "PowerLoss",
    "PowerQuality",
    "Reboot",
    "SoftReset",
    "UnlockCommand",
});

// OCPP 1.6, 7.6, and what is told where there is no code.
constexpr auto kFaultCodes = std::to_array<std::string_view>({
    "ConnectorLockFailure",
    "EVCommunicationError",
    "Faulted",
    "GroundFailure",
    "HighTemperature",
    "InternalError",
    "LocalListConflict",
    "OtherError",
    "OverCurrentFailure",
    "OverVoltage",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "ReaderFailure",
    "ResetFailure",
    "UnderVoltage",
    "WeakSignal",
});

// Windows of a fleet: that of lost stations, then one a reason, then one a code.
constexpr std::size_t kLostPlace = 0;
constexpr std::size_t kReasonPlace = 1;
constexpr std::size_t kFaultPlace = kReasonPlace + kReasons.size();
constexpr std::size_t kPlaces = kFaultPlace + kFaultCodes.size();

template <typename Words>
std::size_t find_word(const Words& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  return static_cast<std::size_t>(found - words.begin());
}

struct Actions {
  ocpp::ActionId reset = ocpp::action_id("Reset");
  ocpp::ActionId status = ocpp::action_id("StatusNotification");
  ocpp::ActionId event = ocpp::action_id("TransactionEvent");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

// Something that happens to stations of a fleet together. What is beside the window is of the
// present story: since the window was empty.
struct Story {
  explicit Story(std::int64_t span_ns) : window(span_ns) {}

  StationWindow window;
  std::size_t fleet = 0;
  std::int64_t sessions = 0;
  std::uint32_t resets = 0;
  std::uint32_t by_reset_segment = 0;
  std::uint32_t by_fin = 0;
};

struct Backend {
  std::array<std::unique_ptr<Story>, kPlaces> stories;
  // The latest loss of communication with a vehicle.
  StationIndex abort_station = kNoStation;
  std::int32_t abort_connector = -1;
  std::int64_t abort_ns = 0;
  std::uint64_t abort_tag = 0;
  std::int64_t round_ns = 0;
  RepeatCount rounds;
  RepeatCount connectors;
  Packets packets;
};

// Stations that lost their connection together, as it was when enough of them were counted.
struct Loss {
  FleetIndex fleet = kNoFleet;
  std::int64_t since_ns = 0;
  std::int64_t told_ns = 0;
  std::int64_t stations = 0;
  std::int64_t connected = 0;
  std::int64_t share_percent = 0;
  std::int64_t sessions = 0;
  std::int64_t resets = 0;
  std::string_view cause;
  Packets packets;
};

struct Known {
  FleetIndex fleet = kNoFleet;
  std::array<StationWindow::Mark, kPlaces> marks{};
  std::int64_t lost_ns = 0;
  std::int64_t reset_ns = 0;
  std::int64_t silent_since_ns = 0;  // Of the silence that was told.
};

class OutageDetector final : public Detector {
 public:
  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.kinds[static_cast<std::size_t>(FactKind::kClosed)] = true;
    out.actions = {"Reset", "StatusNotification", "StopTransaction", "TransactionEvent"};
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { known_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr || world.link() == nullptr) return;
    const FactHead& head = fact.head();
    if (head.kind == FactKind::kClosed) {
      on_closed(fact, world, reporter);
      return;
    }
    if (fact.is_call(actions().reset) && head.sender == Side::kServer) {
      known_.at(world.station_index()).reset_ns = fact.time_ns();
    }
    if (head.sender != Side::kClient || head.type != ocpp::MessageType::kCall) return;
    if (head.action == actions().status) on_status(fact, world, reporter);
    if (head.action == actions().event && fact.text(F::kTrigger) == "EVCommunicationLost") {
      on_abort(fact, world, reporter);
    }
    if (world.step().kind == SessionStepKind::kEnd) on_end_of_session(fact, world, reporter);
  }

  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) override {
    while (!losses_.empty() && now_ns - losses_.front().told_ns >= kBackWithinNs) {
      tell_loss(losses_.front(), world, reporter);
      losses_.pop_front();
    }
    const std::size_t count = world.stations().size();
    if (count == 0) return;
    const std::size_t looked_at = std::min(count, std::max(kLookedAtMin, count / kTicksForAll));
    for (std::size_t i = 0; i < looked_at; ++i) {
      next_ = next_ + 1 < count ? next_ + 1 : 0;
      look_at(static_cast<StationIndex>(next_), now_ns, world, reporter);
    }
  }

  // Half of the time is long enough to be told what is known.
  void on_end(const World& world, Reporter& reporter) override {
    for (const Loss& loss : std::exchange(losses_, {})) {
      if (world.now_ns() - loss.told_ns < kBackWithinNs / 2) continue;
      tell_loss(loss, world, reporter);
    }
  }

  void on_station_forgotten(StationIndex station) override { known_.forget(station); }

  [[nodiscard]] std::uint64_t dropped() const override { return losses_dropped_; }

 private:
  Backend& backend_of(FleetIndex fleet) {
    if (fleet >= backends_.size()) backends_.resize(fleet + std::size_t{1});
    auto& backend = backends_[fleet];
    if (backend == nullptr) backend = std::make_unique<Backend>();
    return *backend;
  }

  // Adds the station of the fact to a story of its fleet.
  Story& add(const Fact& fact, const World& world, std::size_t place, std::int64_t span_ns,
             Reporter& reporter) {
    const FleetIndex fleet = world.link()->fleet;
    Known& known = known_.at(world.station_index());
    if (known.fleet != fleet) {
      known.fleet = fleet;
      known.marks = {};
    }
    auto& story = backend_of(fleet).stories[place];
    if (story == nullptr || story->window.stations(fact.time_ns()) == 0) {
      story = std::make_unique<Story>(span_ns);
      known.marks[place] = 0;
    }
    const std::uint32_t stations =
        story->window.add(fact.time_ns(), known.marks[place], reporter.tag());
    story->fleet = std::max<std::size_t>({story->fleet, world.fleet(fleet).connected, stations});
    return *story;
  }

  static std::int64_t share_of(const Story& story) {
    return static_cast<std::int64_t>(story.window.stations() * std::size_t{100} / story.fleet);
  }

  // A connection breaks that was the last one of its station.
  void on_closed(const Fact& fact, const World& world, Reporter& reporter) {
    const Link& link = *world.link();
    const Station& station = *world.station();
    const std::string_view reason = fact.text(F::kCloseReason);
    // What the sensor gave up says nothing about the station.
    const bool seen = reason == "fin" || reason == "reset";
    if (!seen || link.close_sent || link.from_log || station.id.empty()) return;
    if (station.links.size() > 1) return;
    Story& story = add(fact, world, kLostPlace, kLostWindowNs, reporter);
    story.sessions += static_cast<std::int64_t>(station.sessions.size());
    (reason == "reset" ? story.by_reset_segment : story.by_fin) += 1;
    const std::int64_t reset_ns = known_.at(world.station_index()).reset_ns;
    if (reset_ns != 0 && fact.time_ns() - reset_ns <= kResetExplainsNs) ++story.resets;
    known_.at(world.station_index()).lost_ns = fact.time_ns();
    if (!story.window.should_tell(kLostFloor, story.fleet)) return;
    note_loss({link.fleet, fact.time_ns() - story.window.span_ns(fact.time_ns()), fact.time_ns(),
               story.window.stations(), static_cast<std::int64_t>(story.fleet), share_of(story),
               story.sessions, story.resets, cause_of(story), story.window.packets()});
  }

  // A loss that grows is told once, two minutes after it did so last.
  void note_loss(Loss loss) {
    const auto waiting = std::find_if(losses_.begin(), losses_.end(),
                                      [&](const Loss& other) { return other.fleet == loss.fleet; });
    if (waiting != losses_.end()) {
      loss.since_ns = std::min(loss.since_ns, waiting->since_ns);
      losses_.erase(waiting);
    } else if (losses_.size() >= kWaitingLossesMax) {
      losses_.pop_front();
      ++losses_dropped_;
    }
    losses_.push_back(std::move(loss));
  }

  // Two minutes later: who of them has no connection yet.
  void tell_loss(const Loss& loss, const World& world, Reporter& reporter) {
    std::int64_t missing = 0;
    for (std::size_t i = 0; i < world.stations().size(); ++i) {
      const Known* known = known_.find(static_cast<StationIndex>(i));
      if (known == nullptr || known->fleet != loss.fleet) continue;
      const bool of_it = known->lost_ns >= loss.since_ns && known->lost_ns <= loss.told_ns;
      if (of_it && world.stations()[i].links.empty()) ++missing;
    }
    FlowInfo flow;
    Event event = reporter.make(kLost, {});
    set_backend(event, world.fleet(loss.fleet), flow);
    // Those of a loss that grew slowly count too.
    event.set_int(kLostStations, std::max(loss.stations, missing));
    event.set_int(kLostFleet, loss.connected);
    event.set_int(kLostShare, loss.share_percent);
    event.set_int(kLostMissing, missing);
    event.set_int(kLostMissingShare, missing * 100 / loss.connected);
    event.set_int(kLostSpan, (loss.told_ns - loss.since_ns) / kNsPerMs);
    event.set_int(kLostSessions, loss.sessions);
    event.set_int(kLostResets, loss.resets);
    event.set_text(kLostCause, loss.cause);
    event.set_packets(loss.packets.tags());
    reporter.emit(event);
  }

  static std::string_view cause_of(const Story& story) {
    const std::uint64_t most = story.window.times() / 2;
    if (story.resets > most) return "reset_commanded";
    if (story.by_reset_segment > most) return "reset";
    return story.by_fin > most ? "fin" : "other";
  }

  void on_end_of_session(const Fact& fact, const World& world, Reporter& reporter) {
    const std::string_view reason = fact.text(F::kStopReason);
    const std::size_t place = find_word(kReasons, reason);
    const std::int64_t told_ns = fact.number(F::kTimestamp).value_or(fact.time_ns());
    if (place == kReasons.size() || fact.time_ns() - told_ns > kQueuedNs) return;
    Story& story = add(fact, world, kReasonPlace + place, kStopsWindowNs, reporter);
    if (!story.window.should_tell(kTogetherFloor, story.fleet)) return;
    FlowInfo flow;
    Event event = reporter.make(kStops, {});
    set_backend(event, world.fleet(world.link()->fleet), flow);
    event.set_text(kStopsReason, kReasons[place]);
    event.set_int(kStopsStations, story.window.stations());
    event.set_int(kStopsFleet, static_cast<std::int64_t>(story.fleet));
    event.set_int(kStopsShare, share_of(story));
    event.set_int(kStopsSpan, story.window.span_ns(fact.time_ns()) / kNsPerMs);
    event.set_packets(story.window.packets().tags());
    reporter.emit(event);
  }

  // A connector comes to a fault. What is told at a boot, of connectors that nothing was known of,
  // may be old.
  void on_status(const Fact& fact, const World& world, Reporter& reporter) {
    const Connector* before = World::find_connector(*world.station(), connector_of(fact));
    if (before == nullptr) return;
    std::string_view code = fact.text(F::kConnectorError);
    std::string_view code_before = before->error;
    if (code.empty()) {
      code = fact.text(F::kConnectorStatus) == "Faulted" ? "Faulted" : "NoError";
      code_before = before->status == "Faulted" ? "Faulted" : "NoError";
    }
    const std::size_t place = find_word(kFaultCodes, code);
    if (place == kFaultCodes.size() || code == code_before) return;
    if (code == "EVCommunicationError") on_abort(fact, world, reporter);
    Story& story = add(fact, world, kFaultPlace + place, kFaultsWindowNs, reporter);
    if (!story.window.should_tell(kTogetherFloor, story.fleet)) return;
    FlowInfo flow;
    Event event = reporter.make(kFaults, {});
    set_backend(event, world.fleet(world.link()->fleet), flow);
    event.set_text(kFaultsCode, kFaultCodes[place]);
    event.set_int(kFaultsStations, story.window.stations());
    event.set_int(kFaultsFleet, static_cast<std::int64_t>(story.fleet));
    event.set_int(kFaultsShare, share_of(story));
    event.set_int(kFaultsSpan, story.window.span_ns(fact.time_ns()) / kNsPerMs);
    event.set_packets(story.window.packets().tags());
    reporter.emit(event);
  }

  // A connector has lost the communication with its vehicle.
  void on_abort(const Fact& fact, const World& world, Reporter& reporter) {
    Backend& backend = backend_of(world.link()->fleet);
    const std::int64_t now = fact.time_ns();
    const std::int32_t connector = connector_of(fact);
    const bool together = backend.abort_ns != 0 && now - backend.abort_ns <= kSameNs;
    const bool other =
        backend.abort_station != world.station_index() || backend.abort_connector != connector;
    const std::uint64_t tag_before = backend.abort_tag;
    backend.abort_station = world.station_index();
    backend.abort_connector = connector;
    backend.abort_ns = now;
    backend.abort_tag = reporter.tag();
    if (!together || !other) return;
    const bool new_round = backend.round_ns == 0 || now - backend.round_ns > 2 * kSameNs;
    backend.round_ns = now;
    backend.connectors.add(now, kAbortsSpanMs, new_round ? 2 : 1);
    backend.rounds.add(now, kAbortsSpanMs, new_round ? 1 : 0);
    backend.packets.add(tag_before);
    backend.packets.add(reporter.tag());
    if (!backend.rounds.should_tell(kAbortsFloor)) return;
    FlowInfo flow;
    Event event = reporter.make(kAborts, {});
    set_backend(event, world.fleet(world.link()->fleet), flow);
    event.set_int(kAbortsConnectors, backend.connectors.count());
    event.set_int(kAbortsRounds, backend.rounds.count());
    event.set_packets(backend.packets.tags());
    reporter.emit(event);
  }

  void look_at(StationIndex index, std::int64_t now_ns, const World& world, Reporter& reporter) {
    const Station& station = world.station(index);
    if (!station.used || station.links.empty() || station.interval_s.value_or(0) <= 0) return;
    const Link& link = world.link(station.links.back());
    if (link.close_sent || station.id.empty()) return;
    const std::int64_t since = std::max(station.last_seen_ns, link.opened_ns);
    // Nobody asks for less than one in a month.
    const std::int64_t interval_s = std::min<std::int64_t>(*station.interval_s, 2'592'000);
    const std::int64_t limit = std::max(kSilentMinNs, kSilentIntervals * interval_s * kNsPerSecond);
    if (now_ns - since < limit) return;
    Known& known = known_.at(index);
    if (known.silent_since_ns == since) return;
    known.silent_since_ns = since;
    const std::array<std::uint64_t, 1> tags = {link.last_client_tag};
    Event event = reporter.make(kSilent, {&station, &link});
    event.set_int(kSilentS, (now_ns - since) / kNsPerSecond);
    event.set_int(kSilentInterval, interval_s);
    event.set_bool(kSilentBackend, link.last_server_ns > since);
    event.set_packets(tags);
    reporter.emit(event);
  }

  ByStation<Known> known_;
  std::vector<std::unique_ptr<Backend>> backends_;
  std::deque<Loss> losses_;  // That wait, oldest first.
  std::uint64_t losses_dropped_ = 0;
  std::size_t next_ = 0;  // The station that was looked at last.
};

constexpr auto kEvents =
    std::to_array<const EventDef*>({&kLost, &kStops, &kFaults, &kSilent, &kAborts});

std::unique_ptr<Detector> create(const DetectorContext& /*context*/) {
  return std::make_unique<OutageDetector>();
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"outage", kEvents, create};

}  // namespace chargewarden::outage
