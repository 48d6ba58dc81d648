#pragma once
// Events about stations that are lost, fall silent, or fail together. Reported by
// analyzer/detectors/outage. In those of the category grid, source.ip is the backend.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::outage {

inline constexpr auto kLostFields = std::to_array<FieldDef>({
    {"grid.stations", FieldType::kInt, "", "Chargewarden",
     "Different stations whose last connection broke within one minute."},
    {"grid.fleet", FieldType::kInt, "", "Chargewarden",
     "Stations that were connected to this backend before."},
    {"grid.share_percent", FieldType::kInt, "%", "Chargewarden", "Stations per fleet."},
    {"grid.missing", FieldType::kInt, "", "Chargewarden",
     "Those of them that had no connection again two minutes later."},
    {"grid.missing_percent", FieldType::kInt, "%", "Chargewarden", "These per fleet."},
    {"grid.span_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time from the first of them to the latest."},
    {"grid.sessions", FieldType::kInt, "", "Chargewarden",
     "Charging sessions that were open at these stations."},
    {"grid.resets_commanded", FieldType::kInt, "", "Chargewarden",
     "Stations that the backend had told to restart in the five minutes before: they explain "
     "themselves."},
    {"grid.cause_hint", FieldType::kText, "", "RFC 9293, 3.6",
     "What most of them have in common: reset_commanded, reset (one side cut the connection), fin "
     "(it was ended without a word), or other."},
});
inline constexpr EventDef kLost{
    "grid.stations_lost", "grid",
    "Connections of many stations of one backend break at the same time, without the closing "
    "handshake of WebSocket; noticed from 5 stations on, and told once, two minutes after their "
    "number grew last, with how many are not back.",
    kLostFields};
inline constexpr auto kLostStations = field_key(kLostFields, "grid.stations");
inline constexpr auto kLostFleet = field_key(kLostFields, "grid.fleet");
inline constexpr auto kLostShare = field_key(kLostFields, "grid.share_percent");
inline constexpr auto kLostMissing = field_key(kLostFields, "grid.missing");
inline constexpr auto kLostMissingShare = field_key(kLostFields, "grid.missing_percent");
inline constexpr auto kLostSpan = field_key(kLostFields, "grid.span_ms");
inline constexpr auto kLostSessions = field_key(kLostFields, "grid.sessions");
inline constexpr auto kLostResets = field_key(kLostFields, "grid.resets_commanded");
inline constexpr auto kLostCause = field_key(kLostFields, "grid.cause_hint");

inline constexpr auto kStopsFields = std::to_array<FieldDef>({
    {"grid.stop_reason", FieldType::kText, "", "OCPP 1.6, 7.36; OCPP 2.0.1 part 2, ReasonEnumType",
     "Reason of the stops."},
    {"grid.stations", FieldType::kInt, "", "Chargewarden",
     "Different stations where a session ended for this reason within one minute."},
    {"grid.fleet", FieldType::kInt, "", "Chargewarden", "Stations connected to this backend."},
    {"grid.share_percent", FieldType::kInt, "%", "Chargewarden", "Stations per fleet."},
    {"grid.span_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time from the first of them to the latest."},
});
inline constexpr EventDef kStops{
    "grid.abnormal_stops", "grid",
    "Sessions at many stations end for the same abnormal reason at the same time; told at 3 "
    "stations, whenever their number has doubled, and at a quarter, half and all of the fleet.",
    kStopsFields};
inline constexpr auto kStopsReason = field_key(kStopsFields, "grid.stop_reason");
inline constexpr auto kStopsStations = field_key(kStopsFields, "grid.stations");
inline constexpr auto kStopsFleet = field_key(kStopsFields, "grid.fleet");
inline constexpr auto kStopsShare = field_key(kStopsFields, "grid.share_percent");
inline constexpr auto kStopsSpan = field_key(kStopsFields, "grid.span_ms");

inline constexpr auto kFaultsFields = std::to_array<FieldDef>({
    {"grid.fault", FieldType::kText, "", "OCPP 1.6, 7.6",
     "Error code of the connectors; Faulted where the version has no codes."},
    {"grid.stations", FieldType::kInt, "", "Chargewarden",
     "Different stations that came to this fault within five minutes."},
    {"grid.fleet", FieldType::kInt, "", "Chargewarden", "Stations connected to this backend."},
    {"grid.share_percent", FieldType::kInt, "%", "Chargewarden", "Stations per fleet."},
    {"grid.span_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time from the first of them to the latest."},
});
inline constexpr EventDef kFaults{
    "grid.fault_wave", "grid",
    "Connectors of many stations come to the same fault; told at 3 stations, whenever their number "
    "has doubled, and at a quarter, half and all of the fleet.",
    kFaultsFields};
inline constexpr auto kFaultsCode = field_key(kFaultsFields, "grid.fault");
inline constexpr auto kFaultsStations = field_key(kFaultsFields, "grid.stations");
inline constexpr auto kFaultsFleet = field_key(kFaultsFields, "grid.fleet");
inline constexpr auto kFaultsShare = field_key(kFaultsFields, "grid.share_percent");
inline constexpr auto kFaultsSpan = field_key(kFaultsFields, "grid.span_ms");

inline constexpr auto kSilentFields = std::to_array<FieldDef>({
    {"station.silent_s", FieldType::kInt, "s", "Chargewarden",
     "For how long neither a message nor a ping or pong came from the station."},
    {"station.heartbeat_interval_s", FieldType::kInt, "s", "OCPP 1.6, 4.2",
     "The interval that the backend asked for."},
    {"station.backend_speaks", FieldType::kBool, "", "RFC 6455, 5.5.2",
     "Whether the backend has sent something meanwhile, such as pings that nobody answers."},
});
inline constexpr EventDef kSilent{
    "station.silent", "station",
    "A station has said nothing for three heartbeat intervals, and for ten minutes at least, while "
    "its connection is open; told once until it speaks again.",
    kSilentFields};
inline constexpr auto kSilentS = field_key(kSilentFields, "station.silent_s");
inline constexpr auto kSilentInterval = field_key(kSilentFields, "station.heartbeat_interval_s");
inline constexpr auto kSilentBackend = field_key(kSilentFields, "station.backend_speaks");

inline constexpr auto kAbortsFields = std::to_array<FieldDef>({
    {"grid.connectors", FieldType::kInt, "", "Chargewarden",
     "Connectors that lost the communication with their vehicle within one second of another one, "
     "within ten to twenty minutes."},
    {"grid.rounds", FieldType::kInt, "", "Chargewarden", "How often that happened."},
});
inline constexpr EventDef kAborts{
    "grid.communication_aborts", "grid",
    "Several connectors lose the communication with their vehicles in the same second, again and "
    "again; told at two rounds and then whenever their number has doubled.",
    kAbortsFields};
inline constexpr auto kAbortsConnectors = field_key(kAbortsFields, "grid.connectors");
inline constexpr auto kAbortsRounds = field_key(kAbortsFields, "grid.rounds");

}  // namespace chargewarden::outage
