#pragma once
// Scans: sources that try many services that are not there (threat AV-10).
//
// What counts is refused, or ended without an answer. A client whose server is down tries one
// service, again and again; monitoring finds nearly all that it asks for.

#include <cstdint>

#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/network/contact.h"
#include "analyzer/detectors/window.h"

namespace chargewarden::network {

// Sources that are followed at a time.
// Test: scans_test.cc "the table of sources of scans is bounded".
inline constexpr std::size_t kScanSourcesMax = 20'000;

// Services of one source that are told apart.
// Test: scans_test.cc "the services of one source are told apart up to a limit".
inline constexpr std::size_t kScanTargetsMax = 1'024;

class Scans {
 public:
  explicit Scans(const HashKey& key, std::size_t sources_max = kScanSourcesMax);

  // A connection that ended before the server agreed to it.
  void on_refused(const Contact& contact, const World& world, Reporter& reporter);

  [[nodiscard]] std::uint64_t dropped() const noexcept { return sources_.dropped(); }

 private:
  struct Source {
    DistinctSet targets{kScanTargetsMax};
    DistinctSet ports{kScanTargetsMax};
    DistinctSet addresses{kScanTargetsMax};
    std::size_t told_at = 0;
    Packets packets;
  };

  [[nodiscard]] std::uint64_t hash(std::string_view text) const;

  HashKey key_;
  ExpiringMap<Source> sources_;  // By address.
};

}  // namespace chargewarden::network
