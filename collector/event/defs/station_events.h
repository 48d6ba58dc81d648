#pragma once
// Events about charging stations as such. Reported by analyzer/detectors/station.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::station {

inline constexpr auto kBootFields = std::to_array<FieldDef>({
    {"station.vendor", FieldType::kText, "", "OCPP 1.6, 6.3; 2.0.1 part 2, B01",
     "Vendor, as the station says."},
    {"station.model", FieldType::kText, "", "OCPP 1.6, 6.3", "Model, as the station says."},
    {"station.firmware", FieldType::kText, "", "OCPP 1.6, 6.3",
     "Firmware version, as the station says."},
    {"station.boot_reason", FieldType::kText, "", "OCPP 2.0.1 part 2, BootReasonEnumType",
     "Reason that the station gives; OCPP 1.6 has none."},
    {"station.boot_explained", FieldType::kBool, "", "Chargewarden",
     "Whether something was seen that leads to a restart: a reset, a firmware update, a trigger, "
     "or "
     "the first boot that is seen of the station."},
    {"station.boots", FieldType::kInt, "", "Chargewarden",
     "Boots of the station within 15 minutes, this one included."},
    {"station.uptime_s", FieldType::kInt, "s", "Chargewarden",
     "Time since the boot before; absent for the first."},
});
inline constexpr EventDef kBoot{"station.boot", "station", "A station has started.", kBootFields};
inline constexpr auto kVendor = field_key(kBootFields, "station.vendor");
inline constexpr auto kModel = field_key(kBootFields, "station.model");
inline constexpr auto kFirmware = field_key(kBootFields, "station.firmware");
inline constexpr auto kBootReason = field_key(kBootFields, "station.boot_reason");
inline constexpr auto kBootExplained = field_key(kBootFields, "station.boot_explained");
inline constexpr auto kBoots = field_key(kBootFields, "station.boots");
inline constexpr auto kUptimeS = field_key(kBootFields, "station.uptime_s");

inline constexpr auto kInventoryFields = std::to_array<FieldDef>({
    {"station.changed", FieldType::kTextList, "", "Chargewarden",
     "What is another one than at the boot before: vendor, model, serial, meter_serial, iccid, "
     "imsi."},
    {"station.vendor", FieldType::kText, "", "OCPP 1.6, 6.3", "Vendor, as the station says now."},
    {"station.model", FieldType::kText, "", "OCPP 1.6, 6.3", "Model, as the station says now."},
    {"station.vendor_before", FieldType::kText, "", "OCPP 1.6, 6.3", "Vendor at the boot before."},
    {"station.model_before", FieldType::kText, "", "OCPP 1.6, 6.3", "Model at the boot before."},
    {"station.serial", FieldType::kText, "", "OCPP 1.6, 6.3", "Serial number now."},
    {"station.serial_before", FieldType::kText, "", "OCPP 1.6, 6.3",
     "Serial number at the boot before."},
});
inline constexpr EventDef kInventoryChanged{
    "station.inventory_changed", "station",
    "A station reports other hardware than at its boot before.", kInventoryFields};
inline constexpr auto kChanged = field_key(kInventoryFields, "station.changed");
inline constexpr auto kVendorNow = field_key(kInventoryFields, "station.vendor");
inline constexpr auto kModelNow = field_key(kInventoryFields, "station.model");
inline constexpr auto kVendorBefore = field_key(kInventoryFields, "station.vendor_before");
inline constexpr auto kModelBefore = field_key(kInventoryFields, "station.model_before");
inline constexpr auto kSerialNow = field_key(kInventoryFields, "station.serial");
inline constexpr auto kSerialBefore = field_key(kInventoryFields, "station.serial_before");

inline constexpr auto kProtocolFields = std::to_array<FieldDef>({
    {"station.ocpp_version", FieldType::kText, "", "OCPP-J 2.1, 3.1.2",
     "OCPP version that was agreed on now."},
    {"station.ocpp_version_before", FieldType::kText, "", "OCPP-J 2.1, 3.1.2",
     "The one of the connection before."},
    {"station.downgrade", FieldType::kBool, "", "Chargewarden", "Whether it is an older one."},
});
inline constexpr EventDef kVersionChanged{"station.ocpp_version_changed", "station",
                                          "A station speaks another OCPP version than before.",
                                          kProtocolFields};
inline constexpr auto kOcppVersion = field_key(kProtocolFields, "station.ocpp_version");
inline constexpr auto kOcppVersionBefore =
    field_key(kProtocolFields, "station.ocpp_version_before");
inline constexpr auto kDowngrade = field_key(kProtocolFields, "station.downgrade");

