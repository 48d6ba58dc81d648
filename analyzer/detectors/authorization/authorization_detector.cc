// Who may charge: sessions that nothing allowed, or that go on although they were refused, tokens
// in two places, tokens that are tried out, sessions that others end, remote starts that lead to
// nothing (threats SA-01 to SA-03, SA-05 to SA-07, SA-19).
//
// A begin that was not captured, a start that was queued while the station was offline and a hole
// in the capture say nothing about who allowed the session, and nothing is said then.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "analyzer/detectors/authorization/basis.h"
#include "analyzer/detectors/authorization/guess_watch.h"
#include "analyzer/detectors/authorization/habits.h"
#include "analyzer/detectors/authorization/remote_starts.h"
#include "analyzer/detectors/authorization/token_book.h"
#include "analyzer/detectors/authorization/two_places.h"
#include "analyzer/detectors/by_session.h"
#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/session_subject.h"
#include "collector/event/defs/session_events.h"

namespace chargewarden::session {

namespace {

using F = FactField;
using Kind = SessionStepKind;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// An authorization is that of the session if it is not older: drivers plug in within minutes
// (ConnectionTimeOut), or come back to a cable that waits.
constexpr std::int64_t kAuthorizeFreshNs = 3'600 * kNsPerSecond;

// A session that goes on for this long after its refusal is not just ending: stations need seconds
// to open the relay (OCPP 1.6, 4.8; StopTransactionOnInvalidId).
constexpr std::int64_t kRefusalGraceNs = 60 * kNsPerSecond;

// Remote starts that led to nothing are counted over this time.
constexpr std::int64_t kUnusedRemoteNs = 3'600 * kNsPerSecond;

// For this long after a hole in the capture an authorization may have been in it.
constexpr std::int64_t kBlindNs = 600 * kNsPerSecond;

// The answer to a stop tells the group of the token that stopped. A CSMS that does not answer
// within this time will not (the usual message time-out is 30 s).
constexpr std::int64_t kStopAnswerNs = 60 * kNsPerSecond;

// Stops that wait for their answer, of all stations. Test: authorization_test.cc "stops that wait
// for their answer are bounded".
constexpr std::size_t kStopsMax = 4'096;

struct Actions {
  ocpp::ActionId authorize = ocpp::action_id("Authorize");
  ocpp::ActionId stop = ocpp::action_id("StopTransaction");
  ocpp::ActionId event = ocpp::action_id("TransactionEvent");
  ocpp::ActionId remote_start = ocpp::action_id("RemoteStartTransaction");
  ocpp::ActionId request_start = ocpp::action_id("RequestStartTransaction");
  ocpp::ActionId reserve = ocpp::action_id("ReserveNow");
  ocpp::ActionId local_list = ocpp::action_id("SendLocalList");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

// What is known of a session besides the World.
struct Note {
  Basis basis = Basis::kUnknown;
  bool judged = false;    // The basis counts in the habits.
  bool charging = false;  // Energy flows, or is to flow.
  bool told = false;
  bool refusal_told = false;
  bool use_known = false;  // In the book.
  bool is_shared = false;  // Another session has had the token: uses are to be compared.
  std::int64_t refused_ns = 0;
  std::optional<double> refused_wh;  // Register at that time.
};

struct StationNote {
  Habit habit;
  std::unique_ptr<GuessWatch> guesses;  // From the first refusal on.
  RemoteStarts remote;
  std::unique_ptr<Window> unused_remote;  // From the first one on.
};

// A stop by another token, until its group is known.
struct WaitingStop {
  SessionIndex session = kNoSession;
  std::uint32_t generation = 0;
  StationIndex station = kNoStation;
  std::int64_t time_ns = 0;
  std::uint64_t tag = 0;
};

class AuthorizationDetector : public Detector {
 public:
  explicit AuthorizationDetector(const HashKey& key) : book_(key), habits_(key) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.actions = {
        "Authorize",        "StartTransaction",       "StopTransaction",         "MeterValues",
        "TransactionEvent", "RemoteStartTransaction", "RequestStartTransaction", "ReserveNow",
        "SendLocalList",    "StatusNotification"};
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { stations_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr || world.is_echo()) return;
    const Actions& known = actions();
    StationNote& station = stations_.at(world.station_index());
    if (fact.is_result(known.authorize)) {
      on_answer(fact, fact.text(F::kToken), world, reporter);
    } else if (fact.head().action == known.remote_start ||
               fact.head().action == known.request_start) {
      on_remote_start(fact, world, reporter);
    } else if (fact.is_call(known.reserve)) {
      if (fact.has(F::kToken)) book_.at(fact.text(F::kToken), fact.time_ns()).commanded = true;
    } else if (fact.is_result(known.local_list)) {
      on_local_list(fact);
    } else {
      on_session(fact, world, reporter);
    }
    tell_unused(world, station, reporter);
  }

  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) override {
    while (!stops_.empty() && now_ns - stops_.front().time_ns > kStopAnswerNs) {
      const WaitingStop stop = stops_.front();
      stops_.erase(stops_.begin());
      judge_stop(stop, world, reporter);
    }
  }

