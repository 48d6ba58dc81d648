// Meter readings that cannot be true: registers that fall, stand still or run away from the power,
// more power than there can be, energy without a session, batteries and currents that contradict,
// limits that are not kept, energy that is fed back, costs (threats MB-01 to MB-08, MB-14, MB-17,
// MB-18, SA-14, SG-08, SG-09, SG-13).
//
// Whether a reading is a forgery, a broken meter or a mix-up of units cannot be told from outside;
// that it is not to be billed can.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/detectors/by_session.h"
#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/metering/cost_watch.h"
#include "analyzer/detectors/metering/export_watch.h"
#include "analyzer/detectors/metering/limit_watch.h"
#include "analyzer/detectors/metering/meter_trace.h"
#include "analyzer/detectors/metering/plausibility.h"
#include "analyzer/detectors/metering/sample.h"
#include "analyzer/detectors/session_subject.h"
#include "collector/event/defs/metering_events.h"

namespace chargewarden::session {

namespace {

using F = FactField;
using Kind = SessionStepKind;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// A fall below this is rounding: the same register is told in kWh with two digits, and in Wh.
constexpr double kDropMinWh = 10;

// A register that begins a session below this has been set to zero.
constexpr double kZeroWh = 10;

// Energy that the power would have made before a register is said to stand still: more than the
// coarsest registers count in one step (kWh without digits), in at least three readings.
constexpr double kStillMinWh = 1'500;
constexpr int kStillSamplesMin = 3;

// At the end, with a register that was told at begin and end alone, half of that is enough: it has
// not moved at all, and a step would have been seen.
constexpr double kNoEnergyMinWh = 750;

// A session without power readings that was charging by its status for this long took some energy:
// vehicles that are full suspend within minutes.
constexpr std::int64_t kNoEnergyMinNs = 900 * kNsPerSecond;

// More than any alternating current connector gives: 63 A in three phases (IEC 61851-1, mode 3) at
// 230 V and 10 %, which is 48 kW, and the error of meters and intervals.
constexpr double kAcMaxW = 55'000;

// More than any connector gives: the megawatt charging system ends at 1,250 V and 3,000 A (IEC TS
// 63379).
constexpr double kAnyMaxW = 3'750'000;

// What a connector may give beyond what it says that it offers, or is listed with: ramps, rounding
// and meters, and a voltage 10 % above the nominal one (IEC 60038).
constexpr double kOfferedShare = 1.3;
constexpr double kOfferedMarginW = 2'000;

// Energy between two sessions that standby of cable, contactor and meter does not explain.
constexpr double kOutsideMinWh = 500;

// Power without a session: above heating and standby of a connector.
constexpr double kOutsideMinW = 1'000;
constexpr int kOutsideSamplesMin = 3;

// Readings are missing when none came for so long, and for so many usual intervals.
constexpr std::int64_t kSilentMinNs = 600 * kNsPerSecond;
constexpr std::int64_t kSilentIntervals = 5;

// A profile for a session that has ended since then: the message that ended it was under way.
constexpr std::int64_t kLimitLateNs = 60 * kNsPerSecond;

// Connectors of a station of which the meter is followed. Test: metering_test.cc "the connectors
// of a station that are followed are bounded".
constexpr std::size_t kMetersMax = 16;

// What is known of a session besides the World.
struct Note {
  MeterTrace trace;
  Plausibility plausibility;
  LimitState limit;
  ExportState exported;
  double told_difference_wh = 0;
  double told_rate_w = 0;
  std::int64_t charging_ns = 0;  // Time in status Charging, and since when.
  std::int64_t charging_since_ns = 0;
  bool began = false;
  bool negative_told = false;
  bool frozen_told = false;
  bool has_phases = false;
  double offered_w = 0;  // Highest.
  double rated_w = 0;    // By the inventory; 0: not listed.
};

// The meter of one connector, between sessions.
struct Meter {
  std::int32_t connector = -1;
  std::optional<double> end_wh;  // Of the latest session.
  std::int64_t end_ns = 0;
  std::uint64_t end_link_tag = 0;  // Link::opened_tag.
  std::uint64_t end_tag = 0;
  std::uint64_t begins = 0;  // Sessions of the station at that time.
  int idle_samples = 0;      // With power, in a row.
  std::int64_t idle_since_ns = 0;
  bool idle_told = false;
};

struct StationNote {
  std::vector<Meter> meters;
  LimitWatch limits;
  ExportWatch exports;
  std::uint64_t begins = 0;  // Sessions of the station.
  int restarts = 0;
  bool restarts_told = false;
};

struct Actions {
  ocpp::ActionId status = ocpp::action_id("StatusNotification");
  ocpp::ActionId set = ocpp::action_id("SetChargingProfile");
  ocpp::ActionId clear = ocpp::action_id("ClearChargingProfile");
  ocpp::ActionId meter_values = ocpp::action_id("MeterValues");
  ocpp::ActionId event = ocpp::action_id("TransactionEvent");
  ocpp::ActionId cost = ocpp::action_id("CostUpdated");
  ocpp::ActionId start = ocpp::action_id("RequestStartTransaction");
  ocpp::ActionId schedule = ocpp::action_id("GetCompositeSchedule");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

bool is_thousandfold(double a, double b) {
  constexpr double kFactor = 1'000;
  constexpr double kNear = 0.1;
  const double larger = std::max(std::abs(a), std::abs(b));
  const double smaller = std::min(std::abs(a), std::abs(b));
  return smaller > 0 && std::abs(larger / smaller / kFactor - 1) < kNear;
}

class MeteringDetector : public Detector {
 public:
  explicit MeteringDetector(const SiteInventory& inventory) : inventory_(inventory) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.actions = {"StartTransaction",     "StopTransaction",    "MeterValues",
                   "TransactionEvent",     "StatusNotification", "SetChargingProfile",
                   "ClearChargingProfile", "CostUpdated",        "RequestStartTransaction",
                   "GetCompositeSchedule"};
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { stations_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr || world.is_echo()) return;
    const Actions& known = actions();
    StationNote& station = stations_.at(world.station_index());
    if (fact.is_call(known.status)) {
      on_status(fact, world);
    } else if (fact.is_call(known.cost)) {
      costs_.on_cost(fact, world, reporter);
    } else if (fact.head().type == ocpp::MessageType::kResult) {
      on_answer(fact, world, station, reporter);
    }
    on_session(fact, world, station, reporter);
  }

