#pragma once
// Events about the order of what stations say about their sessions. Reported by
// analyzer/detectors/transactions.

#include "collector/event/defs/session_events.h"

namespace chargewarden::session {

inline constexpr auto kReplayedFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.what", FieldType::kText, "", "Chargewarden", "Which message: start, update or end."},
    {"session.count", FieldType::kInt, "", "Chargewarden", "How often it has come again."},
    {"session.age_s", FieldType::kInt, "s", "Chargewarden",
     "Time since the session began; of an end, since it ended."},
    {"session.has_ended", FieldType::kBool, "", "Chargewarden",
     "Whether the session was over already."},
    {"session.other_station", FieldType::kText, "", "Chargewarden",
     "The station that sent it first, where that was another one."},
});
inline constexpr EventDef kReplayed{
    "session.replayed", "session",
    "A message of a session came again, byte for byte, after the station had used the answer to "
    "it, so that it is no retry; told at 1 and whenever their number has doubled.",
    kReplayedFields};
inline constexpr auto kReplayedWhat = field_key(kReplayedFields, "session.what");
inline constexpr auto kReplayedCount = field_key(kReplayedFields, "session.count");
inline constexpr auto kReplayedAge = field_key(kReplayedFields, "session.age_s");
inline constexpr auto kHasEnded = field_key(kReplayedFields, "session.has_ended");
inline constexpr auto kReplayedFrom = field_key(kReplayedFields, "session.other_station");

inline constexpr auto kForeignFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.what", FieldType::kText, "", "Chargewarden",
     "What was done with it: end, readings, or remote_stop (by the CSMS)."},
    {"session.other_station", FieldType::kText, "", "Chargewarden", "The station that runs it."},
});
inline constexpr EventDef kForeign{
    "session.foreign", "session",
    "A message is about a transaction that another station of this CSMS is running.",
    kForeignFields};
inline constexpr auto kForeignWhat = field_key(kForeignFields, "session.what");
inline constexpr auto kForeignStation = field_key(kForeignFields, "session.other_station");

inline constexpr auto kUnknownEndsFields = std::to_array<FieldDef>({
    {"session.transactions", FieldType::kInt, "", "Chargewarden",
     "Different transactions that the station ended and is not known to have had, within ten "
     "minutes; at most 1024 are told apart."},
    {"session.consecutive", FieldType::kInt, "", "Chargewarden",
     "Those whose number is one above or below that of the one before."},
});
inline constexpr EventDef kUnknownEnds{
    "session.unknown_ends", "session",
    "A station ends many transactions that it did not begin; told at 5 and whenever their number "
    "has doubled.",
    kUnknownEndsFields};
inline constexpr auto kTransactions = field_key(kUnknownEndsFields, "session.transactions");
inline constexpr auto kUnknownConsecutive = field_key(kUnknownEndsFields, "session.consecutive");

inline constexpr auto kNumberReusedFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.has_ended", FieldType::kBool, "", "Chargewarden",
     "Whether the first transaction of that id was over."},
});
inline constexpr EventDef kNumberReused{
    "session.id_reused", "session",
    "A station of OCPP 2.x begins a transaction with an id that it has used before.",
    kNumberReusedFields};
inline constexpr auto kReusedEnded = field_key(kNumberReusedFields, "session.has_ended");

inline constexpr auto kSecondEndFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.meter_wh", FieldType::kReal, "Wh", "OCPP 1.6, 6.49", "Meter of the first end."},
    {"session.other_meter_wh", FieldType::kReal, "Wh", "OCPP 1.6, 6.49",
     "Meter of the second end."},
});
inline constexpr EventDef kSecondEnd{
    "session.ended_twice", "session",
    "A session that was over is ended once more, with another content.", kSecondEndFields};
inline constexpr auto kFirstMeter = field_key(kSecondEndFields, "session.meter_wh");
inline constexpr auto kSecondMeter = field_key(kSecondEndFields, "session.other_meter_wh");

inline constexpr auto kSequenceFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.missing", FieldType::kInt, "", "OCPP 2.0.1 part 2, TransactionEventRequest",
     "Values of seqNo between the first and the last that did not come."},
    {"session.repeated", FieldType::kInt, "", "OCPP 2.0.1 part 2, TransactionEventRequest",
     "Values of seqNo that came again with another content."},
    {"session.gapless_before", FieldType::kInt, "", "Chargewarden",
     "Sessions of the station whose events were whole, before."},
});
inline constexpr EventDef kSequence{
    "session.sequence_broken", "session",
    "At the end of a session of OCPP 2.x, its events are not numbered without gaps; holes of the "
    "capture are not the reason.",
    kSequenceFields};
inline constexpr auto kMissing = field_key(kSequenceFields, "session.missing");
inline constexpr auto kRepeated = field_key(kSequenceFields, "session.repeated");
inline constexpr auto kGaplessBefore = field_key(kSequenceFields, "session.gapless_before");

inline constexpr auto kOrphanedFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.since_s", FieldType::kInt, "s", "Chargewarden",
     "Time since the connector was said to be free."},
});
inline constexpr EventDef kOrphaned{
    "session.orphaned", "session",
    "The connector of a session has been free for ten minutes, the station is connected, and the "
    "session was not ended.",
    kOrphanedFields};
inline constexpr auto kOrphanedSince = field_key(kOrphanedFields, "session.since_s");

inline constexpr auto kStatusFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.connector_status", FieldType::kText, "", "OCPP 1.6, 7.7", "Status of the connector."},
    {"session.since_s", FieldType::kInt, "s", "Chargewarden", "For how long."},
    {"session.after_end", FieldType::kBool, "", "Chargewarden",
     "Whether a session was ended on the connector since its status was last another one than "
     "charging."},
});
inline constexpr EventDef kCharging{
    "session.charging_without_session", "session",
    "A connector has been charging by its status for two minutes, and the station has no session "
    "on it.",
    kStatusFields};
inline constexpr auto kChargingStatus = field_key(kStatusFields, "session.connector_status");
inline constexpr auto kChargingSince = field_key(kStatusFields, "session.since_s");
inline constexpr auto kAfterEnd = field_key(kStatusFields, "session.after_end");

inline constexpr auto kUnusableFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.connector_status", FieldType::kText, "", "OCPP 1.6, 7.7",
     "Status of the connector: Faulted or Unavailable."},
    {"session.since_s", FieldType::kInt, "s", "Chargewarden",
     "For how long it had that status when the session began."},
});
inline constexpr EventDef kUnusable{
    "session.on_unusable_connector", "session",
    "A session began on a connector that was out of order, and that did not recover with it.",
    kUnusableFields};
inline constexpr auto kUnusableStatus = field_key(kUnusableFields, "session.connector_status");
inline constexpr auto kUnusableSince = field_key(kUnusableFields, "session.since_s");

inline constexpr auto kBackdatedFields = std::to_array<FieldDef>({
    {"session.count", FieldType::kInt, "", "Chargewarden",
     "Sessions within ten minutes that are said to have begun while the station was offline."},
    {"session.unexplained", FieldType::kInt, "", "Chargewarden",
     "Those that are said to have begun while the station was connected."},
});
inline constexpr EventDef kBackdated{
    "session.offline_flood", "session",
    "Many sessions of a station come late; told at 5 and whenever their number has doubled.",
    kBackdatedFields};
inline constexpr auto kBackdatedCount = field_key(kBackdatedFields, "session.count");
inline constexpr auto kUnexplained = field_key(kBackdatedFields, "session.unexplained");

}  // namespace chargewarden::session