  void on_end(const World& world, Reporter& reporter) override {
    for (const WaitingStop& stop : std::exchange(stops_, {})) judge_stop(stop, world, reporter);
  }

  void on_station_forgotten(StationIndex station) override { stations_.forget(station); }

  [[nodiscard]] std::uint64_t dropped() const override {
    return book_.dropped() + habits_.dropped() + stops_dropped_;
  }

 private:
  // The CSMS has judged a token.
  void on_answer(const Fact& fact, std::string_view token, const World& world, Reporter& reporter) {
    const std::string_view status = fact.text(F::kTokenStatus);
    if (token.empty() || status.empty()) return;
    const std::int64_t now = fact.time_ns();
    StationNote& station = stations_.at(world.station_index());
    const TokenEntry* known = book_.find(token, now);
    const bool was_known = known != nullptr && known->accepted_ns != 0;
    if (book_.on_answer(token, status, fact.text(F::kParentToken), world.station_index(), now)) {
      if (station.guesses == nullptr) station.guesses = std::make_unique<GuessWatch>();
      if (station.guesses->on_refused(token, book_.hash(token), now, reporter.tag())) {
        tell_guesses(*station.guesses, reporter);
      }
    } else if (is_accepted(status) && station.guesses != nullptr) {
      const std::size_t refused = station.guesses->on_accepted(book_.hash(token), now);
      if (refused < 2) return;
      Event event = reporter.make(kAcceptedAfter);
      event.set_text(kAcceptedToken, token);
      event.set_int(kTokensBefore, static_cast<std::int64_t>(refused));
      event.set_bool(kNewToken, !was_known);
      event.set_packets(station.guesses->packets().tags());
      reporter.emit(event);
    }
  }

  static void tell_guesses(const GuessWatch& guesses, Reporter& reporter) {
    Event event = reporter.make(kGuessing);
    event.set_int(kTokens, static_cast<std::int64_t>(guesses.tokens()));
    event.set_int(kAttempts, guesses.attempts());
    event.set_int(kAccepted, guesses.accepted());
    event.set_int(kConsecutive, guesses.consecutive());
    event.set_int(kSpanS, guesses.span_ns() / kNsPerSecond);
    event.set_packets(guesses.packets().tags());
    reporter.emit(event);
  }

  void on_remote_start(const Fact& fact, const World& world, Reporter& reporter) {
    const std::string_view token = fact.text(F::kToken);
    if (token.empty()) return;
    StationNote& station = stations_.at(world.station_index());
    if (fact.head().type == ocpp::MessageType::kCall) {
      RemoteStart start;
      start.token = book_.hash(token);
      start.token_text = token;
      start.connector = connector_of(fact);
      start.remote_id = fact.text(F::kRemoteStartId);
      start.time_ns = fact.time_ns();
      start.tag = reporter.tag();
      const Connector* connector = World::find_connector(*world.station(), start.connector);
      if (connector != nullptr) start.status = connector->status;
      station.remote.add(std::move(start));
      book_.at(token, fact.time_ns()).commanded = true;
    } else if (fact.text(F::kAnswer) == "Accepted") {
      if (RemoteStart* start = station.remote.waiting(book_.hash(token))) start->accepted = true;
    }
  }

  static void tell_unused(const World& world, StationNote& station, Reporter& reporter) {
    RemoteStart* start = station.remote.unused(world.now_ns());
    if (start == nullptr) return;
    if (station.unused_remote == nullptr) {
      station.unused_remote = std::make_unique<Window>(kUnusedRemoteNs);
    }
    const std::uint64_t count = station.unused_remote->add(world.now_ns());
    const std::array<std::uint64_t, 1> tags = {start->tag};
    Event event = reporter.make(kRemoteUnused);
    if (start->connector >= 0) event.set_int(kConnector, start->connector);
    event.set_text(kToken, start->token_text);
    if (!start->status.empty()) event.set_text(kConnectorStatus, start->status);
    event.set_int(kRemoteCount, static_cast<std::int64_t>(count));
    event.set_packets(tags);
    reporter.emit(event);
  }