  void on_station_forgotten(StationIndex station) override { stations_.forget(station); }

  [[nodiscard]] std::uint64_t dropped() const override { return meters_dropped_; }

 private:
  void on_answer(const Fact& fact, const World& world, StationNote& station, Reporter& reporter) {
    const Actions& known = actions();
    const ocpp::ActionId action = fact.head().action;
    if (action == known.event) {
      costs_.on_cost(fact, world, reporter);
      return;
    }
    if (fact.text(F::kAnswer) != "Accepted") return;
    if (action == known.set) {
      station.limits.on_set(fact);
      station.exports.on_profile(fact);
      judge_late_limit(fact, world, reporter);
    } else if (action == known.start) {
      station.exports.on_profile(fact);
    } else if (action == known.clear) {
      station.limits.on_clear();
    } else if (action == known.schedule && connector_of(fact) > 0) {
      const SessionIndex index = world.sessions().find_open(*world.station(), connector_of(fact));
      if (index == kNoSession) return;
      const Session& session = world.session(index);
      station.limits.check_schedule(fact, session, notes_.at(index, session).limit, reporter);
    }
  }

  static void judge_late_limit(const Fact& fact, const World& world, Reporter& reporter) {
    if (!fact.has(F::kTransaction)) return;
    const SessionIndex index = world.sessions().find(*world.station(), fact.text(F::kTransaction));
    if (index == kNoSession) return;
    const Session& session = world.session(index);
    if (session.open || fact.time_ns() - session.ended_ns < kLimitLateNs) return;
    const std::array<std::uint64_t, 2> tags = {session.stop_tag, reporter.tag()};
    Event event = reporter.make(kLimitAfterEnd);
    set_subject(session, event);
    event.set_int(kLateSince, (fact.time_ns() - session.ended_ns) / kNsPerSecond);
    event.set_packets(tags);
    reporter.emit(event);
  }

