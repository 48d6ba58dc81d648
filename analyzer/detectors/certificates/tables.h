#pragma once
// What the detector of certificates remembers: by texts that strangers choose, so all of it is
// bounded. What was not seen for longest goes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/detectors/certificates/judgement.h"
#include "analyzer/detectors/expiring_map.h"

namespace chargewarden::certificate {

struct TableLimits {
  // Certificates with the servers that they are shown by or to: those of a large fleet with one for
  // each station. Test: tables_test.cc "the tables of certificates are bounded".
  std::size_t shown_max = 100'000;

  // Servers by address, port and name: backends, and what stations of a site talk to. Test: as
  // above.
  std::size_t servers_max = 2'000;

  // Chains that were read, by the hash of their bytes: a backend shows the same one to all of its
  // stations. Test: as above.
  std::size_t chains_max = 5'000;
};

// A peer that was not seen for a quarter of a year is a new one.
inline constexpr std::int64_t kKnownNs = 90LL * 86'400 * 1'000'000'000;

// What was told of a certificate.
struct Shown {
  bool is_known = false;
  bool is_foreign = false;  // Of a client: its issuer was not that of the clients before it.
  int stage = 0;
  std::vector<std::string_view> problems;
};

// What clients of a server show.
struct Clients {
  std::vector<std::string> issuers;
  std::size_t count = 0;  // Clients with one of these.
};

struct Server {
  std::string sha256;
  std::string issuer;
  std::int64_t not_after_ns = 0;
  std::uint64_t tag = 0;
};

struct Tables {
  explicit Tables(const HashKey& key, const TableLimits& limits = {})
      : shown(key, limits.shown_max, kKnownNs),
        servers(key, limits.servers_max, kKnownNs),
        clients(key, limits.servers_max, kKnownNs),
        chains(key, limits.chains_max, kKnownNs) {}

  // Without chains: these can be read again.
  [[nodiscard]] std::uint64_t dropped() const noexcept {
    return shown.dropped() + servers.dropped() + clients.dropped();
  }

  ExpiringMap<Shown> shown;
  ExpiringMap<Server> servers;
  ExpiringMap<Clients> clients;
  ExpiringMap<ChainReading> chains;
};

}  // namespace chargewarden::certificate
