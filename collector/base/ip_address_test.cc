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

TEST_CASE("a network of one address is told") {
  CHECK(IpNetwork::parse("10.0.0.1")->single() == IpAddress::parse("10.0.0.1"));
  CHECK(IpNetwork::parse("fd00::1/128")->single() == IpAddress::parse("fd00::1"));
  CHECK_FALSE(IpNetwork::parse("10.0.0.0/31")->single().has_value());
  CHECK_FALSE(IpNetwork::parse("::/0")->single().has_value());
}

TEST_CASE("a network with host bits or a wrong prefix is refused") {
  for (const char* text : {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "x/8"}) {
    CAPTURE(text);
    CHECK_FALSE(IpNetwork::parse(text).has_value());
  }
}

TEST_CASE("public addresses are told from those that nobody routes in public") {
  // Addresses of documentation stand for public ones.
  for (const char* each : {"172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.0.2.1",
                           "198.51.100.1", "8.8.8.8", "2001:db8::1", "2a00::1"}) {
    CAPTURE(each);
    CHECK(is_public_address(each));
  }
  for (const char* each : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
                           "100.127.255.255", "127.0.0.1", "169.254.1.1", "fd00::1", "fc01::1",
                           "fe80::1", "::1", "::", "0.0.0.0", "::ffff:10.0.0.1", "", "nonsense"}) {
    CAPTURE(each);
    CHECK_FALSE(is_public_address(each));
  }
}
