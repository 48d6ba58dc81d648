// Charging stations as such: restarts, hardware and protocol that change, clocks that are off, and
// faults in plain words (threats TI-12, TI-16, TI-17, AV-02, CF-22, LG-03, LG-04, MB-11, MB-12).

#include <algorithm>
#include <string>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/station/clock_watch.h"
#include "analyzer/detectors/station/fault_words.h"
#include "analyzer/detectors/window.h"
#include "collector/event/defs/station_events.h"

namespace chargewarden::station {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// Restarts within this time belong together: watchdogs and boot loaders try again within minutes.
constexpr std::int64_t kBootsWindowNs = 900 * kNsPerSecond;

// A command to restart explains a boot that comes within this time: OCPP lets a soft reset wait for
// running sessions, and an update downloads and installs first. A day is what operators plan with.
constexpr std::int64_t kExplainsNs = 86'400 * kNsPerSecond;

// A reset that does not wait for sessions is over within minutes: boards start in one or two, and
// those with a large system in five.
constexpr std::int64_t kResetTakesNs = 900 * kNsPerSecond;

constexpr std::int64_t kFaultsWindowNs = 86'400 * kNsPerSecond;

// Connectors of which faults are followed, as many as World follows.
constexpr std::size_t kFaultsMax = kConnectorsPerStationMax;

struct Actions {
  ocpp::ActionId boot = ocpp::action_id("BootNotification");
  ocpp::ActionId status = ocpp::action_id("StatusNotification");
  ocpp::ActionId reset = ocpp::action_id("Reset");
  ocpp::ActionId update = ocpp::action_id("UpdateFirmware");
  ocpp::ActionId signed_update = ocpp::action_id("SignedUpdateFirmware");
  ocpp::ActionId trigger = ocpp::action_id("TriggerMessage");
  ocpp::ActionId extended_trigger = ocpp::action_id("ExtendedTriggerMessage");
  ocpp::ActionId meter_values = ocpp::action_id("MeterValues");
  ocpp::ActionId event = ocpp::action_id("TransactionEvent");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

struct FaultState {
  std::int32_t connector = 0;
  std::string code;  // Empty: none at present.
  std::int64_t since_ns = 0;
  std::string counted;  // The code that is counted.
  Window count{kFaultsWindowNs};
};

struct Known {
  Window boots{kBootsWindowNs};
  std::int64_t restart_asked_ns = 0;  // Latest reset, update, or trigger of a boot.
  std::uint64_t restart_tag = 0;
  std::int64_t reset_ns = 0;  // Accepted, and it does not wait; 0: none, or it was done.
  std::uint64_t reset_tag = 0;
  std::string reset_type;
  ClockWatch clock;
  std::string subprotocol;
  int profile = -1;  // Security profile of the latest connection; -1: not known.
  std::vector<FaultState> faults;
};

// OCPP versions by age; 0: none of ours.
int version_rank(std::string_view subprotocol) {
  constexpr auto kByAge = std::to_array<std::string_view>(
      {"ocpp1.2", "ocpp1.5", "ocpp1.6", "ocpp2.0", "ocpp2.0.1", "ocpp2.1"});
  const auto found = std::find(kByAge.begin(), kByAge.end(), subprotocol);
  return found == kByAge.end() ? 0 : static_cast<int>(found - kByAge.begin()) + 1;
}

class StationDetector final : public Detector {
 public:
  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.kinds[static_cast<std::size_t>(FactKind::kUpgrade)] = true;
    out.actions = {"BootNotification",     "StatusNotification", "Reset",
                   "UpdateFirmware",       "MeterValues",        "TransactionEvent",
                   "SignedUpdateFirmware", "TriggerMessage",     "ExtendedTriggerMessage"};
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { known_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr) return;
    if (fact.head().kind == FactKind::kUpgrade) {
      on_upgrade(world, reporter);
      return;
    }
    const Actions& known = actions();
    const ocpp::ActionId action = fact.head().action;
    if (fact.is_result(known.reset)) on_reset(fact, world, reporter);
    if (!fact.is_call(action)) return;
    if (fact.head().sender == Side::kClient) watch_reset(fact, world, reporter);
    if (action == known.boot) {
      on_boot(fact, world, reporter);
    } else if (action == known.status) {
      on_clock(fact, fact.number(F::kTimestamp).value_or(0), world, reporter);
      on_status(fact, world, reporter);
    } else if (action == known.meter_values || action == known.event) {
      const auto time = fact.number(F::kTimestamp);
      const std::int64_t first = fact.readings().empty() ? 0 : fact.readings().front().time_ns;
      if (!fact.is_true(F::kOffline)) on_clock(fact, time.value_or(first), world, reporter);
    } else {
      on_command(fact, world);
    }
  }

  void on_station_forgotten(StationIndex station) override { known_.forget(station); }

