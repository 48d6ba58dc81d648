#pragma once
// Events about the sensor itself.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::sensor {

inline constexpr auto kLimitFields = std::to_array<FieldDef>({
    {"sensor.limit", FieldType::kText, "", "collector/base/limits.h", "Name of the limit."},
    {"sensor.count", FieldType::kInt, "", "Chargewarden", "How often it was hit."},
});
inline constexpr EventDef kLimitHit{"sensor.limit_hit", "sensor",
                                    "A limit of the sensor was hit: something was not looked at.",
                                    kLimitFields};
inline constexpr auto kLimit = field_key(kLimitFields, "sensor.limit");
inline constexpr auto kLimitCount = field_key(kLimitFields, "sensor.count");

inline constexpr auto kCaptureFields = std::to_array<FieldDef>({
    {"sensor.problem", FieldType::kText, "", "Chargewarden",
     "What could not be seen: truncated_packets, undecodable_packets, clock_backwards, "
     "capture_cut (an input that ends early) or unparsed_lines (of logs)."},
    {"sensor.count", FieldType::kInt, "", "Chargewarden",
     "How many packets, lines or inputs it concerns."},
});
inline constexpr EventDef kBlind{
    "sensor.blind", "sensor", "Part of the input could not be seen or understood.", kCaptureFields};
inline constexpr auto kProblem = field_key(kCaptureFields, "sensor.problem");
inline constexpr auto kProblemCount = field_key(kCaptureFields, "sensor.count");

inline constexpr auto kRulesFields = std::to_array<FieldDef>({
    {"sensor.rules_hash", FieldType::kText, "", "Chargewarden",
     "SHA-256 of the rules that are in force from now on."},
    {"sensor.count", FieldType::kInt, "", "Chargewarden", "How many rules, or how many problems."},
});
inline constexpr EventDef kRulesLoaded{"sensor.rules_loaded", "sensor",
                                       "Other rules were taken over while the sensor ran.",
                                       kRulesFields};
inline constexpr EventDef kRulesRefused{
    "sensor.rules_refused", "sensor",
    "Rules that were to be taken over have problems: the old ones stay.", kRulesFields};
inline constexpr auto kRulesHash = field_key(kRulesFields, "sensor.rules_hash");
inline constexpr auto kRulesCount = field_key(kRulesFields, "sensor.count");

}  // namespace chargewarden::sensor