inline constexpr auto kProfileFields = std::to_array<FieldDef>({
    {"station.security_profile", FieldType::kInt, "",
     "OCPP 1.6 security whitepaper, 2.1; OCPP 2.0.1 part 2, A00",
     "Security profile that the connection shows: 0 no protection, 1 password in clear, 2 TLS with "
     "password, 3 TLS with a certificate of the station."},
    {"station.security_profile_before", FieldType::kInt, "", "As the one above",
     "The one of the connection before."},
    {"station.downgrade", FieldType::kBool, "", "Chargewarden", "Whether it is a lower one."},
});
inline constexpr EventDef kProfileChanged{
    "station.security_profile_changed", "station",
    "A station connects with another security profile than before.", kProfileFields};
inline constexpr auto kProfile = field_key(kProfileFields, "station.security_profile");
inline constexpr auto kProfileBefore = field_key(kProfileFields, "station.security_profile_before");
inline constexpr auto kProfileDowngrade = field_key(kProfileFields, "station.downgrade");

inline constexpr auto kClockFields = std::to_array<FieldDef>({
    {"station.clock_offset_s", FieldType::kInt, "s", "Chargewarden",
     "By how much the station's clock is ahead of the capture; negative: behind."},
    {"station.clock_offset_abs_s", FieldType::kInt, "s", "Chargewarden",
     "The same without its sign."},
    {"station.clock_is_zone", FieldType::kBool, "", "Chargewarden",
     "Whether the offset is that of a time zone: the station sends local time."},
});
inline constexpr EventDef kClockOff{
    "station.clock_off", "station",
    "Timestamps of a station are steadily off by more than five minutes; told once, and again "
    "when the offset has changed by as much.",
    kClockFields};
inline constexpr auto kClockOffset = field_key(kClockFields, "station.clock_offset_s");
inline constexpr auto kClockOffsetAbs = field_key(kClockFields, "station.clock_offset_abs_s");
inline constexpr auto kClockIsZone = field_key(kClockFields, "station.clock_is_zone");

inline constexpr auto kFaultFields = std::to_array<FieldDef>({
    {"station.connector", FieldType::kInt, "", "OCPP 1.6, 6.47",
     "Connector, or EVSE in OCPP 2.x; 0 is the station as a whole."},
    {"station.fault", FieldType::kText, "", "OCPP 1.6, 7.6",
     "errorCode of the station, or Faulted when it gives none."},
    {"station.vendor_fault", FieldType::kText, "", "OCPP 1.6, 6.47", "vendorErrorCode."},
    {"station.cause", FieldType::kText, "", "Chargewarden", "What the code means, in plain words."},
    {"station.remedy", FieldType::kText, "", "Chargewarden", "What to do about it."},
    {"station.fault_count", FieldType::kInt, "", "Chargewarden",
     "How often this connector has come to this fault within 24 hours."},
    {"station.in_session", FieldType::kBool, "", "Chargewarden",
     "Whether a charging session was running on it."},
});
inline constexpr EventDef kFault{"station.fault", "station", "A connector comes to a fault.",
                                 kFaultFields};
inline constexpr auto kConnector = field_key(kFaultFields, "station.connector");
inline constexpr auto kFaultCode = field_key(kFaultFields, "station.fault");
inline constexpr auto kVendorFault = field_key(kFaultFields, "station.vendor_fault");
inline constexpr auto kCause = field_key(kFaultFields, "station.cause");
inline constexpr auto kRemedy = field_key(kFaultFields, "station.remedy");
inline constexpr auto kFaultCount = field_key(kFaultFields, "station.fault_count");
inline constexpr auto kInSession = field_key(kFaultFields, "station.in_session");

inline constexpr auto kClearedFields = std::to_array<FieldDef>({
    {"station.connector", FieldType::kInt, "", "OCPP 1.6, 6.47", "As in station.fault."},
    {"station.fault", FieldType::kText, "", "OCPP 1.6, 7.6", "The fault that is over."},
    {"station.fault_s", FieldType::kInt, "s", "Chargewarden", "How long it lasted."},
});
inline constexpr EventDef kFaultCleared{"station.fault_cleared", "station",
                                        "A connector is out of its fault.", kClearedFields};
inline constexpr auto kClearedConnector = field_key(kClearedFields, "station.connector");
inline constexpr auto kClearedFault = field_key(kClearedFields, "station.fault");
inline constexpr auto kFaultS = field_key(kClearedFields, "station.fault_s");

inline constexpr auto kNoRestartFields = std::to_array<FieldDef>({
    {"station.reset_type", FieldType::kText, "", "OCPP 1.6, 6.39; OCPP 2.0.1, ResetEnumType",
     "Reset that the station accepted: Hard or Immediate."},
    {"station.since_s", FieldType::kInt, "s", "Chargewarden", "For how long it goes on since."},
});
inline constexpr EventDef kNoRestart{
    "station.restart_missing", "station",
    "A station that accepted a reset which does not wait goes on for a quarter of an hour and more "
    "on the same connection, without a boot.",
    kNoRestartFields};
inline constexpr auto kResetType = field_key(kNoRestartFields, "station.reset_type");
inline constexpr auto kNoRestartSince = field_key(kNoRestartFields, "station.since_s");

}  // namespace chargewarden::station
