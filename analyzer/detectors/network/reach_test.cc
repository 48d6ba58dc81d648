#include "analyzer/detectors/network/reach.h"

#include <catch2/catch.hpp>

namespace chargewarden::network {

TEST_CASE("private addresses are those that nobody routes in public") {
  for (const auto* each :
       {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255",
        "127.0.0.1", "169.254.1.1", "fd00::1", "fc01::1", "fe80::1", "::1", "", "nonsense"}) {
    CAPTURE(each);
    CHECK(is_private(each));
  }
  // Addresses of documentation stand for public ones.
  for (const auto* each : {"172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.0.2.1",
                           "198.51.100.1", "203.0.113.1", "8.8.8.8", "2001:db8::1", "2a00::1"}) {
    CAPTURE(each);
    CHECK_FALSE(is_private(each));
  }
}

TEST_CASE("a public address beside the own one is not outside") {
  CHECK(is_outside("198.51.100.7", "10.0.0.1"));
  CHECK(is_outside("198.51.100.7", "203.0.113.1"));
  CHECK_FALSE(is_outside("203.0.113.7", "203.0.113.1"));
  CHECK_FALSE(is_outside("10.1.1.1", "203.0.113.1"));
  CHECK_FALSE(is_outside("2001:db8:1:2::7", "2001:db8:1:9::1"));
  CHECK(is_outside("2001:db8:2::7", "2001:db8:1::1"));
  CHECK(is_outside("198.51.100.7", "2001:db8:1::1"));
  CHECK(is_outside("198.51.100.7", ""));
  CHECK_FALSE(is_outside("", "10.0.0.1"));
}

}  // namespace chargewarden::network
