// Logs as such: holes in a log that tells what is on the wire, logs that end early, and times that
// go back (threat LG-14).

#include <algorithm>
#include <array>
#include <cstdlib>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/logs/log_match.h"
#include "analyzer/facts/packet_tag.h"
#include "collector/event/defs/log_events.h"

namespace chargewarden::logs {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// End of summer time, with what passes between two lines.
constexpr std::int64_t kHourNs = 3'600 * kNsPerSecond;
constexpr std::int64_t kHourSlackNs = 300 * kNsPerSecond;

// Ids of the latest messages of a station, on the wire and in logs: a line comes before the next
// begin or end of a session at its station, else the log is not judged.
constexpr std::size_t kRecentIds = 4;

// A line and its message on the wire are this close together, else the clock of the log is off, and
// its silences cannot be compared with the wire.
constexpr std::int64_t kLagMaxNs = 120 * kNsPerSecond;

constexpr std::uint16_t kNoSource = 0xffff;

struct Actions {
  ocpp::ActionId start = ocpp::action_id("StartTransaction");
  ocpp::ActionId stop = ocpp::action_id("StopTransaction");
  ocpp::ActionId event = ocpp::action_id("TransactionEvent");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

std::optional<std::size_t> kind_of(const Fact& fact) {
  if (fact.is_call(actions().start)) return 0;
  if (fact.is_call(actions().stop)) return 1;
  if (!fact.is_call(actions().event)) return std::nullopt;
  const std::string_view type = fact.text(F::kEventType);
  if (type == "Started") return 2;
  return type == "Ended" ? std::optional<std::size_t>(3) : std::nullopt;
}

// The latest ids, with where they came from.
class Recent {
 public:
  struct Entry {
    std::int64_t id = 0;
    std::int64_t time_ns = 0;
    std::uint16_t source = kNoSource;
  };

  void add(const Entry& entry) noexcept {
    entries_[next_] = entry;
    next_ = (next_ + 1) % kRecentIds;
  }

  // Null when it is not there.
  [[nodiscard]] const Entry* find(std::int64_t id) const noexcept {
    for (const Entry& each : entries_) {
      if (each.source != kNoSource && each.id == id) return &each;
    }
    return nullptr;
  }

 private:
  std::array<Entry, kRecentIds> entries_{};
  std::size_t next_ = 0;
};

struct Known {
  Recent wire;
  Recent lines;
  std::uint16_t log = kNoSource;  // The log that told its latest message that was on the wire.
  FleetIndex fleet = kNoFleet;    // Its backend at that time: another one writes another log.
};

class LogDetector final : public Detector {
 public:
  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.actions = {"StartTransaction", "StopTransaction", "TransactionEvent"};
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { known_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& /*reporter*/) override {
    // Without a log there is nothing to compare with.
    if (world.logs().empty() || world.station() == nullptr) return;
    const auto kind = kind_of(fact);
    const auto id = fact.number(F::kMessageId);
    if (!kind || !id) return;
    if (fact.head().from_log) {
      on_line(fact, world.station_index(), *kind, *id);
    } else {
      on_wire(fact, world, *kind, *id, pack_tag({fact.head().source, fact.head().packet_number}));
    }
  }

  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) override {
    latest_ns_ = std::max(latest_ns_, now_ns);
    for (std::size_t i = 0; i < world.logs().size(); ++i) {
      const LogProgress& log = world.logs()[i];
      if (log.last_ns == 0) continue;
      State& state = state_of(i);
      while (const auto hole = state.match.look(log, now_ns)) tell_hole(*hole, i, reporter);
      tell_back(log, i, state, reporter);
    }
  }

  void on_end(const World& world, Reporter& reporter) override {
    on_tick(latest_ns_, world, reporter);
    for (std::size_t i = 0; i < world.logs().size(); ++i) {
      const LogProgress& log = world.logs()[i];
      if (log.last_ns == 0) continue;
      const auto hole = state_of(i).match.behind_the_end(log, latest_ns_);
      if (!hole) continue;
      Event event = reporter.make(log::kEnds, {});
      event.set_int(log::kEndsSilent, (hole->to_ns - hole->from_ns) / kNsPerSecond);
      event.set_int(log::kEndsMissing, static_cast<std::int64_t>(hole->missing));
      event.set_int(log::kEndsBefore, static_cast<std::int64_t>(hole->from_line));
      emit(event, *hole, {pack_tag({static_cast<std::uint16_t>(i), hole->from_line})}, reporter);
    }
  }

  void on_station_forgotten(StationIndex station) override {
    known_.forget(station);
    for (State& state : states_) state.match.forget(station);
  }

