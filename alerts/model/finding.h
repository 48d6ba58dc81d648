#pragma once
// Finding: one match of one rule, as the analysis hands it to the alerts. Owns its data; personal
// data and secrets are already redacted.

#include <cstdint>
#include <string>

#include "alerts/model/packet_list.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

struct Finding {
  const RuleInfo* rule = nullptr;  // Outlives the finding.
  std::int64_t time_ns = 0;        // Event time.
  std::string station_id;          // Empty when the event names none.
  std::string source_ip;
  std::string destination_ip;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::string flow_id;
  std::string event_name;
  std::string origin;      // wire:<file>#<packet> or log:<file>#<line>.
  PacketList packets;      // Those that led to it, where it comes from packets.
  std::string group;       // Of a correlation: what its events have in common, for people.
  std::string event_json;  // The event as flat JSON, redacted.
};

}  // namespace chargewarden
