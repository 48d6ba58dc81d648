#pragma once
// SessionTable: the charging sessions of all stations. Part of the World; its lists by station are
// in Station, which the callers bring.

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/facts/fact.h"
#include "analyzer/state/session.h"
#include "analyzer/state/station.h"
#include "collector/base/siphash.h"

namespace chargewarden {

// Sessions of a station that are open at a time. Stations have a few connectors; more means that
// ends were missed. Test: session_table_test.cc "a station has a bounded number of sessions".
inline constexpr std::size_t kSessionsPerStationMax = 64;

// Ended sessions of a station that are kept, so that what comes late or again is recognised.
// Test: session_table_test.cc "a station keeps the latest ended sessions".
inline constexpr std::size_t kEndedPerStationMax = 4;

// CSMSs that are known to number per station. Fleets have some; the rest is taken for the usual.
// Test: session_table_test.cc "the list of CSMSs that number per station is bounded".
inline constexpr std::size_t kOverlappingMax = 64;

// The connector that a fact is about: connectorId of 1.6, evse id of 2.x; -1 when not told.
std::int32_t connector_of(const Fact& fact);

class SessionTable {
 public:
  explicit SessionTable(const HashKey& hash_key) : hash_key_(hash_key) {}

  // Takes a message of the station in, which came by the link.
  SessionStep apply(const Fact& fact, const Link& link, StationIndex index, Station& station);

  // All sessions of a station that is about to be forgotten.
  void forget(Station& station);

  [[nodiscard]] const Session& at(SessionIndex index) const { return sessions_[index]; }

  // The station's session of this transaction, open or ended; kNoSession.
  [[nodiscard]] SessionIndex find(const Station& station, std::string_view transaction) const;

  // The open session on the connector, the latest one first; kNoSession. -1: on any.
  [[nodiscard]] SessionIndex find_open(const Station& station, std::int32_t connector) const;

  // The latest open session of this transaction that was begun at the CSMS with this address, at
  // whatever station; kNoSession.
  [[nodiscard]] SessionIndex find_anywhere(std::string_view csms,
                                           std::string_view transaction) const;

  // Whether stations of this CSMS were seen to run transactions of one number at a time: then they
  // count for themselves, and a number says nothing without its station.
  [[nodiscard]] bool numbers_overlap(std::string_view csms) const;

  // Sessions that were given up because a station had too many.
  [[nodiscard]] std::uint64_t given_up() const noexcept { return given_up_; }

 private:
  SessionStep start_16(const Fact& fact, const Link& link, StationIndex index, Station& station);
  SessionStep answer_16(const Fact& fact, const Link& link, Station& station);
  SessionStep end(const Fact& fact, const Link& link, Station& station);
  SessionStep meter_values(const Fact& fact, const Link& link, StationIndex owner,
                           Station& station);
  SessionStep adopt(const Fact& fact, const Link& link, StationIndex owner, Station& station);
  SessionStep transaction_event(const Fact& fact, const Link& link, StationIndex index,
                                Station& station);
  SessionStep answer_event(const Fact& fact, Station& station);
  SessionIndex begin(const Fact& fact, StationIndex index, Station& station, bool begin_seen);
  void take_begin(SessionIndex index, const Fact& fact);
  void read(SessionIndex index, const Fact& fact);
  void set_transaction(SessionIndex index, std::string_view transaction, const Link& link);
  void forget_transaction(SessionIndex index);
  void release(SessionIndex index);
  [[nodiscard]] std::uint64_t hash(std::string_view csms, std::string_view transaction) const;

  HashKey hash_key_;
  std::vector<Session> sessions_;
  std::vector<std::uint64_t> hashes_;  // Of CSMS and transaction, by session; 0: none yet.
  std::vector<SessionIndex> free_;
  std::unordered_map<std::uint64_t, SessionIndex> by_transaction_;  // Open ones.
  std::vector<std::uint64_t> overlapping_;                          // Hashes of those CSMSs.
  std::uint64_t given_up_ = 0;
};

}  // namespace chargewarden
