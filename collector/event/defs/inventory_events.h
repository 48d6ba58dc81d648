#pragma once
// Events about what differs from what the operator has written down: inventory, maintenance
// windows, closing hours. Only told where it was written down. Reported by
// analyzer/detectors/inventory and, for firmware.outside_window, analyzer/detectors/firmware.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::inventory {

inline constexpr auto kUnlistedFields = std::to_array<FieldDef>({
    {"identity.let_in_by", FieldType::kText, "", "OCPP 1.6, 4.2; OCPP 2.0.1 part 2, B01",
     "How the backend let it in: boot (it accepted its BootNotification) or session (it accepted a "
     "charging session)."},
    {"identity.listed_stations", FieldType::kInt, "", "Chargewarden",
     "Stations that the inventory lists."},
});
inline constexpr EventDef kUnlisted{"identity.unlisted", "identity",
                                    "The backend let a station in that is not in the inventory.",
                                    kUnlistedFields};
inline constexpr auto kLetInBy = field_key(kUnlistedFields, "identity.let_in_by");
inline constexpr auto kListedStations = field_key(kUnlistedFields, "identity.listed_stations");

inline constexpr auto kBackendFields = std::to_array<FieldDef>({
    {"identity.backend", FieldType::kText, "", "RFC 9110, 7.2",
     "Host that the station asked for, without port; its address where it named none. "
     "destination.ip is where it connected to."},
});
inline constexpr EventDef kBackendUnlisted{
    "identity.backend_unlisted", "identity",
    "A station has opened an OCPP connection to a backend of which neither the name that it asked "
    "for nor the address is among the csms of the inventory.",
    kBackendFields};
inline constexpr auto kBackend = field_key(kBackendFields, "identity.backend");

inline constexpr auto kProtectionFields = std::to_array<FieldDef>({
    {"identity.security_profile", FieldType::kInt, "", "OCPP 1.6 security whitepaper, 1.1",
     "Security profile that the connection has."},
    {"identity.security_profile_listed", FieldType::kInt, "", "OCPP 1.6 security whitepaper, 1.1",
     "That of the inventory."},
});
inline constexpr EventDef kProtectionBelow{
    "identity.protection_below_listed", "identity",
    "A station connects with a lower security profile than the inventory lists for it.",
    kProtectionFields};
inline constexpr auto kProfile = field_key(kProtectionFields, "identity.security_profile");
inline constexpr auto kProfileListed =
    field_key(kProtectionFields, "identity.security_profile_listed");

inline constexpr auto kAddressFields = std::to_array<FieldDef>({
    {"identity.address", FieldType::kText, "", "Chargewarden",
     "Client address of the connection, or the one that the last proxy names."},
    {"identity.address_public", FieldType::kBool, "", "RFC 1918; RFC 6598; RFC 4193",
     "Whether it is a public address."},
    {"identity.listed_private", FieldType::kBool, "", "As the one above",
     "Whether all addresses that the inventory lists for the station are private."},
});
inline constexpr EventDef kAddressUnlisted{
    "identity.address_unlisted", "identity",
    "A station connects from an address that the inventory does not list for it.", kAddressFields};
inline constexpr auto kAddress = field_key(kAddressFields, "identity.address");
inline constexpr auto kAddressPublic = field_key(kAddressFields, "identity.address_public");
inline constexpr auto kListedPrivate = field_key(kAddressFields, "identity.listed_private");

