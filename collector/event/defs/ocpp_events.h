#pragma once
// Events about OCPP-J messages (OCPP-J 1.6; OCPP 2.0.1 and 2.1, part 4).

#include <array>

#include "collector/event/ocpp_actions.h"
#include "collector/event/schema.h"

namespace chargewarden::ocpp {

// ocpp.type, by MessageType.
inline constexpr std::array<std::string_view, kMessageTypes> kTypeNames = {
    "call", "result", "error", "result_error", "send"};

inline constexpr auto kMessageFields = std::to_array<FieldDef>({
    {"ocpp.version", FieldType::kText, "", "OCPP-J 2.1, 3.1.2",
     "1.2, 1.5, 1.6, 2.0.1 or 2.1: the subprotocol that the server chose, or guessed from the "
     "messages."},
    {"ocpp.version_guessed", FieldType::kBool, "", "Chargewarden",
     "True when no handshake with a subprotocol was seen."},
    {"ocpp.type", FieldType::kText, "", "OCPP-J 2.1, 4.1.3",
     "call, result, error, result_error or send."},
    {"ocpp.direction", FieldType::kText, "", "OCPP-J 1.6, 3.5",
     "station_to_csms or csms_to_station: who sent this message."},
    {"ocpp.action", FieldType::kText, "", "OCPP-J 1.6, 4.2.1",
     "Name of the action, also of a signed one; also set on answers whose call was seen."},
    {"ocpp.id", FieldType::kText, "", "OCPP-J 1.6, 4.1.4", "Message id."},
    {"ocpp.known_action", FieldType::kBool, "", "OCPP 1.6 to 2.1 schemas",
     "Whether any OCPP version defines the action."},
    {"ocpp.error_code", FieldType::kText, "", "OCPP-J 1.6, 4.2.3",
     "Error code of an error answer."},
    {"ocpp.error_description", FieldType::kText, "", "OCPP-J 1.6, 4.2.3",
     "Error description of an error answer."},
    {"ocpp.size_bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Length of the message after unmasking and decompression."},
    {"ocpp.latency_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time between a call and this answer."},
    {"ocpp.answered", FieldType::kBool, "", "OCPP-J 1.6, 4.1",
     "On an answer: whether its call was seen."},
    {"ocpp.encrypted", FieldType::kBool, "", "Chargewarden",
     "True when the message came out of a decrypted TLS stream; absent when it comes from a log, "
     "which does not tell."},
    {"ocpp.signed", FieldType::kBool, "", "OCPP 2.1 part 4, 7",
     "True on a signed call, which was sent as ACTION-Signed and whose payload is a JSON Web "
     "Signature; absent on others."},
    {"ocpp.sensitive", FieldType::kTextList, "", "Chargewarden",
     "Kinds of personal data that the text of the message holds in clear: card_number, email, "
     "vin."},
    {"ocpp.settings", FieldType::kTextList, "", "OCPP 2.0.1 part 2, B05",
     "On a call of SetVariables: each variable with its own value, as in "
     "OCPPCommCtrlr/HeartbeatInterval=300, without instances; of secrets only the length, as in "
     "SecurityCtrlr/BasicAuthPassword (20 bytes)."},
});
inline constexpr EventDef kMessage{"ocpp.message", "ocpp", "One OCPP message.", kMessageFields,
                                   Payload::kOcpp};
inline constexpr auto kVersion = field_key(kMessageFields, "ocpp.version");
inline constexpr auto kVersionGuessed = field_key(kMessageFields, "ocpp.version_guessed");
inline constexpr auto kType = field_key(kMessageFields, "ocpp.type");
inline constexpr auto kDirection = field_key(kMessageFields, "ocpp.direction");
inline constexpr auto kAction = field_key(kMessageFields, "ocpp.action");
inline constexpr auto kId = field_key(kMessageFields, "ocpp.id");
inline constexpr auto kKnownAction = field_key(kMessageFields, "ocpp.known_action");
inline constexpr auto kErrorCode = field_key(kMessageFields, "ocpp.error_code");
inline constexpr auto kErrorDescription = field_key(kMessageFields, "ocpp.error_description");
inline constexpr auto kSizeBytes = field_key(kMessageFields, "ocpp.size_bytes");
inline constexpr auto kLatencyMs = field_key(kMessageFields, "ocpp.latency_ms");
inline constexpr auto kAnswered = field_key(kMessageFields, "ocpp.answered");
inline constexpr auto kEncrypted = field_key(kMessageFields, "ocpp.encrypted");
inline constexpr auto kSigned = field_key(kMessageFields, "ocpp.signed");
inline constexpr auto kSensitive = field_key(kMessageFields, "ocpp.sensitive");
inline constexpr auto kSettings = field_key(kMessageFields, "ocpp.settings");

inline constexpr auto kUnansweredFields = std::to_array<FieldDef>({
    {"ocpp.version", FieldType::kText, "", "OCPP-J 2.1, 3.1.2", "As in ocpp.message."},
    {"ocpp.direction", FieldType::kText, "", "OCPP-J 1.6, 3.5", "Who sent the call."},
    {"ocpp.action", FieldType::kText, "", "OCPP-J 1.6, 4.2.1", "Name of the action."},
    {"ocpp.id", FieldType::kText, "", "OCPP-J 1.6, 4.1.4", "Message id."},
    {"ocpp.waited_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time between the call and the end of the connection."},
});
inline constexpr EventDef kUnanswered{
    "ocpp.unanswered_call", "ocpp",
    "A connection ended before a call was answered; only for calls whose payload is kept.",
    kUnansweredFields, Payload::kOcpp};
inline constexpr auto kUnansweredVersion = field_key(kUnansweredFields, "ocpp.version");
inline constexpr auto kUnansweredDirection = field_key(kUnansweredFields, "ocpp.direction");
inline constexpr auto kUnansweredAction = field_key(kUnansweredFields, "ocpp.action");
inline constexpr auto kUnansweredId = field_key(kUnansweredFields, "ocpp.id");
inline constexpr auto kWaitedMs = field_key(kUnansweredFields, "ocpp.waited_ms");

inline constexpr auto kAnomalyFields = std::to_array<FieldDef>({
    {"anomaly.kind", FieldType::kText, "", "OCPP-J 1.6, 4.1",
     "What is wrong: malformed_json, nested_too_deep, not_an_array, bad_message_type, "
     "bad_message_id, long_message_id, missing_elements, extra_elements, bad_action, "
     "unknown_action, wrong_direction, payload_not_object, unsolicited_answer, duplicate_answer, "
     "duplicate_message_id, overlapping_call, pending_calls_evicted, partial_message or "
     "large_message (above 16 KB)."},
    {"anomaly.detail", FieldType::kText, "", "Chargewarden", "More about it, without payload."},
    {"anomaly.bytes", FieldType::kInt, "bytes", "Chargewarden", "Length of the message."},
    {"ocpp.version", FieldType::kText, "", "OCPP-J 2.1, 3.1.2", "As in ocpp.message."},
    {"ocpp.direction", FieldType::kText, "", "OCPP-J 1.6, 3.5", "As in ocpp.message."},
    {"ocpp.action", FieldType::kText, "", "OCPP-J 1.6, 4.2.1", "Name of the action, if readable."},
    {"ocpp.id", FieldType::kText, "", "OCPP-J 1.6, 4.1.4", "Message id, if readable."},
});
inline constexpr EventDef kAnomaly{"ocpp.anomaly", "ocpp",
                                   "A message that breaks the rules of OCPP-J.", kAnomalyFields};
inline constexpr auto kAnomalyKind = field_key(kAnomalyFields, "anomaly.kind");
inline constexpr auto kAnomalyDetail = field_key(kAnomalyFields, "anomaly.detail");
inline constexpr auto kAnomalyBytes = field_key(kAnomalyFields, "anomaly.bytes");
inline constexpr auto kAnomalyVersion = field_key(kAnomalyFields, "ocpp.version");
inline constexpr auto kAnomalyDirection = field_key(kAnomalyFields, "ocpp.direction");
inline constexpr auto kAnomalyAction = field_key(kAnomalyFields, "ocpp.action");
inline constexpr auto kAnomalyId = field_key(kAnomalyFields, "ocpp.id");

}  // namespace chargewarden::ocpp
