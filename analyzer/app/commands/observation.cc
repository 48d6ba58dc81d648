#include "analyzer/app/commands/observation.h"

#include <algorithm>

#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/ftp_events.h"
#include "collector/event/defs/http_events.h"
#include "collector/event/defs/ocpp_events.h"
#include "collector/event/defs/tls_events.h"
#include "collector/event/defs/websocket_events.h"
#include "collector/event/ocpp_actions.h"
#include "rules/engine/dispatch.h"

namespace chargewarden {

namespace {

// The decoders count these whether anybody wants their events or not.
std::uint64_t decoded_count(const EventDef& def, const DecodeStats& stats) {
  if (&def == &connection::kOpened) return stats.connections;
  if (&def == &connection::kGap) return stats.gaps;
  if (&def == &http::kUpgrade) return stats.upgrades;
  if (&def == &http::kUpgradeRefused) return stats.upgrades_refused;
  if (&def == &http::kTransaction) return stats.http_transactions;
  if (&def == &ftp::kLogin) return stats.ftp_logins;
  if (&def == &ftp::kTransfer) return stats.ftp_transfers;
  if (&def == &websocket::kControl) return stats.pings + stats.pongs + stats.closes;
  if (&def == &tls::kSeen) return stats.connections_tls;
  std::uint64_t messages = 0;
  if (&def == &ocpp::kMessage) {
    for (std::size_t type = 0; type < ocpp::kMessageTypes; ++type) {
      messages += stats.total(static_cast<ocpp::MessageType>(type));
    }
  }
  return messages;
}

}  // namespace

Observation observation_of(const PipelineResult& result) {
  Observation out;
  const DecodeStats& stats = result.decode;
  const auto events = all_events();
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::uint64_t count = std::max(result.events[i], decoded_count(*events[i], stats));
    if (count > 0) out.events.emplace_back(events[i]->name, count);
  }
  for (std::size_t version = 0; version < kOcppVersions; ++version) {
    const std::string_view name = to_string(static_cast<OcppVersion>(version));
    for (std::size_t action = 1; action <= ocpp::action_count(); ++action) {
      ObservedMessages messages{name.empty() ? "unknown" : name,
                                ocpp::action_def(static_cast<ocpp::ActionId>(action)).name,
                                {}};
      for (std::size_t type = 0; type < ocpp::kMessageTypes; ++type) {
        const std::uint64_t count = stats.messages[version][action][type];
        // The rules' numbering of types is that of the wire.
        if (count > 0) {
          messages.types.emplace_back(to_string(static_cast<MessageType>(type)), count);
        }
      }
      if (!messages.types.empty()) out.messages.push_back(std::move(messages));
    }
    for (const std::uint64_t count : stats.messages[version][ocpp::kUnknownAction]) {
      out.unknown_action_messages += count;
    }
  }
  out.encrypted_connections = stats.connections_tls;
  return out;
}

}  // namespace chargewarden
