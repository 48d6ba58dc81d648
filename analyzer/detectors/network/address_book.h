#pragma once
// AddressBook: which addresses are those of one station alone, and which are backends.
//
// A station is known by the address that its OCPP connection comes from. That address says nothing
// about the station where others come from it too (a proxy, address translation), where it takes in
// OCPP connections itself (a local controller, a backend), or where the station has moved on.

#include <cstdint>
#include <string>
#include <string_view>

#include "analyzer/detectors/expiring_map.h"
#include "analyzer/facts/fact.h"
#include "analyzer/state/world.h"

namespace chargewarden::network {

// Addresses that are known at a time: one a station, and some that come and go.
// Test: address_book_test.cc "the book of addresses is bounded".
inline constexpr std::size_t kAddressesMax = 400'000;

class AddressBook {
 public:
  explicit AddressBook(const HashKey& key, std::size_t addresses_max = kAddressesMax)
      : addresses_(key, addresses_max, 0) {}

  // Of a connection that carries OCPP, once its station is known.
  void note(const Fact& fact, const World& world);

  // The station whose own address it is; kNoStation.
  [[nodiscard]] StationIndex owner(const std::string& address, const World& world);

  // Whether OCPP connections go to the address.
  [[nodiscard]] bool is_backend(const std::string& address, std::int64_t now_ns);

  [[nodiscard]] std::uint64_t dropped() const noexcept { return addresses_.dropped(); }

 private:
  struct Entry {
    StationIndex station = kNoStation;  // Who came from there last.
    std::int64_t seen_ns = 0;
    std::int64_t shared_ns = 0;  // When another station came while this one was there; 0: never.
    bool is_backend = false;
  };

  ExpiringMap<Entry> addresses_;
};

}  // namespace chargewarden::network
