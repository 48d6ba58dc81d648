// HTTP streams in, events out: the opening handshake, refusals, keep-alive, abuse, gaps.

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "collector/base/digest.h"
#include "collector/base/limits.h"
#include "tests/support/decoder_harness.h"
#include "tests/support/frames.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Lines = std::vector<std::string>;

std::unique_ptr<StreamDecoder> make() {
  return make_stream_decoder("http");
}

// The key and answer of RFC 6455, 1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::string upgrade(std::string_view target = "/ocpp/CP1",
                    const std::string& headers = "Sec-WebSocket-Protocol: ocpp1.6\r\n") {
  return "GET " + std::string(target) +
         " HTTP/1.1\r\nHost: csms\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
         std::string(kKey) + "\r\n" + headers + "\r\n";
}

std::string switching(const std::string& headers = "Sec-WebSocket-Protocol: ocpp1.6\r\n",
                      std::string_view accept = kAccept) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         std::string(accept) + "\r\n" + headers + "\r\n";
}

constexpr std::string_view kHeartbeat = R"([2,"1","Heartbeat",{}])";
constexpr std::string_view kAnswer = R"([3,"1",{}])";

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: csms\r\n\r\n";
}

std::string ok(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

// Statuses of http.transaction, in order.
std::string statuses(const Lines& lines) {
  std::string out;
  for (const std::string& line : named(lines, "http.transaction")) {
    out += field(line, "path") + ":" + field(line, "status") + " ";
  }
  return out;
}

}  // namespace

TEST_CASE("an opening handshake is reported, and its messages are decoded") {
  const Lines lines = check_decoder(
      make, {client(upgrade("/ocpp/CP%201",
                            "Sec-WebSocket-Protocol: ocpp2.0.1, ocpp1.6\r\n"
                            "User-Agent: test\r\nX-Forwarded-For: 192.0.2.7\r\n"
                            "Authorization: Basic Q1AgMTpzZWNyZXQ=\r\n")),
             server(switching("Sec-WebSocket-Protocol: ocpp1.6\r\nServer: csms/1\r\n")),
             client(client_text(kHeartbeat)), server(server_text(kAnswer))});
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] ==
        "http.upgrade c method=GET path=/ocpp/CP%201 host=csms user_agent=test status=101 "
        "server=csms/1 forwarded_for=192.0.2.7 auth_scheme=basic auth_user=CP 1 "
        "auth_user_matches=true auth_password_bytes=6 auth_password_is_identity=false "
        "auth_credential=2bb80d537b1d subprotocols=[ocpp2.0.1,ocpp1.6] subprotocol=ocpp1.6 "
        "encrypted=false "
        "identity_raw=CP%201 is_ocpp=true station=CP 1");
  CHECK(field(lines[1], "action") == "Heartbeat");
  CHECK(field(lines[1], "version") == "1.6");
  CHECK(lines[1].find("station=CP 1") != std::string::npos);
  CHECK(field(lines[2], "answered") == "true");
}

TEST_CASE("passwords that devices are shipped with are told for pages, and not what they are") {
  struct Row {
    std::string_view credentials;
    std::string_view factory;
  };

  const std::vector<Row> rows = {
      {"Basic YWRtaW46YWRtaW4=", "true"},           // admin:admin
      {"Basic c2VydmljZTo=", "true"},               // service: and nothing
      {"Basic Qm9iOmJPYg==", "true"},               // Bob:bOb
      {"Basic eDpDaGFuZ2VNZQ==", "true"},           // x:ChangeMe
      {"Basic YWRtaW46azMtWnc5Lng=", "false"},      // admin:k3-Zw9.x
      {"Basic YWRtaW46YWRtaW5zdHJhdG9y", "false"},  // admin:adminstrator
      {"Bearer YWRtaW46YWRtaW4=", ""},
      {"Basic !!!", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.credentials);
    const Lines lines =
        check_decoder(make, {client("GET /admin HTTP/1.1\r\nHost: a\r\nAuthorization: " +
                                    std::string(row.credentials) + "\r\n\r\n"),
                             server(ok(""))});
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "auth_password_is_factory") == row.factory);
  }
}

