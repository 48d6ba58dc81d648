#include "collector/decoders/decode_stats.h"

namespace chargewarden {

Interest Interest::all() {
  Interest out;
  out.events.fill(true);
  for (auto& types : out.messages) types.fill(true);
  out.requests.fill(true);
  for (auto& types : out.sensitive) types.fill(true);
  return out;
}

std::string_view to_string(OcppVersion version) {
  switch (version) {
    case OcppVersion::k12:
      return "1.2";
    case OcppVersion::k15:
      return "1.5";
    case OcppVersion::k16:
      return "1.6";
    case OcppVersion::k201:
      return "2.0.1";
    case OcppVersion::k21:
      return "2.1";
    case OcppVersion::kUnknown:
    case OcppVersion::kCount:
      break;
  }
  return "";
}

OcppVersion version_of_subprotocol(std::string_view name) {
  if (name == "ocpp1.6") return OcppVersion::k16;
  // 2.0 was withdrawn; what calls itself so is read as 2.0.1.
  if (name == "ocpp2.0.1" || name == "ocpp2.0") return OcppVersion::k201;
  if (name == "ocpp2.1") return OcppVersion::k21;
  if (name == "ocpp1.5") return OcppVersion::k15;
  if (name == "ocpp1.2") return OcppVersion::k12;
  return OcppVersion::kUnknown;
}

void DecodeStats::add(const DecodeStats& other) {
  connections += other.connections;
  connections_with_syn += other.connections_with_syn;
  connections_tls += other.connections_tls;
  connections_unknown += other.connections_unknown;
  upgrades += other.upgrades;
  upgrades_refused += other.upgrades_refused;
  http_transactions += other.http_transactions;
  ftp_logins += other.ftp_logins;
  ftp_transfers += other.ftp_transfers;
  websockets_other += other.websockets_other;
  pings += other.pings;
  pongs += other.pongs;
  closes += other.closes;
  gaps += other.gaps;
  gap_bytes += other.gap_bytes;
  anomalies += other.anomalies;
  ocpp_bytes += other.ocpp_bytes;
  ocpp_partial += other.ocpp_partial;
  ocpp_invalid += other.ocpp_invalid;
  answers_unmatched += other.answers_unmatched;
  session_starts += other.session_starts;
  log_connections += other.log_connections;
  log_lines += other.log_lines;
  for (std::size_t v = 0; v < kOcppVersions; ++v) {
    for (std::size_t a = 0; a < kActionSlots; ++a) {
      for (std::size_t t = 0; t < ocpp::kMessageTypes; ++t)
        messages[v][a][t] += other.messages[v][a][t];
    }
  }
  for (const auto& [name, counts] : other.unknown_actions) {
    auto& own = unknown_actions[name];
    for (std::size_t t = 0; t < ocpp::kMessageTypes; ++t) own[t] += counts[t];
  }
  stations.insert(other.stations.begin(), other.stations.end());
  limits.add(other.limits);
}

std::uint64_t DecodeStats::total(ocpp::MessageType type) const {
  std::uint64_t sum = 0;
  for (const auto& actions : messages) {
    for (const auto& types : actions) sum += types[static_cast<std::size_t>(type)];
  }
  return sum;
}

std::uint64_t DecodeStats::total_messages() const {
  std::uint64_t sum = ocpp_partial + ocpp_invalid;
  for (std::size_t t = 0; t < ocpp::kMessageTypes; ++t)
    sum += total(static_cast<ocpp::MessageType>(t));
  return sum;
}

}  // namespace chargewarden
