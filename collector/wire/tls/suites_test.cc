#include "collector/wire/tls/suites.h"

#include <vector>

#include <catch2/catch.hpp>

#include "collector/wire/tls/labels.h"

using namespace chargewarden::tls;

TEST_CASE("cipher suites have the names of the standards") {
  CHECK(suite_name(0x0000) == "TLS_NULL_WITH_NULL_NULL");
  CHECK(suite_name(0x002f) == "TLS_RSA_WITH_AES_128_CBC_SHA");
  CHECK(suite_name(0x009c) == "TLS_RSA_WITH_AES_128_GCM_SHA256");
  CHECK(suite_name(0x009d) == "TLS_RSA_WITH_AES_256_GCM_SHA384");
  CHECK(suite_name(0x1301) == "TLS_AES_128_GCM_SHA256");
  CHECK(suite_name(0x1303) == "TLS_CHACHA20_POLY1305_SHA256");
  CHECK(suite_name(0xc02b) == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  CHECK(suite_name(0xc02c) == "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
  CHECK(suite_name(0xc004) == "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA");
  CHECK(suite_name(0xc008) == "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA");
  CHECK(suite_name(0xcca9) == "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
  CHECK(suite_name(0x0a0a).empty());
  CHECK(suite_name(0xffff).empty());
}

TEST_CASE("what is wrong with a cipher suite is said") {
  CHECK(suite_weakness(0x0005) == "rc4");
  CHECK(suite_weakness(0x0001) == "null");
  CHECK(suite_weakness(0x0009) == "des");
  CHECK(suite_weakness(0x000a) == "3des");
  CHECK(suite_weakness(0x0003) == "export");
  CHECK(suite_weakness(0x0018) == "anonymous");
  CHECK(suite_weakness(0xc018) == "anonymous");
  CHECK(suite_weakness(0xc010) == "null");
  for (const std::uint16_t fine :
       std::vector<std::uint16_t>{0x1301, 0xc02b, 0xc02c, 0x009c, 0x009d, 0x002f, 0xcca8}) {
    CAPTURE(fine);
    CHECK(suite_weakness(fine).empty());
  }
  CHECK(suite_weakness(0xfafa).empty());
}

TEST_CASE("cipher suites with ephemeral keys are told from others") {
  for (const std::uint16_t yes :
       std::vector<std::uint16_t>{0x1301, 0x1305, 0xc02b, 0x009e, 0xcca8}) {
    CHECK(has_forward_secrecy(yes));
  }
  for (const std::uint16_t no :
       std::vector<std::uint16_t>{0x009c, 0x002f, 0xc004, 0x00ff, 0xfafa}) {
    CHECK_FALSE(has_forward_secrecy(no));
  }
}

TEST_CASE("versions, groups and alerts have words") {
  CHECK(version_label(0x0300) == "SSL 3.0");
  CHECK(version_label(0x0301) == "1.0");
  CHECK(version_label(0x0304) == "1.3");
  CHECK(version_label(0x7f1c) == "0x7f1c");
  CHECK(group_name(29) == "x25519");
  CHECK(group_name(23) == "secp256r1");
  CHECK(group_name(9'999).empty());
  CHECK(alert_name(48) == "unknown_ca");
  CHECK(alert_name(40) == "handshake_failure");
  CHECK(alert_name(199).empty());
}
