#include "analyzer/detectors/network/scans.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

using Lines = std::vector<std::string>;

void try_service(Scene& scene, const std::string& from, const std::string& to, std::uint16_t port,
                 bool accepted = false, bool midstream = false) {
  scene
      .open("", {.address = from,
                 .csms = to,
                 .midstream = midstream,
                 .port = port,
                 .protocol = "unknown",
                 .accepted = accepted})
      .close("reset");
}

}  // namespace

TEST_CASE("many services that are not there are told by source") {
  Scene scene(find_detector("network"));
  for (std::uint16_t port = 1; port <= 14; ++port) {
    try_service(scene, "10.5.5.5", "10.0.0.1", port);
    try_service(scene, "10.5.5.5", "10.0.0.1", port);
  }
  CHECK(scene.take().empty());
  try_service(scene, "10.5.5.5", "10.0.0.1", 15);
  CHECK(scene.take() ==
        Lines{"network.scan - targets=15 ports=15 addresses=1 source_is_station=false"});
  CHECK(scene.packets().size() == kEventPacketsMax);
  for (int i = 1; i <= 15; ++i) try_service(scene, "10.5.5.5", fmt::format("10.0.2.{}", i), 22);
  const Lines lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "network.scan - targets=30 ports=16 addresses=16 source_is_station=false");
}

TEST_CASE("a station that scans is named") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  for (std::uint16_t port = 1; port <= 15; ++port) {
    try_service(scene, "10.0.0.1", "10.0.0.2", port);
  }
  CHECK(scene.take() ==
        Lines{"network.scan CP1 targets=15 ports=15 addresses=1 source_is_station=true"});
}

TEST_CASE("a client whose server is down does not scan") {
  Scene scene(find_detector("network"));
  for (int i = 0; i < 1'000; ++i) try_service(scene, "10.5.5.5", "10.9.0.1", 9'000);
  CHECK(scene.take().empty());
}

TEST_CASE("who finds what it asks for does not scan") {
  Scene scene(find_detector("network"));
  for (int i = 0; i < 200; ++i) {
    try_service(scene, "10.5.5.5", fmt::format("10.0.2.{}", i), 22, true);
  }
  for (int i = 0; i < 200; ++i) {
    try_service(scene, "10.5.5.5", fmt::format("10.0.3.{}", i), 22, false, true);
  }
  CHECK(scene.take().empty());
}

TEST_CASE("failures of a day are no scan") {
  Scene scene(find_detector("network"));
  for (std::uint16_t port = 1; port <= 100; ++port) {
    try_service(scene, "10.5.5.5", "10.0.0.1", port);
    scene.wait_s(700);
  }
  CHECK(scene.take().empty());
}

TEST_CASE("data connections of FTP that a firewall cuts off are no scan") {
  Scene scene(find_detector("network"));
  scene.open("", {.address = "10.0.0.1", .csms = "10.8.0.1", .port = 21, .protocol = "unknown"});
  for (std::uint16_t port = 50'000; port < 50'100; ++port) {
    try_service(scene, "10.0.0.1", "10.8.0.1", port);
    try_service(scene, "10.8.0.1", "10.0.0.1", port);
  }
  CHECK(scene.take().empty());
  // A file server does not hide a scan.
  for (std::uint16_t port = 22; port < 40; ++port) {
    try_service(scene, "10.0.0.1", "10.8.0.1", port);
  }
  CHECK(scene.take().size() == 1);
}

TEST_CASE("the services of one source are told apart up to a limit") {
  Scene scene(find_detector("network"));
  for (std::uint16_t port = 1; port <= 2 * network::kScanTargetsMax; ++port) {
    try_service(scene, "10.5.5.5", "10.0.0.1", port);
  }
  const Lines lines = scene.take();
  CHECK(field(lines.back(), "targets") == "960");
}

TEST_CASE("the table of sources of scans is bounded") {
  Scene scene(find_detector("network"));
  for (std::size_t i = 0; i < network::kScanSourcesMax + 10; ++i) {
    try_service(scene, fmt::format("10.5.{}.{}", i / 256, i % 256), "10.0.0.1", 22);
  }
  CHECK(scene.detector().dropped() == 10);
}

}  // namespace chargewarden::testing
