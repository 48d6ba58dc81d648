#pragma once
// Events about charging sessions: who may charge, and whether the story of a session is whole.
// Reported by analyzer/detectors/authorization and analyzer/detectors/transactions.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::session {

// Which session it is about: each table begins with these, so that their keys fit all of them.
inline constexpr FieldDef kConnectorField{
    "session.connector", FieldType::kInt, "", "OCPP 1.6, 6.45; OCPP 2.0.1 part 2, EVSEType",
    "Connector, or EVSE in OCPP 2.x; absent when it was not told."};
inline constexpr FieldDef kTransactionField{"session.transaction", FieldType::kText, "",
                                            "OCPP 1.6, 6.46; OCPP 2.0.1 part 2, TransactionType",
                                            "Transaction id; absent when it is not known yet."};
inline constexpr FieldDef kTokenField{"session.token",
                                      FieldType::kText,
                                      "",
                                      "OCPP 1.6, 7.28; OCPP 2.0.1 part 2, IdTokenType",
                                      "Token of the session.",
                                      Privacy::kPersonal};
inline constexpr auto kSubjectFields =
    std::to_array<FieldDef>({kConnectorField, kTransactionField, kTokenField});
inline constexpr auto kConnector = field_key(kSubjectFields, "session.connector");
inline constexpr auto kTransaction = field_key(kSubjectFields, "session.transaction");
inline constexpr auto kToken = field_key(kSubjectFields, "session.token");

inline constexpr FieldDef kBasisField{
    "session.authorised_by", FieldType::kText, "", "OCPP 1.6, 5.1 and 3.4; OCPP 2.0.1 part 2, C",
    "What allowed the session: authorize, remote_start, local_list, reservation, answer (2.x: the "
    "answer to the event with the token), known_token (accepted some time before), free (a session "
    "that needs nobody's leave), offline, none, or unknown where it cannot be told."};

inline constexpr auto kEndedFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    kBasisField,
    {"session.energy_wh", FieldType::kReal, "Wh", "OCPP 1.6, 6.49",
     "Meter at the end less meter at the begin; absent when either was not told."},
    {"session.duration_s", FieldType::kInt, "s", "Chargewarden",
     "By the station's clock where it told begin and end, else as captured."},
    {"session.stop_reason", FieldType::kText, "", "OCPP 1.6, 7.36; OCPP 2.0.1, ReasonEnumType",
     "As the station says; Local when it says nothing."},
    {"session.begin_seen", FieldType::kBool, "", "Chargewarden", "Whether its begin was captured."},
    {"session.offline", FieldType::kBool, "", "OCPP 2.0.1 part 2, TransactionEventRequest",
     "Whether it began while the station was offline."},
});
inline constexpr EventDef kEnded{"session.ended", "session", "A charging session has ended.",
                                 kEndedFields};
inline constexpr auto kEndedBasis = field_key(kEndedFields, "session.authorised_by");
inline constexpr auto kEnergyWh = field_key(kEndedFields, "session.energy_wh");
inline constexpr auto kDurationS = field_key(kEndedFields, "session.duration_s");
inline constexpr auto kStopReason = field_key(kEndedFields, "session.stop_reason");
inline constexpr auto kBeginSeen = field_key(kEndedFields, "session.begin_seen");
inline constexpr auto kOffline = field_key(kEndedFields, "session.offline");

inline constexpr auto kUnauthorisedFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.usual", FieldType::kText, "", "Chargewarden",
     "What makes it an exception: station (its sessions were authorised first, so far), fleet "
     "(those of others of its model at this CSMS were), refused (the CSMS has refused the token "
     "there within ten minutes), or unknown (too few sessions were seen to tell what is usual)."},
    {"session.accepted_in_answer", FieldType::kBool, "", "OCPP 2.0.1 part 2, C01",
     "Whether the CSMS accepted the token in its answer to the session itself, in OCPP 2.x."},
    {"session.authorised_before", FieldType::kInt, "", "Chargewarden",
     "Sessions of that station, or fleet, that were authorised."},
    {"session.bare_before", FieldType::kInt, "", "Chargewarden", "Those that were not."},
});
inline constexpr EventDef kUnauthorised{
    "session.unauthorised", "session",
    "Charging goes on in a session that nothing allowed: no authorization, remote start, "
    "reservation, local list or earlier acceptance of its token was seen.",
    kUnauthorisedFields};
