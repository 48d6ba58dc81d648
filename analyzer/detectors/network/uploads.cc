#include "analyzer/detectors/network/uploads.h"

#include <algorithm>

#include "collector/base/ip_address.h"
#include "collector/event/defs/network_events.h"

namespace chargewarden::network {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// Requests of OCSP, SCEP and EST (RFC 6960, RFC 8894, RFC 7030) and values of telemetry are below
// this, the log of an hour is above.
constexpr std::int64_t kFileMinBytes = 4'096;

bool is_upload_by_http(const Fact& fact) {
  const std::string_view method = fact.text(F::kMethod);
  if (method != "PUT" && method != "POST") return false;
  return !fact.is_true(F::kIsSoap) && fact.number(F::kRequestBytes).value_or(0) >= kFileMinBytes;
}

bool is_upload_by_ftp(const Fact& fact) {
  // Refused: nothing was sent.
  constexpr std::int64_t kRefused = 400;
  return fact.text(F::kMethod) != "RETR" && fact.number(F::kStatusCode).value_or(0) < kRefused;
}

}  // namespace

void Uploads::on_transfer(const Fact& fact, const Contact& contact, const World& world,
                          Reporter& reporter) {
  if (contact.client == kNoStation || contact.server_is_backend) return;
  const bool http = fact.head().kind == FactKind::kTransfer;
  if (http ? !is_upload_by_http(fact) : !is_upload_by_ftp(fact)) return;
  // Commands that are not seen explain nothing.
  const Station& station = world.station(contact.client);
  if (station.links.empty()) return;
  const std::int64_t now = fact.time_ns();
  const std::string_view host = fact.text(F::kHost);
  if (asked_.explains(contact.client, host, contact.server_ip(), now)) return;
  Event event = reporter.make(kUpload, {&station, contact.link});
  const std::string shown = host.empty() ? contact.server_ip() : plain_host(host);
  event.set_text(kUploadMethod, fact.text(F::kMethod));
  event.set_text(kUploadHost, shown);
  if (http) event.set_int(kUploadBytes, fact.number(F::kRequestBytes).value_or(0));
  const std::int64_t since_ns = std::max(station.first_seen_ns, station.gap_ns);
  event.set_int(kUploadWatched, std::max<std::int64_t>(0, now - since_ns) / kNsPerSecond);
  event.set_int(kUploadPeerStations, peers_.stations_of(contact.server_ip(), now));
  event.set_bool(kUploadPublic, is_public_address(contact.client_ip()));
  reporter.emit(event);
}

}  // namespace chargewarden::network
