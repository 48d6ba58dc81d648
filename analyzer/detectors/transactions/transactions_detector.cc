// Whether the story of sessions is whole and makes sense: replayed messages, foreign and unknown
// transactions, events out of order, sessions that never end, connectors that say one thing while
// their session says another, sessions that come late in numbers (threats TI-26, SA-09 to SA-13,
// SA-16, SA-22, SA-25, MB-19).
//
// Stations send transaction messages again until they are answered (OCPP 1.6, 4.8; 2.0.1 part 2,
// E13), over another connection when the first has died: that is lawful as long as the station has
// not shown that it knows the answer.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>

#include "analyzer/detectors/by_session.h"
#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/session_subject.h"
#include "analyzer/detectors/transactions/connector_watch.h"
#include "analyzer/detectors/transactions/sequence.h"
#include "analyzer/detectors/window.h"
#include "collector/event/defs/transaction_events.h"

namespace chargewarden::session {

namespace {

using F = FactField;
using Kind = SessionStepKind;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// An end that comes again this long after an answer that the station has is no retry: the usual
// message time-out is 30 s.
constexpr std::int64_t kAnsweredNs = 60 * kNsPerSecond;

// Over which time unknown and late transactions belong together, and from how many on they are
// told. A capture that begins meets sessions in the middle, one for each connector that is in use.
constexpr std::int64_t kWindowNs = 600 * kNsPerSecond;
constexpr std::uint64_t kToldFrom = 5;

// Unknown transactions of one station that are told apart. Test: transactions_test.cc "unknown
// transactions are told apart up to a limit".
constexpr std::size_t kUnknownMax = 1'024;

// Starts that are remembered to recognise them at another station, for a day.
// Test: transactions_test.cc "starts that are remembered are bounded".
constexpr std::size_t kStartsMax = 65'536;
constexpr std::int64_t kStartsNs = 24 * 3'600 * kNsPerSecond;

// Logs need not tell of connections: there a station that was silent for so long, beyond the usual
// interval of heartbeats, may have been without one.
constexpr std::int64_t kLogSilenceNs = 900 * kNsPerSecond;

// Times without connection that are remembered of a station.
constexpr std::size_t kOutages = 4;

// Clocks and time-outs: by so much an outage may seem longer to the station than to the sensor.
constexpr std::int64_t kOutageSlackNs = 300 * kNsPerSecond;

// Clocks that were never set begin at 1970 or at 2000 (2001-01-01T00:00:00Z).
constexpr std::int64_t kClockSetNs = 978'307'200 * kNsPerSecond;

struct Actions {
  ocpp::ActionId heartbeat = ocpp::action_id("Heartbeat");
  ocpp::ActionId status = ocpp::action_id("StatusNotification");
  ocpp::ActionId stop = ocpp::action_id("StopTransaction");
  ocpp::ActionId remote_stop = ocpp::action_id("RemoteStopTransaction");
  ocpp::ActionId request_stop = ocpp::action_id("RequestStopTransaction");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

bool is_power_of_two(std::uint64_t count) {
  return (count & (count - 1)) == 0;
}

// What is known of a session besides the World.
struct Note {
  Sequence sequence;
  std::uint64_t start_replays = 0;
  std::uint64_t update_replays = 0;
  std::uint64_t end_replays = 0;
  std::int64_t begun_ns = 0;
  std::int64_t stop_answered_ns = 0;
  std::uint64_t stop_link_tag = 0;  // Link::opened_tag of the connection of that answer.
};

struct Outage {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
};

struct UnknownEnds {
  DistinctSet transactions{kUnknownMax};
  std::int64_t first_ns = 0;
  std::int64_t consecutive = 0;
  std::optional<std::int64_t> last;
  std::uint64_t told_at = 0;
  Packets packets;
};

// Sessions that came late.
struct LateSessions {
  Window all{kWindowNs};
  Window unexplained{kWindowNs};
  std::uint64_t told_at = 0;
};

struct StationNote {
  std::int64_t called_ns = 0;         // Latest call of the station that was looked at.
  std::uint64_t called_link_tag = 0;  // Link::opened_tag of its connection.
  std::array<Outage, kOutages> outages{};
  std::size_t next_outage = 0;
  std::int64_t gapless = 0;
  std::unique_ptr<LateSessions> late;  // From the first one on, as the next.
  std::unique_ptr<UnknownEnds> unknown;
};

// A start, for recognising it at another station.
struct Start {
  StationIndex station = kNoStation;
  std::string id;
  std::uint64_t tag = 0;
};

class TransactionsDetector : public Detector {
 public:
  explicit TransactionsDetector(const HashKey& key)
      : key_(key), starts_(key, kStartsMax, kStartsNs) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.kinds[static_cast<std::size_t>(FactKind::kUpgrade)] = true;
    out.actions = {"StartTransaction",       "StopTransaction",    "MeterValues",
                   "TransactionEvent",       "StatusNotification", "RemoteStopTransaction",
                   "RequestStopTransaction", "Heartbeat",          "BootNotification"};
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { stations_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr || world.is_echo()) return;
    const Actions& known = actions();
    StationNote& station = stations_.at(world.station_index());
    const std::int64_t last_seen_ns = world.station()->last_seen_ns;
    const bool silent = world.link()->from_log && last_seen_ns != 0 &&
                        fact.time_ns() - last_seen_ns >= kLogSilenceNs;
    if (fact.head().kind == FactKind::kUpgrade || silent) {
      station.outages[station.next_outage++ % kOutages] = {last_seen_ns, fact.time_ns()};
    }
    if (fact.head().kind == FactKind::kUpgrade) return;
    if (fact.head().action == known.heartbeat) {
      // It tells only that the station is there.
    } else if (fact.is_call(known.status)) {
      connectors_.on_status(fact, world);
    } else if (fact.is_call(known.remote_stop) || fact.is_call(known.request_stop)) {
      on_remote_stop(fact, world, reporter);
    } else {
      on_step(fact, world, station, reporter);
    }
    note_call(fact, world, station);
  }

  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) override {
    connectors_.on_tick(now_ns, world, reporter);
  }