inline constexpr auto kHardwareFields = std::to_array<FieldDef>({
    {"station.differs", FieldType::kTextList, "", "Chargewarden",
     "What is not as listed: vendor, model, serial, ocpp."},
    {"station.vendor", FieldType::kText, "", "OCPP 1.6, 6.3", "Vendor, as the station says."},
    {"station.vendor_listed", FieldType::kText, "", "Chargewarden", "That of the inventory."},
    {"station.model", FieldType::kText, "", "OCPP 1.6, 6.3", "Model, as the station says."},
    {"station.model_listed", FieldType::kText, "", "Chargewarden", "That of the inventory."},
    {"station.serial", FieldType::kText, "", "OCPP 1.6, 6.3", "Serial number that it says."},
    {"station.serial_listed", FieldType::kText, "", "Chargewarden", "That of the inventory."},
    {"station.ocpp_version", FieldType::kText, "", "OCPP-J 2.1, 3.1.2",
     "OCPP version of the connection."},
});
inline constexpr EventDef kNotAsListed{
    "station.not_as_listed", "station",
    "A station reports other hardware than the inventory lists for it, or connects with an OCPP "
    "version that is not listed.",
    kHardwareFields};
inline constexpr auto kDiffers = field_key(kHardwareFields, "station.differs");
inline constexpr auto kVendor = field_key(kHardwareFields, "station.vendor");
inline constexpr auto kVendorListed = field_key(kHardwareFields, "station.vendor_listed");
inline constexpr auto kModel = field_key(kHardwareFields, "station.model");
inline constexpr auto kModelListed = field_key(kHardwareFields, "station.model_listed");
inline constexpr auto kSerial = field_key(kHardwareFields, "station.serial");
inline constexpr auto kSerialListed = field_key(kHardwareFields, "station.serial_listed");
inline constexpr auto kOcppVersion = field_key(kHardwareFields, "station.ocpp_version");

inline constexpr auto kSupportFields = std::to_array<FieldDef>({
    {"station.vendor", FieldType::kText, "", "OCPP 1.6, 6.3", "Vendor, as the station says."},
    {"station.model", FieldType::kText, "", "OCPP 1.6, 6.3", "Model, as the station says."},
    {"station.unsupported_since", FieldType::kText, "", "RFC 3339", "End of its support."},
});
inline constexpr EventDef kUnsupported{
    "station.out_of_support", "station",
    "A station is of a product that its maker does not support any more, by the inventory.",
    kSupportFields};
inline constexpr auto kSupportVendor = field_key(kSupportFields, "station.vendor");
inline constexpr auto kSupportModel = field_key(kSupportFields, "station.model");
inline constexpr auto kUnsupportedSince = field_key(kSupportFields, "station.unsupported_since");

inline constexpr auto kUnapprovedFields = std::to_array<FieldDef>({
    {"firmware.version", FieldType::kText, "", "OCPP 1.6, 6.3", "Version that the station runs."},
    {"firmware.approved", FieldType::kTextList, "", "Chargewarden",
     "Versions that the inventory lists for the station, the first 16."},
});
inline constexpr EventDef kUnapproved{
    "firmware.unapproved", "firmware",
    "A station boots with a firmware version that the inventory does not list for it.",
    kUnapprovedFields};
inline constexpr auto kVersion = field_key(kUnapprovedFields, "firmware.version");
inline constexpr auto kApproved = field_key(kUnapprovedFields, "firmware.approved");

inline constexpr auto kVulnerableFields = std::to_array<FieldDef>({
    {"firmware.vendor", FieldType::kText, "", "OCPP 1.6, 6.3", "Vendor, as the station says."},
    {"firmware.model", FieldType::kText, "", "OCPP 1.6, 6.3", "Model, as the station says."},
    {"firmware.version", FieldType::kText, "", "OCPP 1.6, 6.3", "Version that the station runs."},
    {"firmware.advisories", FieldType::kTextList, "", "Chargewarden",
     "Advisories of the inventory that name this version, the first 16."},
    {"firmware.advisory_title", FieldType::kText, "", "Chargewarden", "Title of the first one."},
    {"firmware.fixed_in", FieldType::kText, "", "Chargewarden",
     "Version that mends the first one; absent where the inventory names none."},
});
inline constexpr EventDef kVulnerable{"firmware.vulnerable", "firmware",
                                      "A station boots with a firmware version that an advisory of "
                                      "the inventory names as vulnerable.",
                                      kVulnerableFields};
