#include "collector/wire/tls/certificate_list.h"

#include <catch2/catch.hpp>

#include "tests/support/tls_bytes.h"

using namespace chargewarden;
using namespace chargewarden::tls;
using namespace chargewarden::testing;

TEST_CASE("the certificates of a message are told apart") {
  const ByteString body = certificate_list({ByteString(700, 1), ByteString(1'200, 2)});
  const auto list = parse_certificate_list(body);
  REQUIRE(list.has_value());
  REQUIRE(list->certificates.size() == 2);
  CHECK(list->certificates[0].size() == 700);
  CHECK(list->certificates[1].front() == 2);
  CHECK(list->left_out == 0);
  const ByteString empty = certificate_list({});
  REQUIRE(parse_certificate_list(empty).has_value());
  CHECK(parse_certificate_list(empty)->certificates.empty());
}

TEST_CASE("a list of certificates that is cut, or goes on, is refused") {
  ByteString body = certificate_list({ByteString(20, 1), ByteString(30, 2)});
  for (std::size_t len = 0; len < body.size(); ++len) {
    CHECK_FALSE(parse_certificate_list(Bytes(body).first(len)).has_value());
  }
  body.push_back(0);
  CHECK_FALSE(parse_certificate_list(body).has_value());
  ByteString inside = certificate_list({ByteString(20, 1)});
  inside[5] = 21;  // Length of the certificate.
  CHECK_FALSE(parse_certificate_list(inside).has_value());
}

TEST_CASE("certificates beyond the limits are left out") {
  std::vector<ByteString> many(kChainMax + 2, ByteString(10, 1));
  const ByteString body = certificate_list(many);
  CHECK(parse_certificate_list(body)->certificates.size() == kChainMax);
  CHECK(parse_certificate_list(body)->left_out == 2);
  const ByteString large = certificate_list(
      {ByteString(kCertificateMaxBytes, 1), ByteString(kCertificateMaxBytes + 1, 1)});
  CHECK(parse_certificate_list(large)->certificates.size() == 1);
  CHECK(parse_certificate_list(large)->left_out == 1);
}