  void on_station_forgotten(StationIndex station) override { stations_.forget(station); }

  [[nodiscard]] std::uint64_t dropped() const override {
    return starts_.dropped() + connectors_.dropped();
  }

 private:
  static void note_call(const Fact& fact, const World& world, StationNote& station) {
    const FactHead& head = fact.head();
    if (head.type != ocpp::MessageType::kCall || head.sender != Side::kClient) return;
    station.called_ns = fact.time_ns();
    station.called_link_tag = world.link()->opened_tag;
  }

  void on_step(const Fact& fact, const World& world, StationNote& station, Reporter& reporter) {
    const SessionStep& step = world.step();
    switch (step.kind) {
      case Kind::kStart:
        on_start(fact, world, station, reporter);
        break;
      case Kind::kRepeatStart:
        on_repeat_start(fact, world, reporter);
        break;
      case Kind::kUpdate:
        connectors_.on_update(step.session, world);
        on_sequence(fact, world, reporter);
        break;
      case Kind::kEnd:
        on_sequence(fact, world, reporter);
        on_end_of(world, station, reporter);
        break;
      case Kind::kRepeatEnd:
        on_repeat_end(world, station, reporter);
        break;
      case Kind::kOtherEnd:
        tell_second_end(fact, world, reporter);
        break;
      case Kind::kUnknownEnd:
        tell_foreign(fact, "end", world, reporter);
        on_unknown_end(fact, station, reporter);
        break;
      case Kind::kUnknownUpdate:
        if (step.session == kNoSession) tell_foreign(fact, "readings", world, reporter);
        break;
      default:
        break;
    }
    if (fact.head().type == ocpp::MessageType::kResult) on_answer(fact, world);
  }

