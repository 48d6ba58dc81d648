#include "analyzer/detectors/network/moves.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

using Lines = std::vector<std::string>;

std::string id_of(std::size_t number) {
  return fmt::format("CP{}", number);
}

// Stations, each with an address of its own.
void connect_alone(Scene& scene, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    scene.connect(id_of(i), {.address = fmt::format("10.1.{}.{}", i / 256, i % 256)});
  }
}

}  // namespace

TEST_CASE("stations that come from one address all at once are told") {
  Scene scene(find_detector("network"));
  connect_alone(scene, 6);
  for (std::size_t i = 0; i < 2; ++i) scene.connect(id_of(i), {.address = "10.5.5.5"});
  CHECK(scene.take("network.moved_together").empty());
  for (std::size_t i = 2; i < 6; ++i) scene.connect(id_of(i), {.address = "10.5.5.5"});
  CHECK(scene.take("network.moved_together") ==
        Lines{"network.moved_together CP2 stations=3", "network.moved_together CP5 stations=6"});
}

TEST_CASE("stations that were behind one address all the time are not told") {
  Scene scene(find_detector("network"));
  for (std::size_t i = 0; i < 6; ++i) scene.connect(id_of(i), {.address = "10.5.5.5"});
  for (std::size_t i = 0; i < 6; ++i) scene.connect(id_of(i), {.address = "10.5.5.6"});
  CHECK(scene.take().empty());
}

TEST_CASE("one address in turn, or within days, is not together") {
  Scene scene(find_detector("network"));
  connect_alone(scene, 6);
  for (std::size_t i = 0; i < 3; ++i) {
    Talk& talk = scene.connect(id_of(i), {.address = "10.5.5.5"});
    talk.close();
    scene.connect(id_of(i), {.address = fmt::format("10.2.0.{}", i)});
  }
  CHECK(scene.take().empty());
  for (std::size_t i = 3; i < 6; ++i) {
    scene.connect(id_of(i), {.address = "10.5.5.7"});
    scene.wait_s(4'000);
  }
  CHECK(scene.take().empty());
}

TEST_CASE("a station of a private network that comes from a public address is told once") {
  Scene scene(find_detector("network"));
  Talk& talk = scene.connect("CP1");
  scene.wait_s(100'000);
  talk.close();
  scene.connect("CP1", {.address = "198.51.100.7"});
  CHECK(scene.take() ==
        Lines{"network.left_private CP1 previous_address=10.0.0.1 private_s=100000"});
  scene.connect("CP1");
  scene.connect("CP1", {.address = "198.51.100.7"});
  CHECK(scene.take().empty());
}

TEST_CASE("stations with public addresses, or behind somebody else's, have left nothing") {
  Scene scene(find_detector("network"));
  scene.connect("CP1", {.address = "203.0.113.5"});
  scene.connect("CP1", {.address = "198.51.100.7"});
  // Behind a proxy, and past it.
  scene.connect("CP2", {.address = "10.5.5.5"});
  scene.connect("CP3", {.address = "10.5.5.5"});
  scene.connect("CP2", {.address = "198.51.100.8"});
  scene.connect("CP4", {.address = "10.5.5.6", .forwarded_for = "198.51.100.9"});
  scene.connect("CP4", {.address = "198.51.100.9"});
  // Another private one.
  scene.connect("CP5", {.address = "10.6.0.1"});
  scene.connect("CP5", {.address = "100.64.0.1"});
  // The other family.
  scene.connect("CP7", {.address = "10.6.0.3"});
  scene.connect("CP7", {.address = "2001:db8::7"});
  // As a log tells it.
  scene.connect("CP6", {.address = "10.6.0.2", .from_log = true});
  scene.connect("CP6", {.address = "198.51.100.10", .from_log = true});
  CHECK(scene.take().empty());
}

TEST_CASE("the table of addresses that were moved to is bounded") {
  Scene scene(find_detector("network"));
  const std::size_t count = network::kMovedToMax + 10;
  connect_alone(scene, count);
  for (std::size_t i = 0; i < count; ++i) {
    scene.connect(id_of(i), {.address = fmt::format("10.2.{}.{}", i / 256, i % 256)});
  }
  CHECK(scene.detector().dropped() == 10);
}

TEST_CASE("the stations that moved to one address are bounded") {
  Scene scene(find_detector("network"));
  const std::size_t count = network::kMoversMax + 10;
  connect_alone(scene, count);
  for (std::size_t i = 0; i < count; ++i) scene.connect(id_of(i), {.address = "10.5.5.5"});
  CHECK(scene.detector().dropped() == 10);
}

}  // namespace chargewarden::testing
