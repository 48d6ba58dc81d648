#include "collector/decoders/http/upgrade.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <openssl/crypto.h>

#include "collector/base/digest.h"
#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "collector/event/defs/http_events.h"

namespace chargewarden::http {

namespace {

// Subprotocols that are kept of one offer.
constexpr std::size_t kSubprotocolsMax = 16;

std::string cut(std::string_view text) {
  return std::string(text.substr(0, kEventTextMaxLen));
}

// Whether devices are shipped with it: the words that lists of factory passwords begin with (such
// as Mirai's of 2016, and OWASP SecLists, Default-Credentials), whatever the user name.
bool is_factory_password(std::string_view user, std::string_view password) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"0000",          "1111",     "1234",     "12345",   "123456",  "12345678",  "admin",
       "administrator", "admin123", "changeme", "default", "guest",   "installer", "operator",
       "pass",          "password", "root",     "service", "support", "user"});
  if (password.empty() || iequals_ascii(password, user)) return true;
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return iequals_ascii(password, word); });
}

// Enough of a digest to tell passwords apart, too little to be worth anything to who sees it.
std::string fingerprint(std::string_view password) {
  constexpr std::size_t kFingerprintLen = 12;
  return sha256_hex(password).substr(0, kFingerprintLen);
}

// RFC 7617. The user name ends at the first colon, unless the text begins with the identity and a
// colon: identities with colons exist. The password is looked at and wiped.
void read_basic(std::string_view token, Request& request) {
  auto decoded = from_base64(trimmed(token));
  if (!decoded) return;
  const std::string_view text = *decoded;
  const std::string& identity = request.identity;
  const bool begins_with_identity =
      text.size() > identity.size() && text.starts_with(identity) && text[identity.size()] == ':';
  const std::size_t colon = begins_with_identity ? identity.size() : text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view password = text.substr(colon + 1);
    request.auth_user = cut(text.substr(0, colon));
    request.auth_password_bytes = static_cast<std::int64_t>(password.size());
    request.auth_password_is_identity = !identity.empty() && password == identity;
    request.auth_password_is_factory = is_factory_password(text.substr(0, colon), password);
    if (!password.empty()) request.auth_credential = fingerprint(password);
  }
  OPENSSL_cleanse(decoded->data(), decoded->size());
}