 private:
  void on_command(const Fact& fact, const World& world) {
    const Actions& known = actions();
    const ocpp::ActionId action = fact.head().action;
    const bool trigger = action == known.trigger || action == known.extended_trigger;
    if (trigger && fact.text(F::kCommand) != "BootNotification") return;
    known_.at(world.station_index()).restart_asked_ns = fact.time_ns();
  }

  // That of an EVSE is no restart of the station.
  void on_reset(const Fact& fact, const World& world, Reporter& reporter) {
    const std::string_view type = fact.text(F::kCommand);
    const bool waits = type != "Hard" && type != "Immediate";
    if (waits || fact.has(F::kEvse) || fact.text(F::kAnswer) != "Accepted") return;
    if (world.is_echo() || world.station()->id.empty()) return;
    Known& known = known_.at(world.station_index());
    known.reset_ns = fact.time_ns();
    known.reset_tag = reporter.tag();
    known.reset_type = type;
  }

  // A boot or another connection shows that it was done; after a hole they may have been missed.
  void watch_reset(const Fact& fact, const World& world, Reporter& reporter) {
    Known* known = known_.find(world.station_index());
    if (known == nullptr || known->reset_ns == 0 || world.is_echo()) return;
    const std::int64_t since_ns = fact.time_ns() - known->reset_ns;
    const bool done = fact.head().action == actions().boot ||
                      world.link()->opened_ns > known->reset_ns ||
                      world.station()->gap_ns > known->reset_ns;
    if (!done && since_ns < kResetTakesNs) return;
    known->reset_ns = 0;
    if (done) return;
    const std::array<std::uint64_t, 2> tags = {known->reset_tag, reporter.tag()};
    Event event = reporter.make(kNoRestart);
    event.set_text(kResetType, known->reset_type);
    event.set_int(kNoRestartSince, since_ns / kNsPerSecond);
    event.set_packets(tags);
    reporter.emit(event);
  }

  void on_upgrade(const World& world, Reporter& reporter) {
    const Link& link = *world.link();
    if (world.station()->id.empty() || link.from_log) return;
    Known& known = known_.at(world.station_index());
    compare_version(link, known, reporter);
    const bool basic = link.auth_scheme == "basic";
    // Whether the station showed a certificate is seen in the TLS handshake, not here.
    const int profile = link.encrypted ? (basic ? 2 : 3) : (basic ? 1 : 0);
    if (known.profile >= 0 && profile != known.profile) {
      Event event = reporter.make(kProfileChanged);
      event.set_int(kProfile, profile);
      event.set_int(kProfileBefore, known.profile);
      event.set_bool(kProfileDowngrade, profile < known.profile);
      reporter.emit(event);
    }
    known.profile = profile;
  }

  static void compare_version(const Link& link, Known& known, Reporter& reporter) {
    const int now = version_rank(link.subprotocol);
    const int before = version_rank(known.subprotocol);
    if (now != 0 && before != 0 && now != before) {
      Event event = reporter.make(kVersionChanged);
      event.set_text(kOcppVersion, std::string_view(link.subprotocol).substr(4));
      event.set_text(kOcppVersionBefore, std::string_view(known.subprotocol).substr(4));
      event.set_bool(kDowngrade, now < before);
      reporter.emit(event);
    }
    if (now != 0) known.subprotocol = link.subprotocol;
  }

  void on_boot(const Fact& fact, const World& world, Reporter& reporter) {
    const Station& station = *world.station();
    Known& known = known_.at(world.station_index());
    const std::uint64_t boots = known.boots.add(fact.time_ns());
    const bool asked =
        known.restart_asked_ns != 0 && fact.time_ns() - known.restart_asked_ns <= kExplainsNs;
    known.restart_asked_ns = 0;
    Packets packets;
    packets.add(station.boot_tag);
    packets.add(reporter.tag());
    Event event = reporter.make(kBoot);
    const auto set = [&](FieldKey key, F field) {
      if (fact.has(field)) event.set_text(key, fact.text(field));
    };
    set(kVendor, F::kVendor);
    set(kModel, F::kModel);
    set(kFirmware, F::kFirmware);
    set(kBootReason, F::kBootReason);
    event.set_bool(kBootExplained, asked || station.boots == 0);
    event.set_int(kBoots, static_cast<std::int64_t>(boots));
    if (station.boots > 0) {
      event.set_int(kUptimeS, (fact.time_ns() - station.booted_ns) / kNsPerSecond);
    }
    event.set_packets(packets.tags());
    reporter.emit(event);
    if (station.boots > 0 && !station.id.empty()) compare_inventory(fact, station, reporter);
  }

