#pragma once
// Events about commands and power of many stations. Reported by analyzer/detectors/fleet_commands
// and analyzer/detectors/grid. source.ip is the backend; station.id is empty.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::grid {

inline constexpr auto kMassCommandFields = std::to_array<FieldDef>({
    {"grid.command", FieldType::kText, "", "OCPP 1.6, 5; OCPP 2.0.1 part 2",
     "What the stations were told to do: reset, remote_start, remote_stop, make_inoperative, "
     "unlock, limit_to_nothing (below the minimum at which vehicles charge), limit_beyond_rating, "
     "clear_limits (the ceilings of stations), update_firmware, change_settings, change_network, "
     "install_certificate, delete_certificate, clear_cache, send_local_list, reserve, trigger, "
     "read_all, upload_log or data_transfer."},
    {"grid.stations", FieldType::kInt, "", "Chargewarden",
     "Different stations that were told to within the window."},
    {"grid.fleet", FieldType::kInt, "", "Chargewarden",
     "Stations that are connected to this backend, as far as the sensor has seen them."},
    {"grid.share_percent", FieldType::kInt, "%", "Chargewarden", "Stations per fleet."},
    {"grid.window_s", FieldType::kInt, "s", "Chargewarden",
     "The window: 60 for bursts, 900 for what is done slowly."},
    {"grid.span_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time from the first of these commands in the window to the latest."},
    {"grid.commands", FieldType::kInt, "", "Chargewarden",
     "These commands in the window, also repeated ones."},
    {"grid.sessions", FieldType::kInt, "", "Chargewarden",
     "Those of the commands that met a station in a charging session; of remote_stop those that "
     "named a running one."},
    {"grid.limit_min_w", FieldType::kReal, "W", "OCPP 1.6, 7.11",
     "Of limits: the lowest one; amperes are taken as 230 V times phases, three without number."},
    {"grid.limit_max_w", FieldType::kReal, "W", "OCPP 1.6, 7.11", "Of limits: the highest one."},
    {"grid.tokens", FieldType::kInt, "", "Chargewarden",
     "Different tokens in remote starts and reservations; at most 16 are told apart."},
});
inline constexpr EventDef kMassCommand{
    "grid.mass_command", "grid",
    "A backend tells many stations to do the same within a short time; told at 5 stations, or at "
    "all of a fleet of 3 or 4, whenever stations or commands have doubled, and at a quarter, half "
    "and all of the fleet.",
    kMassCommandFields};
inline constexpr auto kCommand = field_key(kMassCommandFields, "grid.command");
inline constexpr auto kStations = field_key(kMassCommandFields, "grid.stations");
inline constexpr auto kFleet = field_key(kMassCommandFields, "grid.fleet");
inline constexpr auto kShare = field_key(kMassCommandFields, "grid.share_percent");
inline constexpr auto kWindowS = field_key(kMassCommandFields, "grid.window_s");
inline constexpr auto kSpanMs = field_key(kMassCommandFields, "grid.span_ms");
inline constexpr auto kCommands = field_key(kMassCommandFields, "grid.commands");
inline constexpr auto kSessions = field_key(kMassCommandFields, "grid.sessions");
inline constexpr auto kLowestLimit = field_key(kMassCommandFields, "grid.limit_min_w");
inline constexpr auto kHighestLimit = field_key(kMassCommandFields, "grid.limit_max_w");
inline constexpr auto kTokens = field_key(kMassCommandFields, "grid.tokens");

inline constexpr auto kLimitSwingFields = std::to_array<FieldDef>({
    {"grid.reversals", FieldType::kInt, "", "Chargewarden",
     "How often the limit turned from up to down or back within 10 to 20 minutes, each time by at "
     "least half of the larger value."},
    {"grid.limit_min_w", FieldType::kReal, "W", "OCPP 1.6, 7.11", "The lower of the latest two."},
    {"grid.limit_max_w", FieldType::kReal, "W", "OCPP 1.6, 7.11", "The higher of the latest two."},
});
inline constexpr EventDef kLimitSwing{
    "grid.limit_swing", "grid",
    "The charging limit of a station goes up and down by large steps; told at 6 reversals and then "
    "whenever their number has doubled.",
    kLimitSwingFields};
inline constexpr auto kReversals = field_key(kLimitSwingFields, "grid.reversals");
inline constexpr auto kSwingLow = field_key(kLimitSwingFields, "grid.limit_min_w");
inline constexpr auto kSwingHigh = field_key(kLimitSwingFields, "grid.limit_max_w");

inline constexpr auto kPowerStepFields = std::to_array<FieldDef>({
    {"grid.before_w", FieldType::kReal, "W", "OCPP 1.6, 7.31",
     "Sum of the power that sessions reported, one minute before."},
    {"grid.after_w", FieldType::kReal, "W", "OCPP 1.6, 7.31", "The sum now."},
    {"grid.step_w", FieldType::kReal, "W", "Chargewarden", "The change, without its sign."},
    {"grid.step_percent", FieldType::kInt, "%", "Chargewarden", "Step per larger of the two sums."},
    {"grid.is_drop", FieldType::kBool, "", "Chargewarden", "Whether the sum went down."},
    {"grid.stations", FieldType::kInt, "", "Chargewarden",
     "Different stations whose power changed meanwhile."},
});
inline constexpr EventDef kPowerStep{
    "grid.power_step", "grid",
    "The measured power of all stations of a backend changes within one minute by 100 kW or more, "
    "and by half at least; told once, and again when it changes as much once more. source.ip is "
    "the backend.",
    kPowerStepFields};
inline constexpr auto kBeforeW = field_key(kPowerStepFields, "grid.before_w");
inline constexpr auto kAfterW = field_key(kPowerStepFields, "grid.after_w");
inline constexpr auto kStepW = field_key(kPowerStepFields, "grid.step_w");
inline constexpr auto kStepPercent = field_key(kPowerStepFields, "grid.step_percent");
inline constexpr auto kIsDrop = field_key(kPowerStepFields, "grid.is_drop");
inline constexpr auto kStepStations = field_key(kPowerStepFields, "grid.stations");

}  // namespace chargewarden::grid