void read_target(const Head& head, Request& request) {
  std::string_view target = head.target.substr(0, head.target.find('?'));
  // Absolute form (RFC 9112, 3.2.2).
  if (const auto scheme = target.find("://"); scheme != std::string_view::npos) {
    const auto slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  request.path = cut(target);
  while (!target.empty() && target.back() == '/') target.remove_suffix(1);
  const auto slash = target.rfind('/');
  request.identity_raw = cut(slash == std::string_view::npos ? target : target.substr(slash + 1));
  request.identity = percent_decode(request.identity_raw);
}

void read_subprotocols(const Head& head, Request& request) {
  for (std::size_t i = 0; i < head.header_count; ++i) {
    if (!iequals_ascii(head.headers[i].name, "Sec-WebSocket-Protocol")) continue;
    std::string_view rest = head.headers[i].value;
    while (!rest.empty() && request.subprotocols.size() < kSubprotocolsMax) {
      const auto comma = rest.find(',');
      request.subprotocols.push_back(cut(trimmed(rest.substr(0, comma))));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  request.is_ocpp =
      std::any_of(request.subprotocols.begin(), request.subprotocols.end(),
                  [](const std::string& name) { return lower_ascii(name).starts_with("ocpp"); });
}

bool looks_like_ocpp_soap(const Head& head) {
  const auto has = [](std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
  };
  return has(head.target, "CentralSystemService") || has(head.target, "ChargePointService") ||
         has(head.header("SOAPAction"), "Ocpp/C") || has(head.header("Content-Type"), "Ocpp/C");
}

void set_if(Event& event, FieldKey key, std::string_view text) {
  if (!text.empty()) event.set_text(key, text);
}

// Whether an extension parameter stands in the list of permessage-deflate.
bool has_parameter(std::string_view extensions, std::string_view name) {
  return extensions.find(name) != std::string_view::npos;
}

}  // namespace

Request read_request(const Head& head) {
  Request request;
  if (!head.is_request) return request;
  request.seen = true;
  request.method = cut(head.method);
  read_target(head, request);
  request.host = cut(head.header("Host"));
  request.user_agent = cut(head.header("User-Agent"));
  request.forwarded_for = cut(head.has_header("X-Forwarded-For") ? head.header("X-Forwarded-For")
                                                                 : head.header("Forwarded"));
  request.content_type = cut(head.header("Content-Type"));
  request.key = cut(head.header("Sec-WebSocket-Key"));
  read_subprotocols(head, request);
  // Some stations leave out `Connection: Upgrade`.
  request.upgrade = head.has_token("Upgrade", "websocket") || !request.key.empty();
  request.is_soap = looks_like_ocpp_soap(head);
  const std::string_view authorization = head.header("Authorization");
  if (!authorization.empty()) {
    const auto space = authorization.find(' ');
    request.auth_scheme = lower_ascii(cut(authorization.substr(0, space)));
    if (request.auth_scheme == "basic" && space != std::string_view::npos) {
      read_basic(authorization.substr(space + 1), request);
    }
  }
  return request;
}

WebSocketParams agreed_params(const Request& request, const Head& response) {
  WebSocketParams params;
  params.handshake_seen = true;
  params.subprotocol = cut(response.header("Sec-WebSocket-Protocol"));
  params.ocpp_offered = request.is_ocpp || lower_ascii(params.subprotocol).starts_with("ocpp");
  params.identity = request.identity;
  const std::string_view extensions = response.header("Sec-WebSocket-Extensions");
  params.deflate = has_parameter(extensions, "permessage-deflate");
  params.client_context_takeover = !has_parameter(extensions, "client_no_context_takeover");
  params.server_context_takeover = !has_parameter(extensions, "server_no_context_takeover");
  return params;
}

void report_upgrade(const EventDef& def, const Request& request, const Head& response,
                    StreamContext& context) {
  if (!context.wants(def)) return;
  Event event = context.make_event(def, Side::kClient);
  if (!request.identity.empty()) event.set_station(request.identity);
  set_if(event, kMethod, request.method);
  set_if(event, kPath, request.path);
  set_if(event, kHost, request.host);
  set_if(event, kUserAgent, request.user_agent);
  if (response.status != 0) {
    event.set_int(kStatus, static_cast<std::int64_t>(response.status));
  }
  const std::string server = cut(response.header("Server"));
  set_if(event, kServer, server);
  set_if(event, kForwardedFor, request.forwarded_for);
  set_if(event, kAuthScheme, request.auth_scheme);
  if (request.auth_password_bytes >= 0) {
    event.set_text(kAuthUser, request.auth_user);
    event.set_bool(kAuthUserMatches, request.auth_user == request.identity);
    event.set_int(kAuthPasswordBytes, request.auth_password_bytes);
    event.set_bool(kAuthPasswordIsIdentity, request.auth_password_is_identity);
    set_if(event, kAuthCredential, request.auth_credential);
  }
  std::array<Value, kSubprotocolsMax> offered;
  std::transform(request.subprotocols.begin(), request.subprotocols.end(), offered.begin(),
                 [](const std::string& name) { return Value::text(name); });
  if (!request.subprotocols.empty()) {
    event.set(kSubprotocols, Value::list({offered.data(), request.subprotocols.size()}));
  }
  const std::string chosen = cut(response.header("Sec-WebSocket-Protocol"));
  set_if(event, kSubprotocol, chosen);
  const std::string extensions = cut(response.header("Sec-WebSocket-Extensions"));
  set_if(event, kExtensions, extensions);
  event.set_bool(kEncrypted, context.encrypted);
  set_if(event, kIdentityRaw, request.identity_raw);
  event.set_bool(kIsOcpp, request.is_ocpp || lower_ascii(chosen).starts_with("ocpp"));
  context.emit(event);
}

}  // namespace chargewarden::http
