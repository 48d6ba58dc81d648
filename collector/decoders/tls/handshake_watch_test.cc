// Handshakes of TLS 1.0 to 1.3 made by hand; real ones are in tests/integration.

#include "collector/decoders/tls/handshake_watch.h"

#include <catch2/catch.hpp>

#include "tests/support/tls_bytes.h"

using namespace chargewarden;
using namespace chargewarden::tls;
using namespace chargewarden::testing;

namespace {

ByteString hello_record(const HelloPlan& plan) {
  return record(22, handshake(1, client_hello(plan)), 1);
}

ByteString answer_record(const HelloPlan& plan) {
  return record(22, handshake(2, server_hello(plan)));
}

ByteString message(std::uint8_t type, const ByteString& body) {
  return record(22, handshake(type, body));
}

// An encrypted record of that length.
ByteString sealed(std::size_t len, std::uint8_t type = 23) {
  return record(type, ByteString(len, 0xee));
}

HelloPlan offer_13() {
  return {.session_id = ByteString(32, 9),
          .suites = {0x1301, 0xc02b},
          .extensions = extension(43, with_len8(u16_list({0x0304, 0x0303})))};
}

HelloPlan answer_13() {
  return {.random = 0x22,
          .session_id = ByteString(32, 9),
          .suites = {0x1301},
          .extensions = extension(43, u16_list({0x0304}))};
}

const ByteString kChange = record(20, {1});
constexpr Side kC = Side::kClient;
constexpr Side kS = Side::kServer;

std::string problems_of(HandshakeWatch& watch) {
  std::string out;
  for (const Problem each : watch.take_problems()) out += std::string(to_string(each)) + ' ';
  return out;
}

}  // namespace

TEST_CASE("a handshake of TLS 1.2 is done when both have finished") {
  HandshakeWatch watch;
  watch.feed(kC, hello_record({.suites = {0xc02b, 0x000a, 0x0005, 0xc012},
                               .extensions = server_name("csms.example.net")}));
  watch.feed(kS, answer_record({.suites = {0xc02b}, .extensions = alpn("http/1.1")}));
  watch.feed(kS, message(11, certificate_list({{7}})));
  watch.feed(kS, message(14, {}));
  watch.feed(kC, message(16, ByteString(33, 1)));
  watch.feed(kC, kChange);
  watch.feed(kC, sealed(40, 22));
  CHECK(watch.outcome() == Outcome::kOpen);
  watch.feed(kS, kChange);
  watch.feed(kS, sealed(40, 22));
  CHECK(watch.outcome() == Outcome::kCompleted);
  const Sights& sights = watch.sights();
  CHECK(sights.version == kTls12);
  CHECK(sights.suite == 0xc02b);
  CHECK(sights.server_name == "csms.example.net");
  CHECK(sights.protocol == "http/1.1");
  CHECK(sights.weak_offers == std::vector<std::string_view>{"3des", "rc4"});
  CHECK_FALSE(sights.is_resumed);
  CHECK_FALSE(sights.certificate_requested);
  CHECK(sights.ja3.size() == 32);
  CHECK(sights.ja4.size() == 36);
  CHECK(problems_of(watch).empty());
}

TEST_CASE("certificates of the client are told from none") {
  for (const bool has_one : {true, false}) {
    HandshakeWatch watch;
    watch.feed(kC, hello_record({}));
    watch.feed(kS, answer_record({}));
    watch.feed(kS, message(11, certificate_list({{7}})));
    watch.feed(kS, message(13, {1, 1, 0, 0}));
    watch.feed(kC, message(11, has_one ? certificate_list({{7}}) : certificate_list({})));
    CHECK(watch.sights().certificate_requested);
    CHECK(watch.sights().certificate_sent == has_one);
    CHECK(watch.sights().certificate_empty != has_one);
  }
}

TEST_CASE("chains of both sides are handed out once") {
  HandshakeWatch watch;
  watch.feed(kC, hello_record({}));
  watch.feed(kS, answer_record({}));
  watch.feed(kS, message(11, certificate_list({{1, 2, 3}, {4}})));
  watch.feed(kC, message(11, certificate_list({{5}})));
  const auto chains = watch.take_chains();
  REQUIRE(chains.size() == 2);
  CHECK(chains[0].side == kS);
  CHECK(chains[0].certificates == std::vector<std::string>{"AQID", "BA=="});
  CHECK(chains[1].side == kC);
  CHECK(chains[1].certificates == std::vector<std::string>{"BQ=="});
  CHECK(watch.take_chains().empty());
  watch.feed(kS, message(11, certificate_list({{6}})));
  CHECK(watch.take_chains().empty());
  HandshakeWatch bad;
  bad.feed(kC, hello_record({}));
  bad.feed(kS, message(11, {1, 2, 3}));
  CHECK(problems_of(bad) == "malformed_certificates ");
  HandshakeWatch many;
  many.feed(kS, message(11, certificate_list(std::vector<ByteString>(9, ByteString{1}))));
  CHECK(problems_of(many) == "too_many_certificates ");
  CHECK(many.take_chains()[0].certificates.size() == 8);
}

TEST_CASE("sessions that are resumed are told, by their id and by a ticket") {
  for (const bool by_id : {true, false}) {
    HandshakeWatch watch;
    const ByteString id = by_id ? ByteString(32, 5) : ByteString();
    watch.feed(kC, hello_record({.session_id = id}));
    watch.feed(kS, answer_record({.session_id = id}));
    watch.feed(kS, kChange);
    watch.feed(kS, sealed(40, 22));
    watch.feed(kC, kChange);
    watch.feed(kC, sealed(40, 22));
    CHECK(watch.outcome() == Outcome::kCompleted);
    CHECK(watch.sights().is_resumed);
  }
}

