// Load: floods of connections, messages, heartbeats, errors, malformed messages and bytes (threats
// AV-01, AV-02, AV-03, AV-08, AV-16, AV-18, TI-24, TI-25).
//
// Every message comes by here, so what is done for each is a few additions.

#include <algorithm>
#include <array>
#include <charconv>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/load/idle_connections.h"
#include "analyzer/detectors/repeat_count.h"
#include "collector/event/defs/load_events.h"

namespace chargewarden::load {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// Calls of a station. The busiest stations, with dozens of connectors that are read every second,
// send some 50 in 10 s; OCPP allows one call at a time, so a flood needs an eager client.
constexpr std::uint32_t kMessagesSpanMs = 10'000;
constexpr std::uint32_t kMessagesFloor = 100;

// A row that is long enough to ask whether it is lawful.
constexpr std::uint32_t kRow = 32;

// What a station says about a time that is longer past than this was queued (OCPP 1.6, 3.7.1): its
// own clock and the link account for less.
constexpr std::int64_t kQueuedNs = 60 * kNsPerSecond;

// Rows of expected messages that are told nevertheless: 500 a second need a link and a backend that
// no station has.
constexpr std::uint32_t kExpectedFloor = 10'000;

// Heartbeats are counted over one to two minutes (threat AV-01: more than three times what was
// asked for). Some stations beat on any gap in the traffic, so few of them say nothing. Where the
// interval was not seen: one a second is asked for by nobody.
constexpr std::uint32_t kHeartbeatSpanMs = 60'000;
constexpr std::uint32_t kHeartbeatTimes = 3;
constexpr std::uint32_t kHeartbeatFloor = 20;
constexpr std::uint32_t kHeartbeatFloorUnknown = 120;

// Errors and broken messages, over one to two minutes (threat TI-24: ten a minute).
constexpr std::uint32_t kErrorSpanMs = 60'000;
constexpr std::uint32_t kErrorFloor = 10;

// Connections of one station. A flapping mobile link makes a few in ten minutes.
constexpr std::uint32_t kReconnectSpanMs = 600'000;
constexpr std::uint32_t kReconnectFloor = 10;

// Bytes of one station within ten to twenty minutes: a busy station sends some 100 KB an hour, a
// full inventory report about 1 MB.
constexpr std::uint32_t kVolumeSpanMs = 600'000;
constexpr std::uint32_t kVolumeFloorBytes = 4'194'304;

// Kinds of anomalies that honest stacks and cut captures do not make.
constexpr auto kBroken = std::to_array<std::string_view>({
    "bad_action",          "bad_message_id",
    "bad_message_type",    "fragmented_control_frame",
    "interrupted_message", "invalid_utf8",
    "length_not_minimal",  "long_control_frame",
    "malformed_json",      "missing_elements",
    "nested_too_deep",     "not_an_array",
    "orphan_continuation", "payload_not_object",
    "reserved_bit",        "reserved_opcode",
    "unknown_action",      "unmasked_client_frame",
    "wrong_direction",
});

struct Actions {
  ocpp::ActionId heartbeat = ocpp::action_id("Heartbeat");
  ocpp::ActionId boot = ocpp::action_id("BootNotification");
  ocpp::ActionId change_configuration = ocpp::action_id("ChangeConfiguration");
  ocpp::ActionId set_variables = ocpp::action_id("SetVariables");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

// What the backend asks for and gets in as many parts as it takes.
bool is_report(ocpp::ActionId action) {
  static const auto kReports = std::to_array<ocpp::ActionId>({
      ocpp::action_id("NotifyReport"),
      ocpp::action_id("NotifyMonitoringReport"),
      ocpp::action_id("NotifyCustomerInformation"),
      ocpp::action_id("ReportChargingProfiles"),
      ocpp::action_id("NotifyPeriodicEventStream"),
  });
  return std::find(kReports.begin(), kReports.end(), action) != kReports.end();
}

// Whether the message may be one of a row that was queued or asked for.
bool is_expected(const Fact& fact) {
  if (is_report(fact.head().action) || fact.is_true(F::kOffline)) return true;
  std::int64_t time_ns = fact.number(F::kTimestamp).value_or(0);
  if (time_ns == 0 && !fact.readings().empty()) time_ns = fact.readings().front().time_ns;
  return time_ns != 0 && fact.time_ns() - time_ns > kQueuedNs;
}

// What is known of a station.
struct Known {
  RepeatCount messages;
  RepeatCount expected;
  RepeatCount heartbeats;
  RepeatCount errors;
  RepeatCount malformed;
  RepeatCount bytes;
  RepeatCount connections;
  std::uint32_t interval_s = 0;  // Set since the boot; 0: that of the boot.
  std::uint32_t leader_lead = 0;
  ocpp::ActionId leader = ocpp::kUnknownAction;  // The action of more than half, if there is one.
};

class LoadDetector final : public Detector {
 public:
  explicit LoadDetector(const HashKey& key) : idle_(key) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    for (const FactKind kind :
         {FactKind::kOpened, FactKind::kClosed, FactKind::kUpgrade, FactKind::kAnomaly}) {
      out.kinds[static_cast<std::size_t>(kind)] = true;
    }
    out.all_messages = true;
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { known_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    switch (fact.head().kind) {
      case FactKind::kMessage:
        if (world.station() != nullptr) on_message(fact, world, reporter);
        break;
      case FactKind::kOpened:
        idle_.on_opened(fact, world);
        break;
      case FactKind::kClosed:
        idle_.on_closed(fact, world, reporter);
        break;
      case FactKind::kUpgrade:
        if (world.station() != nullptr && !world.link()->from_log) {
          Known& known = known_.at(world.station_index());
          known.connections.add(fact.time_ns(), kReconnectSpanMs);
          tell_reconnects(known, reporter);
        }
        break;
      default:
        if (world.station() != nullptr) on_anomaly(fact, world, reporter);
    }
  }

  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) override {
    idle_.on_tick(now_ns, world, reporter);
  }