  [[nodiscard]] std::uint64_t dropped() const override {
    std::uint64_t sum = 0;
    for (const State& state : states_) sum += state.match.dropped();
    return sum;
  }

 private:
  struct State {
    LogMatch match;
    std::uint64_t backs_told = 0;
  };

  State& state_of(std::size_t source) {
    if (source >= states_.size()) states_.resize(source + 1);
    return states_[source];
  }

  void on_line(const Fact& fact, StationIndex station, std::size_t kind, std::int64_t id) {
    Known& known = known_.at(station);
    const std::uint16_t source = fact.head().source;
    known.lines.add({id, fact.time_ns(), source});
    // What one log lacks may have gone to another: after a rotation, or by another process.
    for (State& each : states_) each.match.on_line(station, id);
    const Recent::Entry* wire = known.wire.find(id);
    if (wire != nullptr) on_told(known, source, fact.time_ns() - wire->time_ns, kind);
  }

  void on_wire(const Fact& fact, const World& world, std::size_t kind, std::int64_t id,
               std::uint64_t tag) {
    const StationIndex station = world.station_index();
    const FleetIndex fleet = world.link()->fleet;
    Known& known = known_.at(station);
    known.wire.add({id, fact.time_ns(), fact.head().source});
    if (const Recent::Entry* line = known.lines.find(id); line != nullptr) {
      on_told(known, line->source, fact.time_ns() - line->time_ns, kind);
      known.fleet = fleet;
      return;
    }
    const bool same_backend = known.fleet == fleet || known.fleet == kNoFleet;
    known.fleet = fleet;
    if (known.log == kNoSource || !same_backend) {
      known.log = kNoSource;
      return;
    }
    state_of(known.log).match.await({station, kind, id, tag}, world.logs()[known.log]);
  }

  void on_told(Known& known, std::uint16_t source, std::int64_t lag_ns, std::size_t kind) {
    if (std::llabs(lag_ns) > kLagMaxNs) {
      known.log = kNoSource;
      return;
    }
    known.log = source;
    state_of(source).match.on_told(kind);
  }

  static void tell_hole(const Hole& hole, std::size_t source, Reporter& reporter) {
    Event event = reporter.make(log::kHole, {});
    event.set_int(log::kHoleSilent, (hole.to_ns - hole.from_ns) / kNsPerSecond);
    event.set_int(log::kHoleMissing, static_cast<std::int64_t>(hole.missing));
    event.set_int(log::kHoleStations, static_cast<std::int64_t>(hole.stations));
    event.set_int(log::kHoleBefore, static_cast<std::int64_t>(hole.from_line));
    event.set_int(log::kHoleAfter, static_cast<std::int64_t>(hole.to_line));
    const auto number = static_cast<std::uint16_t>(source);
    emit(event, hole, {pack_tag({number, hole.from_line}), pack_tag({number, hole.to_line})},
         reporter);
  }

  // With the lines around it, and what is missing between them.
  static void emit(Event& event, const Hole& hole, std::initializer_list<std::uint64_t> lines,
                   Reporter& reporter) {
    Packets packets;
    for (const std::uint64_t tag : lines) packets.add(tag);
    for (const std::uint64_t tag : hole.packets.tags()) packets.add(tag);
    event.set_packets(packets.tags());
    reporter.emit(event);
  }

  static void tell_back(const LogProgress& log, std::size_t source, State& state,
                        Reporter& reporter) {
    if (log.backs == state.backs_told) return;
    state.backs_told = log.backs;
    const std::array<std::uint64_t, 1> tags = {
        pack_tag({static_cast<std::uint16_t>(source), log.back_line})};
    Event event = reporter.make(log::kBack, {});
    event.set_int(log::kBackS, log.back_by_ns / kNsPerSecond);
    event.set_bool(log::kBackIsHour, std::llabs(log.back_by_ns - kHourNs) <= kHourSlackNs);
    event.set_int(log::kBackLine, static_cast<std::int64_t>(log.back_line));
    event.set_packets(tags);
    reporter.emit(event);
  }

  ByStation<Known> known_;
  std::vector<State> states_;  // By source.
  std::int64_t latest_ns_ =
      0;  // Connections are closed at the end with the time of their last word.
};

constexpr auto kEvents = std::to_array<const EventDef*>({&log::kHole, &log::kEnds, &log::kBack});

std::unique_ptr<Detector> create(const DetectorContext& /*context*/) {
  return std::make_unique<LogDetector>();
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"logs", kEvents, create};

}  // namespace chargewarden::logs
