#include "analyzer/detectors/network/reach.h"

#include <catch2/catch.hpp>

namespace chargewarden::network {

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
