#pragma once
// Events about settings, endpoints, lists and certificates that are changed over OCPP. Reported by
// analyzer/detectors/configuration.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::configuration {

inline constexpr auto kProfileFields = std::to_array<FieldDef>({
    {"configuration.security_profile", FieldType::kInt, "",
     "OCPP 1.6 security whitepaper, A05; OCPP 2.0.1 part 2, B09",
     "Security profile that the station is told to use."},
    {"configuration.security_profile_before", FieldType::kInt, "", "As the one above",
     "The highest one that is known of it: of its connection, or of what it was told before."},
    {"configuration.accepted", FieldType::kBool, "", "OCPP 1.6, 7.23", "Whether it accepted."},
});
inline constexpr EventDef kProfileLowered{
    "configuration.security_profile_lowered", "configuration",
    "A station is told to use a lower security profile than it is known to have.", kProfileFields};
inline constexpr auto kProfile = field_key(kProfileFields, "configuration.security_profile");
inline constexpr auto kProfileBefore =
    field_key(kProfileFields, "configuration.security_profile_before");
inline constexpr auto kProfileAccepted = field_key(kProfileFields, "configuration.accepted");

inline constexpr auto kEndpointFields = std::to_array<FieldDef>({
    {"configuration.host", FieldType::kText, "", "OCPP 2.0.1 part 2, B09",
     "Host of the backend in the network profile."},
    {"configuration.slot", FieldType::kText, "", "OCPP 2.0.1 part 2, B09",
     "Number of the network profile."},
    {"configuration.security_profile", FieldType::kInt, "", "OCPP 2.0.1 part 2, B09",
     "Its security profile."},
    {"configuration.same_host", FieldType::kBool, "", "Chargewarden",
     "Whether the station is connected to this host, by the name that it asked for."},
});
inline constexpr EventDef kEndpointActivated{
    "configuration.endpoint_activated", "configuration",
    "A network profile that was set before is made the first choice: the station will connect to "
    "its backend.",
    kEndpointFields};
inline constexpr auto kEndpointHost = field_key(kEndpointFields, "configuration.host");
inline constexpr auto kEndpointSlot = field_key(kEndpointFields, "configuration.slot");
inline constexpr auto kEndpointProfile =
    field_key(kEndpointFields, "configuration.security_profile");
inline constexpr auto kSameHost = field_key(kEndpointFields, "configuration.same_host");

inline constexpr auto kWritesFields = std::to_array<FieldDef>({
    {"configuration.writes", FieldType::kInt, "", "Chargewarden",
     "Settings that were written to the station within a minute."},
    {"configuration.refused", FieldType::kInt, "", "Chargewarden",
     "Writes that the station refused within ten minutes: unknown, read-only, rejected."},
});
inline constexpr EventDef kWriteBurst{
    "configuration.write_burst", "configuration",
    "Many settings are written to one station; told at 20 and then whenever their number has "
    "doubled.",
    kWritesFields};
inline constexpr EventDef kRefusedBurst{
    "configuration.refused_burst", "configuration",
    "A station refuses one write of a setting after the other; told at 5 and then whenever their "
    "number has doubled.",
    kWritesFields};
inline constexpr auto kWrites = field_key(kWritesFields, "configuration.writes");
inline constexpr auto kRefusedWrites = field_key(kWritesFields, "configuration.refused");

inline constexpr auto kListFields = std::to_array<FieldDef>({
    {"configuration.list_change", FieldType::kText, "", "OCPP 1.6, 5.15; 2.0.1 part 2, D01",
     "What is odd: version_back, emptied, shrunk (to less than half) or grown (to more than double "
     "and by at least 50)."},
    {"configuration.list_version", FieldType::kInt, "", "OCPP 1.6, 6.41", "Version now."},
    {"configuration.list_version_before", FieldType::kInt, "", "OCPP 1.6, 6.41", "Version before."},
    {"configuration.list_entries", FieldType::kInt, "", "Chargewarden",
     "Entries that the message brings."},
    {"configuration.list_entries_before", FieldType::kInt, "", "Chargewarden",
     "Entries of the full list before."},
});
inline constexpr EventDef kListChanged{
    "configuration.local_list", "configuration",
    "The list of tokens in a station is changed in a way that lists rarely are.", kListFields};
inline constexpr auto kListChange = field_key(kListFields, "configuration.list_change");
inline constexpr auto kListVersion = field_key(kListFields, "configuration.list_version");
inline constexpr auto kListVersionBefore =
    field_key(kListFields, "configuration.list_version_before");
inline constexpr auto kListEntries = field_key(kListFields, "configuration.list_entries");
inline constexpr auto kListEntriesBefore =
    field_key(kListFields, "configuration.list_entries_before");

inline constexpr auto kIssuedFields = std::to_array<FieldDef>({
    {"configuration.certificate_problem", FieldType::kTextList, "",
     "OCPP 1.6 security whitepaper, A02; OCPP 2.0.1 part 2, A02",
     "What does not fit: no_request, other_key, other_subject (than in the request), "
     "other_station (it names neither the station nor its serial), bad_signature, unreadable."},
    {"configuration.certificate_subject", FieldType::kText, "", "RFC 2253",
     "Subject of the certificate or of the request."},
    {"configuration.certificate_step", FieldType::kText, "", "OCPP 1.6 security whitepaper, A02",
     "request (SignCertificate) or certificate (CertificateSigned)."},
});
inline constexpr EventDef kCertificateOdd{"configuration.certificate_mismatch", "configuration",
                                          "A request for a certificate, or a certificate that is "
                                          "sent to a station, does not fit what was "
                                          "asked for.",
                                          kIssuedFields};
inline constexpr auto kCertificateProblem =
    field_key(kIssuedFields, "configuration.certificate_problem");
inline constexpr auto kCertificateSubject =
    field_key(kIssuedFields, "configuration.certificate_subject");
inline constexpr auto kCertificateStep = field_key(kIssuedFields, "configuration.certificate_step");

inline constexpr auto kRequestsFields = std::to_array<FieldDef>({
    {"configuration.requests", FieldType::kInt, "", "Chargewarden",
     "Requests for a certificate by this station within an hour."},
});
inline constexpr EventDef kRequestLoop{"configuration.certificate_request_loop", "configuration",
                                       "A station asks for a certificate again and again; told at "
                                       "3 and then whenever their number has "
                                       "doubled.",
                                       kRequestsFields};
inline constexpr auto kRequests = field_key(kRequestsFields, "configuration.requests");

inline constexpr auto kLocalFields = std::to_array<FieldDef>({
    {"configuration.watched_s", FieldType::kInt, "s", "Chargewarden",
     "For how long the station has been watched."},
});
inline constexpr EventDef kChangedLocally{
    "configuration.security_changed_locally", "configuration",
    "A station reports that its security settings were changed, and nobody was seen to change them "
    "over OCPP.",
    kLocalFields};
inline constexpr auto kWatchedS = field_key(kLocalFields, "configuration.watched_s");

}  // namespace chargewarden::configuration
