#pragma once
// Requests as they are remembered until their response comes, and the events of opening handshakes.

#include <optional>
#include <string>
#include <vector>

#include "collector/decoders/decoder.h"
#include "collector/decoders/http/body_meter.h"
#include "collector/wire/http/http_head.h"

namespace chargewarden::http {

// What is kept of a request. Text is cut at kEventTextMaxLen; the password is not kept.
struct Request {
  bool reported = false;  // As unanswered, when the connection seemed to end.
  bool seen = false;      // False stands for a request that was not captured.
  bool upgrade = false;
  bool is_ocpp = false;  // An OCPP subprotocol is offered.
  bool is_soap = false;
  std::string method;
  std::string path;
  std::string host;
  std::string user_agent;
  std::string forwarded_for;
  std::string content_type;
  std::string identity_raw;
  std::string identity;
  std::string auth_scheme;
  std::string auth_user;
  std::int64_t auth_password_bytes = -1;  // -1: no Basic credentials.
  bool auth_password_is_identity = false;
  bool auth_password_is_factory = false;  // See http.auth_password_is_factory.
  std::string auth_credential;            // Tells passwords apart; empty: none.
  std::string key;
  std::vector<std::string> subprotocols;
  bool body_open = false;         // Its body goes on.
  std::optional<BodyFacts> body;  // Once it has ended, if there is one.
};

// A head that is no request gives a Request that was not seen.
Request read_request(const Head& head);

WebSocketParams agreed_params(const Request& request, const Head& response);

void report_upgrade(const EventDef& def, const Request& request, const Head& response,
                    StreamContext& context);

}  // namespace chargewarden::http