TEST_CASE("frames that were sent together with the heads are decoded") {
  const Lines lines = check_decoder(make, {client(upgrade() + client_text(kHeartbeat)),
                                           server(switching() + server_text(kAnswer))});
  REQUIRE(lines.size() == 3);
  CHECK(field(lines[1], "type") == "call");
  CHECK(field(lines[2], "answered") == "true");
}

TEST_CASE("a station without Connection: Upgrade, subprotocol or path is followed all the same") {
  const std::string request =
      "GET / HTTP/1.1\r\nHost: csms\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Key: " +
      std::string(kKey) + "\r\n\r\n";
  const Lines lines = check_decoder(
      make, {client(request), server(switching("")),
             client(client_text(R"([2,"1","BootNotification",{"chargePointVendor":"V"}])")),
             server(server_text(kAnswer))});
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].starts_with("http.upgrade c method=GET path=/ host=csms status=101"));
  CHECK(field(lines[0], "is_ocpp") == "false");
  CHECK(lines[1] == "websocket.recognised c content=ocpp judged_messages=1");
  CHECK(field(lines[2], "version") == "1.6");
  CHECK(field(lines[2], "version_guessed") == "true");
}

TEST_CASE("a station that names no subprotocol keeps the identity of its path") {
  const Lines lines =
      check_decoder(make, {client(upgrade("/ocpp/CP7", "")), server(switching("")),
                           client(client_text(kHeartbeat)), server(server_text(kAnswer))});
  REQUIRE(lines.size() == 4);
  CHECK(field(lines[1], "station") == "CP7");
  CHECK(field(lines[2], "station") == "CP7");
}

TEST_CASE("an upgrade without a common subprotocol is followed by its messages") {
  // The specification wants 101 without the header, and a close.
  const Lines lines =
      check_decoder(make, {client(upgrade("/CP1", "Sec-WebSocket-Protocol: ocpp9.9\r\n")),
                           server(switching("")), server(server_frame(8, "\x03\xe8"))});
  CHECK(anomaly_kinds(lines).empty());
  REQUIRE(lines.size() == 2);
  CHECK(field(lines[0], "is_ocpp") == "true");
  CHECK(lines[1] == "websocket.control s opcode=close payload_bytes=2 close_code=1000 station=CP1");
}

TEST_CASE("a WebSocket of somebody else gives no station and no judgement") {
  DecoderRig rig(make());
  rig.send(Side::kClient, upgrade("/chat/room", "Sec-WebSocket-Protocol: chat\r\n"));
  rig.send(Side::kServer, switching("Sec-WebSocket-Protocol: chat\r\n"));
  rig.send(Side::kClient, client_text("hello") + client_frame(3, "?"));
  rig.end();
  CHECK(rig.kinds().empty());
  CHECK(rig.station().empty());
  CHECK(rig.stats().websockets_other == 1);
}

TEST_CASE("a refused upgrade is reported with its status, and the connection goes on") {
  const std::string refusal =
      "HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n"
      "WWW-Authenticate: Basic\r\n\r\nnope";
  const Lines lines = check_decoder(make, {client(upgrade()), server(refusal), client(upgrade()),
                                           server(switching()), client(client_text(kHeartbeat))});
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].starts_with("http.upgrade_refused c "));
  CHECK(field(lines[0], "status") == "401");
  CHECK(lines[1].starts_with("http.upgrade c "));
  CHECK(lines[2].starts_with("ocpp.message c "));
  CHECK(lines[3].starts_with("ocpp.unanswered_call c "));
}

