#pragma once
// Events about WebSocket connections (RFC 6455, RFC 7692).

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::websocket {

inline constexpr auto kControlFields = std::to_array<FieldDef>({
    {"websocket.opcode", FieldType::kText, "", "RFC 6455, 5.5", "ping, pong or close."},
    {"websocket.payload_bytes", FieldType::kInt, "bytes", "RFC 6455, 5.5",
     "Length of the frame's payload."},
    {"websocket.close_code", FieldType::kInt, "", "RFC 6455, 7.4",
     "Status code of a close frame; absent when the frame has none."},
    {"websocket.close_reason", FieldType::kText, "", "RFC 6455, 7.1.6", "Reason of a close frame."},
});
inline constexpr EventDef kControl{"websocket.control", "websocket", "A ping, pong or close frame.",
                                   kControlFields};
inline constexpr auto kOpcode = field_key(kControlFields, "websocket.opcode");
inline constexpr auto kPayloadBytes = field_key(kControlFields, "websocket.payload_bytes");
inline constexpr auto kCloseCode = field_key(kControlFields, "websocket.close_code");
inline constexpr auto kCloseReason = field_key(kControlFields, "websocket.close_reason");

inline constexpr auto kRecognisedFields = std::to_array<FieldDef>({
    {"websocket.content", FieldType::kText, "", "OCPP-J 1.6, 4.1",
     "ocpp, or other when none of the first messages was OCPP."},
    {"websocket.judged_messages", FieldType::kInt, "", "Chargewarden",
     "Whole messages that were looked at; of ocpp the last one is the first OCPP message."},
});
inline constexpr EventDef kRecognised{"websocket.recognised", "websocket",
                                      "What a WebSocket carries that has no OCPP subprotocol, "
                                      "judged by its first messages; source.ip "
                                      "is the sender of the deciding one.",
                                      kRecognisedFields};
inline constexpr auto kContent = field_key(kRecognisedFields, "websocket.content");
inline constexpr auto kJudgedMessages = field_key(kRecognisedFields, "websocket.judged_messages");

inline constexpr auto kAnomalyFields = std::to_array<FieldDef>({
    {"anomaly.kind", FieldType::kText, "", "RFC 6455, 5",
     "What is wrong: unmasked_client_frame, masked_server_frame, reserved_bit, reserved_opcode, "
     "long_control_frame, fragmented_control_frame, orphan_continuation, interrupted_message, "
     "length_not_minimal, frame_too_long, message_too_long, invalid_utf8, bad_close_code, "
     "bad_compression, compression_bomb, compression_not_negotiated, data_after_close, "
     "binary_message or lost_synchronisation."},
    {"anomaly.detail", FieldType::kText, "", "Chargewarden", "More about it, without payload."},
    {"anomaly.bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Length of the frame or message that it is about."},
});
inline constexpr EventDef kAnomaly{"websocket.anomaly", "websocket",
                                   "A WebSocket peer that breaks the rules of the protocol.",
                                   kAnomalyFields};
inline constexpr auto kAnomalyKind = field_key(kAnomalyFields, "anomaly.kind");
inline constexpr auto kAnomalyDetail = field_key(kAnomalyFields, "anomaly.detail");
inline constexpr auto kAnomalyBytes = field_key(kAnomalyFields, "anomaly.bytes");

}  // namespace chargewarden::websocket