  // Tokens that the CSMS puts into a list it would accept itself, wherever the list went.
  void on_local_list(const Fact& fact) {
    if (fact.text(F::kAnswer) != "Accepted") return;
    std::string_view token;
    for (const FactValue& value : fact.values()) {
      if (value.field == F::kItem) token = {};
      if (value.field == F::kToken) token = fact.text_of(value);
      if (value.field != F::kTokenStatus || token.empty()) continue;
      if (is_accepted(fact.text_of(value))) book_.at(token, fact.time_ns()).listed = true;
    }
  }

  void on_session(const Fact& fact, const World& world, Reporter& reporter) {
    const SessionStep& step = world.step();
    if (step.kind == Kind::kNone || step.session == kNoSession) {
      on_stop_answer(fact, world, reporter);
      return;
    }
    const Session& session = world.session(step.session);
    Note& note = notes_.at(step.session, session);
    if (step.kind == Kind::kAnswer) {
      on_start_answer(fact, session, note, world, reporter);
      on_stop_answer(fact, world, reporter);
    }
    if (step.kind == Kind::kRepeatStart || step.kind == Kind::kRepeatEnd ||
        step.kind == Kind::kOtherEnd) {
      return;
    }
    const bool ended = step.kind == Kind::kEnd;
    if (!session.open && !ended) return;
    note.charging = note.charging || !is_2x(session) ||
                    fact.text(F::kChargingState) == "Charging" || session.power_w.value_or(0) > 0;
    find_basis(fact, step.session, session, note, world);
    judge(session, note, world, reporter);
    if (step.kind != Kind::kAnswer) {
      watch_refusal(session, note, ended, world, reporter);
      // Most tokens are in one place, and readings come often.
      if (note.is_shared || ended) {
        compare_uses(fact, step.session, ended, book_, world, reporter);
      }
    }
    if (ended) on_ended(step.session, session, note, world, reporter);
  }

  void on_start_answer(const Fact& fact, const Session& session, Note& note, const World& world,
                       Reporter& reporter) {
    const std::string_view status = fact.text(F::kTokenStatus);
    // In 2.x the token is in the call that is answered; later ones can be others.
    const std::string_view token = fact.text(F::kToken);
    if (!token.empty() && !same_token(token, session.token)) return;
    if (is_accepted(status)) {
      note.refused_ns = 0;
      if (note.basis == Basis::kNone) return;  // An acceptance of what nobody asked for.
    } else if (!status.empty() && note.refused_ns == 0) {
      note.refused_ns = fact.time_ns();
      note.refused_wh = session.register_wh ? session.register_wh : session.meter_start_wh;
    }
    on_answer(fact, session.token, world, reporter);
  }

  // What allowed the session, as far as is known by now.
  void find_basis(const Fact& fact, SessionIndex index, const Session& session, Note& note,
                  const World& world) {
    if (note.basis != Basis::kUnknown && note.basis != Basis::kNone &&
        note.basis != Basis::kAnswer) {
      return;
    }
    if (!session.begin_seen) return;
    StationNote& station = stations_.at(world.station_index());
    const std::int64_t now = fact.time_ns();
    note.basis = basis_of(fact, session, station, world.station_index(), now);
    if (session.token.empty() || note.use_known || !session.open || is_free(session)) return;
    note.use_known = true;
    TokenUse use;
    use.session = index;
    use.generation = session.generation;
    use.station = world.station_index();
    use.started_ns = now;
    use.by_remote = note.basis == Basis::kRemoteStart;
    const auto& uses = book_.add_use(session.token, use, now);
    if (uses.size() > 1) note_shared(uses, world);
  }

  void note_shared(const std::vector<TokenUse>& uses, const World& world) {
    for (const TokenUse& use : uses) {
      const Session& session = world.session(use.session);
      if (session.generation != use.generation) continue;
      if (Note* note = notes_.find(use.session, session)) note->is_shared = true;
    }
  }

