#pragma once
// Events about signed meter values. Reported by analyzer/detectors/signed_meter.

#include "collector/event/defs/session_events.h"

namespace chargewarden::session {

inline constexpr auto kSignedValueFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.signed_problem", FieldType::kText, "", "OCMF 1.4.1; OCA, Signed Meter Values in OCPP",
     "invalid (the signature does not fit), key_changed (it fits another key than before), "
     "page_gap (records before it are missing), page_back (its number was used before, by a "
     "session that began earlier), replayed (the record belongs to another session or station), "
     "meter_state (the meter says that it is not in order) or meter_error (of the energy)."},
    {"session.signed_verdict", FieldType::kText, "", "OCMF 1.4.1, signature section",
     "Of the signature: valid, invalid or cannot_tell."},
    {"session.signed_reason", FieldType::kText, "", "Chargewarden",
     "Why the verdict is not valid, where more is known."},
    {"session.meter_serial", FieldType::kText, "", "OCMF 1.4.1, MS", "Serial number of the meter."},
    {"session.page_context", FieldType::kText, "", "OCMF 1.4.1, PG",
     "T (transaction) or F (fiscal): each counts for itself."},
    {"session.page", FieldType::kInt, "", "OCMF 1.4.1, PG", "Number of the record."},
    {"session.page_before", FieldType::kInt, "", "OCMF 1.4.1, PG",
     "Highest number of the meter before."},
    {"session.pages_missing", FieldType::kInt, "", "Chargewarden", "Records between the two."},
    {"session.capture_gap", FieldType::kBool, "", "Chargewarden",
     "Whether the capture has a gap, or the station connected anew, since the record before: the "
     "missing ones may have been sent."},
    {"session.key_fingerprint", FieldType::kText, "", "FIPS 180-4",
     "SHA-256 of the meter's public key, hex."},
    {"session.key_fingerprint_before", FieldType::kText, "", "FIPS 180-4",
     "That of the key which the meter signed with before."},
    {"session.meter_state", FieldType::kText, "", "OCMF 1.4.1, ST",
     "State that the meter tells, such as M (manipulated), R (removed), X (exchanged)."},
    {"session.meter_errors", FieldType::kText, "", "OCMF 1.4.1, EF",
     "Error flags: E (energy), t (time)."},
    {"session.times", FieldType::kInt, "", "Chargewarden",
     "How often this problem was seen at this meter."},
});
inline constexpr EventDef kSignedValue{
    "session.signed_value", "session",
    "Something is wrong with a signed meter value; told at the first of a kind from a meter and "
    "then whenever their number has doubled.",
    kSignedValueFields};
inline constexpr auto kSignedProblem = field_key(kSignedValueFields, "session.signed_problem");
inline constexpr auto kSignedVerdict = field_key(kSignedValueFields, "session.signed_verdict");
inline constexpr auto kSignedReason = field_key(kSignedValueFields, "session.signed_reason");
inline constexpr auto kMeterSerial = field_key(kSignedValueFields, "session.meter_serial");
inline constexpr auto kPageContext = field_key(kSignedValueFields, "session.page_context");
inline constexpr auto kPage = field_key(kSignedValueFields, "session.page");
inline constexpr auto kPageBefore = field_key(kSignedValueFields, "session.page_before");
inline constexpr auto kPagesMissing = field_key(kSignedValueFields, "session.pages_missing");
inline constexpr auto kCaptureGap = field_key(kSignedValueFields, "session.capture_gap");
inline constexpr auto kKeyFingerprint = field_key(kSignedValueFields, "session.key_fingerprint");
inline constexpr auto kKeyFingerprintBefore =
    field_key(kSignedValueFields, "session.key_fingerprint_before");
inline constexpr auto kMeterState = field_key(kSignedValueFields, "session.meter_state");
inline constexpr auto kMeterErrors = field_key(kSignedValueFields, "session.meter_errors");
inline constexpr auto kTimes = field_key(kSignedValueFields, "session.times");

inline constexpr auto kUnverifiableFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.signed_reason", FieldType::kText, "", "Chargewarden", "What stands in the way."},
    {"session.signed_format", FieldType::kText, "", "OCA, Signed Meter Values in OCPP",
     "OCMF, XML or other."},
});
inline constexpr EventDef kUnverifiable{
    "session.signed_unverifiable", "session",
    "A station sends signed meter values whose signature cannot be checked here; told once per "
    "station.",
    kUnverifiableFields};
inline constexpr auto kUnverifiableReason = field_key(kUnverifiableFields, "session.signed_reason");
inline constexpr auto kUnverifiableFormat = field_key(kUnverifiableFields, "session.signed_format");

inline constexpr auto kSignedMissingFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.signed_before", FieldType::kInt, "", "Chargewarden",
     "Sessions of the station before that had their signed value at the end."},
    {"session.begin_signed", FieldType::kBool, "", "Chargewarden",
     "Whether this session had other signed values."},
    {"session.times", FieldType::kInt, "", "Chargewarden", "Such sessions of the station."},
});
inline constexpr EventDef kSignedMissing{
    "session.signed_missing", "session",
    "A session with energy ended without a signed value, at a station that sent them before; told "
    "at the first and then whenever their number has doubled.",
    kSignedMissingFields};
inline constexpr auto kSignedBefore = field_key(kSignedMissingFields, "session.signed_before");
inline constexpr auto kBeginSigned = field_key(kSignedMissingFields, "session.begin_signed");
inline constexpr auto kMissingTimes = field_key(kSignedMissingFields, "session.times");

inline constexpr auto kSignedMismatchFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.signed_wh", FieldType::kReal, "Wh", "OCMF 1.4.1, RV",
     "Energy of the session by the signed values."},
    {"session.reported_wh", FieldType::kReal, "Wh", "OCPP 1.6, 6.45 and 6.49",
     "Energy of the session by the readings beside them."},
    {"session.difference_wh", FieldType::kReal, "Wh", "Chargewarden",
     "How much more is reported than signed; below zero: less."},
    {"session.difference_percent", FieldType::kReal, "%", "Chargewarden",
     "Size of the difference, of the larger of the two."},
});
inline constexpr EventDef kSignedMismatch{
    "session.signed_mismatch", "session",
    "The energy that a station reports for a session is not what its meter signed, by more than "
    "100 Wh and one percent; told once per session.",
    kSignedMismatchFields};
inline constexpr auto kSignedWh = field_key(kSignedMismatchFields, "session.signed_wh");
inline constexpr auto kReportedWh = field_key(kSignedMismatchFields, "session.reported_wh");
inline constexpr auto kSignedDifference = field_key(kSignedMismatchFields, "session.difference_wh");
inline constexpr auto kSignedPercent =
    field_key(kSignedMismatchFields, "session.difference_percent");

}  // namespace chargewarden::session
