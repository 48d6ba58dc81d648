// Commands: many stations told to do the same, one station told the same again and again,
// and connectors unlocked while a vehicle charges (threats AV-06, AV-07, AV-13, AV-14, FW-10,
// SA-08, SA-20, SA-21, SG-01, SG-02, SG-03, SG-04, SG-05).
//
// It looks at commands, not at answers: somebody tried, and that matters also where stations
// refuse. What the answer changes is told with it.

#include <algorithm>
#include <deque>
#include <string>

#include "analyzer/detectors/fleet_commands/limit_swing.h"
#include "analyzer/detectors/fleet_commands/mass_commands.h"
#include "analyzer/detectors/repeat_count.h"
#include "collector/event/defs/command_events.h"
#include "collector/event/defs/grid_events.h"

namespace chargewarden::fleet_commands {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// Repeats of a command to one station are counted over one to two minutes: people click again
// within seconds, machines that retry wait for an answer or its timeout of 30 s or more.
constexpr std::uint32_t kFloodSpanMs = 60'000;
constexpr std::uint32_t kFloodFloor = 5;

// Stations answer within seconds; backends give up after 30 s (OCPP 2.0.1, MessageTimeout).
constexpr std::int64_t kAnswerWithinNs = 30 * kNsPerSecond;

// A stop before an unlock explains it for this long: a station ends the transaction and tells so
// within seconds, on a slow link within a minute or two.
constexpr std::int64_t kStopExplainsNs = 120 * kNsPerSecond;

// A limit above every AC connector that has stood for this long belongs to a station that carries
// it: an operator would have noticed.
constexpr std::int64_t kLimitStandsNs = 600 * kNsPerSecond;

// Unlocks that wait for their answer, of all stations: within half a minute they are a handful, and
// some thousands only when a fleet is unlocked as a whole.
// Test: fleet_commands_detector_test.cc "what waits is bounded".
constexpr std::size_t kWaitingMax = 10'000;

struct Actions {
  ocpp::ActionId unlock = ocpp::action_id("UnlockConnector");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

// Repeats of these are told elsewhere, or nothing.
bool is_flood_command(Command command) {
  return command != Command::kDataTransfer && command != Command::kChangeSettings;
}

// OCPP 1.6, 7.7: these states exist only while a transaction runs. 2.x has no such state.
bool charges_by_status(const Connector* connector) {
  return connector != nullptr &&
         (connector->status == "Charging" || connector->status == "SuspendedEV" ||
          connector->status == "SuspendedEVSE");
}

// What is known of a station that was commanded.
struct Known {
  std::array<RepeatCount, kCommands> repeats;
  std::int64_t stop_ns = 0;       // Latest remote stop.
  std::int64_t big_limit_ns = 0;  // First limit above every AC connector.
  bool takes_more = false;        // Has drawn more than an AC connector carries.
  std::int64_t unlock_ns = 0;     // Of an unlock that waits for its answer; 0: none.
  std::int32_t unlock_connector = -1;
  bool unlock_by_session = false;
  bool unlock_after_stop = false;
  std::uint64_t unlock_tag = 0;
  std::uint64_t session_tag = 0;
};

class FleetCommandsDetector final : public Detector {
 public:
  explicit FleetCommandsDetector(const HashKey& key) : mass_(key) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    const auto commands = command_actions();
    out.actions.assign(commands.begin(), commands.end());
    for (const std::string_view each : {"MeterValues", "TransactionEvent"}) {
      out.actions.push_back(each);
    }
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { known_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr) return;
    if (fact.head().sender == Side::kClient && world.step().kind != SessionStepKind::kNone) {
      note_session(world);
    }
    const Known* known = known_.find(world.station_index());
    const bool takes_more =
        known != nullptr &&
        (known->takes_more ||
         (known->big_limit_ns != 0 && fact.time_ns() - known->big_limit_ns >= kLimitStandsNs));
    if (const auto command = command_of(fact, takes_more)) {
      on_command(fact, world, *command, reporter);
    } else if (fact.head().type == ocpp::MessageType::kResult) {
      on_answer(fact, world, reporter);
    }
  }

  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) override {
    while (!waiting_unlocks_.empty() &&
           now_ns - waiting_unlocks_.front().since_ns >= kAnswerWithinNs) {
      give_up_unlock(world, reporter);
    }
  }

  void on_end(const World& world, Reporter& reporter) override {
    while (!waiting_unlocks_.empty()) give_up_unlock(world, reporter);
  }

  void on_station_forgotten(StationIndex station) override {
    known_.forget(station);
    mass_.forget(station);
    swings_.forget(station);
  }

  [[nodiscard]] std::uint64_t dropped() const override { return dropped_; }

 private:
  struct Waiting {
    StationIndex station = kNoStation;
    std::int64_t since_ns = 0;
  };

  void note_session(const World& world) {
    const SessionStep step = world.step();
    if (step.kind != SessionStepKind::kUpdate || step.session == kNoSession) return;
    if (world.session(step.session).power_w.value_or(0) <= kAcRatingW) return;
    known_.at(world.station_index()).takes_more = true;
  }