  Basis basis_of(const Fact& fact, const Session& session, StationNote& station, StationIndex index,
                 std::int64_t now) {
    const std::string_view remote_id = fact.text(F::kRemoteStartId);
    const std::uint64_t hash = session.token.empty() ? 0 : book_.hash(session.token);
    if (station.remote.use(hash, remote_id, now)) return Basis::kRemoteStart;
    if (session.offline) return Basis::kOffline;
    if (is_free(session)) return Basis::kFree;
    if (session.token.empty()) return Basis::kNone;
    const TokenEntry* entry = book_.find(session.token, now);
    const bool answered = is_accepted(session.token_status);
    if (entry != nullptr && entry->refused_ns == 0) {
      const bool fresh = entry->accepted_ns != 0 && now - entry->accepted_ns <= kAuthorizeFreshNs;
      // The answer to the session itself does not count as one before it.
      if (fresh && entry->accepted_at == index && entry->accepted_ns < session.started_ns) {
        return Basis::kAuthorize;
      }
      if (entry->listed) return Basis::kLocalList;
      if (entry->commanded) return Basis::kReservation;
      if (entry->accepted_ns != 0 && entry->accepted_ns < session.started_ns) {
        return Basis::kKnownToken;
      }
    }
    return answered && is_2x(session) ? Basis::kAnswer : Basis::kNone;
  }

  Habit& fleet_of(const World& world, const Session& session) {
    const Inventory& inventory = world.station()->inventory;
    return habits_.fleet(world.link()->flow.server_ip_text, is_2x(session), inventory.vendor,
                         inventory.model);
  }

  // Counts the session in the habits once, and tells when it is an exception to them.
  void judge(const Session& session, Note& note, const World& world, Reporter& reporter) {
    const bool bare = note.basis == Basis::kNone || note.basis == Basis::kAnswer;
    if (note.told || (!bare && (note.judged || note.basis != Basis::kAuthorize))) return;
    if (!note.charging || (!session.answered && session.open)) return;
    StationNote& station = stations_.at(world.station_index());
    Habit& fleet = fleet_of(world, session);
    if (bare) tell_unauthorised(session, note, station, fleet, world, reporter);
    if (note.judged) return;
    note.judged = true;
    for (Habit* habit : {&station.habit, &fleet}) ++(bare ? habit->bare : habit->authorised);
  }

  void tell_unauthorised(const Session& session, Note& note, const StationNote& station,
                         const Habit& fleet, const World& world, Reporter& reporter) {
    const std::int64_t now = world.now_ns();
    const std::int64_t gap_ns = world.station()->gap_ns;
    if (note.refused_ns != 0) return;  // The CSMS has refused it: another finding.
    if (gap_ns != 0 && now - gap_ns <= kBlindNs) return;
    // The session is in the counts already when it is judged again.
    const auto without = [&](Habit habit) {
      if (note.judged) --habit.bare;
      return habit;
    };
    const Habit own = without(station.habit);
    const Habit all = without(fleet);
    const bool refused = station.guesses != nullptr && !session.token.empty() &&
                         station.guesses->was_refused(book_.hash(session.token), now);
    std::string_view usual;
    if (refused) {
      usual = "refused";
    } else if (own.usually_authorised(kStationSessionsMin)) {
      usual = "station";
    } else if (own.bare == 0 && all.usually_authorised(kFleetSessionsMin)) {
      usual = "fleet";
    } else if (own.judged() < kStationSessionsMin && all.judged() < kFleetSessionsMin) {
      usual = "unknown";
    } else {
      return;
    }
    note.told = true;
    const Habit& told = usual == "fleet" || usual == "unknown" ? all : own;
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    Event event = reporter.make(kUnauthorised);
    set_subject(session, event);
    event.set_text(kUsual, usual);
    event.set_bool(kAcceptedInAnswer, note.basis == Basis::kAnswer);
    event.set_int(kAuthorisedBefore, told.authorised);
    event.set_int(kBareBefore, told.bare);
    event.set_packets(tags);
    reporter.emit(event);
  }

  static void watch_refusal(const Session& session, Note& note, bool ended, const World& world,
                            Reporter& reporter) {
    if (note.refused_ns == 0) return;
    const std::int64_t since = world.now_ns() - note.refused_ns;
    if (since <= kRefusalGraceNs || (note.refusal_told && !ended)) return;
    note.refusal_told = true;
    const auto last = ended && session.meter_stop_wh ? session.meter_stop_wh : session.register_wh;
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    Event event = reporter.make(kRefusedContinues);
    set_subject(session, event);
    event.set_text(kRefusedStatus, session.token_status);
    event.set_int(kRefusedSince, since / kNsPerSecond);
    if (last && note.refused_wh) event.set(kRefusedEnergy, amount(*last - *note.refused_wh));
    event.set_packets(tags);
    reporter.emit(event);
  }