  // Notes that the station was told that its end was taken.
  void on_answer(const Fact& fact, const World& world) {
    const SessionIndex index = world.sessions().find(*world.station(), fact.text(F::kTransaction));
    if (index == kNoSession || world.session(index).open) return;
    Note& note = notes_.at(index, world.session(index));
    note.stop_answered_ns = fact.time_ns();
    note.stop_link_tag = world.link()->opened_tag;
  }

  void on_start(const Fact& fact, const World& world, StationNote& station, Reporter& reporter) {
    const SessionIndex index = world.step().session;
    const Session& session = world.session(index);
    Note& note = notes_.at(index, session);
    note.begun_ns = fact.time_ns();
    on_sequence(fact, world, reporter);
    if (session.offline) count_late(session, world, station, reporter);
    find_elsewhere(session, world, reporter);
    tell_reused(index, world, reporter);
    connectors_.on_start(index, world);
  }

  // The same start before, or at another station: somebody has heard it there. Readings of zero may
  // be equal by chance, where stations begin at a fixed time.
  void find_elsewhere(const Session& session, const World& world, Reporter& reporter) {
    if (world.station()->id.empty()) return;
    if (!is_2x(session) && session.meter_start_wh.value_or(0) == 0) return;
    std::string key(sizeof session.start_payload, '\0');
    std::memcpy(key.data(), &session.start_payload, sizeof session.start_payload);
    Start& start = starts_.at(key, world.now_ns());
    if (start.station == kNoStation) {
      start = {world.station_index(), world.station()->id, reporter.tag()};
      return;
    }
    // The table of sessions has forgotten it, since others have ended after it: no retry.
    const bool is_own = start.id == world.station()->id;
    const std::array<std::uint64_t, 2> tags = {start.tag, reporter.tag()};
    Event event = reporter.make(kReplayed);
    set_subject(session, event);
    event.set_text(kReplayedWhat, "start");
    event.set_int(kReplayedCount, 1);
    if (!is_own) event.set_text(kReplayedFrom, start.id);
    event.set_packets(tags);
    reporter.emit(event);
  }

  // Ids of 2.x are made by the station, and are to be unique (OCPP 2.0.1 part 2, TransactionType).
  static void tell_reused(SessionIndex index, const World& world, Reporter& reporter) {
    const Session& session = world.session(index);
    if (!is_2x(session)) return;
    const Station& station = *world.station();
    for (const auto* list : {&station.sessions, &station.ended}) {
      for (const SessionIndex each : *list) {
        const Session& other = world.session(each);
        if (each == index || other.transaction != session.transaction) continue;
        const std::array<std::uint64_t, 2> tags = {other.start_tag, reporter.tag()};
        Event event = reporter.make(kNumberReused);
        set_subject(session, event);
        event.set_bool(kReusedEnded, !other.open);
        event.set_packets(tags);
        reporter.emit(event);
        return;
      }
    }
  }

  void count_late(const Session& session, const World& world, StationNote& station,
                  Reporter& reporter) {
    const std::int64_t now = world.now_ns();
    if (station.late == nullptr) station.late = std::make_unique<LateSessions>();
    LateSessions& late = *station.late;
    const std::uint64_t count = late.all.add(now);
    const std::int64_t lag = world.station()->clock_lag_ns.value_or(0);
    const std::int64_t claimed = session.station_started_ns + lag;
    const bool explained =
        session.station_started_ns == 0 || claimed < world.station()->first_seen_ns ||
        std::any_of(station.outages.begin(), station.outages.end(), [&](const Outage& each) {
          return claimed >= each.from_ns - kOutageSlackNs && claimed <= each.to_ns + kOutageSlackNs;
        });
    const std::uint64_t unexplained =
        explained ? late.unexplained.count(now) : late.unexplained.add(now);
    if (count < kToldFrom) late.told_at = 0;
    if (count < kToldFrom || count < late.told_at * 2) return;
    late.told_at = count;
    Event event = reporter.make(kBackdated);
    event.set_int(kBackdatedCount, static_cast<std::int64_t>(count));
    event.set_int(kUnexplained, static_cast<std::int64_t>(unexplained));
    reporter.emit(event);
  }

