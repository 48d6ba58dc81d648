#pragma once
// World: what the detectors know together: connections, stations, sessions.
//
// Belongs to the detection stage, which calls prepare() before the detectors see a fact and
// commit() after. What they see is this: links, sessions and holes include the fact; inventory,
// connectors and times of activity of the station are as they were before it, so that a change can
// be told. Bounded: tables have limits, and what is quiet for longest goes. Time is that of events.
// Indexes stay valid until the station or session is forgotten; places are used again after that.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/facts/fact.h"
#include "analyzer/state/fleet.h"
#include "analyzer/state/link.h"
#include "analyzer/state/session.h"
#include "analyzer/state/session_table.h"
#include "analyzer/state/station.h"
#include "collector/base/siphash.h"
#include "collector/base/slot_index.h"

namespace chargewarden {

// Stations that are known at a time: more than the largest operators have behind one sensor.
// Test: world_test.cc "the station that was silent for longest is forgotten".
inline constexpr std::size_t kStationsMax = 200'000;

// Connectors of a station. The largest hubs have some dozens behind one identity.
// Test: world_test.cc "a station has a bounded number of connectors".
inline constexpr std::size_t kConnectorsPerStationMax = 64;

// Open connections that one identity is followed on.
// Test: world_test.cc "a station is followed on a bounded number of connections".
inline constexpr std::size_t kLinksPerStationMax = 16;

// A log that has told no OCPP message for this long was silent: fleets say something every minute,
// a single station by its heartbeats every quarter of an hour. It is also how far times of its
// lines must go back to be no matter of their order.
inline constexpr std::int64_t kLogSilentNs = 600'000'000'000;

// How far one log has come, by its messages. Zeros: not yet.
struct LogProgress {
  std::int64_t last_ns = 0;
  std::uint64_t last_line = 0;
  // The latest time of kLogSilentNs or more without any, and the lines around it.
  std::int64_t silent_from_ns = 0;
  std::int64_t silent_to_ns = 0;
  std::uint64_t silent_from_line = 0;
  std::uint64_t silent_to_line = 0;
  // Times that went back by kLogSilentNs or more: how often, and the latest.
  std::uint64_t backs = 0;
  std::int64_t back_by_ns = 0;
  std::uint64_t back_line = 0;
};

struct WorldCounters {
  std::uint64_t stations_forgotten = 0;
  std::uint64_t connectors_ignored = 0;
  std::uint64_t links_ignored = 0;
};

class World {
 public:
  explicit World(const HashKey& hash_key, std::size_t stations_max = kStationsMax);

  // Takes the fact in; `shard` tells its connections from those of others.
  void prepare(const Fact& fact, std::size_t shard);

  // A fact of this connection comes soon: asks for memory, one after the other. That of the list
  // tells the station.
  void prefetch_link(std::size_t shard, std::uint32_t slot) const;
  void prefetch_station(std::size_t shard, std::uint32_t slot) const;
  StationIndex prefetch_session_list(std::size_t shard, std::uint32_t slot) const;
  void prefetch_sessions(std::size_t shard, std::uint32_t slot) const;

  // After the detectors have seen the fact of the latest prepare().
  void commit(const Fact& fact);

  // Time of the latest fact.
  [[nodiscard]] std::int64_t now_ns() const noexcept { return now_ns_; }

  // Of the latest prepare(). The link is null for facts without a connection, the station for links
  // of which nothing OCPP is known.
  [[nodiscard]] const Link* link() const noexcept { return link_; }

  [[nodiscard]] LinkIndex link_index() const noexcept { return link_index_; }

  [[nodiscard]] const Station* station() const noexcept {
    return station_index_ == kNoStation ? nullptr : &stations_[station_index_];
  }

  [[nodiscard]] StationIndex station_index() const noexcept { return station_index_; }

  // What the fact did to the sessions of its station.
  [[nodiscard]] const SessionStep& step() const noexcept { return step_; }

  // The fact is the line of a log about what was, or will be, seen on the wire: whoever counts or
  // compares messages must not take it for another one.
  [[nodiscard]] bool is_echo() const noexcept { return is_echo_; }

