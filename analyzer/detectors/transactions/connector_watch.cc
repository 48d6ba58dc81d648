#include "analyzer/detectors/transactions/connector_watch.h"

#include <algorithm>
#include <array>

#include "analyzer/detectors/session_subject.h"
#include "collector/event/defs/transaction_events.h"

namespace chargewarden::session {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// How long a connector may be free before the end of its session must have come: stations send it
// within seconds, and retry for minutes (TransactionMessageAttempts and RetryInterval of OCPP 1.6,
// 9.1.28, usually 3 times with a minute more each).
constexpr std::int64_t kOrphanNs = 600 * kNsPerSecond;

// How long a connector may be charging by its status before its session must have begun, or after
// it has ended: the two messages follow each other within seconds.
constexpr std::int64_t kStatusNs = 120 * kNsPerSecond;

// A connector that was out of order may tell this late that it has recovered: status and start are
// sent one after the other.
constexpr std::int64_t kRecoveryNs = 30 * kNsPerSecond;

// What did not come from a station that is away is waited for this long.
constexpr std::int64_t kPatienceNs = 24 * 3'600 * kNsPerSecond;

// A start may have been in a hole of the capture that is not older than this.
constexpr std::int64_t kQuietNs = 600 * kNsPerSecond;

bool is_unusable(std::string_view status) {
  return status == "Faulted" || status == "Unavailable";
}

// Of 1.6; Occupied of 2.x does not tell whether it charges.
bool is_charging(std::string_view status) {
  return status == "Charging" || status == "SuspendedEV" || status == "SuspendedEVSE";
}

// Since when the connector is out of order; nothing when it is not, or any part of it is not.
const Connector* find_unusable(const Station& station, std::int32_t number) {
  const Connector* found = nullptr;
  for (const Connector& each : station.connectors) {
    if (each.number != number) continue;
    if (!is_unusable(each.status)) return nullptr;
    if (found == nullptr || each.since_ns > found->since_ns) found = &each;
  }
  return found;
}

void add_watch(Watch watch, std::int32_t number, std::int64_t delay_ns, const World& world,
               WatchList& list) {
  watch.station = world.station_index();
  watch.connector = number;
  watch.since_ns = world.now_ns();
  watch.due_ns = world.now_ns() + delay_ns;
  list.add(watch);
}

// Other connectors of the EVSE may be in use.
bool is_free(const Station& station, const Fact& fact) {
  if (!fact.has(F::kEvse)) return true;
  const std::int32_t number = connector_of(fact);
  return std::all_of(station.connectors.begin(), station.connectors.end(),
                     [&](const Connector& each) {
                       return each.number != number || each.status != "Occupied" ||
                              each.part == fact.number(F::kConnector).value_or(0);
                     });
}

// Whether a session on the connector was ended since its status came to what it is.
bool ended_on(const Station& station, std::int32_t number, const Connector* before,
              const World& world) {
  return before != nullptr &&
         std::any_of(station.ended.begin(), station.ended.end(), [&](SessionIndex each) {
           const Session& session = world.session(each);
           return session.connector == number && session.ended_ns >= before->since_ns;
         });
}

// Nothing is said as long as the station is away.
bool spoke_since(const Station& station, std::int64_t time_ns) {
  return !station.links.empty() && station.last_seen_ns >= time_ns;
}

// The places of the session and of its station have not become those of others.
bool is_same(const Watch& watch, const Session& session, const Station& station) {
  if (session.generation != watch.generation || !station.used) return false;
  const auto has = [&](const std::vector<SessionIndex>& list) {
    return std::find(list.begin(), list.end(), watch.session) != list.end();
  };
  return has(station.sessions) || has(station.ended);
}

}  // namespace

void ConnectorWatch::on_start(SessionIndex index, const World& world) {
  const Session& session = world.session(index);
  const Connector* connector = find_unusable(*world.station(), session.connector);
  if (connector == nullptr || session.offline) return;
  if (world.station()->gap_ns > connector->since_ns) return;
  Watch watch;
  watch.session = index;
  watch.generation = session.generation;
  watch.status_since_ns = connector->since_ns;
  add_watch(watch, session.connector, kRecoveryNs, world, unusable_);
}

void ConnectorWatch::on_update(SessionIndex index, const World& world) {
  notes_.at(index, world.session(index)).alive_ns = world.now_ns();
}

