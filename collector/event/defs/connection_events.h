#pragma once
// Events about TCP connections (RFC 9293).

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::connection {

inline constexpr auto kOpenedFields = std::to_array<FieldDef>({
    {"connection.midstream", FieldType::kBool, "", "RFC 9293, 3.5",
     "True when the opening handshake was not seen."},
    {"connection.resumes", FieldType::kText, "", "RFC 5961, 1",
     "The flow.id of a connection that seemed to end by a reset or a FIN, and whose ends went on: "
     "this one continues it."},
    {"connection.accepted", FieldType::kBool, "", "RFC 9293, 3.5",
     "Whether the server agreed to the connection (its SYN-ACK was seen). Absent when it was met "
     "in "
     "the middle."},
    {"connection.protocol", FieldType::kText, "", "Chargewarden",
     "What was recognised so far: http, websocket, tls, or unknown; FTP is known later."},
});
inline constexpr EventDef kOpened{"connection.opened", "connection",
                                  "A TCP connection begins, or is met in the middle.",
                                  kOpenedFields};
inline constexpr auto kResumes = field_key(kOpenedFields, "connection.resumes");
inline constexpr auto kMidstream = field_key(kOpenedFields, "connection.midstream");
inline constexpr auto kAccepted = field_key(kOpenedFields, "connection.accepted");
inline constexpr auto kOpenedProtocol = field_key(kOpenedFields, "connection.protocol");

inline constexpr auto kClosedFields = std::to_array<FieldDef>({
    {"connection.close_reason", FieldType::kText, "", "RFC 9293, 3.6",
     "How it ended: fin, reset, replaced (the port was used again, or a log tells of a new "
     "connection), unanswered (nothing but a SYN for a minute), logged (a log says that it ended), "
     "refused (in a log), evicted or end_of_input."},
    {"connection.duration_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time from the first to the last packet."},
    {"connection.client_bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Payload bytes that the client sent, as delivered in order."},
    {"connection.server_bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Payload bytes that the server sent, as delivered in order."},
    {"connection.protocol", FieldType::kText, "", "Chargewarden",
     "What was recognised: http, websocket, tls, ftp, or unknown."},
    {"connection.client_sha256", FieldType::kText, "", "FIPS 180-4",
     "SHA-256 in hex of all that the client sent, such as a file over an FTP data connection: only "
     "where the protocol is unknown, all of at least 512 bytes was captured, and the client ended "
     "it with a FIN."},
    {"connection.server_sha256", FieldType::kText, "", "FIPS 180-4",
     "The same of all that the server sent."},
    {"connection.accepted", FieldType::kBool, "", "RFC 9293, 3.5",
     "Whether the server agreed to the connection (its SYN-ACK was seen). Absent when it was met "
     "in "
     "the middle."},
});
inline constexpr EventDef kClosed{"connection.closed", "connection", "A TCP connection ends.",
                                  kClosedFields};
inline constexpr auto kCloseReason = field_key(kClosedFields, "connection.close_reason");
inline constexpr auto kDurationMs = field_key(kClosedFields, "connection.duration_ms");
inline constexpr auto kClientBytes = field_key(kClosedFields, "connection.client_bytes");
inline constexpr auto kServerBytes = field_key(kClosedFields, "connection.server_bytes");
inline constexpr auto kClientSha256 = field_key(kClosedFields, "connection.client_sha256");
inline constexpr auto kServerSha256 = field_key(kClosedFields, "connection.server_sha256");
inline constexpr auto kProtocol = field_key(kClosedFields, "connection.protocol");
inline constexpr auto kClosedAccepted = field_key(kClosedFields, "connection.accepted");

inline constexpr auto kProgressFields = std::to_array<FieldDef>({
    {"connection.duration_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time from the first to the latest packet."},
    {"connection.client_bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Payload bytes that the client has sent, as delivered in order."},
    {"connection.server_bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Payload bytes that the server has sent, as delivered in order."},
    {"connection.longest_silence_ms", FieldType::kInt, "ms", "Chargewarden",
     "Longest time without payload between two segments that had some."},
    {"connection.largest_segment_bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Payload of the largest segment of both sides."},
});
inline constexpr EventDef kProgress{"connection.progress", "connection",
                                    "A connection of unknown protocol goes on; told every ten "
                                    "minutes with its payload. Not told of "
                                    "connections that were met in the middle.",
                                    kProgressFields};
inline constexpr auto kProgressDurationMs = field_key(kProgressFields, "connection.duration_ms");
inline constexpr auto kProgressClientBytes = field_key(kProgressFields, "connection.client_bytes");
inline constexpr auto kProgressServerBytes = field_key(kProgressFields, "connection.server_bytes");
inline constexpr auto kLongestSilenceMs =
    field_key(kProgressFields, "connection.longest_silence_ms");
inline constexpr auto kLargestSegmentBytes =
    field_key(kProgressFields, "connection.largest_segment_bytes");

inline constexpr auto kGapFields = std::to_array<FieldDef>({
    {"connection.missing_bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Bytes of the stream that were never captured."},
});
inline constexpr EventDef kGap{"connection.gap", "connection",
                               "Part of a stream is missing from the capture; source.ip is the end "
                               "that sent it.",
                               kGapFields};
inline constexpr auto kMissingBytes = field_key(kGapFields, "connection.missing_bytes");

inline constexpr auto kAnomalyFields = std::to_array<FieldDef>({
    {"anomaly.kind", FieldType::kText, "", "RFC 9293",
     "What is wrong: overlap_conflict (two copies of the same bytes differ), reset_ignored or "
     "fin_ignored (a connection went on after its end, which somebody else must have sent)."},
    {"anomaly.detail", FieldType::kText, "", "Chargewarden", "More about it, without payload."},
});
inline constexpr EventDef kAnomaly{"connection.anomaly", "connection",
                                   "A TCP stream does what an honest stack does not do.",
                                   kAnomalyFields};
inline constexpr auto kAnomalyKind = field_key(kAnomalyFields, "anomaly.kind");
inline constexpr auto kAnomalyDetail = field_key(kAnomalyFields, "anomaly.detail");

}  // namespace chargewarden::connection
