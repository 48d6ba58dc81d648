#pragma once
// Link: one connection as the detectors know it, from connection.opened to connection.closed.

#include <cstdint>
#include <string>

#include "analyzer/facts/fact.h"
#include "analyzer/state/fleet.h"
#include "collector/event/flow_info.h"

namespace chargewarden {

using StationIndex = std::uint32_t;
inline constexpr StationIndex kNoStation = 0xffffffff;

struct Link {
  bool open = false;
  bool midstream = false;     // Its begin was not captured.
  bool from_log = false;      // Made up from the lines of a log.
  bool upgraded = false;      // A WebSocket handshake was accepted on it.
  bool carries_ocpp = false;  // An OCPP message was seen, or an OCPP subprotocol agreed on.
  bool encrypted = false;
  bool spoke = false;       // A handshake, an answer or a message came.
  bool close_sent = false;  // A WebSocket close frame was seen: it ends in order.
  StationIndex station = kNoStation;
  FleetIndex fleet = kNoFleet;  // Of links with a station, and of those that a server agreed to.
  std::int64_t opened_ns = 0;
  std::int64_t upgraded_ns = 0;
  std::int64_t last_client_ns = 0;  // Latest message or control frame of the client, 0: none.
  std::int64_t last_server_ns = 0;
  std::uint64_t opened_tag = 0;  // PacketTags.
  std::uint64_t upgraded_tag = 0;
  std::uint64_t last_client_tag = 0;
  std::uint64_t client_messages = 0;
  FlowInfo flow;  // For events; the numeric addresses stay empty.
  std::string user_agent;
  std::string auth_scheme;  // Of the accepted handshake; empty: none.
  std::string subprotocol;
  std::size_t shard = 0;  // Whose FlowInfo::slot is the next.
  std::uint32_t slot = 0;
};

}  // namespace chargewarden
