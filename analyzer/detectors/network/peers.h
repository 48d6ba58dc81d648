#pragma once
// Peers: whom stations talk to outside OCPP (threats IH-04, IH-07).
//
// What all stations of a fleet talk to is telemetry, updates, time. What one alone talks to, after
// it talked to nobody new for a week, is worth a look; what one alone keeps open without speaking a
// known protocol is a channel that somebody may control it by.

#include <cstdint>
#include <string>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/network/contact.h"
#include "analyzer/detectors/window.h"

namespace chargewarden::network {

// Addresses that stations talk to. Test: peers_test.cc "the tables of peers are bounded".
inline constexpr std::size_t kPeersMax = 50'000;

// Stations with the addresses that they talk to. Test: as above.
inline constexpr std::size_t kPeersOfStationsMax = 200'000;

// Stations that are told apart for a peer: from a few on it belongs to the fleet.
// Test: peers_test.cc "stations of one peer are told apart up to a limit".
inline constexpr std::size_t kStationsPerPeerMax = 16;

// Connections whose channel was told. Test: peers_test.cc "the tables of peers are bounded".
inline constexpr std::size_t kChannelsMax = 10'000;

class Peers {
 public:
  explicit Peers(const HashKey& key, std::size_t peers_max = kPeersMax,
                 std::size_t pairs_max = kPeersOfStationsMax,
                 std::size_t channels_max = kChannelsMax);

  // `explained`: the station was told to go there.
  void on_contact(const Contact& contact, bool explained, const World& world, Reporter& reporter);

  // connection.progress, or connection.closed of unknown protocol.
  void on_progress(const Fact& fact, const Contact& contact, const World& world,
                   Reporter& reporter);

  // Stations that were seen to talk to the address.
  [[nodiscard]] std::int64_t stations_of(const std::string& address, std::int64_t now_ns);

  void forget(StationIndex station) { known_.forget(station); }

  [[nodiscard]] std::uint64_t dropped() const noexcept {
    return peers_.dropped() + pairs_.dropped() + channels_.dropped();
  }

 private:
  struct Nothing {};

  struct Peer {
    DistinctSet stations{kStationsPerPeerMax};
  };

  struct Known {
    std::int64_t latest_new_ns = 0;  // When it was first seen, or talked to somebody new.
  };

  [[nodiscard]] std::uint64_t hash(std::string_view text) const;

  HashKey key_;
  ExpiringMap<Peer> peers_;        // By address.
  ExpiringMap<Nothing> pairs_;     // By station and address of the peer.
  ExpiringMap<Nothing> channels_;  // That were told, by flow.id.
  ByStation<Known> known_;
};

}  // namespace chargewarden::network
