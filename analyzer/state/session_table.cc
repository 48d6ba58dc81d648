#include "analyzer/state/session_table.h"

#include <algorithm>

#include "analyzer/facts/packet_tag.h"

namespace chargewarden {

namespace {

using F = FactField;

struct Actions {
  ocpp::ActionId start = ocpp::action_id("StartTransaction");
  ocpp::ActionId stop = ocpp::action_id("StopTransaction");
  ocpp::ActionId meter_values = ocpp::action_id("MeterValues");
  ocpp::ActionId event = ocpp::action_id("TransactionEvent");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

std::uint64_t tag_of(const Fact& fact) {
  return pack_tag({fact.head().source, fact.head().packet_number});
}

// A start that is this much older than when it came was kept by the station until it could send it:
// no link and no CSMS takes half a minute for a message (the usual message timeout), and clocks are
// accounted for by what else the station says.
constexpr std::int64_t kLateNs = 60'000'000'000;

bool is_late(const Fact& fact, const Station& station) {
  const auto told = fact.number(F::kTimestamp);
  return told && station.clock_lag_ns && fact.time_ns() - *told - *station.clock_lag_ns > kLateNs;
}

}  // namespace

std::int32_t connector_of(const Fact& fact) {
  const auto evse = fact.number(F::kEvse);
  const auto number = evse ? evse : fact.number(F::kConnector);
  return number && *number >= 0 && *number <= INT32_MAX ? static_cast<std::int32_t>(*number) : -1;
}

SessionStep SessionTable::apply(const Fact& fact, const Link& link, StationIndex index,
                                Station& station) {
  const FactHead& head = fact.head();
  if (head.kind != FactKind::kMessage) return {};
  const Actions& known = actions();
  if (head.action == known.meter_values && fact.is_call(head.action)) {
    return meter_values(fact, link, index, station);
  }
  if (head.action == known.event) {
    if (fact.is_call(head.action)) return transaction_event(fact, link, index, station);
    return fact.is_result(head.action) ? answer_event(fact, station) : SessionStep{};
  }
  if (head.action == known.start) {
    if (fact.is_call(head.action)) return start_16(fact, link, index, station);
    return fact.is_result(head.action) ? answer_16(fact, link, station) : SessionStep{};
  }
  if (head.action == known.stop && fact.is_call(head.action)) return end(fact, link, station);
  return {};
}

SessionStep SessionTable::start_16(const Fact& fact, const Link& /*link*/, StationIndex index,
                                   Station& station) {
  const std::int64_t payload = fact.number(F::kPayloadHash).value_or(0);
  const auto same = [&](SessionIndex each) {
    return sessions_[each].begin_seen && sessions_[each].start_payload == payload;
  };
  for (const auto* list : {&station.sessions, &station.ended}) {
    const auto found = std::find_if(list->rbegin(), list->rend(), same);
    if (found != list->rend()) return {SessionStepKind::kRepeatStart, *found};
  }
  return {SessionStepKind::kStart, begin(fact, index, station, true)};
}

// The answer belongs to the oldest start that waits with the same content.
SessionStep SessionTable::answer_16(const Fact& fact, const Link& link, Station& station) {
  const std::int32_t connector = connector_of(fact);
  const std::string_view token = fact.text(F::kToken);
  const std::int64_t started_ns = fact.number(F::kTimestamp).value_or(0);
  const auto meter_wh = fact.real(F::kMeterStartWh);
  for (const SessionIndex index : station.sessions) {
    Session& session = sessions_[index];
    if (session.answered || !session.begin_seen || session.version > FactVersion::k16) continue;
    if (session.connector != connector || session.token != token) continue;
    if (session.station_started_ns != started_ns || session.meter_start_wh != meter_wh) continue;
    session.answered = true;
    session.token_status = fact.text(F::kTokenStatus);
    session.parent_token = fact.text(F::kParentToken);
    set_transaction(index, fact.text(F::kTransaction), link);
    return {SessionStepKind::kAnswer, index};
  }
  return {};
}

SessionStep SessionTable::end(const Fact& fact, const Link& /*link*/, Station& station) {
  const SessionIndex index = find(station, fact.text(F::kTransaction));
  if (index == kNoSession) return {SessionStepKind::kUnknownEnd, kNoSession};
  Session& session = sessions_[index];
  const bool again = !session.open;
  if (again) {
    const bool same = session.stop_payload == fact.number(F::kPayloadHash).value_or(0);
    return {same ? SessionStepKind::kRepeatEnd : SessionStepKind::kOtherEnd, index};
  }
  read(index, fact);
  session.confirmed = true;
  session.stop_payload = fact.number(F::kPayloadHash).value_or(0);
  session.stop_tag = tag_of(fact);
  if (fact.has(F::kToken)) session.stop_token = fact.text(F::kToken);
  session.stop_reason = fact.text(F::kStopReason);
  session.meter_stop_wh = fact.real(F::kMeterStopWh);
  const bool has_reading = session.meter_tag == session.stop_tag && session.register_wh;
  if (!session.meter_stop_wh && has_reading) session.meter_stop_wh = session.register_wh;
  session.ended_ns = fact.time_ns();
  session.station_ended_ns = fact.number(F::kTimestamp).value_or(0);
  session.open = false;
  std::erase(station.sessions, index);
  station.ended.push_back(index);
  forget_transaction(index);
  if (station.ended.size() > kEndedPerStationMax) {
    release(station.ended.front());
    station.ended.erase(station.ended.begin());
  }
  return {SessionStepKind::kEnd, index};
}

// A transaction that runs already: its begin was not captured. One that runs elsewhere is not taken
// over from there.
SessionStep SessionTable::adopt(const Fact& fact, const Link& link, StationIndex owner,
                                Station& station) {
  const std::string_view transaction = fact.text(F::kTransaction);
  const bool is_none = transaction == "0" || transaction.starts_with('-');
  if (is_none || find_anywhere(link.flow.server_ip_text, transaction) != kNoSession) {
    return {SessionStepKind::kUnknownUpdate, kNoSession};
  }
  const SessionIndex index = begin(fact, owner, station, false);
  sessions_[index].confirmed = true;
  set_transaction(index, transaction, link);
  read(index, fact);
  return {SessionStepKind::kUnknownUpdate, index};
}

SessionStep SessionTable::meter_values(const Fact& fact, const Link& link, StationIndex owner,
                                       Station& station) {
  const std::string_view transaction = fact.text(F::kTransaction);
  SessionIndex index = kNoSession;
  if (!transaction.empty()) {
    index = find(station, transaction);
    if (index == kNoSession) return adopt(fact, link, owner, station);
    sessions_[index].confirmed = true;
  } else {
    const std::int32_t connector = connector_of(fact);
    if (connector > 0) index = find_open(station, connector);
  }
  if (index == kNoSession) return {};
  read(index, fact);
  return {SessionStepKind::kUpdate, index};
}

SessionStep SessionTable::transaction_event(const Fact& fact, const Link& link, StationIndex index,
                                            Station& station) {
  const std::string_view transaction = fact.text(F::kTransaction);
  const std::string_view type = fact.text(F::kEventType);
  const std::int64_t payload = fact.number(F::kPayloadHash).value_or(0);
  SessionIndex session = find(station, transaction);
  if (type == "Started") {
    if (session != kNoSession && sessions_[session].start_payload == payload) {
      return {SessionStepKind::kRepeatStart, session};
    }
    if (session != kNoSession && sessions_[session].open && !sessions_[session].begin_seen) {
      take_begin(session, fact);
      return {SessionStepKind::kStart, session};
    }
    session = begin(fact, index, station, true);
    set_transaction(session, transaction, link);
    read(session, fact);
    return {SessionStepKind::kStart, session};
  }
  if (type == "Ended") {
    if (session == kNoSession) return {SessionStepKind::kUnknownEnd, kNoSession};
    if (sessions_[session].token.empty()) sessions_[session].token = fact.text(F::kToken);
    return end(fact, link, station);
  }
  if (session == kNoSession) return adopt(fact, link, index, station);
  Session& known = sessions_[session];
  known.confirmed = true;
  // A session may begin with the cable, and the token come later.
  if (known.token.empty() && fact.has(F::kToken)) {
    known.token = fact.text(F::kToken);
    known.token_type = fact.text(F::kTokenType);
  }
  if (fact.text(F::kTrigger) == "StopAuthorized") known.stop_token = fact.text(F::kToken);
  if (known.connector < 0) known.connector = connector_of(fact);
  read(session, fact);
  return {SessionStepKind::kUpdate, session};
}

SessionStep SessionTable::answer_event(const Fact& fact, Station& station) {
  if (!fact.has(F::kTokenStatus)) return {};
  const SessionIndex index = find(station, fact.text(F::kTransaction));
  if (index == kNoSession) return {};
  Session& session = sessions_[index];
  session.answered = true;
  session.token_status = fact.text(F::kTokenStatus);
  if (fact.has(F::kParentToken)) session.parent_token = fact.text(F::kParentToken);
  return {SessionStepKind::kAnswer, index};
}

SessionIndex SessionTable::begin(const Fact& fact, StationIndex index, Station& station,
                                 bool begin_seen) {
  if (station.sessions.size() >= kSessionsPerStationMax) {
    release(station.sessions.front());
    station.sessions.erase(station.sessions.begin());
    ++given_up_;
  }
  SessionIndex place = static_cast<SessionIndex>(sessions_.size());
  if (free_.empty()) {
    sessions_.emplace_back();
    hashes_.push_back(0);
  } else {
    place = free_.back();
    free_.pop_back();
  }
  const std::uint32_t generation = sessions_[place].generation + 1;
  Session& session = sessions_[place] = Session();
  session.open = true;
  session.generation = generation;
  session.version = fact.head().version;
  session.station = index;
  session.connector = connector_of(fact);
  session.started_ns = fact.time_ns();
  session.start_tag = tag_of(fact);
  if (begin_seen) {
    session.offline = is_late(fact, station);
    take_begin(place, fact);
  }
  station.sessions.push_back(place);
  return place;
}

void SessionTable::take_begin(SessionIndex index, const Fact& fact) {
  Session& session = sessions_[index];
  session.begin_seen = true;
  if (fact.has(F::kToken)) {
    session.token = fact.text(F::kToken);
    session.token_type = fact.text(F::kTokenType);
  }
  if (session.connector < 0) session.connector = connector_of(fact);
  session.offline = session.offline || fact.is_true(F::kOffline);
  session.station_started_ns = fact.number(F::kTimestamp).value_or(0);
  session.meter_start_wh = fact.real(F::kMeterStartWh);
  session.start_message = fact.number(F::kMessageId).value_or(0);
  session.start_payload = fact.number(F::kPayloadHash).value_or(0);
  session.start_tag = tag_of(fact);
}

// Notes the latest readings of the whole outlet; single phases are for those who look closer.
void SessionTable::read(SessionIndex index, const Fact& fact) {
  Session& session = sessions_[index];
  const bool is_begin =
      session.begin_seen && session.start_tag == tag_of(fact) && !session.meter_start_wh;
  for (const Reading& reading : fact.readings()) {
    if (reading.unreadable || reading.is_signed || reading.phase != Phase::kTotal) continue;
    if (!reading.at_outlet) continue;
    if (reading.measurand == Measurand::kEnergyImportWh) {
      if (is_begin || reading.context == ReadingContext::kBegin) {
        if (!session.meter_start_wh) session.meter_start_wh = reading.value;
      }
      session.register_wh = reading.value;
      session.register_ns = reading.time_ns != 0 ? reading.time_ns : fact.time_ns();
      session.meter_tag = tag_of(fact);
    } else if (reading.measurand == Measurand::kPowerImportW) {
      session.power_w = reading.value;
      session.power_ns = reading.time_ns != 0 ? reading.time_ns : fact.time_ns();
      session.meter_tag = tag_of(fact);
    }
  }
}

void SessionTable::set_transaction(SessionIndex index, std::string_view transaction,
                                   const Link& link) {
  if (transaction.empty()) return;
  sessions_[index].transaction = transaction;
  hashes_[index] = hash(link.flow.server_ip_text, transaction);
  const SessionIndex other = find_anywhere(link.flow.server_ip_text, transaction);
  if (other != kNoSession && sessions_[other].station != sessions_[index].station &&
      overlapping_.size() < kOverlappingMax && !numbers_overlap(link.flow.server_ip_text)) {
    overlapping_.push_back(hash(link.flow.server_ip_text, {}));
  }
  by_transaction_[hashes_[index]] = index;
}

// Another station may have a transaction of this name, which stays.
void SessionTable::forget_transaction(SessionIndex index) {
  const auto found = by_transaction_.find(hashes_[index]);
  if (found != by_transaction_.end() && found->second == index) by_transaction_.erase(found);
}

void SessionTable::release(SessionIndex index) {
  forget_transaction(index);
  hashes_[index] = 0;
  sessions_[index].open = false;
  free_.push_back(index);
}

void SessionTable::forget(Station& station) {
  for (auto* list : {&station.sessions, &station.ended}) {
    for (const SessionIndex index : *list) release(index);
    list->clear();
  }
}

SessionIndex SessionTable::find(const Station& station, std::string_view transaction) const {
  if (transaction.empty()) return kNoSession;
  const auto is_it = [&](SessionIndex each) { return sessions_[each].transaction == transaction; };
  for (const auto* list : {&station.sessions, &station.ended}) {
    const auto found = std::find_if(list->rbegin(), list->rend(), is_it);
    if (found != list->rend()) return *found;
  }
  return kNoSession;
}

SessionIndex SessionTable::find_open(const Station& station, std::int32_t connector) const {
  const auto is_it = [&](SessionIndex each) {
    return connector < 0 || sessions_[each].connector == connector;
  };
  const auto found = std::find_if(station.sessions.rbegin(), station.sessions.rend(), is_it);
  return found != station.sessions.rend() ? *found : kNoSession;
}

SessionIndex SessionTable::find_anywhere(std::string_view csms,
                                         std::string_view transaction) const {
  const auto found = by_transaction_.find(hash(csms, transaction));
  if (found == by_transaction_.end()) return kNoSession;
  const Session& session = sessions_[found->second];
  return session.open && session.transaction == transaction ? found->second : kNoSession;
}

bool SessionTable::numbers_overlap(std::string_view csms) const {
  return std::find(overlapping_.begin(), overlapping_.end(), hash(csms, {})) != overlapping_.end();
}

std::uint64_t SessionTable::hash(std::string_view csms, std::string_view transaction) const {
  SipHash13 hash(hash_key_);
  hash.add(csms);
  hash.add(transaction);
  return hash.finish();
}

}  // namespace chargewarden
