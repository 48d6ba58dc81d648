#pragma once
// Events about meter readings of sessions that cannot be true. Reported by
// analyzer/detectors/metering.

#include "collector/event/defs/session_events.h"

namespace chargewarden::session {

inline constexpr auto kBackwardsFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.where", FieldType::kText, "", "Chargewarden",
     "during (between two readings), end (the meter at the end is below that at the begin), or "
     "between (the begin is below the end of the session before on this connector)."},
    {"session.from_wh", FieldType::kReal, "Wh", "OCPP 1.6, 7.31", "Register before."},
    {"session.to_wh", FieldType::kReal, "Wh", "OCPP 1.6, 7.31", "Register after."},
    {"session.drop_wh", FieldType::kReal, "Wh", "Chargewarden", "By how much it fell."},
    {"session.thousandfold", FieldType::kBool, "", "Chargewarden",
     "Whether it fell to a thousandth: Wh and kWh were mixed up."},
});
inline constexpr EventDef kBackwards{"session.meter_backwards", "session",
                                     "The energy register of a connector fell by 10 Wh or more.",
                                     kBackwardsFields};
inline constexpr auto kWhere = field_key(kBackwardsFields, "session.where");
inline constexpr auto kFromWh = field_key(kBackwardsFields, "session.from_wh");
inline constexpr auto kToWh = field_key(kBackwardsFields, "session.to_wh");
inline constexpr auto kDropWh = field_key(kBackwardsFields, "session.drop_wh");
inline constexpr auto kBackwardsFactor = field_key(kBackwardsFields, "session.thousandfold");

inline constexpr auto kRestartsFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.from_wh", FieldType::kReal, "Wh", "OCPP 1.6, 7.31",
     "Register at the end of the session before."},
});
inline constexpr EventDef kRestarts{
    "session.meter_restarts", "session",
    "The energy register of a connector begins at zero with each session; told once per station.",
    kRestartsFields};
inline constexpr auto kRestartsFrom = field_key(kRestartsFields, "session.from_wh");

inline constexpr auto kNegativeFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.value_wh", FieldType::kReal, "Wh", "OCPP 1.6, 7.31", "The reading."},
});
inline constexpr EventDef kNegative{"session.meter_negative", "session",
                                    "An energy register is below zero; told once per session.",
                                    kNegativeFields};
inline constexpr auto kNegativeWh = field_key(kNegativeFields, "session.value_wh");

inline constexpr auto kMismatchFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.energy_wh", FieldType::kReal, "Wh", "Chargewarden",
     "What the register counted over readings that tell both."},
    {"session.expected_wh", FieldType::kReal, "Wh", "Chargewarden",
     "The power that was reported, over the same time."},
    {"session.difference_wh", FieldType::kReal, "Wh", "Chargewarden",
     "What the register counted less that."},
    {"session.tolerance_wh", FieldType::kReal, "Wh", "Chargewarden",
     "Difference that readings at these intervals can explain."},
    {"session.over_s", FieldType::kInt, "s", "Chargewarden", "That time."},
    {"session.thousandfold", FieldType::kBool, "", "Chargewarden",
     "Whether one is a thousand times the other: W and kW, or Wh and kWh, were mixed up."},
});
inline constexpr EventDef kMismatch{
    "session.energy_mismatch", "session",
    "Energy register and reported power do not agree; told when their difference is beyond what "
    "the readings can explain, and whenever it has doubled.",
    kMismatchFields};
inline constexpr auto kMismatchEnergy = field_key(kMismatchFields, "session.energy_wh");
inline constexpr auto kMismatchExpected = field_key(kMismatchFields, "session.expected_wh");
inline constexpr auto kDifference = field_key(kMismatchFields, "session.difference_wh");
inline constexpr auto kTolerance = field_key(kMismatchFields, "session.tolerance_wh");
inline constexpr auto kOverS = field_key(kMismatchFields, "session.over_s");
inline constexpr auto kMismatchFactor = field_key(kMismatchFields, "session.thousandfold");

inline constexpr auto kFrozenFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.expected_wh", FieldType::kReal, "Wh", "Chargewarden",
     "Energy that the reported power, or current and voltage, would have made since the register "
     "last moved; absent when neither was reported."},
    {"session.over_s", FieldType::kInt, "s", "Chargewarden",
     "For how long the register has not moved."},
    {"session.has_ended", FieldType::kBool, "", "Chargewarden", "Whether the session is over."},
});
inline constexpr EventDef kFrozen{
    "session.meter_frozen", "session",
    "The energy register stands still while power flows, or a session that was charging for a "
    "quarter of an hour or more ends without energy; told once per session.",
    kFrozenFields};
