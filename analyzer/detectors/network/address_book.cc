#include "analyzer/detectors/network/address_book.h"

#include <algorithm>

namespace chargewarden::network {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kDayNs = 86'400 * kNsPerSecond;

// How long an address stays that of a station which is gone: leases of DHCP and of mobile networks
// last for hours to a day (RFC 2131 leaves it open; a day is a usual default), then somebody else
// may have it.
constexpr std::int64_t kLeaseNs = kDayNs;

// How long an address that two stations had at once counts as shared. Proxies and routers stay for
// years; a month without a second station says that it is gone.
constexpr std::int64_t kSharedNs = 30 * kDayNs;

// Whether the station is still where it was seen.
bool is_there(const Station& station, const std::string& address, std::int64_t seen_ns,
              std::int64_t now_ns) {
  if (!station.used || station.address != address) return false;
  return !station.links.empty() || now_ns - std::max(seen_ns, station.last_seen_ns) <= kLeaseNs;
}

// A station that was met in the middle has no name, and what is behind one address counts as one.
bool may_be_many(const Station& station) {
  return station.id.empty() && station.links.size() > 1;
}

}  // namespace

void AddressBook::note(const Fact& fact, const World& world) {
  const Link& link = *world.link();
  const std::int64_t now = fact.time_ns();
  if (!link.flow.server_ip_text.empty()) {
    addresses_.at(link.flow.server_ip_text, now).is_backend = true;
  }
  if (link.flow.client_ip_text.empty() || world.station() == nullptr) return;
  Entry& entry = addresses_.at(link.flow.client_ip_text, now);
  const StationIndex index = world.station_index();
  if (entry.station != kNoStation && entry.station != index) {
    const Station& other = world.station(entry.station);
    // One without a name is most likely this one, before it was met by its name.
    const bool is_other = !other.id.empty() || may_be_many(other);
    if (is_other && is_there(other, link.flow.client_ip_text, entry.seen_ns, now)) {
      entry.shared_ns = now;
    }
  }
  // Only proxies tell for whom they speak (RFC 7239, 5.2).
  if (fact.has(FactField::kForwardedFor)) entry.shared_ns = now;
  entry.station = index;
  entry.seen_ns = now;
}

StationIndex AddressBook::owner(const std::string& address, const World& world) {
  const std::int64_t now = world.now_ns();
  const Entry* entry = addresses_.find(address, now);
  if (entry == nullptr || entry->is_backend || entry->station == kNoStation) return kNoStation;
  if (entry->shared_ns != 0 && now - entry->shared_ns <= kSharedNs) return kNoStation;
  const Station& station = world.station(entry->station);
  if (may_be_many(station) || !is_there(station, address, entry->seen_ns, now)) return kNoStation;
  return entry->station;
}

bool AddressBook::is_backend(const std::string& address, std::int64_t now_ns) {
  const Entry* entry = addresses_.find(address, now_ns);
  return entry != nullptr && entry->is_backend;
}

}  // namespace chargewarden::network