inline constexpr auto kUsual = field_key(kUnauthorisedFields, "session.usual");
inline constexpr auto kAcceptedInAnswer =
    field_key(kUnauthorisedFields, "session.accepted_in_answer");
inline constexpr auto kAuthorisedBefore =
    field_key(kUnauthorisedFields, "session.authorised_before");
inline constexpr auto kBareBefore = field_key(kUnauthorisedFields, "session.bare_before");

inline constexpr auto kRefusedFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.token_status", FieldType::kText, "", "OCPP 1.6, 7.2; OCPP 2.0.1 part 2",
     "How the CSMS refused the token."},
    {"session.since_s", FieldType::kInt, "s", "Chargewarden", "Time since the refusal."},
    {"session.energy_wh", FieldType::kReal, "Wh", "Chargewarden",
     "Energy that the meter counted since the refusal; absent when no reading tells."},
});
inline constexpr EventDef kRefusedContinues{
    "session.continues_after_refusal", "session",
    "A session goes on for more than a minute after its token was refused; told then and at its "
    "end.",
    kRefusedFields};
inline constexpr auto kRefusedStatus = field_key(kRefusedFields, "session.token_status");
inline constexpr auto kRefusedSince = field_key(kRefusedFields, "session.since_s");
inline constexpr auto kRefusedEnergy = field_key(kRefusedFields, "session.energy_wh");

inline constexpr auto kTwoPlacesFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.other_station", FieldType::kText, "", "Chargewarden",
     "Station of the session that was there before."},
    {"session.other_connector", FieldType::kInt, "", "Chargewarden", "Its connector."},
    {"session.same_station", FieldType::kBool, "", "Chargewarden",
     "Whether both are connectors of one station."},
    {"session.overlap_s", FieldType::kInt, "s", "Chargewarden",
     "For how long both have run, as far as is known."},
    {"session.places", FieldType::kInt, "", "Chargewarden",
     "Sessions of the token that run now, at most 8 are told apart: many are a shared token."},
    {"session.by_remote", FieldType::kBool, "", "Chargewarden",
     "Whether the CSMS itself asked for one of them: such tokens often stand for an app."},
    {"session.token_type", FieldType::kText, "", "OCPP 2.0.1 part 2, IdTokenEnumType",
     "Type of the token, such as eMAID, the contract of a vehicle; absent in OCPP 1.6."},
});
inline constexpr EventDef kTwoPlaces{
    "session.token_in_two_places", "session",
    "A session goes on while a later one runs with the same token; the event is about the later "
    "one.",
    kTwoPlacesFields};
inline constexpr auto kOtherStation = field_key(kTwoPlacesFields, "session.other_station");
inline constexpr auto kOtherConnector = field_key(kTwoPlacesFields, "session.other_connector");
inline constexpr auto kSameStation = field_key(kTwoPlacesFields, "session.same_station");
inline constexpr auto kOverlapS = field_key(kTwoPlacesFields, "session.overlap_s");
inline constexpr auto kPlaces = field_key(kTwoPlacesFields, "session.places");
inline constexpr auto kByRemote = field_key(kTwoPlacesFields, "session.by_remote");
inline constexpr auto kTokenType = field_key(kTwoPlacesFields, "session.token_type");

inline constexpr auto kTravelledFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.other_station", FieldType::kText, "", "Chargewarden",
     "Station where the token was before."},
    {"session.distance_km", FieldType::kReal, "km", "Chargewarden",
     "From there to here as the crow flies, by the inventory."},
    {"session.elapsed_s", FieldType::kInt, "s", "Chargewarden", "Time between the two."},
    {"session.speed_kmh", FieldType::kReal, "km/h", "Chargewarden",
     "How fast one would have to travel, in a straight line."},
    {"session.places", FieldType::kInt, "", "Chargewarden",
     "Stations where the token was within a day, at most 9 are told apart: many are a shared "
     "token."},
    {"session.token_type", FieldType::kText, "", "OCPP 2.0.1 part 2, IdTokenEnumType",
     "Type of the token, such as eMAID, the contract of a vehicle; absent in OCPP 1.6."},
});
inline constexpr EventDef kTravelled{
    "session.token_travelled", "session",
    "A token is accepted at a station so soon after another one that a straight line at 100 km/h "
    "would not suffice; only where the inventory says where both are.",
    kTravelledFields};