  [[nodiscard]] const Link& link(LinkIndex index) const { return links_[index]; }

  [[nodiscard]] const Station& station(StationIndex index) const { return stations_[index]; }

  [[nodiscard]] const Session& session(SessionIndex index) const { return sessions_.at(index); }

  // All places of stations; those that are not used have `used` false.
  [[nodiscard]] std::span<const Station> stations() const noexcept { return stations_; }

  [[nodiscard]] std::size_t station_count() const noexcept { return used_; }

  // Stations with an open connection.
  [[nodiscard]] std::size_t connected_count() const noexcept { return connected_; }

  // By FactHead::source; those that are no logs, and beyond the last log, have nothing.
  [[nodiscard]] std::span<const LogProgress> logs() const noexcept { return logs_; }

  // The stations of one backend; Link::fleet tells which.
  [[nodiscard]] const Fleet& fleet(FleetIndex index) const { return fleets_.at(index); }

  // Connections to backends for which there was no fleet of their own.
  [[nodiscard]] std::uint64_t fleets_ignored() const noexcept { return fleets_.ignored(); }

  // kNoStation when there is none.
  [[nodiscard]] StationIndex find_station(std::string_view id) const;

  // For finding sessions by transaction and connector.
  [[nodiscard]] const SessionTable& sessions() const noexcept { return sessions_; }

  // Null when nothing was told about it. Of an EVSE of 2.x with several connectors, that one which
  // was told of first.
  [[nodiscard]] static const Connector* find_connector(const Station& station, std::int32_t number);

  // Called with the index of a station before it is forgotten.
  void on_forget(std::function<void(StationIndex)> callback) { on_forget_ = std::move(callback); }

  [[nodiscard]] const WorldCounters& counters() const noexcept { return counters_; }

 private:
  [[nodiscard]] StationIndex station_of(std::size_t shard, std::uint32_t slot) const;
  [[nodiscard]] LinkIndex link_of(std::size_t shard, std::uint32_t slot) const;
  LinkIndex& slot_of(std::size_t shard, std::uint32_t slot);
  void open_link(const Fact& fact, std::size_t shard);
  void note_link(const Fact& fact);
  void note_log(const FactHead& head);
  void close_link();
  void take_station(const Fact& fact);
  StationIndex find_or_add(std::string_view key, std::string_view id, std::int64_t time_ns);
  StationIndex free_place();
  void forget(StationIndex index);
  void attach(StationIndex station, LinkIndex link);
  void detach(LinkIndex link);
  [[nodiscard]] bool has_other_link(const Station& station, LinkIndex link) const;
  void touch(StationIndex index);
  [[nodiscard]] std::uint64_t hash_of(std::string_view key) const noexcept;

  [[nodiscard]] bool is_on_wire(const Station& station) const;
  void commit_boot(const Fact& fact, Station& station);
  void commit_status(const Fact& fact, Station& station);

  struct StationEntry {
    std::string key;
    std::uint64_t hash = 0;
    StationIndex newer = kNoStation;  // List by last activity.
    StationIndex older = kNoStation;
  };

  HashKey hash_key_;
  std::size_t stations_max_;
  std::vector<std::vector<LinkIndex>> slots_;  // By shard, by FlowInfo::slot.
  std::vector<Link> links_;
  std::vector<LinkIndex> free_links_;
  std::vector<Station> stations_;
  std::vector<StationEntry> entries_;  // By station.
  std::vector<StationIndex> free_stations_;
  SlotIndex station_slots_;
  SessionTable sessions_;
  FleetTable fleets_;
  std::vector<LogProgress> logs_;  // By source: as many as there are inputs.
  std::size_t used_ = 0;
  std::size_t connected_ = 0;
  StationIndex newest_ = kNoStation;
  StationIndex oldest_ = kNoStation;
  std::int64_t now_ns_ = 0;
  Link* link_ = nullptr;
  LinkIndex link_index_ = kNoLink;
  StationIndex station_index_ = kNoStation;
  SessionStep step_;
  bool is_echo_ = false;
  std::function<void(StationIndex)> on_forget_;
  WorldCounters counters_;
};

}  // namespace chargewarden
