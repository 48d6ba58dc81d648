#include "collector/decoders/http/upgrade.h"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "collector/base/limits.h"
#include "collector/base/text.h"

using namespace chargewarden;
using namespace chargewarden::http;

namespace {

// Keeps the text that a head points into.
struct ParsedHead {
  std::string text;
  Head head;

  explicit ParsedHead(std::string lines) : text(std::move(lines) + "\r\n") {
    REQUIRE(parse_head(as_bytes(text), head) == HeadStatus::kDone);
  }
};

Request request_of(std::string_view target, const std::string& headers = "") {
  const ParsedHead parsed("GET " + std::string(target) + " HTTP/1.1\r\n" + headers);
  return read_request(parsed.head);
}

std::string basic(std::string_view credentials) {
  return "Authorization: Basic " + to_base64(as_bytes(credentials)) + "\r\n";
}

}  // namespace

TEST_CASE("the identity is the last path segment that is not empty, percent-decoded") {
  struct Row {
    std::string_view target;
    std::string_view path;
    std::string_view raw;
    std::string_view identity;
  };

  const Row rows[] = {
      {"/ocpp/CP001", "/ocpp/CP001", "CP001", "CP001"},
      {"/CP001", "/CP001", "CP001", "CP001"},
      {"/ocpp/1.6/CP001/", "/ocpp/1.6/CP001/", "CP001", "CP001"},
      {"/ocpp/CP001//", "/ocpp/CP001//", "CP001", "CP001"},
      {"/", "/", "", ""},
      {"/ocpp/RDAM%7C123", "/ocpp/RDAM%7C123", "RDAM%7C123", "RDAM|123"},
      {"/ocpp/CP%20001", "/ocpp/CP%20001", "CP%20001", "CP 001"},
      {"/ocpp/a%2fb", "/ocpp/a%2fb", "a%2fb", "a/b"},  // An encoded slash divides nothing.
      {"/ocpp/100%", "/ocpp/100%", "100%", "100%"},
      {"/ocpp/x%zz", "/ocpp/x%zz", "x%zz", "x%zz"},
      {"/ocpp/CP1?tenant=7", "/ocpp/CP1", "CP1", "CP1"},
      {"/ocpp/CP1?url=http://other/CP2", "/ocpp/CP1", "CP1", "CP1"},
      {"ws://csms.example:9000/ocpp/CP1", "/ocpp/CP1", "CP1", "CP1"},
      {"http://csms.example", "/", "", ""},
      {"/ocpp/CP:1", "/ocpp/CP:1", "CP:1", "CP:1"},
      {"/steve/websocket/CentralSystemService/CP*+@=_.1",
       "/steve/websocket/CentralSystemService/CP*+@=_.1", "CP*+@=_.1", "CP*+@=_.1"},
  };
  for (const Row& row : rows) {
    INFO(row.target);
    const Request request = request_of(row.target);
    CHECK(request.seen);
    CHECK(request.method == "GET");
    CHECK(request.path == row.path);
    CHECK(request.identity_raw == row.raw);
    CHECK(request.identity == row.identity);
  }
}

TEST_CASE("Basic credentials are split where the identity ends, else at the first colon") {
  struct Row {
    std::string_view identity;
    std::string_view credentials;
    std::string_view user;
    std::int64_t password_bytes;
    bool is_identity;
  };

  const Row rows[] = {
      {"CP1", "CP1:0123456789abcdef", "CP1", 16, false},
      {"CP1", "CP1:pass:word", "CP1", 9, false},
      {"CP:1", "CP:1:secret", "CP:1", 6, false},  // An identity with a colon.
      {"CP:1", "CP:12:secret", "CP", 9, false},   // That is another identity.
      {"CP1", "other:CP1", "other", 3, true},
      {"CP1", "CP1:CP1", "CP1", 3, true},
      {"CP1", "CP1:", "CP1", 0, false},
      {"CP1", ":secret", "", 6, false},
      {"", "user:secret", "user", 6, false},  // Path "/".
      {"CP1", "no colon at all", "", -1, false},
  };
  for (const Row& row : rows) {
    INFO(row.credentials);
    const Request request = request_of("/" + std::string(row.identity), basic(row.credentials));
    CHECK(request.auth_scheme == "basic");
    CHECK(request.auth_user == row.user);
    CHECK(request.auth_password_bytes == row.password_bytes);
    CHECK(request.auth_password_is_identity == row.is_identity);
  }
}

TEST_CASE("the binary password of the OCPP-J 1.6 example has 20 bytes") {
  // OCPP-J 1.6, 6.2: AL1000, and the key 0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF.
  const Request request =
      request_of("/ocpp/AL1000", "Authorization: Basic QUwxMDAwOgABAgMEBQYH////////////////\r\n");
  CHECK(request.auth_user == "AL1000");
  CHECK(request.auth_password_bytes == 20);
}

TEST_CASE("other credentials leave their scheme and nothing else") {
  struct Row {
    std::string_view header;
    std::string_view scheme;
  };

  const Row rows[] = {
      {"Bearer abc.def", "bearer"}, {"DIGEST username=\"CP1\"", "digest"}, {"Basic", "basic"},
      {"Basic ***", "basic"},       {"basic not base64 !", "basic"},
  };
  for (const Row& row : rows) {
    INFO(row.header);
    const Request request =
        request_of("/CP1", "Authorization: " + std::string(row.header) + "\r\n");
    CHECK(request.auth_scheme == row.scheme);
    CHECK(request.auth_user.empty());
    CHECK(request.auth_password_bytes == -1);
  }
  CHECK(request_of("/CP1").auth_scheme.empty());
}

