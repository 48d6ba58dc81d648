#pragma once
// Events about TLS connections (RFC 8446, RFC 5246).

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::tls {

inline constexpr auto kSeenFields = std::to_array<FieldDef>({
    {"tls.record_version", FieldType::kText, "", "RFC 8446, 5.1",
     "Version in the first record, such as 3.1 or 3.3; not the version that is agreed on."},
});
inline constexpr EventDef kSeen{
    "tls.seen", "tls", "A connection is encrypted with TLS: what is inside is not observable.",
    kSeenFields};
inline constexpr auto kRecordVersion = field_key(kSeenFields, "tls.record_version");

inline constexpr auto kHandshakeFields = std::to_array<FieldDef>({
    {"tls.outcome", FieldType::kText, "", "Chargewarden",
     "completed; refused (one side ended it with an alert); unfinished (the connection ended, or "
     "went on with something else); or lost (a part of it was not captured)."},
    {"tls.version", FieldType::kText, "", "RFC 8446, 4.1.3",
     "Version that is agreed on: SSL 3.0, 1.0, 1.1, 1.2 or 1.3; absent when the server did not "
     "answer."},
    {"tls.version_offered", FieldType::kText, "", "RFC 8446, 4.2.1",
     "Highest version that the client offers."},
    {"tls.suite", FieldType::kText, "", "IANA, TLS Cipher Suites",
     "Cipher suite that is agreed on; one that is not known as its number in hex."},
    {"tls.suite_weakness", FieldType::kText, "", "RFC 9325, 4.1",
     "What is wrong with it: anonymous, export, null, rc4, rc2, des, 3des or md5; absent when "
     "nothing is known against it."},
    {"tls.forward_secrecy", FieldType::kBool, "", "RFC 9325, 4.1",
     "Whether what was recorded stays secret when the key of the server becomes known later."},
    {"tls.weak_offers", FieldType::kText, "", "RFC 9325, 4.1",
     "What is wrong with the weak suites that the client offers, each once."},
    {"tls.server_name", FieldType::kText, "", "RFC 6066, 3",
     "Name of the server that the client asks for; absent when it dials an address."},
    {"tls.protocol", FieldType::kText, "", "RFC 7301",
     "Protocol that is agreed on by ALPN; of TLS 1.3 it is not visible."},
    {"tls.group", FieldType::kText, "", "RFC 8446, 4.2.8",
     "Group of the key exchange of TLS 1.3, such as x25519."},
    {"tls.compression", FieldType::kBool, "", "RFC 3749",
     "Whether compression is agreed on, which lets secrets leak by their length."},
    {"tls.resumed", FieldType::kBool, "", "RFC 5246, 7.4.1.2; RFC 8446, 2.2",
     "Whether keys of an earlier connection are used again: then no certificates are shown."},
    {"tls.retried", FieldType::kBool, "", "RFC 8446, 4.1.4",
     "Whether the server asked for another ClientHello."},
    {"tls.early_data", FieldType::kBool, "", "RFC 8446, 2.3",
     "Whether the client offers data before the handshake is done, which may be replayed."},
    {"tls.client_certificate", FieldType::kText, "", "RFC 5246, 7.4.4",
     "not_requested; none (asked for, and not given); sent; or hidden (TLS 1.3). Absent when the "
     "handshake was resumed or did not get that far."},
    {"tls.alert", FieldType::kText, "", "RFC 8446, 6",
     "Why one side ended the handshake, such as unknown_ca or protocol_version; encrypted when it "
     "cannot be read."},
    {"tls.alert_by", FieldType::kText, "", "Chargewarden", "client or server."},
    {"tls.ja3", FieldType::kText, "", "JA3", "Fingerprint of the client's software."},
    {"tls.ja3s", FieldType::kText, "", "JA3", "Fingerprint of the server's answer to it."},
    {"tls.ja4", FieldType::kText, "", "JA4", "Another fingerprint of the client's software."},
});
inline constexpr EventDef kHandshake{
    "tls.handshake", "tls",
    "What a TLS handshake shows without keys: told when it is done, or will not be any more.",
    kHandshakeFields};
inline constexpr auto kOutcome = field_key(kHandshakeFields, "tls.outcome");
inline constexpr auto kVersion = field_key(kHandshakeFields, "tls.version");
inline constexpr auto kVersionOffered = field_key(kHandshakeFields, "tls.version_offered");
inline constexpr auto kSuite = field_key(kHandshakeFields, "tls.suite");
inline constexpr auto kSuiteWeakness = field_key(kHandshakeFields, "tls.suite_weakness");
inline constexpr auto kForwardSecrecy = field_key(kHandshakeFields, "tls.forward_secrecy");
inline constexpr auto kWeakOffers = field_key(kHandshakeFields, "tls.weak_offers");
inline constexpr auto kServerName = field_key(kHandshakeFields, "tls.server_name");
inline constexpr auto kProtocol = field_key(kHandshakeFields, "tls.protocol");
inline constexpr auto kGroup = field_key(kHandshakeFields, "tls.group");
inline constexpr auto kCompression = field_key(kHandshakeFields, "tls.compression");
inline constexpr auto kResumed = field_key(kHandshakeFields, "tls.resumed");
inline constexpr auto kRetried = field_key(kHandshakeFields, "tls.retried");
inline constexpr auto kEarlyData = field_key(kHandshakeFields, "tls.early_data");
inline constexpr auto kClientCertificate = field_key(kHandshakeFields, "tls.client_certificate");
inline constexpr auto kAlert = field_key(kHandshakeFields, "tls.alert");
inline constexpr auto kAlertBy = field_key(kHandshakeFields, "tls.alert_by");
inline constexpr auto kJa3 = field_key(kHandshakeFields, "tls.ja3");
inline constexpr auto kJa3s = field_key(kHandshakeFields, "tls.ja3s");
inline constexpr auto kJa4 = field_key(kHandshakeFields, "tls.ja4");

inline constexpr auto kCertificatesFields = std::to_array<FieldDef>({
    {"tls.certificates_of", FieldType::kText, "", "RFC 5246, 7.4.2 and 7.4.6",
     "Who has shown them: client or server."},
    {"tls.chain", FieldType::kText, "", "RFC 5246, 7.4.2",
     "The certificates, DER as base64; the one of the side first, at most 8."},
    {"tls.server_name", FieldType::kText, "", "RFC 6066, 3",
     "Name of the server that the client asks for; absent when it dials an address."},
});
inline constexpr EventDef kCertificates{
    "tls.certificates", "tls",
    "Certificates as one side of a handshake has shown them, up to TLS 1.2.", kCertificatesFields};
inline constexpr auto kCertificatesOf = field_key(kCertificatesFields, "tls.certificates_of");
inline constexpr auto kChain = field_key(kCertificatesFields, "tls.chain");
inline constexpr auto kCertificatesHost = field_key(kCertificatesFields, "tls.server_name");

inline constexpr auto kAnomalyFields = std::to_array<FieldDef>({
    {"anomaly.kind", FieldType::kText, "", "RFC 8446, 4 and 5",
     "What is wrong: not_a_record, malformed_hello, damaged_extension, message_too_long, "
     "second_hello, malformed_certificates or too_many_certificates."},
});
inline constexpr EventDef kAnomaly{"tls.anomaly", "tls",
                                   "A TLS handshake is not as the standard says.", kAnomalyFields};
inline constexpr auto kAnomalyKind = field_key(kAnomalyFields, "anomaly.kind");

}  // namespace chargewarden::tls