  void on_session(const Fact& fact, const World& world, StationNote& station, Reporter& reporter) {
    const SessionStep& step = world.step();
    if (step.session == kNoSession) {
      if (fact.is_call(actions().meter_values)) watch_idle(fact, world, station, reporter);
      return;
    }
    const Session& session = world.session(step.session);
    if (!session.open && step.kind != Kind::kEnd) return;
    Note& note = notes_.at(step.session, session);
    if (fact.has(F::kChargingState)) {
      note_charging(fact.text(F::kChargingState) == "Charging", fact.time_ns(), note);
    }
    switch (step.kind) {
      case Kind::kStart:
        on_begin(session, world, station, reporter);
        follow(fact, session, note, world, station, reporter);
        break;
      case Kind::kUpdate:
      case Kind::kUnknownUpdate:
        follow(fact, session, note, world, station, reporter);
        break;
      case Kind::kEnd:
        follow(fact, session, note, world, station, reporter);
        on_end_of(fact, session, note, world, station, reporter);
        notes_.drop(step.session);
        break;
      default:
        break;
    }
  }

  Meter* find_meter(StationNote& station, std::int32_t connector, bool add) {
    if (connector < 0) return nullptr;
    for (Meter& each : station.meters) {
      if (each.connector == connector) return &each;
    }
    if (!add) return nullptr;
    if (station.meters.size() >= kMetersMax) {
      ++meters_dropped_;
      return nullptr;
    }
    station.meters.emplace_back();
    station.meters.back().connector = connector;
    return &station.meters.back();
  }

  // The register at the begin against that at the end of the session before.
  void on_begin(const Session& session, const World& world, StationNote& station,
                Reporter& reporter) {
    ++station.begins;
    Meter* meter = find_meter(station, session.connector, false);
    if (meter == nullptr) return;
    meter->idle_samples = 0;
    meter->idle_told = false;
    if (!meter->end_wh || !session.meter_start_wh || session.offline) return;
    const double before = *meter->end_wh;
    const double now = *session.meter_start_wh;
    if (before - now >= kDropMinWh) {
      tell_lower_begin(session, before, now, station, *meter, reporter);
      return;
    }
    // Energy since then is stolen only if no session can have been missed: of this connector, and
    // of others, with which it may share its meter.
    const bool seen_whole =
        meter->end_link_tag == world.link()->opened_tag && meter->begins + 1 == station.begins &&
        world.station()->sessions.size() == 1 && world.station()->gap_ns < meter->end_ns;
    if (!seen_whole || now - before < kOutsideMinWh) return;
    const std::array<std::uint64_t, 2> tags = {meter->end_tag, reporter.tag()};
    Event event = reporter.make(kOutside);
    set_subject(session, event);
    event.set(kOutsideEnergy, amount(now - before));
    event.set_int(kOutsideOver, (world.now_ns() - meter->end_ns) / kNsPerSecond);
    event.set_packets(tags);
    reporter.emit(event);
  }

  static void tell_lower_begin(const Session& session, double before, double now,
                               StationNote& station, const Meter& meter, Reporter& reporter) {
    if (now > kZeroWh) {
      tell_backwards(session, "between", before, now, meter.end_tag, reporter);
      return;
    }
    // Once may be another meter; a habit is told once.
    constexpr int kHabit = 2;
    if (++station.restarts < kHabit || station.restarts_told) return;
    station.restarts_told = true;
    const std::array<std::uint64_t, 2> tags = {meter.end_tag, reporter.tag()};
    Event event = reporter.make(kRestarts);
    set_subject(session, event);
    event.set(kRestartsFrom, amount(before));
    event.set_packets(tags);
    reporter.emit(event);
  }