inline constexpr auto kFrozenExpected = field_key(kFrozenFields, "session.expected_wh");
inline constexpr auto kFrozenOver = field_key(kFrozenFields, "session.over_s");
inline constexpr auto kFrozenEnded = field_key(kFrozenFields, "session.has_ended");

inline constexpr auto kRateFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.rate_w", FieldType::kReal, "W", "Chargewarden",
     "Mean power by the register, or the power that was reported."},
    {"session.capability_w", FieldType::kReal, "W", "Chargewarden",
     "Power that the connector can give at most."},
    {"session.capability_from", FieldType::kText, "", "Chargewarden",
     "How that is known: offered (the station said so), inventory (it is listed so), ac (it "
     "reports "
     "single phases; IEC 61851-1 ends at 63 A) or any (no connector can give more)."},
    {"session.by", FieldType::kText, "", "Chargewarden", "What tells the rate: register or power."},
});
inline constexpr EventDef kRate{
    "session.rate_implausible", "session",
    "A session takes more power than its connector can give; told once per session, and again "
    "when the rate has doubled.",
    kRateFields};
inline constexpr auto kRateW = field_key(kRateFields, "session.rate_w");
inline constexpr auto kCapability = field_key(kRateFields, "session.capability_w");
inline constexpr auto kCapabilityFrom = field_key(kRateFields, "session.capability_from");
inline constexpr auto kRateBy = field_key(kRateFields, "session.by");

inline constexpr auto kOutsideFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.energy_wh", FieldType::kReal, "Wh", "Chargewarden",
     "Energy that the register counted while no session ran; absent when power tells."},
    {"session.power_w", FieldType::kReal, "W", "OCPP 1.6, 7.31",
     "Power that was reported while no session ran; absent when the register tells."},
    {"session.over_s", FieldType::kInt, "s", "Chargewarden", "For how long."},
});
inline constexpr EventDef kOutside{"session.energy_outside", "session",
                                   "Energy flows at a connector on which no session runs.",
                                   kOutsideFields};
inline constexpr auto kOutsideEnergy = field_key(kOutsideFields, "session.energy_wh");
inline constexpr auto kOutsidePower = field_key(kOutsideFields, "session.power_w");
inline constexpr auto kOutsideOver = field_key(kOutsideFields, "session.over_s");

inline constexpr auto kSilentFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.longest_s", FieldType::kInt, "s", "Chargewarden",
     "Longest time without a reading in the session."},
    {"session.usual_s", FieldType::kInt, "s", "Chargewarden", "Mean time between the others."},
});
inline constexpr EventDef kSilent{
    "session.readings_missing", "session",
    "At the end of a session: no meter reading came for at least ten minutes and five times the "
    "usual interval.",
    kSilentFields};
inline constexpr auto kLongest = field_key(kSilentFields, "session.longest_s");
inline constexpr auto kUsualS = field_key(kSilentFields, "session.usual_s");

inline constexpr auto kSocFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.soc_from", FieldType::kReal, "%", "OCPP 1.6, 7.31", "State of charge before."},
    {"session.soc_to", FieldType::kReal, "%", "OCPP 1.6, 7.31", "State of charge after."},
    {"session.energy_wh", FieldType::kReal, "Wh", "Chargewarden", "Energy taken meanwhile."},
    {"session.battery_wh", FieldType::kReal, "Wh", "Chargewarden",
     "Size of the battery that both would mean; absent when the state of charge falls."},
});
inline constexpr EventDef kSoc{
    "session.soc_contradicts", "session",
    "The state of charge falls while energy is taken, or rises as that of no vehicle could; told "
    "once per session.",
    kSocFields};
inline constexpr auto kSocFrom = field_key(kSocFields, "session.soc_from");
inline constexpr auto kSocTo = field_key(kSocFields, "session.soc_to");
inline constexpr auto kSocEnergy = field_key(kSocFields, "session.energy_wh");
inline constexpr auto kBattery = field_key(kSocFields, "session.battery_wh");

inline constexpr auto kElectricalFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.power_w", FieldType::kReal, "W", "OCPP 1.6, 7.31", "Power that was reported."},
    {"session.apparent_va", FieldType::kReal, "VA", "Chargewarden",
     "Voltage times current of all phases."},
});
inline constexpr EventDef kElectrical{
    "session.power_contradicts", "session",
    "Power is not what voltage and current make, in three readings in a row; told once per "
    "session.",
    kElectricalFields};
inline constexpr auto kElectricalPower = field_key(kElectricalFields, "session.power_w");
inline constexpr auto kApparent = field_key(kElectricalFields, "session.apparent_va");