  void on_station_forgotten(StationIndex station) override { known_.forget(station); }

  [[nodiscard]] std::uint64_t dropped() const override { return idle_.dropped(); }

 private:
  void on_message(const Fact& fact, const World& world, Reporter& reporter) {
    const FactHead& head = fact.head();
    Known& known = known_.at(world.station_index());
    if (head.type == ocpp::MessageType::kError || head.type == ocpp::MessageType::kResultError) {
      on_error(fact, known, reporter);
      return;
    }
    if (head.type == ocpp::MessageType::kResult) {
      note_interval(fact, known);
      return;
    }
    if (head.sender != Side::kClient) return;
    const std::int64_t now = fact.time_ns();
    known.bytes.add(now, kVolumeSpanMs, head.size_bytes);
    if (known.bytes.should_tell(kVolumeFloorBytes)) {
      Event event = reporter.make(kVolume);
      event.set_int(kVolumeBytes, known.bytes.count());
      reporter.emit(event);
    }
    count_message(fact, known, reporter);
    if (head.action == actions().heartbeat) {
      count_heartbeat(fact, world, known, reporter);
    } else if (head.action == actions().boot) {
      known.interval_s = 0;
    }
  }

  void count_message(const Fact& fact, Known& known, Reporter& reporter) {
    const std::int64_t now = fact.time_ns();
    if (known.messages.count() >= kRow && is_expected(fact)) {
      known.expected.add(now, kMessagesSpanMs);
      if (known.expected.should_tell(kExpectedFloor)) tell_flood(fact, known, reporter);
      return;
    }
    known.messages.add(now, kMessagesSpanMs);
    note_leader(fact.head().action, known);
    if (known.messages.should_tell(kMessagesFloor)) tell_flood(fact, known, reporter);
  }

  // The majority vote of Boyer and Moore, with a bounded lead: what was long ago does not count.
  static void note_leader(ocpp::ActionId action, Known& known) {
    if (known.leader == action) {
      known.leader_lead = std::min(known.leader_lead + 1, kRow);
    } else if (known.leader_lead > 0) {
      --known.leader_lead;
    } else {
      known.leader = action;
      known.leader_lead = 1;
    }
  }

