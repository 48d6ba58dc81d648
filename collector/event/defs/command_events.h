#pragma once
// Events about commands to one station. Reported by analyzer/detectors/fleet_commands.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::command {

inline constexpr auto kFloodFields = std::to_array<FieldDef>({
    {"station.command", FieldType::kText, "", "OCPP 1.6, 5; OCPP 2.0.1 part 2",
     "What the station was told to do; words as in grid.command of grid.mass_command, and "
     "limit for any other charging profile."},
    {"station.commands", FieldType::kInt, "", "Chargewarden",
     "How often, within one to two minutes."},
    {"station.span_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time from the first of them to the latest."},
});
inline constexpr EventDef kFlood{
    "station.command_flood", "station",
    "A backend tells a station to do the same again and again; told at 5 and then whenever the "
    "number has doubled.",
    kFloodFields};
inline constexpr auto kFloodCommand = field_key(kFloodFields, "station.command");
inline constexpr auto kFloodCommands = field_key(kFloodFields, "station.commands");
inline constexpr auto kFloodSpanMs = field_key(kFloodFields, "station.span_ms");

inline constexpr auto kUnlockedFields = std::to_array<FieldDef>({
    {"session.connector", FieldType::kInt, "", "OCPP 1.6, 6.55",
     "connectorId of 1.6, evse id of 2.x."},
    {"session.answer", FieldType::kText, "", "OCPP 1.6, 7.46; OCPP 2.0.1 part 2, UnlockStatusEnum",
     "What the station answered; absent when no answer was seen within half a minute."},
    {"session.unlocked", FieldType::kBool, "", "OCPP 1.6, 7.46", "Whether it answered Unlocked."},
    {"session.stop_requested", FieldType::kBool, "", "Chargewarden",
     "Whether the backend had asked the station to end a session in the two minutes before."},
    {"session.known_by", FieldType::kText, "", "Chargewarden",
     "How it is known that a vehicle charges: transaction, or status of the connector."},
});
inline constexpr EventDef kUnlocked{
    "session.unlock_while_charging", "session",
    "The backend told a station to unlock a connector while a vehicle charged there.",
    kUnlockedFields};
inline constexpr auto kUnlockedConnector = field_key(kUnlockedFields, "session.connector");
inline constexpr auto kUnlockedAnswer = field_key(kUnlockedFields, "session.answer");
inline constexpr auto kUnlockedDone = field_key(kUnlockedFields, "session.unlocked");
inline constexpr auto kUnlockedStop = field_key(kUnlockedFields, "session.stop_requested");
inline constexpr auto kUnlockedBy = field_key(kUnlockedFields, "session.known_by");

}  // namespace chargewarden::command