  // What a station does not say this time has not changed.
  static void compare_inventory(const Fact& fact, const Station& station, Reporter& reporter) {
    const Inventory& before = station.inventory;
    std::array<Value, 6> changed;
    std::size_t count = 0;
    const auto compare = [&](std::string_view name, std::string_view now, const std::string& then) {
      if (!now.empty() && !then.empty() && now != then) changed[count++] = Value::text(name);
    };
    const std::string_view serial =
        fact.has(F::kSerial) ? fact.text(F::kSerial) : fact.text(F::kBoxSerial);
    compare("vendor", fact.text(F::kVendor), before.vendor);
    compare("model", fact.text(F::kModel), before.model);
    compare("serial", serial, before.serial);
    compare("meter_serial", fact.text(F::kMeterSerial), before.meter_serial);
    compare("iccid", fact.text(F::kIccid), before.iccid);
    compare("imsi", fact.text(F::kImsi), before.imsi);
    if (count == 0) return;
    Packets packets;
    packets.add(station.boot_tag);
    packets.add(reporter.tag());
    Event event = reporter.make(kInventoryChanged);
    event.set(kChanged, Value::list({changed.data(), count}));
    event.set_text(kVendorNow, fact.text(F::kVendor));
    event.set_text(kModelNow, fact.text(F::kModel));
    event.set_text(kVendorBefore, before.vendor);
    event.set_text(kModelBefore, before.model);
    event.set_text(kSerialNow, serial);
    event.set_text(kSerialBefore, before.serial);
    event.set_packets(packets.tags());
    reporter.emit(event);
  }

  void on_clock(const Fact& fact, std::int64_t station_ns, const World& world, Reporter& reporter) {
    if (fact.head().from_log) return;
    Known& known = known_.at(world.station_index());
    const auto offset = known.clock.on_timestamp(station_ns, fact.time_ns());
    if (!offset) return;
    Event event = reporter.make(kClockOff);
    event.set_int(kClockOffset, *offset / kNsPerSecond);
    event.set_int(kClockOffsetAbs, std::abs(*offset / kNsPerSecond));
    event.set_bool(kClockIsZone, is_zone_offset(*offset));
    reporter.emit(event);
  }

  void on_status(const Fact& fact, const World& world, Reporter& reporter) {
    const std::int32_t connector = connector_of(fact);
    if (connector < 0) return;
    const std::string_view error = fact.text(F::kConnectorError);
    const bool faulted = fact.text(F::kConnectorStatus) == "Faulted";
    const bool has_error = !error.empty() && error != "NoError";
    const std::string_view code = has_error ? error : faulted ? "Faulted" : std::string_view();
    FaultState* state = find_fault(world, connector, !code.empty());
    if (state == nullptr || state->code == code) return;
    if (!state->code.empty()) tell_cleared(fact, *state, reporter);
    state->code = code;
    state->since_ns = fact.time_ns();
    if (!code.empty()) tell_fault(fact, world, *state, reporter);
  }

  FaultState* find_fault(const World& world, std::int32_t connector, bool make) {
    auto& faults = known_.at(world.station_index()).faults;
    const auto found = std::find_if(faults.begin(), faults.end(), [&](const FaultState& state) {
      return state.connector == connector;
    });
    if (found != faults.end()) return &*found;
    if (!make || faults.size() >= kFaultsMax) return nullptr;
    faults.emplace_back().connector = connector;
    return &faults.back();
  }

  static void tell_fault(const Fact& fact, const World& world, FaultState& state,
                         Reporter& reporter) {
    if (state.counted != state.code) {
      state.counted = state.code;
      state.count.clear();
    }
    const std::uint64_t count = state.count.add(fact.time_ns());
    const FaultWords& words = words_of_fault(state.code);
    const Station& station = *world.station();
    Event event = reporter.make(kFault);
    event.set_int(kConnector, state.connector);
    event.set_text(kFaultCode, state.code);
    if (fact.has(F::kVendorError)) event.set_text(kVendorFault, fact.text(F::kVendorError));
    event.set_text(kCause, words.cause);
    event.set_text(kRemedy, words.remedy);
    event.set_int(kFaultCount, static_cast<std::int64_t>(count));
    const std::int32_t where = state.connector == 0 ? -1 : state.connector;
    event.set_bool(kInSession, world.sessions().find_open(station, where) != kNoSession);
    reporter.emit(event);
  }

  static void tell_cleared(const Fact& fact, const FaultState& state, Reporter& reporter) {
    Event event = reporter.make(kFaultCleared);
    event.set_int(kClearedConnector, state.connector);
    event.set_text(kClearedFault, state.code);
    event.set_int(kFaultS, (fact.time_ns() - state.since_ns) / kNsPerSecond);
    reporter.emit(event);
  }

  ByStation<Known> known_;
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &kBoot,
    &kInventoryChanged,
    &kVersionChanged,
    &kProfileChanged,
    &kClockOff,
    &kFault,
    &kFaultCleared,
    &kNoRestart,
});

std::unique_ptr<Detector> create(const DetectorContext& /*context*/) {
  return std::make_unique<StationDetector>();
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"station", kEvents, create};

}  // namespace chargewarden::station
