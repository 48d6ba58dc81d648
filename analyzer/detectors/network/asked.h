#pragma once
// Asked: the places that a station was told to fetch from or send to.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/detectors/by_station.h"
#include "analyzer/facts/fact.h"
#include "analyzer/state/world.h"

namespace chargewarden::network {

// Places that are kept of one station, the latest ones: it is told of some in a week.
// Test: asked_test.cc "the latest places of a station are kept".
inline constexpr std::size_t kPlacesMax = 16;

class Asked {
 public:
  // Calls whose messages on_message() wants.
  static const std::vector<std::string_view>& actions();

  void on_message(const Fact& fact, const World& world);

  // Whether a command explains that the station talks to this host, a name or an address, at this
  // address. An empty host is not known: then any command that names a place by its name does.
  [[nodiscard]] bool explains(StationIndex station, std::string_view host, std::string_view address,
                              std::int64_t now_ns);

  void forget(StationIndex station) { places_.forget(station); }

 private:
  struct Place {
    std::string host;  // As in Location, without brackets.
    std::int64_t told_ns = 0;
  };

  ByStation<std::vector<Place>> places_;
};

// The host of a Host header or of a Location: without port and brackets; names in lower case,
// addresses as IpAddress writes them.
std::string plain_host(std::string_view host);

}  // namespace chargewarden::network
