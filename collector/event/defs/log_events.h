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

// About logs as such, reported by analyzer/detectors/logs.

inline constexpr auto kHoleFields = std::to_array<FieldDef>({
    {"log.silent_s", FieldType::kInt, "s", "Chargewarden",
     "How long the log tells no OCPP message, between lines before and after."},
    {"log.missing", FieldType::kInt, "", "Chargewarden",
     "Begins and ends of sessions that were seen on the wire in that time and that the log should "
     "have told, and never does; at most 64 are looked for."},
    {"log.stations", FieldType::kInt, "", "Chargewarden", "Different stations that sent them."},
    {"log.line_before", FieldType::kInt, "", "Chargewarden", "Last line before the hole."},
    {"log.line_after", FieldType::kInt, "", "Chargewarden", "First line behind it."},
});
inline constexpr EventDef kHole{
    "log.hole", "log",
    "A log that tells what is on the wire is silent for ten minutes or more, and what was on the "
    "wire meanwhile is missing in it.",
    kHoleFields};
inline constexpr auto kHoleSilent = field_key(kHoleFields, "log.silent_s");
inline constexpr auto kHoleMissing = field_key(kHoleFields, "log.missing");
inline constexpr auto kHoleStations = field_key(kHoleFields, "log.stations");
inline constexpr auto kHoleBefore = field_key(kHoleFields, "log.line_before");
inline constexpr auto kHoleAfter = field_key(kHoleFields, "log.line_after");

inline constexpr auto kEndsFields = std::to_array<FieldDef>({
    {"log.silent_s", FieldType::kInt, "s", "Chargewarden",
     "How long the wire went on after the last OCPP message of the log."},
    {"log.missing", FieldType::kInt, "", "Chargewarden", "As in log.hole."},
    {"log.line_before", FieldType::kInt, "", "Chargewarden", "Last line with a message."},
});
inline constexpr EventDef kEnds{
    "log.ends_early", "log",
    "A log ends an hour or more before the wire, on which ten begins and ends of sessions follow "
    "that it should have told.",
    kEndsFields};
inline constexpr auto kEndsSilent = field_key(kEndsFields, "log.silent_s");
inline constexpr auto kEndsMissing = field_key(kEndsFields, "log.missing");
inline constexpr auto kEndsBefore = field_key(kEndsFields, "log.line_before");

inline constexpr auto kBackFields = std::to_array<FieldDef>({
    {"log.back_s", FieldType::kInt, "s", "Chargewarden", "By how much its time went back."},
    {"log.back_is_hour", FieldType::kBool, "", "Chargewarden",
     "Whether that is one hour: the end of summer time in a log that writes local time."},
    {"log.line_after", FieldType::kInt, "", "Chargewarden", "The line with the earlier time."},
});
inline constexpr EventDef kBack{"log.time_back", "log",
                                "The time of the lines of a log goes back by ten minutes or more.",
                                kBackFields};
inline constexpr auto kBackS = field_key(kBackFields, "log.back_s");
inline constexpr auto kBackIsHour = field_key(kBackFields, "log.back_is_hour");
inline constexpr auto kBackLine = field_key(kBackFields, "log.line_after");

}  // namespace chargewarden::log
