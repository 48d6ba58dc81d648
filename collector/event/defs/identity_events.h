#pragma once
// Events about who stations say they are. Reported by analyzer/detectors/identity.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::identity {

inline constexpr auto kDuplicateFields = std::to_array<FieldDef>({
    {"identity.other_address", FieldType::kText, "", "Chargewarden",
     "Client address of the connection that was there before."},
    {"identity.same_address", FieldType::kBool, "", "Chargewarden",
     "Whether both connections come from one address."},
    {"identity.overlap_ms", FieldType::kInt, "ms", "Chargewarden",
     "Time from the handshake of the later client to what the earlier one said after it."},
});
inline constexpr EventDef kDuplicate{
    "identity.duplicate", "identity",
    "Two connections speak for one station identity at the same time; source.ip is the client "
    "that came later.",
    kDuplicateFields};
inline constexpr auto kOtherAddress = field_key(kDuplicateFields, "identity.other_address");
inline constexpr auto kSameAddress = field_key(kDuplicateFields, "identity.same_address");
inline constexpr auto kOverlapMs = field_key(kDuplicateFields, "identity.overlap_ms");

inline constexpr auto kDisplacedFields = std::to_array<FieldDef>({
    {"identity.other_address", FieldType::kText, "", "Chargewarden",
     "Client address of the connection that had to go."},
    {"identity.idle_s", FieldType::kInt, "s", "Chargewarden",
     "For how long that connection had said nothing: a link that was half dead is idle for long."},
    {"identity.rounds", FieldType::kInt, "", "Chargewarden",
     "How often the identity has changed to an address that it was displaced from, within ten "
     "minutes: 0 for a single displacement."},
});
inline constexpr EventDef kDisplaced{
    "identity.displaced", "identity",
    "A connection from another address took the place of one that was open.", kDisplacedFields};
inline constexpr auto kDisplacedAddress = field_key(kDisplacedFields, "identity.other_address");
inline constexpr auto kIdleS = field_key(kDisplacedFields, "identity.idle_s");
inline constexpr auto kRounds = field_key(kDisplacedFields, "identity.rounds");

inline constexpr auto kRefusedTwinFields = std::to_array<FieldDef>({
    {"identity.other_address", FieldType::kText, "", "Chargewarden",
     "Client address of the connection that stays."},
    {"identity.count", FieldType::kInt, "", "Chargewarden",
     "How often this happened to the identity within ten minutes."},
    {"identity.still_speaks", FieldType::kBool, "", "Chargewarden",
     "Whether the connection that stays has said something since the first of these: it is not "
     "half dead."},
});
inline constexpr EventDef kRefusedTwin{
    "identity.refused_while_connected", "identity",
    "A handshake for an identity that is connected and speaking was refused; source.ip is the "
    "client that came from another address.",
    kRefusedTwinFields};
inline constexpr auto kRefusedTwinAddress = field_key(kRefusedTwinFields, "identity.other_address");
inline constexpr auto kStillSpeaks = field_key(kRefusedTwinFields, "identity.still_speaks");
inline constexpr auto kRefusedTwinCount = field_key(kRefusedTwinFields, "identity.count");

inline constexpr auto kClientChangedFields = std::to_array<FieldDef>({
    {"identity.changed", FieldType::kTextList, "", "Chargewarden",
     "What differs from the connection before: address, user_agent, subprotocol."},
    {"identity.other_address", FieldType::kText, "", "Chargewarden",
     "Client address of the connection before."},
});
inline constexpr EventDef kClientChanged{
    "identity.client_changed", "identity",
    "A station identity connects from another place or with another client than before.",
    kClientChangedFields};
inline constexpr auto kChanged = field_key(kClientChangedFields, "identity.changed");
inline constexpr auto kChangedAddress = field_key(kClientChangedFields, "identity.other_address");

inline constexpr auto kProbingFields = std::to_array<FieldDef>({
    {"identity.refused", FieldType::kInt, "", "Chargewarden",
     "Different identities that the source asked for and that were refused, within ten minutes."},
    {"identity.accepted", FieldType::kInt, "", "Chargewarden",
     "Different identities of the source that were accepted meanwhile."},
    {"identity.refused_percent", FieldType::kInt, "%", "Chargewarden",
     "Share of the refused among all identities that the source asked for."},
    {"identity.unauthorised", FieldType::kInt, "", "RFC 9110, 15.5.2",
     "Those of the refused that got 401 or 403: the identity exists, the password is wrong."},
    {"identity.attempts", FieldType::kInt, "", "Chargewarden", "Refused handshakes."},
});
inline constexpr EventDef kProbing{
    "identity.probing", "identity",
    "One source asks for many station identities that are refused; told at 5 and then whenever "
    "their number has doubled. source.ip is that source.",
    kProbingFields};
inline constexpr auto kRefused = field_key(kProbingFields, "identity.refused");
inline constexpr auto kAccepted = field_key(kProbingFields, "identity.accepted");
inline constexpr auto kRefusedPercent = field_key(kProbingFields, "identity.refused_percent");
inline constexpr auto kUnauthorised = field_key(kProbingFields, "identity.unauthorised");
inline constexpr auto kAttempts = field_key(kProbingFields, "identity.attempts");

inline constexpr auto kLoginFailuresFields = std::to_array<FieldDef>({
    {"identity.failures", FieldType::kInt, "", "Chargewarden",
     "Refused handshakes of the identity with 401 or 403, within a minute."},
    {"identity.credentials", FieldType::kInt, "", "Chargewarden",
     "Different passwords among them, at most 16 are told apart; 0 when they cannot be seen."},
    {"identity.sources", FieldType::kInt, "", "Chargewarden",
     "Different client addresses among them, at most 16 are told apart."},
});
inline constexpr EventDef kLoginFailures{
    "identity.login_failures", "identity",
    "A station identity fails to log in again and again; told at 5 failures and then whenever "
    "their number has doubled.",
    kLoginFailuresFields};
inline constexpr auto kFailures = field_key(kLoginFailuresFields, "identity.failures");
inline constexpr auto kCredentials = field_key(kLoginFailuresFields, "identity.credentials");
inline constexpr auto kSources = field_key(kLoginFailuresFields, "identity.sources");

inline constexpr auto kGuessedFields = std::to_array<FieldDef>({
    {"identity.failures", FieldType::kInt, "", "Chargewarden",
     "Failures of the identity from this source before, since it last logged in."},
    {"identity.credentials", FieldType::kInt, "", "Chargewarden",
     "Different passwords among them, at most 16 are told apart; 0 when they cannot be seen."},
});
inline constexpr EventDef kGuessed{
    "identity.login_after_failures", "identity",
    "A source logs in with a station identity after it has failed to at least 5 times.",
    kGuessedFields};
inline constexpr auto kGuessedFailures = field_key(kGuessedFields, "identity.failures");
inline constexpr auto kGuessedCredentials = field_key(kGuessedFields, "identity.credentials");

inline constexpr auto kSharedFields = std::to_array<FieldDef>({
    {"identity.shared", FieldType::kText, "", "Chargewarden",
     "What two identities have in common: serial, iccid or password."},
    {"identity.other_station", FieldType::kText, "", "Chargewarden", "The other identity."},
});
inline constexpr EventDef kShared{"identity.shared", "identity",
                                  "What should belong to one station is used by two identities.",
                                  kSharedFields};
inline constexpr auto kSharedWhat = field_key(kSharedFields, "identity.shared");
inline constexpr auto kOtherStation = field_key(kSharedFields, "identity.other_station");

}  // namespace chargewarden::identity
