#pragma once
// Events about the security events of stations. Reported by analyzer/detectors/security_events.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::security_event {

inline constexpr auto kMissingFields = std::to_array<FieldDef>({
    {"station.expected_event", FieldType::kText, "",
     "OCPP 1.6 security whitepaper, 2.3; OCPP 2.0.1 part 2 appendices, 1",
     "Security event that had to come: FirmwareUpdated."},
    {"station.firmware", FieldType::kText, "", "OCPP 1.6, 6.3", "Firmware that it reports now."},
    {"station.firmware_before", FieldType::kText, "", "OCPP 1.6, 6.3", "The one before."},
});
inline constexpr EventDef kMissing{
    "station.security_event_missing", "station",
    "A station that has sent security events before reports other firmware at its boot, and the "
    "event that belongs to it does not come within half an hour.",
    kMissingFields};
inline constexpr auto kExpected = field_key(kMissingFields, "station.expected_event");
inline constexpr auto kFirmware = field_key(kMissingFields, "station.firmware");
inline constexpr auto kFirmwareBefore = field_key(kMissingFields, "station.firmware_before");

inline constexpr auto kTimeFields = std::to_array<FieldDef>({
    {"station.security_event", FieldType::kText, "",
     "OCPP 1.6 security whitepaper, 2.3; OCPP 2.0.1 part 2 appendices, 1",
     "Type of the security event."},
    {"station.time_problem", FieldType::kText, "", "Chargewarden",
     "future: it says that it happened ten minutes or more after it came; held_back: an hour or "
     "more before it came, at a time at which the station was connected."},
    {"station.time_offset_s", FieldType::kInt, "s", "Chargewarden",
     "By how much its time is ahead of that at which it came, at least; negative: behind."},
    {"station.offset_is_zone", FieldType::kBool, "", "Chargewarden",
     "Whether that is the offset of a time zone: local time that says it is UTC."},
});
inline constexpr EventDef kTime{
    "station.security_event_time", "station",
    "The timestamp of a security event cannot be right, though the clock of the station is known.",
    kTimeFields};
inline constexpr auto kType = field_key(kTimeFields, "station.security_event");
inline constexpr auto kProblem = field_key(kTimeFields, "station.time_problem");
inline constexpr auto kOffset = field_key(kTimeFields, "station.time_offset_s");
inline constexpr auto kIsZone = field_key(kTimeFields, "station.offset_is_zone");

}  // namespace chargewarden::security_event