  void on_repeat_start(const Fact& fact, const World& world, Reporter& reporter) {
    const SessionIndex index = world.step().session;
    const Session& session = world.session(index);
    // As long as the station cannot know the answer, it is to try again.
    if (session.open && !session.confirmed) return;
    // Without clock and meter, each session begins with the same words.
    if (session.station_started_ns < kClockSetNs && session.meter_start_wh.value_or(0) == 0) return;
    Note& note = notes_.at(index, session);
    tell_replay(fact, "start", ++note.start_replays, fact.time_ns() - session.started_ns, world,
                reporter);
  }

  // That the end was taken is known to a station whose connection lasts, or which made another call
  // on it: it may not before it has the answer (OCPP-J 1.6, 4.1.1).
  void on_repeat_end(const World& world, const StationNote& station, Reporter& reporter) {
    const SessionIndex index = world.step().session;
    const Session& session = world.session(index);
    Note& note = notes_.at(index, session);
    if (note.stop_answered_ns == 0) return;
    if (world.now_ns() - note.stop_answered_ns <= kAnsweredNs) return;
    const bool went_on =
        station.called_link_tag == note.stop_link_tag && station.called_ns > note.stop_answered_ns;
    if (!went_on && note.stop_link_tag != world.link()->opened_tag) return;
    const std::array<std::uint64_t, 2> tags = {session.stop_tag, reporter.tag()};
    emit_replay("end", ++note.end_replays, world.now_ns() - session.ended_ns, session, tags,
                reporter);
  }

  static void tell_replay(const Fact& /*fact*/, std::string_view what, std::uint64_t count,
                          std::int64_t age_ns, const World& world, Reporter& reporter) {
    const Session& session = world.session(world.step().session);
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    emit_replay(what, count, age_ns, session, tags, reporter);
  }

  static void emit_replay(std::string_view what, std::uint64_t count, std::int64_t age_ns,
                          const Session& session, std::span<const std::uint64_t> tags,
                          Reporter& reporter) {
    if (!is_power_of_two(count)) return;
    Event event = reporter.make(kReplayed);
    set_subject(session, event);
    event.set_text(kReplayedWhat, what);
    event.set_int(kReplayedCount, static_cast<std::int64_t>(count));
    event.set_int(kReplayedAge, age_ns / kNsPerSecond);
    event.set_bool(kHasEnded, !session.open);
    event.set_packets(tags);
    reporter.emit(event);
  }

  void on_sequence(const Fact& fact, const World& world, Reporter& reporter) {
    const auto number = fact.number(F::kSequence);
    if (!number) return;
    const SessionIndex index = world.step().session;
    const Session& session = world.session(index);
    Note& note = notes_.at(index, session);
    const std::int64_t payload = fact.number(F::kPayloadHash).value_or(0);
    if (note.sequence.add(*number, payload) != SequenceStep::kReplay) return;
    tell_replay(fact, "update", ++note.update_replays, fact.time_ns() - session.started_ns, world,
                reporter);
  }

  void on_end_of(const World& world, StationNote& station, Reporter& reporter) {
    const SessionIndex index = world.step().session;
    const Session& session = world.session(index);
    const Note& note = notes_.at(index, session);
    if (!is_2x(session) || !session.begin_seen || !note.sequence.from_start()) return;
    if (world.station()->gap_ns >= session.started_ns) return;
    const std::int64_t missing = note.sequence.missing();
    if (missing == 0 && note.sequence.conflicts() == 0) {
      ++station.gapless;
      return;
    }
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    Event event = reporter.make(kSequence);
    set_subject(session, event);
    event.set_int(kMissing, missing);
    event.set_int(kRepeated, note.sequence.conflicts());
    event.set_int(kGaplessBefore, station.gapless);
    event.set_packets(tags);
    reporter.emit(event);
  }

