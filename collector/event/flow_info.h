#pragma once
// FlowInfo: the two ends of a TCP connection, as events show them.

#include <cstdint>
#include <string>

#include "collector/base/ip_address.h"

namespace chargewarden {

// The end that opened the connection is the client. On OCPP it is the station, or a local
// controller.
enum class Side : std::uint8_t { kClient, kServer };

constexpr Side other(Side side) noexcept {
  return side == Side::kClient ? Side::kServer : Side::kClient;
}

constexpr std::size_t index_of(Side side) noexcept {
  return static_cast<std::size_t>(side);
}

// Of what is no connection of a table.
inline constexpr std::uint32_t kNoFlowSlot = 0xffffffff;

// Owned by the connection; lives as long as it does. The text forms are made once. Of a connection
// that is known from a log only what the log tells is set: empty texts and port 0 are unknown.
struct FlowInfo {
  IpAddress client_ip;
  IpAddress server_ip;
  std::uint16_t client_port = 0;
  std::uint16_t server_port = 0;
  std::string client_ip_text;
  std::string server_ip_text;
  std::string id;  // Names the connection; stable for the same input.
  // Place of the connection among the open ones of its shard, from FlowSlots; used again once it
  // has ended. For tables beside the connections.
  std::uint32_t slot = kNoFlowSlot;
};

}  // namespace chargewarden