inline constexpr auto kTravelToken = field_key(kTravelledFields, "session.token");
inline constexpr auto kTravelFrom = field_key(kTravelledFields, "session.other_station");
inline constexpr auto kTravelKm = field_key(kTravelledFields, "session.distance_km");
inline constexpr auto kTravelS = field_key(kTravelledFields, "session.elapsed_s");
inline constexpr auto kTravelKmh = field_key(kTravelledFields, "session.speed_kmh");
inline constexpr auto kTravelPlaces = field_key(kTravelledFields, "session.places");
inline constexpr auto kTravelTokenType = field_key(kTravelledFields, "session.token_type");

inline constexpr auto kStoppedByFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.stop_token", FieldType::kText, "", "OCPP 1.6, 6.49", "Token that ended it.",
     Privacy::kPersonal},
    kBasisField,
    {"session.groups_known", FieldType::kBool, "", "OCPP 1.6, 3.6",
     "Whether the CSMS told a group of both tokens, and they differ."},
});
inline constexpr EventDef kStoppedByOther{
    "session.stopped_by_other", "session",
    "A session was ended with a token that did not begin it and is not of its group.",
    kStoppedByFields};
inline constexpr auto kStopToken = field_key(kStoppedByFields, "session.stop_token");
inline constexpr auto kStoppedBasis = field_key(kStoppedByFields, "session.authorised_by");
inline constexpr auto kGroupsKnown = field_key(kStoppedByFields, "session.groups_known");

inline constexpr auto kGuessingFields = std::to_array<FieldDef>({
    {"session.tokens", FieldType::kInt, "", "Chargewarden",
     "Different tokens that were refused, within ten minutes; at most 1024 are told apart."},
    {"session.attempts", FieldType::kInt, "", "Chargewarden", "Refusals of tokens meanwhile."},
    {"session.accepted", FieldType::kInt, "", "Chargewarden",
     "Tokens that were accepted meanwhile."},
    {"session.consecutive", FieldType::kInt, "", "Chargewarden",
     "Refused tokens whose number is one above or below that of the one before."},
    {"session.span_s", FieldType::kInt, "s", "Chargewarden", "Time from the first to the latest."},
});
inline constexpr EventDef kGuessing{
    "session.tokens_refused", "session",
    "Many different tokens are refused at one station; told at 5 and whenever their number has "
    "doubled.",
    kGuessingFields};
inline constexpr auto kTokens = field_key(kGuessingFields, "session.tokens");
inline constexpr auto kAttempts = field_key(kGuessingFields, "session.attempts");
inline constexpr auto kAccepted = field_key(kGuessingFields, "session.accepted");
inline constexpr auto kConsecutive = field_key(kGuessingFields, "session.consecutive");
inline constexpr auto kSpanS = field_key(kGuessingFields, "session.span_s");

inline constexpr auto kAcceptedAfterFields = std::to_array<FieldDef>({
    {"session.token", FieldType::kText, "", "OCPP 1.6, 7.28", "The token that was accepted.",
     Privacy::kPersonal},
    {"session.tokens", FieldType::kInt, "", "Chargewarden",
     "Different tokens that were refused at the station in the two minutes before."},
    {"session.new_token", FieldType::kBool, "", "Chargewarden",
     "Whether the token was never accepted before."},
});
inline constexpr EventDef kAcceptedAfter{
    "session.accepted_after_refusals", "session",
    "A token is accepted after at least two others were refused at the same station.",
    kAcceptedAfterFields};
inline constexpr auto kAcceptedToken = field_key(kAcceptedAfterFields, "session.token");
inline constexpr auto kTokensBefore = field_key(kAcceptedAfterFields, "session.tokens");
inline constexpr auto kNewToken = field_key(kAcceptedAfterFields, "session.new_token");

inline constexpr auto kRemoteUnusedFields = std::to_array<FieldDef>({
    kConnectorField,
    kTransactionField,
    kTokenField,
    {"session.connector_status", FieldType::kText, "", "OCPP 1.6, 7.7",
     "Status of the connector when the command came; absent when it was not told."},
    {"session.count", FieldType::kInt, "", "Chargewarden",
     "Remote starts of the station that led to nothing within an hour, this one included."},
});
inline constexpr EventDef kRemoteUnused{
    "session.remote_start_unused", "session",
    "A station accepted a remote start, and no session followed within five minutes.",
    kRemoteUnusedFields};
inline constexpr auto kConnectorStatus = field_key(kRemoteUnusedFields, "session.connector_status");
inline constexpr auto kRemoteCount = field_key(kRemoteUnusedFields, "session.count");

}  // namespace chargewarden::session
