#pragma once
// FileLogins: logins of stations at file servers that anybody can read, and that several stations
// use (threat IH-14).

#include <cstdint>

#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/network/contact.h"
#include "analyzer/detectors/window.h"

namespace chargewarden::network {

// Logins at file servers, by server and user name.
// Test: file_logins_test.cc "the table of logins is bounded".
inline constexpr std::size_t kFileLoginsMax = 10'000;

// Stations of one login that are told apart.
// Test: file_logins_test.cc "the stations of one login are told apart up to a limit".
inline constexpr std::size_t kStationsPerLoginMax = 256;

class FileLogins {
 public:
  explicit FileLogins(const HashKey& key, std::size_t logins_max = kFileLoginsMax);

  // ftp.login.
  void on_login(const Fact& fact, const Contact& contact, const World& world, Reporter& reporter);

  [[nodiscard]] std::uint64_t dropped() const noexcept { return logins_.dropped(); }

 private:
  struct Login {
    DistinctSet stations{kStationsPerLoginMax};
    std::size_t told_at = 1;
    Packets packets;
  };

  HashKey key_;
  ExpiringMap<Login> logins_;
};

}  // namespace chargewarden::network