  static void tell_backwards(const Session& session, std::string_view where, double from, double to,
                             std::uint64_t tag, Reporter& reporter) {
    const std::array<std::uint64_t, 3> tags = {session.start_tag, tag, reporter.tag()};
    Packets packets;
    for (const std::uint64_t each : tags) packets.add(each);
    Event event = reporter.make(kBackwards);
    set_subject(session, event);
    event.set_text(kWhere, where);
    event.set(kFromWh, amount(from));
    event.set(kToWh, amount(to));
    event.set(kDropWh, amount(from - to));
    event.set_bool(kBackwardsFactor, is_thousandfold(from, to));
    event.set_packets(packets.tags());
    reporter.emit(event);
  }

  // Takes the readings of a message in.
  void follow(const Fact& fact, const Session& session, Note& note, const World& world,
              StationNote& station, Reporter& reporter) {
    const std::int64_t told_ns = fact.number(F::kTimestamp).value_or(fact.time_ns());
    if (!note.began && session.begin_seen && session.meter_start_wh) {
      note.trace.begin(session.station_started_ns != 0 ? session.station_started_ns : told_ns,
                       *session.meter_start_wh);
      if (*session.meter_start_wh < 0)
        tell_negative(session, note, *session.meter_start_wh, reporter);
    }
    if (!note.began) note.rated_w = rated_w(*world.station(), session);
    note.began = true;
    read_samples(fact.readings(), told_ns, samples_);
    // The meter at the end of 1.6 is a reading like others.
    if (fact.has(F::kMeterStopWh)) {
      Sample last;
      last.time_ns = std::max(told_ns, samples_.empty() ? told_ns : samples_.back().time_ns);
      last.register_wh = fact.real(F::kMeterStopWh);
      samples_.push_back(last);
    }
    bool fell = false;
    for (const Sample& sample : samples_) {
      fell = follow_sample(sample, session, note, reporter) || fell;
      station.limits.check(sample, session, world.now_ns(), note.limit, reporter);
      station.exports.check(sample, session, note.exported, reporter);
    }
    if (fell) return;  // What follows from the sums is known then.
    compare_energy(session, note, reporter);
    watch_still(session, note, reporter);
  }

  // Whether the register fell.
  static bool follow_sample(const Sample& sample, const Session& session, Note& note,
                            Reporter& reporter) {
    const MeterTrace::Step step = note.trace.add(sample);
    if (step.is_old) return false;
    note.has_phases = note.has_phases || sample.has_phases();
    note.offered_w = std::max(note.offered_w, sample.offered_w.value_or(0));
    if (sample.register_wh && *sample.register_wh < 0) {
      tell_negative(session, note, *sample.register_wh, reporter);
    }
    const bool fell = step.drop_wh >= kDropMinWh;
    if (fell) {
      const double start = session.meter_start_wh.value_or(step.from_wh);
      const bool below_start = !session.open && *sample.register_wh < start;
      tell_backwards(session, below_start ? "end" : "during", below_start ? start : step.from_wh,
                     *sample.register_wh, session.meter_tag, reporter);
    }
    watch_rate(step.rate_w, "register", session, note, reporter);
    watch_rate(sample.power_w.value_or(0), "power", session, note, reporter);
    note.plausibility.check(sample, note.trace, session, reporter);
    return fell;
  }

  static void tell_negative(const Session& session, Note& note, double value, Reporter& reporter) {
    if (note.negative_told) return;
    note.negative_told = true;
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    Event event = reporter.make(kNegative);
    set_subject(session, event);
    event.set(kNegativeWh, amount(value));
    event.set_packets(tags);
    reporter.emit(event);
  }

  [[nodiscard]] double rated_w(const Station& station, const Session& session) const {
    const ListedStation* listed = inventory_.find(station.id);
    const RatedConnector* connector =
        listed != nullptr ? listed->connector(session.connector) : nullptr;
    return connector != nullptr ? connector->power_w().value_or(0) : 0;
  }

