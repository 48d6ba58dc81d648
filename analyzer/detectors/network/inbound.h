#pragma once
// Inbound: connections that stations accept (threats TI-22, IH-17, IH-08, IH-03).
//
// Lawful are connections of the backend (OCPP over SOAP makes servers of stations), and data
// connections of a file server that the station uses in active mode (RFC 959, 3.2). Who else may
// come, such as a jump host or an energy manager, is the site's to say: rules leave it out.

#include <cstdint>

#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/network/contact.h"

namespace chargewarden::network {

// Pairs of addresses and services that were told within the day.
// Test: inbound_test.cc "the table of what was told is bounded".
inline constexpr std::size_t kToldMax = 50'000;

// Stations and file servers that they have used.
// Test: inbound_test.cc "the table of file servers is bounded".
inline constexpr std::size_t kFileServersMax = 50'000;

class Inbound {
 public:
  explicit Inbound(const HashKey& key);

  // The client uses a file server.
  void note_file_server(const Link& link, std::int64_t now_ns);

  // Whether it may be a data connection of FTP: the two have a control connection. Data goes either
  // way (RFC 959, 3.2).
  [[nodiscard]] bool is_data(const Contact& contact, std::int64_t now_ns);

  void on_contact(const Contact& contact, const World& world, Reporter& reporter);

  // http.transaction.
  void on_transfer(const Fact& fact, const Contact& contact, const World& world,
                   Reporter& reporter);

  [[nodiscard]] std::uint64_t dropped() const noexcept {
    return told_.dropped() + file_servers_.dropped();
  }

 private:
  struct Nothing {};

  [[nodiscard]] bool is_file_server(const std::string& client, const std::string& server,
                                    std::int64_t now_ns);
  [[nodiscard]] bool is_new(const std::string& key, std::int64_t now_ns);

  ExpiringMap<Nothing> told_;
  ExpiringMap<Nothing> file_servers_;  // By the addresses of client and server.
};

}  // namespace chargewarden::network
