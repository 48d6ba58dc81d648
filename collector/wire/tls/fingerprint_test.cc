// The worked values are those that the authors of JA3 and JA4 have published.

#include "collector/wire/tls/fingerprint.h"

#include <catch2/catch.hpp>

#include "tests/support/tls_bytes.h"

using namespace chargewarden;
using namespace chargewarden::tls;
using namespace chargewarden::testing;

namespace {

ByteString of_types(const std::vector<std::uint16_t>& types) {
  ByteString out;
  for (const std::uint16_t each : types) put(out, extension(each, {}));
  return out;
}

}  // namespace

TEST_CASE("JA3 is as its authors have published it") {
  ByteString extensions = server_name("x");
  put(extensions, extension(10, with_len16(u16_list({23, 24, 25}))));
  put(extensions, extension(11, with_len8({0})));
  const ByteString body =
      client_hello({.version = 0x0301,
                    .suites = {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4},
                    .extensions = extensions});
  const auto hello = parse_client_hello(body);
  REQUIRE(hello.has_value());
  CHECK(ja3_text(*hello) == "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0");
  CHECK(ja3(*hello) == "ada70206e40642a3e4461f35503241d5");

  const ByteString old = client_hello({.version = 0x0301,
                                       .suites = {4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99},
                                       .has_extensions = false});
  CHECK(ja3_text(*parse_client_hello(old)) == "769,4-5-10-9-100-98-3-6-19-18-99,,,");
  CHECK(ja3(*parse_client_hello(old)) == "de350869b8c85de67a350c8d186f11e6");
}

TEST_CASE("JA3 leaves out what says nothing") {
  ByteString extensions = extension(0x0a0a, {});
  put(extensions, extension(10, with_len16(u16_list({0x1a1a, 29}))));
  const ByteString body = client_hello({.suites = {0xfafa, 0x1301}, .extensions = extensions});
  CHECK(ja3_text(*parse_client_hello(body)) == "771,4865,10,29,");
}

TEST_CASE("JA3S is the answer of the server") {
  const ByteString body = server_hello({.suites = {4866}, .extensions = of_types({43, 51})});
  CHECK(ja3s_text(*parse_server_hello(body)) == "771,4866,43-51");
  CHECK(ja3s(*parse_server_hello(body)) == "15af977ce25de452b96affa2addb1036");
  const ByteString old =
      server_hello({.suites = {49199}, .extensions = of_types({65281, 11, 35, 23})});
  CHECK(ja3s(*parse_server_hello(old)) == "1af33e1657631357c73119488045302c");
}

TEST_CASE("JA4 is as its authors have published it") {
  const std::vector<std::uint16_t> suites = {0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f,
                                             0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
                                             0x009c, 0x009d, 0x002f, 0x0035};
  ByteString extensions = extension(0x9a9a, {});
  put(extensions, of_types({0x001b}));
  put(extensions, server_name("example.com"));
  put(extensions, of_types({0x0033}));
  put(extensions, alpn("h2"));
  put(extensions, of_types({0x4469, 0x0017, 0x002d}));
  put(extensions, extension(0x000d, with_len16(u16_list({0x0403, 0x0804, 0x0401, 0x0503, 0x0805,
                                                         0x0501, 0x0806, 0x0601}))));
  put(extensions, of_types({0x0005, 0x0023, 0x0012}));
  put(extensions, extension(0x002b, with_len8(u16_list({0x4a4a, 0x0304, 0x0303}))));
  put(extensions, of_types({0xff01}));
  put(extensions, extension(0x000b, with_len8({0})));
  put(extensions, extension(0x000a, with_len16(u16_list({0x001d}))));
  put(extensions, of_types({0x0015}));
  const ByteString body = client_hello({.suites = suites, .extensions = extensions});
  CHECK(ja4(*parse_client_hello(body)) == "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST_CASE("JA4 of a hello with little in it") {
  const ByteString empty = client_hello({.suites = {}, .has_extensions = false});
  CHECK(ja4(*parse_client_hello(empty)) == "t12i000000_000000000000_000000000000");
  const auto protocol = [](std::string_view name) {
    const ByteString body = client_hello({.suites = {}, .extensions = alpn(name)});
    return ja4(*parse_client_hello(body)).substr(0, 10);
  };
  CHECK(protocol("h2") == "t12i0001h2");
  CHECK(protocol("http/1.1") == "t12i0001h1");
  CHECK(protocol("x") == "t12i0001xx");
  CHECK(protocol("\xab") == "t12i0001ab");
  CHECK(protocol("0\xab") == "t12i00013b");
}
