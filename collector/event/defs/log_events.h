#pragma once
// Events about lines of logs that are no OCPP message, no connection and no handshake.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::log {

inline constexpr auto kLineFields = std::to_array<FieldDef>({
    {"log.format", FieldType::kText, "", "Chargewarden",
     "Format that the line was read as: jsonl, steve, syslog and so on."},
    {"log.level", FieldType::kText, "", "RFC 5424, 6.2.1",
     "Severity: emergency, alert, critical, error, warning, notice, info, debug or trace; absent "
     "when the line has none."},
    {"log.program", FieldType::kText, "", "RFC 5424, 6.2.5",
     "Program, logger or component that wrote the line."},
    {"log.host", FieldType::kText, "", "RFC 5424, 6.2.4", "Host that wrote the line."},
    {"log.message", FieldType::kText, "", "Chargewarden",
     "Text of the line without its head, at most 512 bytes; JSON inside it is left out, what looks "
     "like a credential or a token is replaced by ***."},
});
inline constexpr EventDef kLine{
    "log.line", "log", "A line of a log that is neither an OCPP message nor about a connection.",
    kLineFields};
inline constexpr auto kFormat = field_key(kLineFields, "log.format");
inline constexpr auto kLevel = field_key(kLineFields, "log.level");
inline constexpr auto kProgram = field_key(kLineFields, "log.program");
inline constexpr auto kHost = field_key(kLineFields, "log.host");
inline constexpr auto kMessage = field_key(kLineFields, "log.message");

inline constexpr auto kUnparsedFields = std::to_array<FieldDef>({
    {"log.format", FieldType::kText, "", "Chargewarden", "Format that the line should have had."},
    {"log.reason", FieldType::kText, "", "Chargewarden",
     "Why it could not be understood, such as no_prefix, not_json, bad_time, no_direction, "
     "bad_frame or not_utf8."},
    {"log.bytes", FieldType::kInt, "bytes", "Chargewarden", "Length of the line."},
});
inline constexpr EventDef kUnparsed{
    "log.unparsed", "log", "A line of a log that could not be understood; event.origin names it.",
    kUnparsedFields};
inline constexpr auto kUnparsedFormat = field_key(kUnparsedFields, "log.format");
inline constexpr auto kReason = field_key(kUnparsedFields, "log.reason");
inline constexpr auto kBytes = field_key(kUnparsedFields, "log.bytes");

}  // namespace chargewarden::log