inline constexpr auto kLimitFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.power_w", FieldType::kReal, "W", "OCPP 1.6, 7.31", "Power that is taken."},
    {"session.limit_w", FieldType::kReal, "W", "OCPP 1.6, 7.10",
     "Limit that the station accepted; of one in A, the most that it allows."},
    {"session.since_s", FieldType::kInt, "s", "Chargewarden",
     "For how long the limit has been in force."},
    {"session.kept_before", FieldType::kBool, "", "Chargewarden",
     "Whether the station was seen to keep to a limit: many accept them and never do."},
});
inline constexpr EventDef kOverLimit{
    "session.limit_exceeded", "session",
    "A session takes more power than the charging profile allows that its station accepted, in "
    "three readings in a row; told once per limit.",
    kLimitFields};
inline constexpr auto kOverPower = field_key(kLimitFields, "session.power_w");
inline constexpr auto kOverLimitW = field_key(kLimitFields, "session.limit_w");
inline constexpr auto kKeptBefore = field_key(kLimitFields, "session.kept_before");
inline constexpr auto kOverSince = field_key(kLimitFields, "session.since_s");

inline constexpr auto kScheduleFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.reported_limit", FieldType::kReal, "", "OCPP 1.6, 5.7",
     "Limit that the station says it applies now."},
    {"session.reported_unit", FieldType::kText, "", "OCPP 1.6, 7.12", "A or W."},
    {"session.limit_w", FieldType::kReal, "W", "OCPP 1.6, 7.10",
     "Limit that the station accepted; of one in A, the most that it allows."},
    {"session.since_s", FieldType::kInt, "s", "Chargewarden",
     "For how long that has been in force."},
});
inline constexpr EventDef kScheduleAbove{
    "session.schedule_above_limit", "session",
    "The schedule that a station says it applies to a session (GetCompositeSchedule) begins above "
    "the charging profile that it accepted; told once per limit.",
    kScheduleFields};
inline constexpr auto kReported = field_key(kScheduleFields, "session.reported_limit");
inline constexpr auto kReportedUnit = field_key(kScheduleFields, "session.reported_unit");
inline constexpr auto kScheduleLimit = field_key(kScheduleFields, "session.limit_w");
inline constexpr auto kScheduleSince = field_key(kScheduleFields, "session.since_s");

inline constexpr auto kLateLimitFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.since_s", FieldType::kInt, "s", "Chargewarden", "For how long it has been over."},
});
inline constexpr EventDef kLimitAfterEnd{
    "session.limit_after_end", "session",
    "A station accepted a charging profile for a transaction that ended a minute or more before.",
    kLateLimitFields};
inline constexpr auto kLateSince = field_key(kLateLimitFields, "session.since_s");

inline constexpr auto kExportFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.export_wh", FieldType::kReal, "Wh", "OCPP 1.6, 7.31",
     "Energy that was fed back in this session so far; absent when the register does not tell."},
    {"session.export_w", FieldType::kReal, "W", "OCPP 1.6, 7.31", "Power that is fed back."},
});
inline constexpr EventDef kExport{
    "session.energy_exported", "session",
    "A session feeds energy back, and no order that allows it was seen at this station: no limit "
    "or setpoint below zero, no operation mode other than charging; told once per station.",
    kExportFields};
inline constexpr auto kExportWh = field_key(kExportFields, "session.export_wh");
inline constexpr auto kExportW = field_key(kExportFields, "session.export_w");

inline constexpr auto kCostFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.cost_before", FieldType::kReal, "", "OCPP 2.0.1 part 2, CostUpdatedRequest",
     "What the session had cost, in the currency of the CSMS."},
    {"session.cost", FieldType::kReal, "", "OCPP 2.0.1 part 2, CostUpdatedRequest",
     "What it is said to cost now."},
    {"session.ended", FieldType::kBool, "", "Chargewarden", "Whether the session is over."},
});
inline constexpr EventDef kCostFell{
    "session.cost_fell", "session",
    "The CSMS says that a session costs less than it did before, by a hundredth or more.",
    kCostFields};
inline constexpr auto kCostBefore = field_key(kCostFields, "session.cost_before");
inline constexpr auto kCostNow = field_key(kCostFields, "session.cost");
inline constexpr auto kCostEnded = field_key(kCostFields, "session.ended");

inline constexpr auto kNothingFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.cost", FieldType::kReal, "", "OCPP 2.0.1 part 2, TransactionEventResponse",
     "What it is said to cost."},
    {"session.duration_s", FieldType::kInt, "s", "Chargewarden", "How long it was, as captured."},
});
inline constexpr EventDef kCostForNothing{
    "session.cost_for_nothing", "session",
    "A session that ended with the register it began with is to be paid for.", kNothingFields};
inline constexpr auto kNothingCost = field_key(kNothingFields, "session.cost");
inline constexpr auto kNothingS = field_key(kNothingFields, "session.duration_s");

}  // namespace chargewarden::session
