#include "analyzer/detectors/network/moves.h"

#include <algorithm>

#include "collector/base/ip_address.h"
#include "collector/event/defs/network_events.h"

namespace chargewarden::network {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// Stations that move because of one cause do so together: when a router or a proxy comes between,
// all reconnect within their back-off, which ends below an hour (OCPP 2.0.1 part 4, 5.3).
constexpr std::int64_t kTogetherNs = 3'600 * kNsPerSecond;

// Two may be a repair; from three on the network has changed.
constexpr std::size_t kMoversFloor = 3;

bool is_v6(const std::string& address) {
  return address.find(':') != std::string::npos;
}

}  // namespace

Moves::Moves(const HashKey& key, std::size_t addresses_max)
    : moved_to_(key, addresses_max, kTogetherNs) {}

void Moves::on_upgrade(const World& world, AddressBook& book, Reporter& reporter) {
  const Station* station = world.station();
  if (station == nullptr || station->id.empty() || world.link()->from_log) return;
  const std::string& now_at = world.link()->flow.client_ip_text;
  const bool moved = !station->address.empty() && station->address != now_at;
  const bool had_own = moved && book.owner(station->address, world) == world.station_index();
  note_kind(world, had_own, reporter);
  if (had_own && !book.is_backend(now_at, world.now_ns())) note_move(world, reporter);
}

void Moves::note_kind(const World& world, bool had_own, Reporter& reporter) {
  const Station& station = *world.station();
  Home& home = homes_.at(world.station_index());
  if (!is_public_address(world.link()->flow.client_ip_text)) {
    if (home.private_ns == 0) home.private_ns = world.now_ns();
    return;
  }
  const bool first = !home.was_public && home.private_ns != 0;
  const std::int64_t private_ns = world.now_ns() - home.private_ns;
  home.was_public = true;
  if (!first || !had_own || is_public_address(station.address)) return;
  // A network that goes over to IPv6 gives out public addresses inside.
  if (is_v6(station.address) != is_v6(world.link()->flow.client_ip_text)) return;
  Event event = reporter.make(kLeftPrivate);
  event.set_text(kPreviousAddress, station.address);
  event.set_int(kPrivateSeconds, private_ns / kNsPerSecond);
  reporter.emit(event);
}

void Moves::note_move(const World& world, Reporter& reporter) {
  const std::string& address = world.link()->flow.client_ip_text;
  MovedTo& entry = moved_to_.at(address, world.now_ns());
  const StationIndex own = world.station_index();
  // Who has moved on, or is gone, is not there with the others.
  std::erase_if(entry.stations, [&](StationIndex each) {
    const Station& station = world.station(each);
    return each == own || !station.used || station.address != address || station.links.empty();
  });
  if (entry.stations.size() >= kMoversMax) {
    ++ignored_;
    return;
  }
  entry.stations.push_back(own);
  entry.packets.add(reporter.tag());
  const std::size_t count = entry.stations.size();
  if (count < kMoversFloor || count < entry.told_at * 2) return;
  entry.told_at = count;
  Event event = reporter.make(kMovedTogether);
  event.set_int(kMovedStations, static_cast<std::int64_t>(count));
  event.set_packets(entry.packets.tags());
  reporter.emit(event);
}

}  // namespace chargewarden::network
