#include "analyzer/detectors/network/scans.h"

#include "collector/event/defs/network_events.h"

namespace chargewarden::network {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// A source is forgotten after a pause of this length. Tools scan without pauses; slower ones are
// not told from the failures of a day.
constexpr std::int64_t kPauseNs = 600 * kNsPerSecond;

// From how many services on a source is told: as many ports as Zeek's policy for scans asks for
// (policy/misc/scan, port_scan_threshold).
constexpr std::size_t kToldFrom = 15;

}  // namespace

Scans::Scans(const HashKey& key, std::size_t sources_max)
    : key_(key), sources_(key, sources_max, kPauseNs) {}

std::uint64_t Scans::hash(std::string_view text) const {
  SipHash13 hash(key_);
  hash.add(text);
  return hash.finish();
}

void Scans::on_refused(const Contact& contact, const World& world, Reporter& reporter) {
  if (contact.client_ip().empty() || contact.client_ip() == contact.server_ip()) return;
  Source& source = sources_.at(contact.client_ip(), world.now_ns());
  (void)source.targets.add(hash(contact.key()));
  (void)source.ports.add(contact.link->flow.server_port);
  (void)source.addresses.add(hash(contact.server_ip()));
  source.packets.add(reporter.tag());
  const std::size_t targets = source.targets.size();
  if (targets < kToldFrom || targets < source.told_at * 2) return;
  source.told_at = targets;
  const bool is_station = contact.client != kNoStation;
  const Station* station = is_station ? &world.station(contact.client) : nullptr;
  Event event = reporter.make(kScan, {station, contact.link});
  event.set_int(kScanTargets, static_cast<std::int64_t>(targets));
  event.set_int(kScanPorts, static_cast<std::int64_t>(source.ports.size()));
  event.set_int(kScanAddresses, static_cast<std::int64_t>(source.addresses.size()));
  event.set_bool(kScanStation, is_station);
  event.set_packets(source.packets.tags());
  reporter.emit(event);
}

}  // namespace chargewarden::network