TEST_CASE("a client cannot answer its own upgrade") {
  const std::string refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
  DecoderRig rig(make());
  rig.run({client(upgrade()), server(refusal), client(upgrade()), client(switching()),
           server(refusal), client(client_text(kHeartbeat))});
  rig.end();
  CHECK(rig.kinds() == "malformed_head unfinished_request");
  CHECK(named(rig.lines(), "http.upgrade").empty());
  CHECK(named(rig.lines(), "http.upgrade_refused").size() == 2);
  CHECK(named(rig.lines(), "ocpp.message").empty());
}

TEST_CASE("what a client sent behind an upgrade that was refused is read as HTTP") {
  const Lines lines = check_decoder(
      make, {client(upgrade() + get("/after")),
             server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" + ok("x"))});
  CHECK(named(lines, "http.upgrade_refused").size() == 1);
  CHECK(statuses(lines) == "/after:200 ");
  CHECK(anomaly_kinds(lines).empty());
}

TEST_CASE("an upgrade that is never answered counts as refused, without status") {
  const Lines lines = check_decoder(make, {client(upgrade())});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("http.upgrade_refused c "));
  CHECK(field(lines[0], "status").empty());
}

TEST_CASE("requests and responses of one connection are paired in order") {
  const Lines lines = check_decoder(
      make, {client(get("/a") + get("/b")), server(ok("one")),
             server("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n"
                    "\r\n3\r\nabc\r\n0\r\n\r\n"),
             client("HEAD /c HTTP/1.1\r\n\r\n"),
             server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
             client("POST /d HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody" + get("/e")),
             server("HTTP/1.1 204 None\r\n\r\n" + ok("e"))});
  CHECK(statuses(lines) == "/a:200 /b:404 /c:200 /d:204 /e:200 ");
  CHECK(anomaly_kinds(lines).empty());
}

TEST_CASE("the bodies of a transaction are counted and hashed, however they are delimited") {
  const std::string image(700, 'i');
  const std::string log(600, 'l');
  const std::string image_hash = sha256_hex(image);
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string upload = "PUT /log HTTP/1.1\r\nContent-Length: 600\r\n\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n2bc\r\n" + image + "\r\n0\r\n\r\n";
  const Lines lines = check_decoder(
      make,
      {client(get("/a")), server(ok(image)), client(get("/b")), server(head + chunked),
       client(upload + log), server(ok("short")), client(get("/d")),
       server(head + "Transfer-Encoding: gzip, chunked\r\n\r\n2bc\r\n" + image + "\r\n0\r\n\r\n")});
  REQUIRE(lines.size() == 4);
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    CHECK(field(lines[i], "body_bytes") == "700");
    CHECK(field(lines[i], "body_complete") == "true");
    CHECK(field(lines[i], "body_sha256") == image_hash);
    CHECK(field(lines[i], "request_body_bytes").empty());
  }
  CHECK(field(lines[2], "body_bytes") == "5");
  CHECK(field(lines[2], "body_sha256").empty());
  CHECK(field(lines[2], "request_body_bytes") == "600");
  CHECK(field(lines[2], "request_body_complete") == "true");
  CHECK(field(lines[2], "request_body_sha256") == sha256_hex(log));
  CHECK(field(lines[3], "body_complete") == "true");
  CHECK(field(lines[3], "body_sha256").empty());  // Packed for the transfer.
}

TEST_CASE("a part of a download says which part it is") {
  const std::string head = "HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\nContent-Range: ";
  DecoderRig rig(make());
  for (const char* range : {"bytes 500-500/1234", "bytes 500-500/*", "bytes */1234", "lines 1-1/2",
                            "bytes -5-5/-7", "bytes 99999999999999999999-/x"}) {
    rig.send(Side::kClient, get("/fw")).send(Side::kServer, head + range + "\r\n\r\nx");
  }

  const struct {
    std::string_view start;
    std::string_view total;
  } expected[] = {{"500", "1234"}, {"500", ""}, {"", "1234"}, {"", ""}, {"", ""}, {"", ""}};

  REQUIRE(rig.lines().size() == std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    INFO(i);
    CHECK(field(rig.lines()[i], "range_start") == expected[i].start);
    CHECK(field(rig.lines()[i], "range_total") == expected[i].total);
  }
}