  void on_ended(SessionIndex index, const Session& session, const Note& note, const World& world,
                Reporter& reporter) {
    const std::string_view reason = session.stop_reason;
    const bool by_token = reason.empty() || reason == "Local";
    if (by_token && !session.stop_token.empty() && !session.token.empty() &&
        !same_token(session.token, session.stop_token)) {
      if (stops_.size() >= kStopsMax) {
        judge_stop(stops_.front(), world, reporter);
        stops_.erase(stops_.begin());
        ++stops_dropped_;
      }
      stops_.push_back(
          {index, session.generation, world.station_index(), world.now_ns(), reporter.tag()});
    }
    Event event = reporter.make(kEnded);
    set_subject(session, event);
    event.set_text(kEndedBasis, name_of(note.basis));
    if (session.meter_start_wh && session.meter_stop_wh) {
      const double energy = *session.meter_stop_wh - *session.meter_start_wh;
      event.set(kEnergyWh, amount(energy));
    }
    const bool by_station = session.station_started_ns != 0 && session.station_ended_ns != 0;
    const std::int64_t duration = by_station ? session.station_ended_ns - session.station_started_ns
                                             : session.ended_ns - session.started_ns;
    event.set_int(kDurationS, duration / kNsPerSecond);
    event.set_text(kStopReason, reason.empty() ? "Local" : reason);
    event.set_bool(kBeginSeen, session.begin_seen);
    event.set_bool(kOffline, session.offline);
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    event.set_packets(tags);
    reporter.emit(event);
  }

  // The answer to a stop tells the group of its token.
  void on_stop_answer(const Fact& fact, const World& world, Reporter& reporter) {
    const Actions& known = actions();
    if (!fact.is_result(known.stop) && !fact.is_result(known.event)) return;
    const auto found = std::find_if(stops_.begin(), stops_.end(), [&](const WaitingStop& stop) {
      return stop.station == world.station_index() &&
             world.session(stop.session).generation == stop.generation &&
             world.session(stop.session).transaction == fact.text(F::kTransaction);
    });
    if (found == stops_.end()) return;
    const WaitingStop stop = *found;
    stops_.erase(found);
    const Session& session = world.session(stop.session);
    if (fact.has(F::kTokenStatus)) {
      book_.on_answer(session.stop_token, fact.text(F::kTokenStatus), fact.text(F::kParentToken),
                      stop.station, fact.time_ns());
    }
    judge_stop(stop, world, reporter);
  }

  void judge_stop(const WaitingStop& stop, const World& world, Reporter& reporter) {
    const Session& session = world.session(stop.session);
    if (session.generation != stop.generation) return;
    const TokenEntry* by = book_.find(session.stop_token, world.now_ns());
    const TokenEntry* of = book_.find(session.token, world.now_ns());
    std::uint64_t own_group = of != nullptr ? of->group : 0;
    if (own_group == 0 && !session.parent_token.empty()) {
      own_group = book_.hash(session.parent_token);
    }
    const std::uint64_t stop_group = by != nullptr ? by->group : 0;
    // A group may have the name of its first token.
    const bool related = (own_group != 0 && own_group == stop_group) ||
                         own_group == book_.hash(session.stop_token) ||
                         stop_group == book_.hash(session.token);
    if (related) return;
    const Note* note = notes_.find(stop.session, session);
    const Station& station = world.station(stop.station);
    const std::array<std::uint64_t, 2> tags = {session.start_tag, stop.tag};
    Event event = reporter.make(kStoppedByOther, subject_of(station, world));
    set_subject(session, event);
    event.set_text(kStopToken, session.stop_token);
    event.set_text(kStoppedBasis, name_of(note != nullptr ? note->basis : Basis::kUnknown));
    event.set_bool(kGroupsKnown, own_group != 0 && stop_group != 0);
    event.set_packets(tags);
    reporter.emit(event);
  }

  TokenBook book_;
  Habits habits_;
  ByStation<StationNote> stations_;
  BySession<Note> notes_;
  std::vector<WaitingStop> stops_;  // Oldest first.
  std::uint64_t stops_dropped_ = 0;
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &kEnded,
    &kUnauthorised,
    &kRefusedContinues,
    &kTwoPlaces,
    &kStoppedByOther,
    &kGuessing,
    &kAcceptedAfter,
    &kRemoteUnused,
});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<AuthorizationDetector>(context.hash_key);
}

}  // namespace

extern const DetectorDef kAuthorization;
const DetectorDef kAuthorization = {"authorization", kEvents, create};

}  // namespace chargewarden::session
