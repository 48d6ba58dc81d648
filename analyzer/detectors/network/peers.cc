#include "analyzer/detectors/network/peers.h"

#include "analyzer/detectors/network/reach.h"
#include "collector/base/ip_address.h"
#include "collector/event/defs/network_events.h"

namespace chargewarden::network {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kMsPerSecond = 1'000;
constexpr std::int64_t kDayNs = 86'400 * kNsPerSecond;

// What a station does it does within a week: updates, logs and time of a site are looked after by
// the day or by the week.
constexpr std::int64_t kSteadyNs = 7 * kDayNs;

// A peer that was not talked to for a quarter of a year is new again.
constexpr std::int64_t kPeerKeptNs = 90 * kDayNs;

// A channel is a connection that lives this long, on which less than this passes, in segments that
// are small: keep-alives and commands, no file and no picture. A shell that is used all the time
// stays below, a download of 1 MB does not.
constexpr std::int64_t kChannelMinMs = 1'800 * kMsPerSecond;
constexpr std::int64_t kChannelBytesPerSecond = 100;
constexpr std::int64_t kChannelSegmentBytes = 1'024;

}  // namespace

Peers::Peers(const HashKey& key, std::size_t peers_max, std::size_t pairs_max,
             std::size_t channels_max)
    : key_(key),
      peers_(key, peers_max, kPeerKeptNs),
      pairs_(key, pairs_max, kPeerKeptNs),
      channels_(key, channels_max, kPeerKeptNs) {}

std::uint64_t Peers::hash(std::string_view text) const {
  SipHash13 hash(key_);
  hash.add(text);
  return hash.finish();
}

std::int64_t Peers::stations_of(const std::string& address, std::int64_t now_ns) {
  const Peer* peer = peers_.find(address, now_ns);
  return peer != nullptr ? static_cast<std::int64_t>(peer->stations.size()) : 0;
}

void Peers::on_contact(const Contact& contact, bool explained, const World& world,
                       Reporter& reporter) {
  if (contact.client == kNoStation || contact.server_is_backend) return;
  const Station& station = world.station(contact.client);
  // Without a name it is not the same station after it has moved.
  if (station.id.empty() || contact.link->midstream) return;
  const std::int64_t now = world.now_ns();
  (void)peers_.at(contact.server_ip(), now).stations.add(hash(station.id));
  const std::string pair = station.id + '\0' + contact.server_ip();
  const bool is_new = pairs_.find(pair, now) == nullptr;
  (void)pairs_.at(pair, now);
  if (!is_new || explained) return;
  Known& known = known_.at(contact.client);
  if (known.latest_new_ns == 0) known.latest_new_ns = station.first_seen_ns;
  const std::int64_t steady_ns = now - known.latest_new_ns;
  known.latest_new_ns = now;
  if (steady_ns < kSteadyNs) return;
  Event event = reporter.make(kNewPeer, {&station, contact.link});
  event.set_int(kNewPeerStations, stations_of(contact.server_ip(), now));
  event.set_bool(kNewPeerOutside, is_outside(contact.server_ip(), contact.client_ip()));
  event.set_int(kNewPeerSteady, steady_ns / kDayNs);
  event.set_bool(kNewPeerPublic, is_public_address(contact.client_ip()));
  reporter.emit(event);
}

void Peers::on_progress(const Fact& fact, const Contact& contact, const World& world,
                        Reporter& reporter) {
  if (contact.client == kNoStation || contact.server_is_backend) return;
  const std::int64_t duration_ms = fact.number(F::kDurationMs).value_or(0);
  const std::int64_t sent = fact.number(F::kClientBytes).value_or(0);
  const std::int64_t received = fact.number(F::kServerBytes).value_or(0);
  if (duration_ms < kChannelMinMs || sent == 0 || received == 0) return;
  if ((sent + received) / (duration_ms / kMsPerSecond) > kChannelBytesPerSecond) return;
  if (fact.number(F::kLargestBytes).value_or(0) > kChannelSegmentBytes) return;
  const std::int64_t now = fact.time_ns();
  if (channels_.find(contact.link->flow.id, now) != nullptr) return;
  (void)channels_.at(contact.link->flow.id, now);
  Event event = reporter.make(kChannel, {&world.station(contact.client), contact.link});
  event.set_int(kChannelDuration, duration_ms / kMsPerSecond);
  event.set_int(kChannelStationBytes, sent);
  event.set_int(kChannelPeerBytes, received);
  event.set_int(kChannelSilence, fact.number(F::kSilenceMs).value_or(0) / kMsPerSecond);
  event.set_int(kChannelPeerStations, stations_of(contact.server_ip(), now));
  event.set_int(kChannelStations, static_cast<std::int64_t>(world.station_count()));
  event.set_bool(kChannelOutside, is_outside(contact.server_ip(), contact.client_ip()));
  event.set_bool(kChannelPublic, is_public_address(contact.client_ip()));
  reporter.emit(event);
}

}  // namespace chargewarden::network