TEST_CASE("a transaction is told when both bodies have ended, in whatever order") {
  const std::string log(600, 'l');
  DecoderRig rig(make());
  rig.send(Side::kClient, "PUT /log HTTP/1.1\r\nContent-Length: 600\r\n\r\n" + log.substr(0, 10));
  rig.send(Side::kServer, ok("early"));
  CHECK(rig.lines().empty());
  rig.send(Side::kClient, log.substr(10));
  REQUIRE(rig.lines().size() == 1);
  CHECK(field(rig.lines()[0], "status") == "200");
  CHECK(field(rig.lines()[0], "request_body_sha256") == sha256_hex(log));
  CHECK(rig.stats().http_transactions == 1);
}

TEST_CASE("a body with a gap has no hash") {
  const std::string image(700, 'i');
  const std::string answer = ok(image);
  DecoderRig rig(make());
  rig.send(Side::kClient, get("/a")).send(Side::kServer, answer.substr(0, 200));
  rig.gap(Side::kServer, 50).send(Side::kServer, answer.substr(250));
  rig.send(Side::kClient, get("/b")).send(Side::kServer, answer.substr(0, 200));
  rig.gap(Side::kServer, answer.size() - 200);  // Up to its last byte.
  rig.send(Side::kClient, get("/c")).send(Side::kServer, answer.substr(0, 200));
  rig.gap(Side::kServer, 5'000);  // And beyond.
  rig.send(Side::kClient, get("/d")).send(Side::kServer, answer.substr(0, 30));
  rig.gap(Side::kServer, 8);  // In its head.
  REQUIRE(rig.lines().size() == 4);
  const std::size_t head = answer.size() - image.size();
  const std::string seen = std::to_string(200 - head);
  const std::string expected[] = {std::to_string(650), seen, seen, "0"};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    INFO(rig.lines()[i]);
    CHECK(field(rig.lines()[i], "body_bytes") == expected[i]);
    CHECK(field(rig.lines()[i], "body_complete") == "false");
    CHECK(field(rig.lines()[i], "body_sha256").empty());
  }
}

TEST_CASE("a body that the connection cuts off is told as it is, and again should it go on") {
  const std::string image(700, 'i');
  const std::string answer = ok(image);
  DecoderRig rig(make());
  rig.send(Side::kClient, get("/a")).send(Side::kServer, answer.substr(0, 300));
  CHECK(rig.lines().empty());
  rig.end();
  rig.end();
  REQUIRE(rig.lines().size() == 1);
  CHECK(field(rig.lines()[0], "body_complete") == "false");
  rig.send(Side::kServer, answer.substr(300));  // The reset was forged.
  REQUIRE(rig.lines().size() == 2);
  CHECK(field(rig.lines()[1], "body_sha256") == sha256_hex(image));
  CHECK(rig.stats().http_transactions == 1);
}

TEST_CASE("a body that lasts until the connection closes is whole if both ends say so") {
  const std::string image(700, 'i');
  for (const bool by_fin : {false, true}) {
    DecoderRig rig(make());
    rig.send(Side::kClient, get("/a")).send(Side::kServer, "HTTP/1.0 200 OK\r\n\r\n" + image);
    CHECK(rig.lines().empty());
    rig.end(by_fin);
    REQUIRE(rig.lines().size() == 1);
    CHECK(field(rig.lines()[0], "body_bytes") == "700");
    CHECK(field(rig.lines()[0], "body_sha256") == (by_fin ? sha256_hex(image) : ""));
  }
}

TEST_CASE("a transaction whose body goes on is told when the connection is not HTTP any more") {
  DecoderRig rig(make());
  rig.send(Side::kClient, "PUT /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc")
      .send(Side::kServer, ok("x"));
  CHECK(rig.lines().empty());
  rig.send(Side::kServer, "HTTP/1.1 nonsense\r\n\r\n");
  CHECK(rig.stopped());
  CHECK(statuses(rig.lines()) == "/a:200 ");
  CHECK(field(named(rig.lines(), "http.transaction")[0], "request_body_bytes") == "3");
}