  void on_command(const Fact& fact, const World& world, Command command, Reporter& reporter) {
    const StationIndex index = world.station_index();
    const Station& station = *world.station();
    Known& known = known_.at(index);
    const std::int64_t now = fact.time_ns();
    if (command == Command::kLimitBeyondRating && known.big_limit_ns == 0) {
      known.big_limit_ns = now;
    }
    swings_.add(fact, world, command, reporter);
    if (command == Command::kUnlock) on_unlock(fact, world, known, reporter);
    if (command == Command::kRemoteStop) known.stop_ns = now;
    RepeatCount& repeats = known.repeats[static_cast<std::size_t>(command)];
    repeats.add(now, kFloodSpanMs);
    if (is_flood_command(command) && repeats.should_tell(kFloodFloor)) {
      Event event = reporter.make(command::kFlood);
      event.set_text(command::kFloodCommand, kCommandNames[static_cast<std::size_t>(command)]);
      event.set_int(command::kFloodCommands, repeats.count());
      event.set_int(command::kFloodSpanMs, repeats.age_ms(now));
      reporter.emit(event);
    }
    if (command == Command::kLimit) return;
    mass_.add(fact, world, command, meets_session(fact, world, station, command), reporter);
  }

  static bool meets_session(const Fact& fact, const World& world, const Station& station,
                            Command command) {
    if (command != Command::kRemoteStop) return !station.sessions.empty();
    const SessionIndex session = world.sessions().find(station, fact.text(F::kTransaction));
    return session != kNoSession && world.session(session).open;
  }

  // Where a vehicle charges, the unlock waits for its answer.
  void on_unlock(const Fact& fact, const World& world, Known& known, Reporter& reporter) {
    const Station& station = *world.station();
    const std::int32_t connector = connector_of(fact);
    const Session* session = nullptr;
    for (const SessionIndex each : station.sessions) {
      const Session& candidate = world.session(each);
      // Where either is not told, it is the connector.
      const bool same = candidate.connector < 0 || connector < 0;
      if (same || candidate.connector == connector) session = &candidate;
    }
    const Connector* status = World::find_connector(station, connector);
    if (session == nullptr && !charges_by_status(status)) return;
    if (known.unlock_ns != 0) tell_unlock(world, world.station_index(), {}, reporter);
    known.unlock_ns = fact.time_ns();
    known.unlock_connector = connector;
    known.unlock_by_session = session != nullptr;
    known.unlock_after_stop =
        known.stop_ns != 0 && known.unlock_ns - known.stop_ns <= kStopExplainsNs;
    known.unlock_tag = reporter.tag();
    known.session_tag = session != nullptr ? session->start_tag : status->tag;
    wait(waiting_unlocks_, {world.station_index(), known.unlock_ns});
  }

  void on_answer(const Fact& fact, const World& world, Reporter& reporter) {
    if (fact.head().action != actions().unlock) return;
    const Known* known = known_.find(world.station_index());
    if (known == nullptr || known->unlock_ns == 0) return;
    tell_unlock(world, world.station_index(), fact.text(F::kAnswer), reporter);
  }

  void tell_unlock(const World& world, StationIndex index, std::string_view answer,
                   Reporter& reporter) {
    Known& known = known_.at(index);
    const Station& station = world.station(index);
    const Link* link = station.links.empty() ? nullptr : &world.link(station.links.back());
    if (index == world.station_index() && world.link() != nullptr) link = world.link();
    Packets packets;
    for (const std::uint64_t tag : {known.session_tag, known.unlock_tag}) packets.add(tag);
    if (!answer.empty()) packets.add(reporter.tag());
    Event event = reporter.make(command::kUnlocked, {&station, link});
    if (known.unlock_connector >= 0) {
      event.set_int(command::kUnlockedConnector, known.unlock_connector);
    }
    if (!answer.empty()) event.set_text(command::kUnlockedAnswer, answer);
    event.set_bool(command::kUnlockedDone, answer == "Unlocked");
    event.set_bool(command::kUnlockedStop, known.unlock_after_stop);
    event.set_text(command::kUnlockedBy, known.unlock_by_session ? "transaction" : "status");
    event.set_packets(packets.tags());
    reporter.emit(event);
    known.unlock_ns = 0;
  }

  void give_up_unlock(const World& world, Reporter& reporter) {
    const Waiting waiting = waiting_unlocks_.front();
    waiting_unlocks_.pop_front();
    const Known* known = known_.find(waiting.station);
    if (known == nullptr || known->unlock_ns != waiting.since_ns) return;
    tell_unlock(world, waiting.station, {}, reporter);
  }

  void wait(std::deque<Waiting>& list, const Waiting& waiting) {
    if (list.size() >= kWaitingMax) {
      list.pop_front();
      ++dropped_;
    }
    list.push_back(waiting);
  }

  ByStation<Known> known_;
  MassCommands mass_;
  LimitSwings swings_;
  std::deque<Waiting> waiting_unlocks_;
  std::uint64_t dropped_ = 0;
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &grid::kMassCommand,
    &grid::kLimitSwing,
    &command::kFlood,
    &command::kUnlocked,
});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<FleetCommandsDetector>(context.hash_key);
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"fleet_commands", kEvents, create};

}  // namespace chargewarden::fleet_commands
