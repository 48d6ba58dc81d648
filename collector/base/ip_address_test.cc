#include "collector/base/ip_address.h"

#include <catch2/catch.hpp>

using namespace chargewarden;

TEST_CASE("addresses are printed as RFC 5952 says") {
  CHECK(IpAddress::parse("10.77.0.1")->to_string() == "10.77.0.1");
  CHECK(IpAddress::parse("2001:DB8:0:0:0:0:0:1")->to_string() == "2001:db8::1");
  CHECK_FALSE(IpAddress::parse("10.77.0").has_value());
  CHECK_FALSE(IpAddress::parse("fe80::1%eth0").has_value());
}

TEST_CASE("a network contains the addresses of its own family only") {
  const auto net = IpNetwork::parse("10.0.0.0/9");
  REQUIRE(net.has_value());
  CHECK(net->contains(*IpAddress::parse("10.127.255.255")));
  CHECK_FALSE(net->contains(*IpAddress::parse("10.128.0.0")));
  CHECK_FALSE(net->contains(*IpAddress::parse("::a00:1")));
  CHECK(IpNetwork::parse("::/0")->contains(*IpAddress::parse("fe80::1")));
  CHECK_FALSE(IpNetwork::parse("::/0")->contains(*IpAddress::parse("10.0.0.1")));
}

TEST_CASE("a network with host bits or a wrong prefix is refused") {
  for (const char* text : {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "x/8"}) {
    CAPTURE(text);
    CHECK_FALSE(IpNetwork::parse(text).has_value());
  }
}