  static void watch_rate(double rate_w, std::string_view by, const Session& session, Note& note,
                         Reporter& reporter) {
    double capability = kAnyMaxW;
    std::string_view from = "any";
    if (note.offered_w > 0) {
      capability = note.offered_w * kOfferedShare + kOfferedMarginW;
      from = "offered";
    } else if (note.has_phases) {
      capability = kAcMaxW;
      from = "ac";
    }
    // What a connector is built for stays true whatever the station says that it offers.
    const double rated = note.rated_w * kOfferedShare + kOfferedMarginW;
    if (note.rated_w > 0 && rated < capability) {
      capability = rated;
      from = "inventory";
    }
    if (rate_w <= capability || rate_w < note.told_rate_w * 2) return;
    note.told_rate_w = rate_w;
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    Event event = reporter.make(kRate);
    set_subject(session, event);
    event.set(kRateW, amount(rate_w));
    event.set(kCapability, amount(capability));
    event.set_text(kCapabilityFrom, from);
    event.set_text(kRateBy, by);
    event.set_packets(tags);
    reporter.emit(event);
  }

  static void compare_energy(const Session& session, Note& note, Reporter& reporter) {
    const MeterTrace& trace = note.trace;
    const double difference = trace.counted_wh() - trace.expected_wh();
    const double size = std::abs(difference);
    if (size <= trace.tolerance_wh() || size < note.told_difference_wh * 2) return;
    note.told_difference_wh = size;
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    Event event = reporter.make(kMismatch);
    set_subject(session, event);
    event.set(kMismatchEnergy, amount(trace.counted_wh()));
    event.set(kMismatchExpected, amount(trace.expected_wh()));
    event.set(kDifference, amount(difference));
    event.set(kTolerance, amount(trace.tolerance_wh()));
    event.set_int(kOverS, trace.compared_ns() / kNsPerSecond);
    event.set_bool(kMismatchFactor, is_thousandfold(trace.counted_wh(), trace.expected_wh()));
    event.set_packets(tags);
    reporter.emit(event);
  }

  static void watch_still(const Session& session, Note& note, Reporter& reporter) {
    const MeterTrace& trace = note.trace;
    if (trace.still_wh() < kStillMinWh || trace.still_samples() < kStillSamplesMin) return;
    tell_frozen(session, note, trace.still_wh(), trace.still_ns(), reporter);
  }

  static void tell_frozen(const Session& session, Note& note, std::optional<double> expected,
                          std::int64_t over_ns, Reporter& reporter) {
    if (note.frozen_told) return;
    note.frozen_told = true;
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    Event event = reporter.make(kFrozen);
    set_subject(session, event);
    if (expected) event.set(kFrozenExpected, amount(*expected));
    event.set_int(kFrozenOver, over_ns / kNsPerSecond);
    event.set_bool(kFrozenEnded, !session.open);
    event.set_packets(tags);
    reporter.emit(event);
  }

  // How long the connector was charging by its status; in 2.x chargingState tells.
  void on_status(const Fact& fact, const World& world) {
    const SessionIndex index = world.sessions().find_open(*world.station(), connector_of(fact));
    if (index == kNoSession) return;
    note_charging(fact.text(F::kConnectorStatus) == "Charging", fact.time_ns(),
                  notes_.at(index, world.session(index)));
  }

  static void note_charging(bool charges, std::int64_t now_ns, Note& note) {
    if (note.charging_since_ns != 0) note.charging_ns += now_ns - note.charging_since_ns;
    note.charging_since_ns = charges ? now_ns : 0;
  }

  void on_end_of(const Fact& fact, const Session& session, Note& note, const World& world,
                 StationNote& station, Reporter& reporter) {
    judge_no_energy(fact, session, note, reporter);
    tell_silent(session, note, world, reporter);
    Meter* meter = find_meter(station, session.connector, true);
    if (meter == nullptr) return;
    meter->end_wh = session.meter_stop_wh ? session.meter_stop_wh : session.register_wh;
    meter->end_ns = fact.time_ns();
    meter->end_link_tag = world.link()->opened_tag;
    meter->end_tag = reporter.tag();
    meter->begins = station.begins;
    meter->idle_samples = 0;
    meter->idle_told = false;
  }