  static void tell_flood(const Fact& fact, Known& known, Reporter& reporter) {
    known.expected.add(fact.time_ns(), kMessagesSpanMs, 0);
    Event event = reporter.make(kMessageFlood);
    event.set_int(kMessages, known.messages.count());
    event.set_int(kExpected, known.expected.count());
    event.set_int(kFloodSpan, known.messages.age_ms(fact.time_ns()));
    if (known.leader != ocpp::kUnknownAction && known.leader_lead > 0) {
      event.set_text(kFloodAction, ocpp::action_def(known.leader).name);
    }
    reporter.emit(event);
  }

  static void count_heartbeat(const Fact& fact, const World& world, Known& known,
                              Reporter& reporter) {
    const std::int64_t now = fact.time_ns();
    known.heartbeats.add(now, kHeartbeatSpanMs);
    std::int64_t interval_s = known.interval_s;
    if (interval_s == 0) interval_s = world.station()->interval_s.value_or(0);
    std::uint32_t floor = kHeartbeatFloorUnknown;
    if (interval_s > 0) {
      // Of the two minutes that may be counted.
      const auto asked = static_cast<std::uint32_t>(2 * kHeartbeatSpanMs / 1000 / interval_s);
      floor = std::max(kHeartbeatFloor, kHeartbeatTimes * asked + 1);
    }
    if (!known.heartbeats.should_tell(floor)) return;
    Event event = reporter.make(kHeartbeatFlood);
    event.set_int(kHeartbeats, known.heartbeats.count());
    if (interval_s > 0) event.set_int(kInterval, interval_s);
    event.set_int(kHeartbeatSpan, known.heartbeats.age_ms(now));
    reporter.emit(event);
  }

  // The backend may change the interval after the boot (OCPP 1.6, 9.1.10; 2.x OCPPCommCtrlr).
  static void note_interval(const Fact& fact, Known& known) {
    const ocpp::ActionId action = fact.head().action;
    if (action != actions().change_configuration && action != actions().set_variables) return;
    bool is_interval = false;
    std::uint32_t seconds = 0;
    for (const FactValue& value : fact.values()) {
      if (value.field == F::kItem) {
        is_interval = false;
        seconds = 0;
      } else if (value.field == F::kSetting) {
        is_interval = fact.text_of(value) == "HeartbeatInterval";
      } else if (value.field == F::kSettingValue) {
        const std::string_view text = fact.text_of(value);
        std::from_chars(text.data(), text.data() + text.size(), seconds);
      }
      if (is_interval && seconds > 0) known.interval_s = seconds;
    }
  }

  static void on_error(const Fact& fact, Known& known, Reporter& reporter) {
    known.errors.add(fact.time_ns(), kErrorSpanMs);
    if (!known.errors.should_tell(kErrorFloor)) return;
    Event event = reporter.make(kErrors);
    event.set_int(kErrorCount, known.errors.count());
    event.set_text(kErrorCode, fact.text(F::kErrorCode));
    reporter.emit(event);
  }

  void on_anomaly(const Fact& fact, const World& world, Reporter& reporter) {
    const std::string_view kind = fact.text(F::kAnomaly);
    if (fact.head().sender != Side::kClient) return;
    if (!std::binary_search(kBroken.begin(), kBroken.end(), kind)) return;
    Known& known = known_.at(world.station_index());
    known.malformed.add(fact.time_ns(), kErrorSpanMs);
    if (!known.malformed.should_tell(kErrorFloor)) return;
    Event event = reporter.make(kMalformed);
    event.set_int(kMalformedCount, known.malformed.count());
    event.set_text(kMalformedKind, kind);
    reporter.emit(event);
  }

  static void tell_reconnects(Known& known, Reporter& reporter) {
    if (!known.connections.should_tell(kReconnectFloor)) return;
    Event event = reporter.make(kReconnects);
    event.set_int(kConnections, known.connections.count());
    reporter.emit(event);
  }

  ByStation<Known> known_;
  IdleConnections idle_;
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &kConnectionFlood,
    &kReconnects,
    &kMessageFlood,
    &kHeartbeatFlood,
    &kErrors,
    &kMalformed,
    &kVolume,
});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<LoadDetector>(context.hash_key);
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"load", kEvents, create};

}  // namespace chargewarden::load