TEST_CASE("nothing is kept of a transaction that nobody wants") {
  Interest nothing;
  DecoderRig rig(make(), false, nothing);
  rig.send(Side::kClient, get("/a")).send(Side::kServer, ok(std::string(700, 'i')));
  rig.send(Side::kClient, get("/b")).send(Side::kServer, ok(std::string(700, 'i')));
  CHECK(rig.lines().empty());
  CHECK(rig.stats().http_transactions == 2);
}

TEST_CASE("a request without a response is reported at the end") {
  const Lines lines = check_decoder(make, {client(get("/a"))});
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "path") == "/a");
  CHECK(field(lines[0], "status").empty());
}

TEST_CASE("each kind of HTTP anomaly is reported") {
  struct Row {
    std::string_view kind;
    std::vector<Step> steps;
  };

  const Row rows[] = {
      {"head_too_long",
       {client("GET / HTTP/1.1\r\nX: " + std::string(kHttpHeadMaxLen, 'x') + "\r\n\r\n")}},
      {"head_too_long", {server("HTTP/1.1 200 OK\r\nX: " + std::string(kHttpHeadMaxLen, 'x'))}},
      {"malformed_head", {client("GET nonsense\r\n\r\n")}},
      {"malformed_head", {server("HTTP/1.1 abc\r\n\r\n")}},
      {"malformed_head", {server(get("/from-the-server"))}},
      {"malformed_head", {client("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")}},
      {"unfinished_request", {client("GET /slow HTTP/1.1\r\nHost: cs")}},
      {"bad_accept", {client(upgrade()), server(switching("", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="))}},
      {"unexpected_subprotocol",
       {client(upgrade()), server(switching("Sec-WebSocket-Protocol: ocpp2.1\r\n"))}},
  };
  for (const Row& row : rows) {
    INFO(row.kind);
    DecoderRig rig(make());
    rig.run(row.steps).end();
    CHECK(rig.kinds() == row.kind);
    CHECK(rig.stats().anomalies == 1);
  }
}

TEST_CASE("a head beyond the limit ends decoding, and the limit is counted") {
  DecoderRig rig(make());
  const std::string line = "X-Filler: 0123456789\r\n";
  rig.send(Side::kClient, "GET / HTTP/1.1\r\n");
  for (std::size_t sent = 0; sent <= kHttpHeadMaxLen && !rig.stopped(); sent += line.size()) {
    rig.send(Side::kClient, line);
  }
  CHECK(rig.stopped());
  CHECK(rig.kinds() == "head_too_long");
  CHECK(rig.stats().limits.count(Limit::kHttpHead) == 1);
}

TEST_CASE("pipelined requests beyond the limit are counted, and none of them is lost") {
  constexpr std::size_t kCount = kPendingRequestsMax + 3;
  DecoderRig rig(make());
  std::string requests;
  for (std::size_t i = 0; i < kPendingRequestsMax; ++i) requests += get("/" + std::to_string(i));
  rig.send(Side::kClient, requests);
  CHECK(rig.kinds().empty());
  CHECK(rig.stats().limits.count(Limit::kPendingRequests) == 0);
  for (const char* path : {"/x", "/y"}) rig.send(Side::kClient, get(path));
  rig.send(Side::kClient, "HEAD /z HTTP/1.1\r\n\r\n");
  CHECK(rig.kinds() == "too_many_requests");
  CHECK(rig.stats().limits.count(Limit::kPendingRequests) == 3);
  CHECK(statuses(rig.lines()) == "/x: /y: /z: ");  // Without waiting for their responses.
  rig.send(Side::kClient, upgrade());
  // Each response goes to its own request, and the body of the one to HEAD is not there.
  std::string answers;
  for (std::size_t i = 0; i + 1 < kCount; ++i) answers += ok("x");
  rig.send(Side::kServer, answers + "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  rig.send(Side::kServer, switching()).send(Side::kClient, client_text(kHeartbeat));
  CHECK(named(rig.lines(), "http.transaction").size() == kCount);
  CHECK(statuses(rig.lines()).starts_with("/x: /y: /z: /0:200 /1:200 "));
  CHECK(statuses(rig.lines()).ends_with("/31:200 "));
  REQUIRE(named(rig.lines(), "http.upgrade").size() == 1);
  CHECK(field(named(rig.lines(), "http.upgrade")[0], "path") == "/ocpp/CP1");
  CHECK(named(rig.lines(), "ocpp.message").size() == 1);
  CHECK(rig.kinds() == "too_many_requests");
}

TEST_CASE("a 101 belongs to the upgrade behind more requests than are remembered") {
  DecoderRig rig(make());
  for (int i = 0; i < 40; ++i) rig.send(Side::kClient, get("/" + std::to_string(i)));
  rig.send(Side::kClient, upgrade()).send(Side::kServer, switching());
  rig.send(Side::kClient, client_text(kHeartbeat));
  CHECK(rig.station() == "CP1");
  CHECK(named(rig.lines(), "http.transaction").size() == 40);
  CHECK(named(rig.lines(), "ocpp.message").size() == 1);
}

TEST_CASE("requests that are never answered are all reported, and the memory for them is bounded") {
  DecoderRig rig(make());
  constexpr std::size_t kCount = kPendingRequestsMax + kUnkeptRequestsMax + 10;
  for (std::size_t i = 0; i < kCount; ++i) rig.send(Side::kClient, get("/" + std::to_string(i)));
  CHECK(rig.stats().limits.count(Limit::kPendingRequests) == kCount - kPendingRequestsMax);
  // After as many responses as places are remembered, the next pair is found.
  std::string answers;
  for (std::size_t i = 0; i + 10 < kCount; ++i) answers += ok("x");
  rig.send(Side::kServer, answers);
  rig.send(Side::kClient, get("/last")).send(Side::kServer, ok("x"));
  rig.end();
  CHECK(statuses(rig.lines()).ends_with("/last:200 "));
  CHECK(named(rig.lines(), "http.transaction").size() == kCount + 1);
  CHECK(rig.kinds() == "too_many_requests");
}

TEST_CASE("a head whose end is missing says enough to go on") {
  DecoderRig rig(make());
  const std::string request = upgrade();
  const std::string response = switching();
  rig.send(Side::kClient, request.substr(0, request.size() - 6)).gap(Side::kClient, 6);
  rig.send(Side::kServer, response.substr(0, response.size() - 2)).gap(Side::kServer, 2);
  rig.send(Side::kClient, client_text(kHeartbeat));
  CHECK(named(rig.lines(), "http.upgrade").size() == 1);
  CHECK(named(rig.lines(), "ocpp.message").size() == 1);
}

TEST_CASE("a gap inside a body is part of it") {
  DecoderRig rig(make());
  rig.send(Side::kClient, get("/a") + get("/b"));
  rig.send(Side::kServer, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01").gap(Side::kServer, 5);
  rig.send(Side::kServer, "789" + ok("b"));
  CHECK(statuses(rig.lines()) == "/a:200 /b:200 ");
}

TEST_CASE("after a gap between messages the next head is found where a segment begins") {
  DecoderRig rig(make());
  rig.send(Side::kServer, ok("x")).gap(Side::kServer, 500);
  rig.send(Side::kServer, "the rest of something");
  rig.send(Side::kClient, get("/b")).send(Side::kServer, ok("b"));
  CHECK(statuses(rig.lines()) == "/b:200 ");
  CHECK(rig.kinds().empty());
}

TEST_CASE("a 101 belongs to the upgrade even if an answer before it was not captured") {
  DecoderRig rig(make());
  rig.send(Side::kClient, get("/health")).gap(Side::kServer, 40);
  rig.send(Side::kClient, upgrade()).send(Side::kServer, switching());
  rig.send(Side::kClient, client_text(kHeartbeat));
  CHECK(rig.station() == "CP1");
  REQUIRE(named(rig.lines(), "http.upgrade").size() == 1);
  CHECK(field(named(rig.lines(), "http.upgrade")[0], "path") == "/ocpp/CP1");
  CHECK(named(rig.lines(), "ocpp.message").size() == 1);
}

TEST_CASE("a connection whose 101 was not captured is followed from its next message") {
  DecoderRig rig(make());
  rig.send(Side::kClient, upgrade()).gap(Side::kServer, 129);
  rig.send(Side::kClient, client_text(kHeartbeat)).send(Side::kServer, server_text(kAnswer));
  rig.send(Side::kClient, client_text(R"([2,"2","Heartbeat",{}])"));
  rig.end();
  CHECK(rig.station() == "CP1");
  CHECK(named(rig.lines(), "http.upgrade_refused").empty());
  REQUIRE(named(rig.lines(), "http.upgrade").size() == 1);
  CHECK(field(named(rig.lines(), "http.upgrade")[0], "status").empty());
  const Lines messages = named(rig.lines(), "ocpp.message");
  REQUIRE(messages.size() == 3);
  CHECK(field(messages[1], "answered") == "true");
  CHECK(field(messages[2], "id") == "2");
  CHECK(rig.kinds().empty());
}

TEST_CASE("a gap in what a client sent ahead of the 101 is known to the decoder of frames") {
  DecoderRig rig(make());
  const std::string second = client_text(R"([2,"2","Heartbeat",{}])");
  rig.send(Side::kClient, upgrade() + client_text(kHeartbeat) + second.substr(0, 4));
  rig.gap(Side::kClient, 10).send(Side::kClient, second.substr(14));
  rig.send(Side::kServer, switching());
  rig.send(Side::kClient, client_text(R"([2,"3","Heartbeat",{}])"));
  const Lines messages = named(rig.lines(), "ocpp.message");
  REQUIRE(messages.size() == 2);
  CHECK(field(messages[0], "id") == "1");
  CHECK(field(messages[1], "id") == "3");
  CHECK(named(rig.lines(), "websocket.anomaly").empty());
}

TEST_CASE("a client that goes on before the 101 is kept within a limit and found again") {
  DecoderRig rig(make());
  rig.send(Side::kClient, upgrade());
  for (int i = 0; i < 100; ++i) {
    const std::string id = "\"" + std::to_string(i) + "\"";
    rig.send(Side::kClient, client_text("[2," + id + ",\"DataTransfer\",{\"data\":\"" +
                                        std::string(1000, 'x') + "\"}]"));
  }
  rig.send(Side::kServer, switching());
  rig.send(Side::kClient, client_text(R"([2,"last","Heartbeat",{}])"));
  const Lines messages = named(rig.lines(), "ocpp.message");
  CHECK(messages.size() >= 2);
  CHECK(messages.size() < 20);
  CHECK(field(messages.back(), "id") == "last");
  CHECK(named(rig.lines(), "websocket.anomaly").empty());
}

TEST_CASE("after its end a connection that goes on keeps the requests that wait") {
  DecoderRig rig(make());
  rig.send(Side::kClient, get("/a") + upgrade());
  rig.end();
  rig.end();
  CHECK(statuses(rig.lines()) == "/a: ");
  CHECK(named(rig.lines(), "http.upgrade_refused").size() == 1);
  rig.send(Side::kServer, ok("x") + switching()).send(Side::kClient, client_text(kHeartbeat));
  CHECK(statuses(rig.lines()) == "/a: /a:200 ");
  CHECK(named(rig.lines(), "http.upgrade").size() == 1);
  CHECK(rig.station() == "CP1");
  CHECK(named(rig.lines(), "ocpp.message").size() == 1);
}
