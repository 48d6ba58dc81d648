#pragma once
// DecodeStats: what a shard has decoded, for the summary and for checks that nothing vanishes.

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "collector/base/limits.h"
#include "collector/decoders/interest.h"

namespace chargewarden {

// OCPP versions as they are counted.
enum class OcppVersion : std::uint8_t { kUnknown, k12, k15, k16, k201, k21, kCount };

inline constexpr std::size_t kOcppVersions = static_cast<std::size_t>(OcppVersion::kCount);

// As ocpp.version spells it; empty for kUnknown.
std::string_view to_string(OcppVersion version);

// From a subprotocol name such as "ocpp2.0.1"; kUnknown when it is none of OCPP's.
OcppVersion version_of_subprotocol(std::string_view name);

struct DecodeStats {
  std::uint64_t connections = 0;
  std::uint64_t connections_with_syn = 0;
  std::uint64_t connections_tls = 0;
  std::uint64_t connections_unknown = 0;  // With data that no decoder recognised.
  std::uint64_t upgrades = 0;
  std::uint64_t upgrades_refused = 0;
  std::uint64_t http_transactions = 0;
  std::uint64_t ftp_logins = 0;
  std::uint64_t ftp_transfers = 0;
  std::uint64_t websockets_other = 0;  // WebSockets that do not carry OCPP.
  std::uint64_t pings = 0;
  std::uint64_t pongs = 0;
  std::uint64_t closes = 0;
  std::uint64_t gaps = 0;
  std::uint64_t gap_bytes = 0;
  std::uint64_t anomalies = 0;
  std::uint64_t ocpp_bytes = 0;
  std::uint64_t ocpp_partial = 0;       // OCPP messages of which a part was not captured.
  std::uint64_t ocpp_invalid = 0;       // Messages on OCPP connections that are no OCPP message.
  std::uint64_t answers_unmatched = 0;  // Answers whose call was not seen.
  std::uint64_t session_starts = 0;
  std::uint64_t log_connections = 0;  // Of stations, as logs show them.
  std::uint64_t log_lines = 0;        // Lines of logs that are neither messages nor about one.
  // Whole OCPP messages.
  std::array<std::array<std::array<std::uint64_t, ocpp::kMessageTypes>, kActionSlots>,
             kOcppVersions>
      messages{};
  std::map<std::string, std::array<std::uint64_t, ocpp::kMessageTypes>, std::less<>>
      unknown_actions;
  std::set<std::string, std::less<>> stations;
  LimitCounters limits;

  void add(const DecodeStats& other);

  // Whole OCPP messages of that type.
  [[nodiscard]] std::uint64_t total(ocpp::MessageType type) const;

  // Whole, partial and invalid messages on OCPP connections.
  [[nodiscard]] std::uint64_t total_messages() const;
};

}  // namespace chargewarden