TEST_CASE("offered subprotocols are kept in order, from one header or several") {
  const Request one = request_of("/CP1", "Sec-WebSocket-Protocol: ocpp2.0.1 ,ocpp1.6\r\n");
  CHECK(one.subprotocols == std::vector<std::string>{"ocpp2.0.1", "ocpp1.6"});
  CHECK(one.is_ocpp);
  const Request several =
      request_of("/CP1", "sec-websocket-protocol: chat\r\nSec-WebSocket-Protocol: OCPP1.6\r\n");
  CHECK(several.subprotocols == std::vector<std::string>{"chat", "OCPP1.6"});
  CHECK(several.is_ocpp);
  CHECK_FALSE(request_of("/CP1", "Sec-WebSocket-Protocol: mqtt\r\n").is_ocpp);
  CHECK_FALSE(request_of("/CP1").is_ocpp);
}

TEST_CASE("no more than sixteen offered subprotocols are kept") {
  std::string offer = "Sec-WebSocket-Protocol: p0";
  for (int i = 1; i < 1000; ++i) offer += ",p" + std::to_string(i);
  const Request request = request_of("/CP1", offer + "\r\n");
  CHECK(request.subprotocols.size() == 16);
  CHECK(request.subprotocols.back() == "p15");
}

TEST_CASE("an upgrade is recognised without Connection: Upgrade") {
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  CHECK(request_of("/CP1", "Upgrade: websocket\r\nConnection: Upgrade\r\n" + key).upgrade);
  CHECK(request_of("/CP1", "Upgrade: WebSocket\r\n" + key).upgrade);
  CHECK(request_of("/CP1", "Upgrade: h2c, websocket\r\n").upgrade);
  CHECK(request_of("/CP1", key).upgrade);
  CHECK_FALSE(request_of("/CP1", "Connection: Upgrade\r\n").upgrade);
  CHECK_FALSE(request_of("/CP1", "Upgrade: h2c\r\n").upgrade);
}

TEST_CASE("requests of OCPP over SOAP are recognised") {
  const auto is_soap = [](std::string_view target, const std::string& headers) {
    return request_of(target, headers).is_soap;
  };
  CHECK(is_soap("/steve/services/CentralSystemService", ""));
  CHECK(is_soap("/ChargePointService", ""));
  CHECK(is_soap("/", "SOAPAction: \"urn://Ocpp/Cs/2015/10/Heartbeat\"\r\n"));
  CHECK(is_soap("/", "Content-Type: application/soap+xml; action=\"urn://Ocpp/Cp/2015/10/\"\r\n"));
  CHECK_FALSE(is_soap("/", "Content-Type: application/soap+xml\r\n"));
}

TEST_CASE("text of a request is cut at the limit") {
  const std::string text(kEventTextMaxLen + 100, 'x');
  const Request request = request_of(
      "/" + text, "Host: " + text + "\r\nUser-Agent: " + text + "\r\nX-Forwarded-For: " + text +
                      "\r\nContent-Type: " + text + "\r\nSec-WebSocket-Protocol: " + text +
                      "\r\nSec-WebSocket-Key: " + text + "\r\n" + basic(text + ":p"));
  for (const std::string& kept :
       {request.path, request.host, request.user_agent, request.forwarded_for, request.content_type,
        request.key, request.identity_raw, request.identity, request.auth_user,
        request.subprotocols.front()}) {
    CHECK(kept.size() == kEventTextMaxLen);
  }
}

TEST_CASE("what the answer says is agreed on, not what was offered") {
  struct Row {
    std::string_view extensions;
    bool deflate;
    bool client_takeover;
    bool server_takeover;
  };

  const Row rows[] = {
      {"", false, true, true},
      {"permessage-deflate", true, true, true},
      {"permessage-deflate; client_max_window_bits=12", true, true, true},
      {"permessage-deflate; client_no_context_takeover", true, false, true},
      {"permessage-deflate; server_no_context_takeover", true, true, false},
      {"permessage-deflate;server_no_context_takeover;client_no_context_takeover", true, false,
       false},
      {"x-webkit-deflate-frame", false, true, true},
  };
  const Request offered = request_of("/CP1", "Sec-WebSocket-Protocol: ocpp1.6\r\n");
  for (const Row& row : rows) {
    INFO(row.extensions);
    const ParsedHead answer("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Extensions: " +
                            std::string(row.extensions) + "\r\n");
    const WebSocketParams params = agreed_params(offered, answer.head);
    CHECK(params.handshake_seen);
    CHECK(params.ocpp_offered);
    CHECK(params.subprotocol.empty());
    CHECK(params.deflate == row.deflate);
    CHECK(params.client_context_takeover == row.client_takeover);
    CHECK(params.server_context_takeover == row.server_takeover);
  }
  const ParsedHead chosen("HTTP/1.1 101 OK\r\nSec-WebSocket-Protocol: ocpp2.0.1\r\n");
  const WebSocketParams params = agreed_params(Request{}, chosen.head);
  CHECK(params.subprotocol == "ocpp2.0.1");
  CHECK(params.ocpp_offered);
}

TEST_CASE("a head that is no request gives a request that was not seen") {
  const ParsedHead answer("HTTP/1.1 200 OK\r\nSec-WebSocket-Protocol: ocpp1.6\r\n");
  const Request request = read_request(answer.head);
  CHECK_FALSE(request.seen);
  CHECK(request.subprotocols.empty());
}
