#pragma once
// Events about how much stations and strangers send. Reported by analyzer/detectors/load.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::load {

inline constexpr auto kConnectionFloodFields = std::to_array<FieldDef>({
    {"identity.idle_connections", FieldType::kInt, "", "Chargewarden",
     "Connections of the source to this backend on which nothing came about within 5 s, or until "
     "they ended: no TLS, no HTTP answer, no message; within 10 to 20 s."},
    {"identity.idle_connections_minute", FieldType::kInt, "", "Chargewarden",
     "The same within one to two minutes."},
    {"identity.backend_idle_connections", FieldType::kInt, "", "Chargewarden",
     "Such connections to this backend from all sources, within 10 to 20 s."},
});
inline constexpr EventDef kConnectionFlood{
    "identity.connection_flood", "identity",
    "A source opens connections to a backend and does nothing with them; told at 20, at 100 of all "
    "sources, and whenever the number has doubled. source.ip is the source.",
    kConnectionFloodFields};
inline constexpr auto kIdle = field_key(kConnectionFloodFields, "identity.idle_connections");
inline constexpr auto kIdleMinute =
    field_key(kConnectionFloodFields, "identity.idle_connections_minute");
inline constexpr auto kBackendIdle =
    field_key(kConnectionFloodFields, "identity.backend_idle_connections");

inline constexpr auto kReconnectsFields = std::to_array<FieldDef>({
    {"station.connections", FieldType::kInt, "", "Chargewarden",
     "Accepted handshakes of the station within 10 to 20 minutes."},
});
inline constexpr EventDef kReconnects{
    "station.reconnects", "station",
    "A station connects again and again; told at 10 and then whenever the number has doubled.",
    kReconnectsFields};
inline constexpr auto kConnections = field_key(kReconnectsFields, "station.connections");

inline constexpr auto kMessageFloodFields = std::to_array<FieldDef>({
    {"station.messages", FieldType::kInt, "", "Chargewarden",
     "Calls of the station within 10 to 20 s, without those of the next field."},
    {"station.expected_messages", FieldType::kInt, "", "OCPP 1.6, 3.7.1 and 4.7",
     "Calls that may come in a row: transaction messages of the past after an outage, and reports "
     "that the backend has asked for; counted once there is a row."},
    {"station.span_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time from the first of them to the latest."},
    {"station.action", FieldType::kText, "", "OCPP 1.6, 4.2.1",
     "The action of most of them, if one makes up more than half."},
});
inline constexpr EventDef kMessageFlood{
    "station.message_flood", "station",
    "A station sends calls much faster than stations do; told at 100 and then whenever the number "
    "has doubled.",
    kMessageFloodFields};
inline constexpr auto kMessages = field_key(kMessageFloodFields, "station.messages");
inline constexpr auto kExpected = field_key(kMessageFloodFields, "station.expected_messages");
inline constexpr auto kFloodSpan = field_key(kMessageFloodFields, "station.span_ms");
inline constexpr auto kFloodAction = field_key(kMessageFloodFields, "station.action");

inline constexpr auto kHeartbeatFloodFields = std::to_array<FieldDef>({
    {"station.heartbeats", FieldType::kInt, "", "OCPP 1.6, 4.6",
     "Heartbeats of the station within one to two minutes."},
    {"station.heartbeat_interval_s", FieldType::kInt, "s", "OCPP 1.6, 4.2; 9.1.10",
     "The interval that the backend asked for; absent when that was not seen."},
    {"station.span_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time from the first of them to the latest."},
});
inline constexpr EventDef kHeartbeatFlood{
    "station.heartbeat_flood", "station",
    "A station sends heartbeats more than three times as often as it was told to, and at least 20 "
    "(120 when the interval is not known); told again whenever the number has doubled.",
    kHeartbeatFloodFields};
inline constexpr auto kHeartbeats = field_key(kHeartbeatFloodFields, "station.heartbeats");
inline constexpr auto kInterval = field_key(kHeartbeatFloodFields, "station.heartbeat_interval_s");
inline constexpr auto kHeartbeatSpan = field_key(kHeartbeatFloodFields, "station.span_ms");

inline constexpr auto kErrorsFields = std::to_array<FieldDef>({
    {"station.errors", FieldType::kInt, "", "OCPP-J 1.6, 4.2.3",
     "Error answers (CALLERROR) of both sides within one to two minutes."},
    {"station.error_code", FieldType::kText, "", "OCPP-J 1.6, 4.2.3", "Code of the latest one."},
});
inline constexpr EventDef kErrors{
    "station.error_storm", "station",
    "Station and backend answer each other with errors; told at 10 and then whenever the number "
    "has doubled. source.ip is the sender of the latest one.",
    kErrorsFields};
inline constexpr auto kErrorCount = field_key(kErrorsFields, "station.errors");
inline constexpr auto kErrorCode = field_key(kErrorsFields, "station.error_code");

inline constexpr auto kMalformedFields = std::to_array<FieldDef>({
    {"station.malformed", FieldType::kInt, "", "OCPP-J 1.6, 4.1; RFC 6455, 5",
     "Messages and frames of the client that break the rules, within one to two minutes."},
    {"station.anomaly", FieldType::kText, "", "Chargewarden",
     "Kind of the latest one, as in anomaly.kind."},
});
inline constexpr EventDef kMalformed{
    "station.malformed_storm", "station",
    "A client breaks the rules of the protocol again and again, as a fuzzer does; told at 10 and "
    "then whenever the number has doubled.",
    kMalformedFields};
inline constexpr auto kMalformedCount = field_key(kMalformedFields, "station.malformed");
inline constexpr auto kMalformedKind = field_key(kMalformedFields, "station.anomaly");

inline constexpr auto kVolumeFields = std::to_array<FieldDef>({
    {"station.bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Length of the OCPP messages of the station within 10 to 20 minutes."},
});
inline constexpr EventDef kVolume{
    "station.volume", "station",
    "A station sends far more data than stations do; told at 4 MiB and then whenever the number "
    "has doubled.",
    kVolumeFields};
inline constexpr auto kVolumeBytes = field_key(kVolumeFields, "station.bytes");

}  // namespace chargewarden::load
