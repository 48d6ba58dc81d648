#include "analyzer/detectors/network/asked.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

TEST_CASE("hosts are compared without port, brackets and case") {
  CHECK(network::plain_host("Logs.Example.com:8080") == "logs.example.com");
  CHECK(network::plain_host("10.1.2.3:80") == "10.1.2.3");
  CHECK(network::plain_host("[2001:DB8::0:1]:80") == "2001:db8::1");
  CHECK(network::plain_host("[2001:db8::1]") == "2001:db8::1");
  CHECK(network::plain_host("2001:db8::1") == "2001:db8::1");
  CHECK(network::plain_host("[").empty());
  CHECK(network::plain_host("").empty());
}

TEST_CASE("the latest places of a station are kept") {
  Scene scene(find_detector("network"));
  Talk& station = scene.connect("CP1");
  scene.wait_s(3'700);
  for (std::size_t i = 0; i <= network::kPlacesMax; ++i) {
    station.command("GetDiagnostics", fmt::format("{{'location':'ftp://10.8.0.{}/up'}}", i));
  }
  // A place that is told again is one.
  station.command("GetDiagnostics", "{'location':'ftp://10.8.0.1/up'}");
  const auto upload_to = [&](const std::string& server) {
    scene.open("", {.address = "10.0.0.1", .csms = server, .port = 21, .protocol = "unknown"})
        .store("log.tgz");
    return scene.take("network.upload").size();
  };
  CHECK(upload_to("10.8.0.0") == 1);
  CHECK(upload_to("10.8.0.1") == 0);
  CHECK(upload_to("10.8.0.16") == 0);
}

}  // namespace chargewarden::testing
