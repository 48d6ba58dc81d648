#pragma once
// Session: one charging transaction, of OCPP 1.6 and 2.x in one form.

#include <cstdint>
#include <optional>
#include <string>

#include "analyzer/state/link.h"

namespace chargewarden {

using SessionIndex = std::uint32_t;
inline constexpr SessionIndex kNoSession = 0xffffffff;

struct Session {
  bool open = false;
  bool begin_seen = false;  // Else it was met while it ran.
  bool answered = false;    // 1.6: the CSMS has given it its number. 2.x: the start was answered.
  bool confirmed = false;   // The station has used the number since, so it knows the answer.
  bool offline = false;     // Begun while the station was offline: 2.x says so, in 1.6 the start
                            // came late (Station::clock_lag_ns).
  FactVersion version = FactVersion::kUnknown;
  StationIndex station = kNoStation;
  std::uint32_t generation = 0;  // Of this place in the table: tells an index that was used again.
  std::int32_t connector = -1;   // connectorId of 1.6, evse.id of 2.x; -1: not told.
  std::string transaction;       // Empty until it is known.
  std::string token;
  std::string token_type;
  std::string token_status;  // As the CSMS answered the start; empty: no answer yet.
  std::string parent_token;
  std::string stop_token;  // Of the end; in 2.x also of the update that announces it.
  std::string stop_reason;
  std::int64_t started_ns = 0;          // Event time.
  std::int64_t ended_ns = 0;            // Event time; 0 while it is open.
  std::int64_t station_started_ns = 0;  // By the station's clock; 0: not told.
  std::int64_t station_ended_ns = 0;
  std::optional<double> meter_start_wh;
  std::optional<double> meter_stop_wh;
  std::optional<double> register_wh;  // Latest Energy.Active.Import.Register of all phases.
  std::int64_t register_ns = 0;
  std::optional<double> power_w;  // Latest Power.Active.Import of all phases.
  std::int64_t power_ns = 0;
  std::int64_t start_message = 0;  // Hashes of the message that began it: its id and its payload.
  std::int64_t start_payload = 0;
  std::int64_t stop_payload = 0;
  std::uint64_t start_tag = 0;  // PacketTags: where it began and ended, and its latest readings.
  std::uint64_t stop_tag = 0;
  std::uint64_t meter_tag = 0;
};

// What a message did to the sessions.
enum class SessionStepKind : std::uint8_t {
  kNone,
  kStart,          // A transaction begins.
  kRepeatStart,    // The message that began `session` came again, byte for byte.
  kAnswer,         // The CSMS answered the start.
  kUpdate,         // Readings, or TransactionEvent(Updated).
  kEnd,            // StopTransaction, or TransactionEvent(Ended).
  kRepeatEnd,      // The same once more for a session that has ended.
  kOtherEnd,       // An end that says something else, for a session that has ended.
  kUnknownEnd,     // An end, and this station has no such transaction.
  kUnknownUpdate,  // Readings with a transaction that this station is not known to have: `session`
                   // is what was made of it, with begin_seen false, or kNoSession.
};

struct SessionStep {
  SessionStepKind kind = SessionStepKind::kNone;
  SessionIndex session = kNoSession;
};

}  // namespace chargewarden
