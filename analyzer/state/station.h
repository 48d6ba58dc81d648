#pragma once
// Station: one charging station as the detectors know it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/state/link.h"
#include "analyzer/state/session.h"

namespace chargewarden {

using LinkIndex = std::uint32_t;
inline constexpr LinkIndex kNoLink = 0xffffffff;

struct Inventory {
  std::string vendor;
  std::string model;
  std::string serial;
  std::string firmware;
  std::string iccid;
  std::string imsi;
  std::string meter_serial;
};

struct Connector {
  std::int32_t number = 0;    // connectorId of 1.6, evse.id of 2.x; 0 is the station as a whole.
  std::int32_t part = 0;      // connectorId of 2.x: the cable or socket of the EVSE; else 0.
  std::string status;         // As in StatusNotification.
  std::string error;          // errorCode of 1.6; empty or NoError: none.
  std::int64_t since_ns = 0;  // When the status became this.
  std::uint64_t tag = 0;
};

struct Station {
  bool used = false;
  std::string id;  // Empty: it is not known who it is, only where (the begin was not captured).
  std::string address;                 // Client address of its latest connection.
  std::vector<LinkIndex> links;        // Open ones with an accepted handshake or OCPP messages.
  std::vector<SessionIndex> sessions;  // Open ones, oldest first.
  std::vector<SessionIndex> ended;     // The latest that ended, newest last.
  std::vector<Connector> connectors;
  Inventory inventory;  // As told by the latest boot; see boots.
  FactVersion version = FactVersion::kUnknown;
  std::uint32_t boots = 0;  // BootNotifications seen.
  std::int64_t booted_ns = 0;
  std::uint64_t boot_tag = 0;
  std::optional<std::int64_t> interval_s;  // Of heartbeats, as the CSMS asked for.
  // By how much timestamps of its StatusNotifications, which are not queued, are behind the time of
  // capture: transport, and what its clock is wrong. Nothing as long as there was none.
  std::optional<std::int64_t> clock_lag_ns;
  std::int64_t first_seen_ns = 0;
  std::int64_t last_seen_ns = 0;  // Latest message of its own.
  std::int64_t gap_ns = 0;        // Latest hole in what was captured of it; 0: none.
};

}  // namespace chargewarden
