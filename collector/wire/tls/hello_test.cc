#include "collector/wire/tls/hello.h"

#include <catch2/catch.hpp>

#include "tests/support/tls_bytes.h"

using namespace chargewarden;
using namespace chargewarden::tls;
using namespace chargewarden::testing;

namespace {

ByteString all_extensions() {
  ByteString out = server_name("csms.example.net");
  put(out, extension(0x3a3a, {}));
  put(out, alpn("http/1.1"));
  put(out, extension(10, with_len16(u16_list({0x001d, 0x0017}))));
  put(out, extension(11, with_len8({0})));
  put(out, extension(13, with_len16(u16_list({0x0403, 0x0804}))));
  put(out, extension(43, with_len8(u16_list({0x7a7a, 0x0304, 0x0303}))));
  return out;
}

}  // namespace

TEST_CASE("a ClientHello tells what the client offers") {
  const ByteString body = client_hello(
      {.session_id = {1, 2, 3}, .suites = {0x1301, 0xc02b}, .extensions = all_extensions()});
  const auto hello = parse_client_hello(body);
  REQUIRE(hello.has_value());
  CHECK(hello->legacy_version == kTls12);
  CHECK(hello->version() == kTls13);
  CHECK(hello->random.size() == 32);
  CHECK(hello->session_id.size() == 3);
  REQUIRE(hello->suites.size() == 2);
  CHECK(hello->suites[1] == 0xc02b);
  CHECK(hello->suites.contains(0x1301));
  CHECK(hello->server_name == "csms.example.net");
  CHECK(hello->first_protocol == "http/1.1");
  CHECK(hello->groups.size() == 2);
  CHECK(hello->point_formats.size() == 1);
  CHECK(hello->signature_algorithms[1] == 0x0804);
  CHECK_FALSE(hello->has_damage);
  CHECK(hello->extensions.has(kSupportedVersionsExtension));
  CHECK_FALSE(hello->extensions.has(kEarlyDataExtension));
}

TEST_CASE("an old ClientHello has no extensions") {
  const ByteString body = client_hello({.version = 0x0301, .has_extensions = false});
  const auto hello = parse_client_hello(body);
  REQUIRE(hello.has_value());
  CHECK(hello->version() == kTls10);
  CHECK(hello->server_name.empty());
}

TEST_CASE("a hello that is cut anywhere, or goes on, is refused") {
  for (const bool is_client : {true, false}) {
    const HelloPlan plan = {.session_id = {1, 2}, .extensions = all_extensions()};
    ByteString body = is_client ? client_hello(plan) : server_hello(plan);
    const auto is_read = [&](Bytes bytes) {
      return is_client ? parse_client_hello(bytes).has_value()
                       : parse_server_hello(bytes).has_value();
    };
    const std::size_t without_extensions = body.size() - all_extensions().size() - 2;
    for (std::size_t len = 0; len < body.size(); ++len) {
      CAPTURE(is_client, len);
      CHECK(is_read(Bytes(body).first(len)) == (len == without_extensions));
    }
    CHECK(is_read(body));
    body.push_back(0);
    CHECK_FALSE(is_read(body));
  }
}

TEST_CASE("lengths of a hello that contradict each other are refused") {
  CHECK_FALSE(parse_client_hello(client_hello({.session_id = ByteString(33, 1)})).has_value());
  CHECK_FALSE(parse_server_hello(server_hello({.session_id = ByteString(33, 1)})).has_value());
  ByteString odd = client_hello({.suites = {0x0102}});
  odd[36] = 1;  // Length of the suites.
  CHECK_FALSE(parse_client_hello(odd).has_value());
}

TEST_CASE("an extension that is not as its standard says is passed over and noted") {
  for (const std::uint16_t type : std::vector<std::uint16_t>{0, 10, 11, 13, 16, 43}) {
    CAPTURE(type);
    const ByteString body = client_hello({.extensions = extension(type, {9, 9, 9})});
    const auto hello = parse_client_hello(body);
    REQUIRE(hello.has_value());
    CHECK(hello->has_damage);
    CHECK(hello->server_name.empty());
    CHECK(hello->groups.size() == 0);
    CHECK(hello->version() == kTls12);
  }
}

TEST_CASE("a ServerHello tells what was agreed on") {
  const auto old = server_hello({.version = 0x0302, .suites = {0x002f}, .has_extensions = false});
  REQUIRE(parse_server_hello(old).has_value());
  CHECK(parse_server_hello(old)->version() == kTls11);
  CHECK(parse_server_hello(old)->suite == 0x002f);
  CHECK_FALSE(parse_server_hello(old)->is_retry);

  ByteString chosen = extension(43, u16_list({0x0304}));
  ByteString share = u16_list({0x001d});
  put(share, with_len16(ByteString(32, 5)));
  put(chosen, extension(51, share));
  const auto body = server_hello({.suites = {0x1302}, .extensions = chosen});
  const auto hello = parse_server_hello(body);
  REQUIRE(hello.has_value());
  CHECK(hello->version() == kTls13);
  CHECK(hello->group == 0x001d);

  const auto with_protocol = server_hello({.extensions = alpn("http/1.1")});
  CHECK(parse_server_hello(with_protocol)->protocol == "http/1.1");
}

TEST_CASE("a HelloRetryRequest is recognised by its random") {
  ByteString body = server_hello({.suites = {0x1301}});
  const std::string_view random =
      "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
      "\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c";
  std::copy(random.begin(), random.end(), body.begin() + 2);
  REQUIRE(parse_server_hello(body).has_value());
  CHECK(parse_server_hello(body)->is_retry);
}
