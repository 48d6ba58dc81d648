#include "collector/event/schema.h"

#include <array>
#include <cstdlib>

#include "collector/event/defs/certificate_events.h"
#include "collector/event/defs/command_events.h"
#include "collector/event/defs/configuration_events.h"
#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/data_transfer_events.h"
#include "collector/event/defs/firmware_events.h"
#include "collector/event/defs/ftp_events.h"
#include "collector/event/defs/grid_events.h"
#include "collector/event/defs/http_events.h"
#include "collector/event/defs/identity_events.h"
#include "collector/event/defs/inventory_events.h"
#include "collector/event/defs/load_events.h"
#include "collector/event/defs/log_events.h"
#include "collector/event/defs/metering_events.h"
#include "collector/event/defs/network_events.h"
#include "collector/event/defs/ocpp_events.h"
#include "collector/event/defs/outage_events.h"
#include "collector/event/defs/security_event_events.h"
#include "collector/event/defs/sensor_events.h"
#include "collector/event/defs/session_events.h"
#include "collector/event/defs/signed_meter_events.h"
#include "collector/event/defs/station_events.h"
#include "collector/event/defs/tls_events.h"
#include "collector/event/defs/transaction_events.h"
#include "collector/event/defs/websocket_events.h"

namespace chargewarden {

namespace {

constexpr auto kCommon = std::to_array<FieldDef>({
    {"event.category", FieldType::kText, "", "Chargewarden", "Category: the Sigma logsource."},
    {"event.name", FieldType::kText, "", "Chargewarden", "Name of the event."},
    {"event.time", FieldType::kText, "", "RFC 3339", "Time of the packet or log line, in UTC."},
    {"event.origin", FieldType::kText, "", "Chargewarden",
     "wire:<file or interface>#<packet> or log:<file>#<line>."},
    {"source.ip", FieldType::kText, "", "RFC 791, RFC 8200", "Who sent it."},
    {"source.port", FieldType::kInt, "", "RFC 9293", "TCP or UDP port of the sender."},
    {"destination.ip", FieldType::kText, "", "RFC 791, RFC 8200", "Who it was sent to."},
    {"destination.port", FieldType::kInt, "", "RFC 9293", "TCP or UDP port of the receiver."},
    {"flow.id", FieldType::kText, "", "Chargewarden", "Names the TCP connection."},
    {"station.id", FieldType::kText, "", "OCPP-J 1.6, 3.1.1",
     "Identity of the charging station as the CSMS sees it."},
});
static_assert(kCommon.size() == static_cast<std::size_t>(kCommonSlotCount));

// The vocabulary. One line per event.
constexpr auto kEvents = std::to_array<const EventDef*>({
    &connection::kOpened,
    &connection::kClosed,
    &connection::kProgress,
    &connection::kGap,
    &connection::kAnomaly,
    &ftp::kLogin,
    &ftp::kTransfer,
    &http::kUpgrade,
    &http::kUpgradeRefused,
    &http::kTransaction,
    &http::kAnomaly,
    &websocket::kControl,
    &websocket::kRecognised,
    &websocket::kAnomaly,
    &tls::kSeen,
    &tls::kHandshake,
    &tls::kCertificates,
    &tls::kAnomaly,
    &ocpp::kMessage,
    &ocpp::kUnanswered,
    &ocpp::kAnomaly,
    &sensor::kLimitHit,
    &sensor::kBlind,
    &sensor::kRulesLoaded,
    &sensor::kRulesRefused,
    &identity::kDuplicate,
    &identity::kDisplaced,
    &identity::kRefusedTwin,
    &identity::kClientChanged,
    &identity::kProbing,
    &identity::kLoginFailures,
    &identity::kGuessed,
    &identity::kShared,
    &certificate::kSeen,
    &certificate::kChanged,
    &certificate::kUnreadable,
    &inventory::kUnlisted,
    &inventory::kBackendUnlisted,
    &inventory::kProtectionBelow,
    &inventory::kAddressUnlisted,
    &inventory::kNotAsListed,
    &inventory::kUnsupported,
    &inventory::kUnapproved,
    &inventory::kVulnerable,
    &inventory::kOutsideWindow,
    &inventory::kDrift,
    &inventory::kWhileClosed,
    &session::kEnded,
    &session::kUnauthorised,
    &session::kRefusedContinues,
    &session::kTwoPlaces,
    &session::kTravelled,
    &session::kStoppedByOther,
    &session::kGuessing,
    &session::kAcceptedAfter,
    &session::kRemoteUnused,
    &session::kReplayed,
    &session::kForeign,
    &session::kUnknownEnds,
    &session::kNumberReused,
    &session::kSecondEnd,
    &session::kSequence,
    &session::kOrphaned,
    &session::kCharging,
    &session::kUnusable,
    &session::kBackdated,
    &session::kBackwards,
    &session::kRestarts,
    &session::kNegative,
    &session::kMismatch,
    &session::kFrozen,
    &session::kRate,
    &session::kOutside,
    &session::kSilent,
    &session::kSoc,
    &session::kElectrical,
    &session::kOverLimit,
    &session::kScheduleAbove,
    &session::kLimitAfterEnd,
    &session::kExport,
    &session::kCostFell,
    &session::kCostForNothing,
    &session::kSignedValue,
    &session::kUnverifiable,
    &session::kSignedMissing,
    &session::kSignedMismatch,
    &station::kBoot,
    &station::kInventoryChanged,
    &station::kVersionChanged,
    &station::kProfileChanged,
    &station::kClockOff,
    &station::kFault,
    &station::kFaultCleared,
    &station::kNoRestart,
    &firmware::kVersionChanged,
    &firmware::kImage,
    &firmware::kTampered,
    &firmware::kUnverified,
    &firmware::kUncommanded,
    &firmware::kCertificate,
    &firmware::kCampaign,
    &firmware::kDelayed,
    &firmware::kSpread,
    &configuration::kProfileLowered,
    &configuration::kEndpointActivated,
    &configuration::kWriteBurst,
    &configuration::kRefusedBurst,
    &configuration::kListChanged,
    &configuration::kCertificateOdd,
    &configuration::kRequestLoop,
    &configuration::kChangedLocally,
    &log::kLine,
    &log::kUnparsed,
    &security_event::kMissing,
    &security_event::kTime,
    &log::kHole,
    &log::kEnds,
    &log::kBack,
    &grid::kMassCommand,
    &grid::kLimitSwing,
    &grid::kPowerStep,
    &command::kFlood,
    &command::kUnlocked,
    &data_transfer::kOpaque,
    &load::kConnectionFlood,
    &load::kReconnects,
    &load::kMessageFlood,
    &load::kHeartbeatFlood,
    &load::kErrors,
    &load::kMalformed,
    &load::kVolume,
    &network::kServiceReached,
    &network::kBetween,
    &network::kAdminLogin,
    &network::kUpload,
    &network::kNewPeer,
    &network::kChannel,
    &network::kScan,
    &network::kMovedTogether,
    &network::kLeftPrivate,
    &network::kFileLogin,
    &network::kSharedLogin,
    &outage::kLost,
    &outage::kStops,
    &outage::kFaults,
    &outage::kSilent,
    &outage::kAborts,
});

static_assert(kEvents.size() <= kEventDefsMax);

}  // namespace

const std::span<const FieldDef> kCommonFields{kCommon};

std::span<const EventDef* const> all_events() {
  return kEvents;
}

std::size_t event_index(const EventDef& def) {
  for (std::size_t i = 0; i < kEvents.size(); ++i) {
    if (kEvents[i] == &def) return i;
  }
  std::abort();  // An event that is not in the list above: a defect of ours.
}

const EventDef* find_event(std::string_view name) {
  for (const EventDef* def : kEvents) {
    if (def->name == name) return def;
  }
  return nullptr;
}

const FieldDef& field_of(const EventDef& def, Slot slot) {
  if (slot < kCommonSlotCount) return kCommonFields[slot];
  return def.fields[slot - static_cast<std::size_t>(kCommonSlotCount)];
}

}  // namespace chargewarden