inline constexpr auto kVulnerableVendor = field_key(kVulnerableFields, "firmware.vendor");
inline constexpr auto kVulnerableModel = field_key(kVulnerableFields, "firmware.model");
inline constexpr auto kVulnerableVersion = field_key(kVulnerableFields, "firmware.version");
inline constexpr auto kAdvisories = field_key(kVulnerableFields, "firmware.advisories");
inline constexpr auto kAdvisoryTitle = field_key(kVulnerableFields, "firmware.advisory_title");
inline constexpr auto kFixedIn = field_key(kVulnerableFields, "firmware.fixed_in");

inline constexpr auto kWindowFields = std::to_array<FieldDef>({
    {"firmware.stage", FieldType::kText, "", "Chargewarden",
     "command (an update was ordered for a time outside) or install (it is being installed)."},
    {"firmware.status", FieldType::kText, "", "OCPP 1.6, 7.25",
     "What the station reports while it installs; absent for a command."},
    {"firmware.planned_time", FieldType::kText, "", "OCPP 1.6, 6.57; 2.0.1 part 2, FirmwareType",
     "When the update is to be installed, or fetched where that is not told; the time of the "
     "command where that is later. Absent while it is being installed."},
});
inline constexpr EventDef kOutsideWindow{
    "firmware.outside_window", "firmware",
    "Firmware is ordered or installed outside the maintenance windows of the station.",
    kWindowFields};
inline constexpr auto kStage = field_key(kWindowFields, "firmware.stage");
inline constexpr auto kInstallStatus = field_key(kWindowFields, "firmware.status");
inline constexpr auto kPlannedTime = field_key(kWindowFields, "firmware.planned_time");

inline constexpr auto kDriftFields = std::to_array<FieldDef>({
    {"configuration.settings", FieldType::kTextList, "", "OCPP 1.6, 9; OCPP 2.0.1 part 2, 3.1",
     "Settings that the message shows to differ and that did not before, the first 16."},
    {"configuration.differing", FieldType::kInt, "", "Chargewarden",
     "Settings of the station that are known to differ."},
    {"configuration.shown_by", FieldType::kText, "", "Chargewarden",
     "report (the station told its settings) or change (it accepted a new value)."},
    {"configuration.value", FieldType::kText, "", "OCPP 1.6, 7.29",
     "The value, when it is a single setting that holds no secret."},
    {"configuration.value_listed", FieldType::kText, "", "Chargewarden",
     "That of the inventory, as the one above."},
});
inline constexpr EventDef kDrift{
    "configuration.drift", "configuration",
    "Settings of a station differ from those that the inventory lists for it.", kDriftFields};
inline constexpr auto kSettings = field_key(kDriftFields, "configuration.settings");
inline constexpr auto kDiffering = field_key(kDriftFields, "configuration.differing");
inline constexpr auto kShownBy = field_key(kDriftFields, "configuration.shown_by");
inline constexpr auto kSettingValue = field_key(kDriftFields, "configuration.value");
inline constexpr auto kSettingListed = field_key(kDriftFields, "configuration.value_listed");

inline constexpr auto kClosedFields = std::to_array<FieldDef>({
    {"session.connector", FieldType::kInt, "", "OCPP 1.6, 6.45; OCPP 2.0.1 part 2, EVSEType",
     "Connector, or EVSE in OCPP 2.x; absent when it was not told."},
    {"session.offline", FieldType::kBool, "", "OCPP 2.0.1 part 2, 1.60",
     "Whether it began while the station was offline."},
});
inline constexpr EventDef kWhileClosed{"session.while_closed", "session",
                                       "A charging session began while the station is closed.",
                                       kClosedFields};
inline constexpr auto kClosedConnector = field_key(kClosedFields, "session.connector");
inline constexpr auto kClosedOffline = field_key(kClosedFields, "session.offline");

}  // namespace chargewarden::inventory