  static void tell_second_end(const Fact& fact, const World& world, Reporter& reporter) {
    const Session& session = world.session(world.step().session);
    const auto meter = fact.real(F::kMeterStopWh);
    // Other words about the same end are not another bill.
    if (meter && session.meter_stop_wh && *meter == *session.meter_stop_wh) return;
    const std::array<std::uint64_t, 2> tags = {session.stop_tag, reporter.tag()};
    Event event = reporter.make(kSecondEnd);
    set_subject(session, event);
    if (session.meter_stop_wh) event.set(kFirstMeter, Value::real(*session.meter_stop_wh));
    if (meter) event.set(kSecondMeter, Value::real(*meter));
    event.set_packets(tags);
    reporter.emit(event);
  }

  void on_remote_stop(const Fact& fact, const World& world, Reporter& reporter) {
    const std::string_view transaction = fact.text(F::kTransaction);
    if (world.sessions().find(*world.station(), transaction) != kNoSession) return;
    tell_foreign(fact, "remote_stop", world, reporter);
  }

  static void tell_foreign(const Fact& fact, std::string_view what, const World& world,
                           Reporter& reporter) {
    const std::string_view transaction = fact.text(F::kTransaction);
    const std::string& csms = world.link()->flow.server_ip_text;
    const SessionTable& table = world.sessions();
    const SessionIndex index = table.find_anywhere(csms, transaction);
    // Where each station counts for itself, the same number means nothing.
    if (index == kNoSession || table.numbers_overlap(csms)) return;
    const Session& session = world.session(index);
    const Station& other = world.station(session.station);
    if (!session.begin_seen || session.station == world.station_index()) return;
    if (other.id.empty() || world.station()->id.empty()) return;
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    Event event = reporter.make(kForeign);
    set_subject(session, event);
    event.set_text(kForeignWhat, what);
    event.set_text(kForeignStation, other.id);
    event.set_packets(tags);
    reporter.emit(event);
  }

  void on_unknown_end(const Fact& fact, StationNote& station, Reporter& reporter) {
    if (station.unknown == nullptr) station.unknown = std::make_unique<UnknownEnds>();
    UnknownEnds& ends = *station.unknown;
    const std::int64_t now = fact.time_ns();
    if (now - ends.first_ns > kWindowNs) {
      ends = UnknownEnds();
      ends.first_ns = now;
    }
    SipHash13 hash(key_);
    hash.add(fact.text(F::kTransaction));
    if (!ends.transactions.add(hash.finish())) return;
    ends.packets.add(reporter.tag());
    const auto number = number_of(fact.text(F::kTransaction));
    if (number && ends.last && (*number - *ends.last == 1 || *ends.last - *number == 1)) {
      ++ends.consecutive;
    }
    ends.last = number;
    const std::uint64_t count = ends.transactions.size();
    if (count < kToldFrom || count < ends.told_at * 2) return;
    ends.told_at = count;
    Event event = reporter.make(kUnknownEnds);
    event.set_int(kTransactions, static_cast<std::int64_t>(count));
    event.set_int(kUnknownConsecutive, ends.consecutive);
    event.set_packets(ends.packets.tags());
    reporter.emit(event);
  }

  HashKey key_;
  ByStation<StationNote> stations_;
  BySession<Note> notes_;
  ExpiringMap<Start> starts_;
  ConnectorWatch connectors_;
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &kReplayed,
    &kForeign,
    &kUnknownEnds,
    &kNumberReused,
    &kSecondEnd,
    &kSequence,
    &kOrphaned,
    &kCharging,
    &kUnusable,
    &kBackdated,
});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<TransactionsDetector>(context.hash_key);
}

}  // namespace

extern const DetectorDef kTransactionOrder;
const DetectorDef kTransactionOrder = {"transactions", kEvents, create};

}  // namespace chargewarden::session
