#pragma once
// Moves: stations that come from another kind of address than before (threats TI-30, TI-32).

#include <cstdint>
#include <string>
#include <vector>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/network/address_book.h"

namespace chargewarden::network {

// Addresses that a station has moved to within the hour.
// Test: moves_test.cc "the table of addresses that were moved to is bounded".
inline constexpr std::size_t kMovedToMax = 10'000;

// Stations that are followed at one of them.
// Test: moves_test.cc "the stations that moved to one address are bounded".
inline constexpr std::size_t kMoversMax = 1'024;

class Moves {
 public:
  explicit Moves(const HashKey& key, std::size_t addresses_max = kMovedToMax);

  // An accepted OCPP handshake, before the book notes it.
  void on_upgrade(const World& world, AddressBook& book, Reporter& reporter);

  void forget(StationIndex station) { homes_.forget(station); }

  [[nodiscard]] std::uint64_t dropped() const noexcept { return moved_to_.dropped() + ignored_; }

 private:
  struct Home {
    std::int64_t private_ns = 0;  // Since when it comes from private addresses; 0: not.
    bool was_public = false;
  };

  struct MovedTo {
    std::vector<StationIndex> stations;
    std::size_t told_at = 0;
    Packets packets;
  };

  void note_kind(const World& world, bool had_own, Reporter& reporter);
  void note_move(const World& world, Reporter& reporter);

  ByStation<Home> homes_;
  ExpiringMap<MovedTo> moved_to_;  // By address.
  std::uint64_t ignored_ = 0;
};

}  // namespace chargewarden::network