TEST_CASE("a handshake of TLS 1.3 is done when the server goes on") {
  HandshakeWatch watch;
  watch.feed(kC, hello_record(offer_13()));
  watch.feed(kS, answer_record(answer_13()));
  watch.feed(kS, kChange);
  watch.feed(kS, sealed(2'000));
  watch.feed(kC, kChange);
  watch.feed(kC, sealed(53));
  watch.feed(kC, sealed(500));
  CHECK(watch.outcome() == Outcome::kOpen);
  watch.feed(kS, sealed(250));
  CHECK(watch.outcome() == Outcome::kCompleted);
  CHECK(watch.sights().version == kTls13);
  CHECK(watch.sights().version_offered == kTls13);
  CHECK_FALSE(watch.sights().is_resumed);
}

TEST_CASE("alerts of TLS 1.3 are known by their length") {
  for (const Side who : {kC, kS}) {
    HandshakeWatch watch;
    watch.feed(kC, hello_record(offer_13()));
    watch.feed(kS, answer_record(answer_13()));
    watch.feed(kS, sealed(2'000));
    if (who == kS) watch.feed(kC, sealed(53));
    watch.feed(who, sealed(19));
    CHECK(watch.outcome() == Outcome::kRefused);
    CHECK(watch.sights().alert_encrypted);
    CHECK(watch.sights().alert_by == who);
  }
}

TEST_CASE("an alert in clear ends a handshake") {
  HandshakeWatch watch;
  watch.feed(kC, hello_record({}));
  watch.feed(kS, record(21, {1, 112}));  // A warning.
  CHECK(watch.outcome() == Outcome::kOpen);
  watch.feed(kS, record(21, {2, 70}));
  CHECK(watch.outcome() == Outcome::kRefused);
  CHECK(watch.sights().alert == 70);
  CHECK(watch.sights().alert_by == kS);
  CHECK_FALSE(watch.sights().has_server_hello);

  HandshakeWatch later;  // Of TLS 1.3, before the keys are there.
  later.feed(kC, hello_record(offer_13()));
  later.feed(kS, answer_record(answer_13()));
  later.feed(kC, record(21, {2, 47}));
  CHECK(later.outcome() == Outcome::kRefused);
  CHECK(later.sights().alert == 47);
}

TEST_CASE("a server that asks for another hello gets one") {
  HandshakeWatch watch;
  watch.feed(kC, hello_record(offer_13()));
  ByteString retry = server_hello(answer_13());
  const std::string_view random =
      "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
      "\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c";
  std::copy(random.begin(), random.end(), retry.begin() + 2);
  watch.feed(kS, record(22, handshake(2, retry)));
  CHECK_FALSE(watch.sights().has_server_hello);
  watch.feed(kC, hello_record(offer_13()));
  watch.feed(kS, answer_record(answer_13()));
  CHECK(watch.sights().is_retried);
  CHECK(watch.sights().has_server_hello);
  CHECK(problems_of(watch).empty());
}

TEST_CASE("early data comes before the answer") {
  HandshakeWatch watch;
  HelloPlan plan = offer_13();
  put(plan.extensions, extension(42, {}));
  put(plan.extensions, extension(41, {}));
  watch.feed(kC, hello_record(plan));
  watch.feed(kC, sealed(300));
  HelloPlan answer = answer_13();
  put(answer.extensions, extension(41, {0, 0}));
  watch.feed(kS, answer_record(answer));
  watch.feed(kS, sealed(100));
  CHECK(watch.outcome() == Outcome::kOpen);
  CHECK(watch.sights().has_early_data);
  CHECK(watch.sights().is_resumed);
}

TEST_CASE("a name beyond the limit is cut") {
  HandshakeWatch watch;
  watch.feed(kC, hello_record({.extensions = server_name(std::string(256, 'a'))}));
  CHECK(watch.sights().server_name == std::string(255, 'a'));
}

TEST_CASE("what is wrong with a handshake is told once each") {
  HandshakeWatch watch;
  watch.feed(kC, record(22, handshake(1, {1, 2, 3})));
  watch.feed(kC, record(22, handshake(1, {1, 2, 3})));
  CHECK(problems_of(watch) == "malformed_hello ");
  watch.feed(kC, hello_record({.extensions = extension(10, {9})}));
  watch.feed(kC, hello_record({}));
  CHECK(problems_of(watch) == "damaged_extension second_hello ");
  ByteString big = handshake(11, ByteString(kHandshakeMaxLen, 0));
  for (std::size_t at = 0; at < big.size(); at += 16'384) {
    const auto begin = big.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = big.begin() + static_cast<std::ptrdiff_t>(std::min(at + 16'384, big.size()));
    watch.feed(kS, record(22, ByteString(begin, end)));
  }
  CHECK(problems_of(watch) == "message_too_long ");
  watch.feed(kS, {{'H', 'T', 'T', 'P', '/'}});
  CHECK(problems_of(watch) == "not_a_record ");
  CHECK(watch.outcome() == Outcome::kUnfinished);
}

TEST_CASE("a handshake that is not captured as a whole is lost, one that breaks off unfinished") {
  HandshakeWatch lost;
  lost.feed(kC, hello_record({}));
  lost.lose();
  CHECK(lost.outcome() == Outcome::kLost);
  HandshakeWatch cut;
  cut.feed(kC, hello_record({}));
  cut.end();
  CHECK(cut.outcome() == Outcome::kUnfinished);
  cut.lose();
  CHECK(cut.outcome() == Outcome::kUnfinished);
}