void ConnectorWatch::on_status(const Fact& fact, const World& world) {
  const std::int32_t number = connector_of(fact);
  if (number <= 0) return;
  const Station& station = *world.station();
  const std::string_view status = fact.text(F::kConnectorStatus);
  const SessionIndex index = world.sessions().find_open(station, number);
  const Connector* before = World::find_connector(station, number);
  if (index != kNoSession) {
    const Session& session = world.session(index);
    if (!is_unusable(status)) notes_.at(index, session).recovered = true;
    if (status != "Available" || !is_free(station, fact)) return;
    Watch watch;
    watch.session = index;
    watch.generation = session.generation;
    add_watch(watch, number, kOrphanNs, world, orphans_);
    return;
  }
  // That nothing runs is known only of a connector that was seen to be idle, or whose session was
  // seen to end.
  const bool was_idle = before != nullptr && !is_charging(before->status);
  const bool ended = ended_on(station, number, before, world);
  if (!is_charging(status) || (!was_idle && !ended)) return;
  if (before != nullptr && before->status == status && !ended) return;
  Watch watch;
  watch.after_end = ended;
  add_watch(watch, number, kStatusNs, world, charging_);
}

void ConnectorWatch::on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) {
  unusable_.take_due(now_ns, [&](const Watch& watch) { judge_unusable(watch, world, reporter); });
  orphans_.take_due(now_ns,
                    [&](const Watch& watch) { judge_orphan(watch, now_ns, world, reporter); });
  charging_.take_due(now_ns,
                     [&](const Watch& watch) { judge_charging(watch, now_ns, world, reporter); });
}

// The connector may have told of its recovery late, but then it told.
void ConnectorWatch::judge_unusable(const Watch& watch, const World& world, Reporter& reporter) {
  const Session& session = world.session(watch.session);
  const Station& station = world.station(watch.station);
  if (!is_same(watch, session, station)) return;
  const Note* note = notes_.find(watch.session, session);
  if (note != nullptr && note->recovered) return;
  const Connector* connector = find_unusable(station, watch.connector);
  if (connector == nullptr) return;
  const std::array<std::uint64_t, 2> tags = {connector->tag, session.start_tag};
  Event event = reporter.make(kUnusable, subject_of(station, world));
  set_subject(session, event);
  event.set_text(kUnusableStatus, connector->status);
  event.set_int(kUnusableSince, (watch.since_ns - watch.status_since_ns) / kNsPerSecond);
  event.set_packets(tags);
  reporter.emit(event);
}

void ConnectorWatch::judge_orphan(Watch watch, std::int64_t now_ns, const World& world,
                                  Reporter& reporter) {
  const Session& session = world.session(watch.session);
  const Station& station = world.station(watch.station);
  if (!is_same(watch, session, station) || !session.open) return;
  const Connector* connector = World::find_connector(station, watch.connector);
  if (connector == nullptr || connector->status != "Available") return;
  if (station.gap_ns >= session.started_ns) return;
  // Stations that are asked for their status answer carelessly: a session that goes on is none
  // that was left behind.
  const Note* note = notes_.find(watch.session, session);
  if (note != nullptr && note->alive_ns > watch.since_ns) return;
  if (!spoke_since(station, watch.since_ns + kOrphanNs / 2)) {
    if (now_ns - watch.since_ns > kPatienceNs) return;
    watch.due_ns = now_ns + kOrphanNs;
    orphans_.add(watch);
    return;
  }
  const std::array<std::uint64_t, 2> tags = {session.start_tag, connector->tag};
  Event event = reporter.make(kOrphaned, subject_of(station, world));
  set_subject(session, event);
  event.set_int(kOrphanedSince, (now_ns - watch.since_ns) / kNsPerSecond);
  event.set_packets(tags);
  reporter.emit(event);
}

void ConnectorWatch::judge_charging(const Watch& watch, std::int64_t now_ns, const World& world,
                                    Reporter& reporter) {
  const Station& station = world.station(watch.station);
  if (!station.used || !spoke_since(station, watch.since_ns)) return;
  const Connector* connector = World::find_connector(station, watch.connector);
  if (connector == nullptr || !is_charging(connector->status)) return;
  if (world.sessions().find_open(station, watch.connector) != kNoSession) return;
  if (station.gap_ns != 0 && station.gap_ns >= watch.since_ns - kQuietNs) return;
  const std::array<std::uint64_t, 1> tags = {connector->tag};
  Event event = reporter.make(kCharging, subject_of(station, world));
  event.set_int(kConnector, watch.connector);
  event.set_text(kChargingStatus, connector->status);
  event.set_int(kChargingSince, (now_ns - watch.since_ns) / kNsPerSecond);
  event.set_bool(kAfterEnd, watch.after_end);
  event.set_packets(tags);
  reporter.emit(event);
}

}  // namespace chargewarden::session