  // A session that ends where it began, although it was charging.
  static void judge_no_energy(const Fact& fact, const Session& session, Note& note,
                              Reporter& reporter) {
    if (!session.meter_start_wh || !session.meter_stop_wh) return;
    if (*session.meter_start_wh != *session.meter_stop_wh) return;
    const MeterTrace& trace = note.trace;
    const std::int64_t over_ns = session.ended_ns - session.started_ns;
    if (trace.has_power()) {
      if (trace.expected_wh() < kNoEnergyMinWh) return;
      tell_frozen(session, note, trace.expected_wh(), over_ns, reporter);
      return;
    }
    note_charging(false, fact.time_ns(), note);
    if (note.charging_ns < kNoEnergyMinNs) return;
    tell_frozen(session, note, std::nullopt, note.charging_ns, reporter);
  }

  static void tell_silent(const Session& session, const Note& note, const World& world,
                          Reporter& reporter) {
    const std::int64_t longest = note.trace.longest_ns();
    const std::int64_t usual = note.trace.usual_ns();
    if (usual == 0 || longest < kSilentMinNs || longest < usual * kSilentIntervals) return;
    if (world.station()->gap_ns >= session.started_ns) return;
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    Event event = reporter.make(kSilent);
    set_subject(session, event);
    event.set_int(kLongest, longest / kNsPerSecond);
    event.set_int(kUsualS, usual / kNsPerSecond);
    event.set_packets(tags);
    reporter.emit(event);
  }

  // Readings of a connector on which no session runs, after one was seen to end.
  void watch_idle(const Fact& fact, const World& world, StationNote& station, Reporter& reporter) {
    Meter* meter = find_meter(station, connector_of(fact), false);
    if (meter == nullptr || !meter->end_wh || fact.has(F::kTransaction)) return;
    if (world.station()->gap_ns >= meter->end_ns || !world.station()->sessions.empty()) return;
    read_samples(fact.readings(), fact.time_ns(), samples_);
    for (const Sample& sample : samples_) {
      if (!sample.power_w) continue;
      const bool flows = *sample.power_w >= kOutsideMinW;
      if (!flows) meter->idle_told = false;
      if (flows && meter->idle_samples == 0) meter->idle_since_ns = fact.time_ns();
      meter->idle_samples = flows ? meter->idle_samples + 1 : 0;
      if (meter->idle_samples < kOutsideSamplesMin || meter->idle_told) continue;
      meter->idle_told = true;
      const std::array<std::uint64_t, 2> tags = {meter->end_tag, reporter.tag()};
      Event event = reporter.make(kOutside);
      event.set_int(kConnector, meter->connector);
      event.set(kOutsidePower, amount(*sample.power_w));
      event.set_int(kOutsideOver, (fact.time_ns() - meter->idle_since_ns) / kNsPerSecond);
      event.set_packets(tags);
      reporter.emit(event);
    }
  }

  ByStation<StationNote> stations_;
  BySession<Note> notes_;
  CostWatch costs_;
  std::vector<Sample> samples_;
  const SiteInventory& inventory_;
  std::uint64_t meters_dropped_ = 0;
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &kBackwards,
    &kRestarts,
    &kNegative,
    &kMismatch,
    &kFrozen,
    &kRate,
    &kOutside,
    &kSilent,
    &kSoc,
    &kElectrical,
    &kOverLimit,
    &kScheduleAbove,
    &kLimitAfterEnd,
    &kExport,
    &kCostFell,
    &kCostForNothing,
});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<MeteringDetector>(context.site.inventory);
}

}  // namespace

extern const DetectorDef kMetering;
const DetectorDef kMetering = {"metering", kEvents, create};

}  // namespace chargewarden::session
