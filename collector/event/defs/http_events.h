#pragma once
// Events about HTTP/1.1 (RFC 9112) and the WebSocket opening handshake (RFC 6455, 4).

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::http {

inline constexpr auto kUpgradeFields = std::to_array<FieldDef>({
    {"http.method", FieldType::kText, "", "RFC 9110, 9", "Request method."},
    {"http.path", FieldType::kText, "", "RFC 9112, 3.2", "Request target without its query."},
    {"http.host", FieldType::kText, "", "RFC 9110, 7.2", "Host header of the request."},
    {"http.user_agent", FieldType::kText, "", "RFC 9110, 10.1.5", "User-Agent header."},
    {"http.status", FieldType::kInt, "", "RFC 9110, 15",
     "Status code of the response; absent when the connection ended without one."},
    {"http.server", FieldType::kText, "", "RFC 9110, 10.2.4", "Server header of the response."},
    {"http.forwarded_for", FieldType::kText, "", "RFC 7239, 5.2",
     "X-Forwarded-For or Forwarded header, set by proxies."},
    {"http.auth_scheme", FieldType::kText, "", "RFC 9110, 11.4",
     "Scheme of the Authorization header, lower case; absent when there is no such header."},
    {"http.auth_user", FieldType::kText, "", "RFC 7617, 2",
     "User name of Basic credentials; for OCPP the identity of the station."},
    {"http.auth_user_matches", FieldType::kBool, "", "OCPP-J 1.6, 6.2",
     "Whether the Basic user name equals the identity in the path."},
    {"http.auth_password_bytes", FieldType::kInt, "bytes",
     "OCPP 1.6 security whitepaper, A00.FR.204",
     "Length of the Basic password; the password itself is never kept."},
    {"http.auth_password_is_identity", FieldType::kBool, "", "Chargewarden",
     "Whether the Basic password equals the identity."},
    {"http.auth_credential", FieldType::kText, "", "Chargewarden",
     "Fingerprint of the Basic password, which tells different ones apart; shown as a pseudonym.",
     Privacy::kPersonal},
    {"http.subprotocols", FieldType::kTextList, "", "RFC 6455, 11.3.4",
     "Subprotocols that the client offers, in its order."},
    {"http.subprotocol", FieldType::kText, "", "RFC 6455, 11.3.4",
     "Subprotocol that the server chose."},
    {"http.extensions", FieldType::kText, "", "RFC 6455, 11.3.2",
     "Sec-WebSocket-Extensions of the response."},
    {"http.encrypted", FieldType::kBool, "", "Chargewarden",
     "True when the request came out of a decrypted TLS stream."},
    {"http.identity_raw", FieldType::kText, "", "OCPP-J 1.6, 3.1.1",
     "Last path segment as written, before percent-decoding."},
    {"http.is_ocpp", FieldType::kBool, "", "OCPP-J 2.1, 3.1.2",
     "Whether an OCPP subprotocol was offered or chosen."},
});
inline constexpr EventDef kUpgrade{"http.upgrade", "http",
                                   "A WebSocket opening handshake that the server accepted.",
                                   kUpgradeFields};
inline constexpr EventDef kUpgradeRefused{
    "http.upgrade_refused", "http",
    "A WebSocket opening handshake that the server did not accept; source.ip is the client.",
    kUpgradeFields};
inline constexpr auto kMethod = field_key(kUpgradeFields, "http.method");
inline constexpr auto kPath = field_key(kUpgradeFields, "http.path");
inline constexpr auto kHost = field_key(kUpgradeFields, "http.host");
inline constexpr auto kUserAgent = field_key(kUpgradeFields, "http.user_agent");
inline constexpr auto kStatus = field_key(kUpgradeFields, "http.status");
inline constexpr auto kServer = field_key(kUpgradeFields, "http.server");
inline constexpr auto kForwardedFor = field_key(kUpgradeFields, "http.forwarded_for");
inline constexpr auto kAuthScheme = field_key(kUpgradeFields, "http.auth_scheme");
inline constexpr auto kAuthUser = field_key(kUpgradeFields, "http.auth_user");
inline constexpr auto kAuthUserMatches = field_key(kUpgradeFields, "http.auth_user_matches");
inline constexpr auto kAuthPasswordBytes = field_key(kUpgradeFields, "http.auth_password_bytes");
inline constexpr auto kAuthPasswordIsIdentity =
    field_key(kUpgradeFields, "http.auth_password_is_identity");
inline constexpr auto kAuthCredential = field_key(kUpgradeFields, "http.auth_credential");
inline constexpr auto kSubprotocols = field_key(kUpgradeFields, "http.subprotocols");
inline constexpr auto kSubprotocol = field_key(kUpgradeFields, "http.subprotocol");
inline constexpr auto kExtensions = field_key(kUpgradeFields, "http.extensions");
inline constexpr auto kEncrypted = field_key(kUpgradeFields, "http.encrypted");
inline constexpr auto kIdentityRaw = field_key(kUpgradeFields, "http.identity_raw");
inline constexpr auto kIsOcpp = field_key(kUpgradeFields, "http.is_ocpp");

// A request and its response that are no upgrade.
inline constexpr auto kTransactionFields = std::to_array<FieldDef>({
    {"http.method", FieldType::kText, "", "RFC 9110, 9", "Request method."},
    {"http.path", FieldType::kText, "", "RFC 9112, 3.2", "Request target without its query."},
    {"http.host", FieldType::kText, "", "RFC 9110, 7.2", "Host header of the request."},
    {"http.user_agent", FieldType::kText, "", "RFC 9110, 10.1.5", "User-Agent header."},
    {"http.status", FieldType::kInt, "", "RFC 9110, 15", "Status code of the response."},
    {"http.content_type", FieldType::kText, "", "RFC 9110, 8.3",
     "Content-Type of the response, or of the request when the response has none."},
    {"http.content_bytes", FieldType::kInt, "bytes", "RFC 9110, 8.6",
     "Content-Length of the response, absent when it has none."},
    {"http.auth_scheme", FieldType::kText, "", "RFC 9110, 11.4",
     "Scheme of the Authorization header, lower case."},
    {"http.auth_password_is_factory", FieldType::kBool, "", "Chargewarden",
     "Whether the Basic password is none, the user name, or one of those that devices are shipped "
     "with; absent without Basic credentials."},
    {"http.encrypted", FieldType::kBool, "", "Chargewarden",
     "True when the request came out of a decrypted TLS stream."},
    {"http.is_soap", FieldType::kBool, "", "OCPP-S 1.6, 3",
     "Whether the request names an OCPP SOAP service or action."},
    {"http.body_bytes", FieldType::kInt, "bytes", "RFC 9112, 6",
     "Bytes of the response's body that were captured, chunks put together."},
    {"http.body_complete", FieldType::kBool, "", "RFC 9112, 8",
     "Whether the response's body was captured from its first to its last byte."},
    {"http.body_sha256", FieldType::kText, "", "FIPS 180-4",
     "SHA-256 in hex of the response's body as transferred; only of complete ones from 512 bytes "
     "on."},
    {"http.request_body_bytes", FieldType::kInt, "bytes", "RFC 9112, 6",
     "Bytes of the request's body that were captured; absent when it has none."},
    {"http.request_body_complete", FieldType::kBool, "", "RFC 9112, 8",
     "Whether the request's body was captured from its first to its last byte."},
    {"http.request_body_sha256", FieldType::kText, "", "FIPS 180-4",
     "SHA-256 in hex of the request's body, such as a log that is uploaded; only of complete ones "
     "from 512 bytes on."},
    {"http.range_start", FieldType::kInt, "bytes", "RFC 9110, 14.4",
     "Where the response's body begins in the whole, as its Content-Range says: above 0 the rest "
     "of "
     "a download that was taken up again."},
    {"http.range_total", FieldType::kInt, "bytes", "RFC 9110, 14.4",
     "Length of the whole of which the response is a part."},
});
inline constexpr EventDef kTransaction{
    "http.transaction", "http",
    "An HTTP request with its response, not an upgrade; told when the bodies of both have ended.",
    kTransactionFields};
inline constexpr auto kTransactionMethod = field_key(kTransactionFields, "http.method");
inline constexpr auto kTransactionPath = field_key(kTransactionFields, "http.path");
inline constexpr auto kTransactionHost = field_key(kTransactionFields, "http.host");
inline constexpr auto kTransactionUserAgent = field_key(kTransactionFields, "http.user_agent");
inline constexpr auto kTransactionStatus = field_key(kTransactionFields, "http.status");
inline constexpr auto kContentType = field_key(kTransactionFields, "http.content_type");
inline constexpr auto kContentBytes = field_key(kTransactionFields, "http.content_bytes");
inline constexpr auto kTransactionAuthScheme = field_key(kTransactionFields, "http.auth_scheme");
inline constexpr auto kPasswordIsFactory =
    field_key(kTransactionFields, "http.auth_password_is_factory");
inline constexpr auto kTransactionEncrypted = field_key(kTransactionFields, "http.encrypted");
inline constexpr auto kIsSoap = field_key(kTransactionFields, "http.is_soap");
inline constexpr auto kBodyBytes = field_key(kTransactionFields, "http.body_bytes");
inline constexpr auto kBodyComplete = field_key(kTransactionFields, "http.body_complete");
inline constexpr auto kBodySha256 = field_key(kTransactionFields, "http.body_sha256");
inline constexpr auto kRequestBodyBytes = field_key(kTransactionFields, "http.request_body_bytes");
inline constexpr auto kRequestBodyComplete =
    field_key(kTransactionFields, "http.request_body_complete");
inline constexpr auto kRequestBodySha256 =
    field_key(kTransactionFields, "http.request_body_sha256");
inline constexpr auto kRangeStart = field_key(kTransactionFields, "http.range_start");
inline constexpr auto kRangeTotal = field_key(kTransactionFields, "http.range_total");

inline constexpr auto kAnomalyFields = std::to_array<FieldDef>({
    {"anomaly.kind", FieldType::kText, "", "RFC 9112",
     "What is wrong: head_too_long, malformed_head, unfinished_request, too_many_requests (more "
     "than 32 wait for their response), bad_accept or unexpected_subprotocol."},
    {"anomaly.detail", FieldType::kText, "", "Chargewarden", "More about it, without payload."},
});
inline constexpr EventDef kAnomaly{"http.anomaly", "http",
                                   "HTTP that breaks the rules of the protocol.", kAnomalyFields};
inline constexpr auto kAnomalyKind = field_key(kAnomalyFields, "anomaly.kind");
inline constexpr auto kAnomalyDetail = field_key(kAnomalyFields, "anomaly.detail");

}  // namespace chargewarden::http
