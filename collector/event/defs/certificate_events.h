#pragma once
// Events about certificates that peers show. Reported by analyzer/detectors/certificates.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::certificate {

inline constexpr FieldDef kRoleField = {"certificate.role", FieldType::kText, "", "RFC 8446, 4.4.2",
                                        "Who has shown it: client or server."};
inline constexpr FieldDef kIssuerField = {"certificate.issuer", FieldType::kText, "",
                                          "RFC 5280, 4.1.2.4", "Who signed it."};
inline constexpr FieldDef kSha256Field = {"certificate.sha256", FieldType::kText, "", "FIPS 180-4",
                                          "Fingerprint: SHA-256 of its DER, in hex."};

inline constexpr auto kSeenFields = std::to_array<FieldDef>({
    kRoleField,
    {"certificate.problems", FieldType::kText, "", "RFC 5280; OCPP 2.0.1 part 2, A00",
     "What is wrong with it, by the time of the event: expired, not_yet_valid, self_signed, "
     "weak_key (RSA and DSA below 2,048 bits, curves below 224), weak_signature (MD5, SHA-1), "
     "wrong_host (not the name that the client asked for), broken_chain (the certificate behind it "
     "did not issue it), other_issuer (of a client: not the issuer of those before it)."},
    {"certificate.days_left", FieldType::kInt, "days", "RFC 5280, 4.1.2.5",
     "Whole days until it expires; below zero when it has."},
    {"certificate.days_valid", FieldType::kInt, "days", "RFC 5280, 4.1.2.5",
     "Whole days from its begin to its end."},
    {"certificate.not_before", FieldType::kText, "", "RFC 5280, 4.1.2.5", "Begin, RFC 3339."},
    {"certificate.not_after", FieldType::kText, "", "RFC 5280, 4.1.2.5", "End, RFC 3339."},
    {"certificate.subject", FieldType::kText, "", "RFC 5280, 4.1.2.6", "Whose it is."},
    {"certificate.common_name", FieldType::kText, "", "OCPP 2.0.1 part 2, A00",
     "CN of the subject: of a station its serial number, of a backend its name."},
    {"certificate.organization", FieldType::kText, "", "OCPP 2.0.1 part 2, A00",
     "O of the subject: of a station its operator."},
    {"certificate.names", FieldType::kText, "", "RFC 5280, 4.2.1.6",
     "Alternative names, with their kind in front: dns:, ip:, uri: or email:."},
    kIssuerField,
    {"certificate.serial", FieldType::kText, "", "RFC 5280, 4.1.2.2", "Serial number, hex."},
    kSha256Field,
    {"certificate.key_type", FieldType::kText, "", "RFC 5280, 4.1.2.7",
     "rsa, rsa-pss, ec, dsa, ed25519, ed448 or other."},
    {"certificate.key_bits", FieldType::kInt, "bits", "RFC 5280, 4.1.2.7",
     "Of the modulus, or of the order of the curve."},
    {"certificate.signature_hash", FieldType::kText, "", "RFC 5280, 4.1.1.2",
     "Hash of the signature, such as sha256."},
    {"certificate.chain_length", FieldType::kInt, "", "RFC 5246, 7.4.2",
     "Certificates that were shown with it, this one included."},
    {"certificate.host", FieldType::kText, "", "RFC 6066, 3",
     "Name of the server that the client asked for; absent when it dialled an address."},
});
inline constexpr EventDef kSeen{
    "certificate.seen", "certificate",
    "A peer shows a certificate in a TLS handshake; told when it is new for that server (of a "
    "client: new at that server), and again when 60, 30, 14, 7 and 1 days are left, when it has "
    "expired, and when something else is wrong with it than before.",
    kSeenFields};
inline constexpr auto kRole = field_key(kSeenFields, "certificate.role");
inline constexpr auto kProblems = field_key(kSeenFields, "certificate.problems");
inline constexpr auto kDaysLeft = field_key(kSeenFields, "certificate.days_left");
inline constexpr auto kDaysValid = field_key(kSeenFields, "certificate.days_valid");
inline constexpr auto kNotBefore = field_key(kSeenFields, "certificate.not_before");
inline constexpr auto kNotAfter = field_key(kSeenFields, "certificate.not_after");
inline constexpr auto kSubject = field_key(kSeenFields, "certificate.subject");
inline constexpr auto kCommonName = field_key(kSeenFields, "certificate.common_name");
inline constexpr auto kOrganization = field_key(kSeenFields, "certificate.organization");
inline constexpr auto kNames = field_key(kSeenFields, "certificate.names");
inline constexpr auto kIssuer = field_key(kSeenFields, "certificate.issuer");
inline constexpr auto kSerial = field_key(kSeenFields, "certificate.serial");
inline constexpr auto kSha256 = field_key(kSeenFields, "certificate.sha256");
inline constexpr auto kKeyType = field_key(kSeenFields, "certificate.key_type");
inline constexpr auto kKeyBits = field_key(kSeenFields, "certificate.key_bits");
inline constexpr auto kSignatureHash = field_key(kSeenFields, "certificate.signature_hash");
inline constexpr auto kChainLength = field_key(kSeenFields, "certificate.chain_length");
inline constexpr auto kHost = field_key(kSeenFields, "certificate.host");

inline constexpr auto kChangedFields = std::to_array<FieldDef>({
    kIssuerField,
    {"certificate.issuer_before", FieldType::kText, "", "RFC 5280, 4.1.2.4",
     "Issuer of the certificate that the server showed before."},
    {"certificate.issuer_changed", FieldType::kBool, "", "Chargewarden",
     "Whether the two have different issuers."},
    kSha256Field,
    {"certificate.sha256_before", FieldType::kText, "", "FIPS 180-4",
     "Fingerprint of the one before."},
    {"certificate.days_left_before", FieldType::kInt, "days", "RFC 5280, 4.1.2.5",
     "Whole days that the one before was still valid."},
});
inline constexpr EventDef kChanged{
    "certificate.changed", "certificate",
    "A server (address, port and the name that it was asked for) shows another certificate than on "
    "the connection before.",
    kChangedFields};
inline constexpr auto kIssuerNow = field_key(kChangedFields, "certificate.issuer");
inline constexpr auto kIssuerBefore = field_key(kChangedFields, "certificate.issuer_before");
inline constexpr auto kIssuerChanged = field_key(kChangedFields, "certificate.issuer_changed");
inline constexpr auto kSha256Now = field_key(kChangedFields, "certificate.sha256");
inline constexpr auto kSha256Before = field_key(kChangedFields, "certificate.sha256_before");
inline constexpr auto kDaysLeftBefore = field_key(kChangedFields, "certificate.days_left_before");

inline constexpr auto kUnreadableFields = std::to_array<FieldDef>({
    kRoleField,
    {"certificate.reason", FieldType::kText, "", "Chargewarden", "Why it cannot be read."},
});
inline constexpr EventDef kUnreadable{"certificate.unreadable", "certificate",
                                      "What a peer shows as its certificate is none.",
                                      kUnreadableFields};
inline constexpr auto kUnreadableRole = field_key(kUnreadableFields, "certificate.role");
inline constexpr auto kReason = field_key(kUnreadableFields, "certificate.reason");

}  // namespace chargewarden::certificate
