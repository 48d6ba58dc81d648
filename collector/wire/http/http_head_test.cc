#include "collector/wire/http/http_head.h"

#include <catch2/catch.hpp>

#include "collector/base/limits.h"
#include "collector/base/text.h"

using namespace chargewarden;
using namespace chargewarden::http;

namespace {

const std::string kRequest =
    "GET /ocpp/CP%20001?tenant=1 HTTP/1.1\r\nHost: csms:9000\r\nUpgrade: WebSocket\r\n"
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Protocol: ocpp2.0.1, ocpp1.6\r\n\r\n";

}  // namespace

TEST_CASE("a request head is parsed, cut anywhere it asks for more") {
  Head head;
  const std::string with_frame = kRequest + "\x81\x02";
  REQUIRE(parse_head(as_bytes(with_frame), head) == HeadStatus::kDone);
  CHECK(head.is_request);
  CHECK(head.method == "GET");
  CHECK(head.target == "/ocpp/CP%20001?tenant=1");
  CHECK(head.length == kRequest.size());
  CHECK(head.header("host") == "csms:9000");
  CHECK(head.has_token("connection", "upgrade"));
  CHECK(head.has_token("Upgrade", "websocket"));
  CHECK_FALSE(head.has_token("Upgrade", "socket"));
  for (std::size_t len = 0; len < kRequest.size(); ++len) {
    CAPTURE(len);
    CHECK(parse_head(as_bytes(kRequest).first(len), head) == HeadStatus::kNeedMore);
  }
}

TEST_CASE("response heads have a status, broken ones are refused") {
  Head head;
  REQUIRE(parse_head(as_bytes("HTTP/1.1 101 Switching Protocols\r\nA: b\n\n"), head) ==
          HeadStatus::kDone);
  CHECK_FALSE(head.is_request);
  CHECK(head.status == 101);
  CHECK(head.header("A") == "b");
  for (const char* text : {"GET /\r\n\r\n", "HTTP/1.1 1x1 no\r\n\r\n", "HTTP/1.1\r\n\r\n",
                           "garbage\r\n\r\n", "GET  HTTP/1.1\r\n\r\n"}) {
    CAPTURE(text);
    CHECK(parse_head(as_bytes(text), head) == HeadStatus::kMalformed);
  }
}

TEST_CASE("a head beyond the limit is refused") {
  Head head;
  std::string text = "GET / HTTP/1.1\r\nX: ";
  text += std::string(kHttpHeadMaxLen, 'a');
  CHECK(parse_head(as_bytes(text), head) == HeadStatus::kTooLong);
  CHECK(parse_head(as_bytes(text + "\r\n\r\n"), head) == HeadStatus::kTooLong);
}

TEST_CASE("headers beyond the limit are counted") {
  Head head;
  std::string text = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < kHeadersMax + 3; ++i) text += "h: v\r\n";
  REQUIRE(parse_head(as_bytes(text + "\r\n"), head) == HeadStatus::kDone);
  CHECK(head.header_count == kHeadersMax);
  CHECK(head.surplus_headers == 3);
}

TEST_CASE("probes tell HTTP from other protocols with few bytes") {
  CHECK(probe(as_bytes("GET /x")) == HeadStatus::kDone);
  CHECK(probe(as_bytes("HTTP/1.1 2")) == HeadStatus::kDone);
  CHECK(probe(as_bytes("PO")) == HeadStatus::kNeedMore);
  CHECK(probe(as_bytes("")) == HeadStatus::kNeedMore);
  CHECK(probe(as_bytes("\x16\x03\x01")) == HeadStatus::kMalformed);
  CHECK(probe(as_bytes("SSH-2.0")) == HeadStatus::kMalformed);
}

TEST_CASE("bodies are delimited as RFC 9112 says") {
  const auto body = [](std::string_view text, std::string_view method) {
    Head head;
    REQUIRE(parse_head(as_bytes(text), head) == HeadStatus::kDone);
    return body_of(head, method);
  };
  CHECK(body("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", "GET").length == 12);
  CHECK(body("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", "HEAD").kind == BodyKind::kNone);
  CHECK(body("HTTP/1.1 200 OK\r\n\r\n", "GET").kind == BodyKind::kUntilClose);
  CHECK(body("HTTP/1.1 204 No\r\n\r\n", "GET").kind == BodyKind::kNone);
  CHECK(body("GET / HTTP/1.1\r\n\r\n", "").kind == BodyKind::kNone);
  CHECK(body("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n\r\n", "")
            .kind == BodyKind::kChunked);
}

TEST_CASE("the accept value is that of RFC 6455") {
  CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(websocket_accept("x3JJHMbDL1EzLkh9GBhXDw==") == "HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
}
