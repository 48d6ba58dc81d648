#include "analyzer/detectors/network/inbound.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

using Lines = std::vector<std::string>;

// Somebody connects to a station.
LinkSetup to_station(const std::string& from, std::uint16_t port = 22,
                     const std::string& protocol = "unknown") {
  return {.address = from, .csms = "10.0.0.1", .port = port, .protocol = protocol};
}

}  // namespace

TEST_CASE("a service of a station that somebody reaches is told once a day") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  CHECK(scene.take().empty());
  scene.open("", to_station("10.5.5.5")).close("fin", 100, 100);
  CHECK(scene.take() ==
        Lines{"network.service_reached CP1 client_is_outside=false protocol=unknown"});
  scene.open("", to_station("10.5.5.5")).close();
  CHECK(scene.take().empty());
  // Another service, another client, another day.
  scene.open("", to_station("10.5.5.5", 23));
  scene.open("", to_station("198.51.100.7"));
  CHECK(scene.take() ==
        Lines{"network.service_reached CP1 client_is_outside=false protocol=unknown",
              "network.service_reached CP1 client_is_outside=true protocol=unknown"});
  scene.wait_s(90'000);
  scene.open("", to_station("10.5.5.5"));
  CHECK(scene.take().size() == 1);
}

TEST_CASE("a page of a station is told when it has answered") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  Talk& asked = scene.open("", to_station("10.5.5.5", 80, "http"));
  CHECK(scene.take().empty());
  asked.request("GET", "/", {.status = 0});
  CHECK(scene.take().empty());
  asked.request("GET", "/");
  CHECK(scene.take() == Lines{"network.service_reached CP1 client_is_outside=false protocol=http"});
}

TEST_CASE("what a station does not accept reaches nothing") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  LinkSetup refused = to_station("10.5.5.5");
  refused.accepted = false;
  for (const auto* reason : {"reset", "end_of_input"}) scene.open("", refused).close(reason);
  CHECK(scene.take().empty());
}

TEST_CASE("who opened a connection that was met in the middle is not known") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  LinkSetup setup = to_station("10.5.5.5");
  setup.midstream = true;
  scene.open("", setup).close("fin", 100, 100);
  CHECK(scene.take().empty());
}

TEST_CASE("backends may connect to stations") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  scene.open("", to_station("10.9.0.1", 8080, "http")).request("POST", "/", {.is_soap = true});
  // Also one that another station uses.
  scene.connect("CP2", {.address = "10.0.0.2", .csms = "10.9.0.2"});
  scene.open("", to_station("10.9.0.2"));
  CHECK(scene.take().empty());
}

TEST_CASE("an address that several stations come from is nobody's") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  scene.connect("CP2");
  scene.open("", to_station("198.51.100.7"));
  CHECK(scene.take().empty());
}

TEST_CASE("an address that speaks for others is nobody's") {
  Scene scene(find_detector("network"));
  scene.connect("CP1", {.forwarded_for = "10.4.4.4"});
  scene.open("", to_station("198.51.100.7"));
  CHECK(scene.take().empty());
}

TEST_CASE("a local controller is no station") {
  Scene scene(find_detector("network"));
  scene.connect("LC");
  scene.connect("CP2", {.address = "10.0.0.2", .csms = "10.0.0.1"});
  scene.connect("CP3", {.address = "10.0.0.3", .csms = "10.0.0.1"});
  scene.open("", to_station("10.0.0.2", 502));
  scene.open("", to_station("198.51.100.7"));
  // And may speak to the stations below it.
  scene.open("", {.address = "10.0.0.1", .csms = "10.0.0.2", .port = 80, .protocol = "tls"});
  CHECK(scene.take().empty());
}

TEST_CASE("the first station below a local controller is not told either") {
  Scene scene(find_detector("network"));
  scene.connect("LC");
  Talk& below = scene.connect("CP2", {.address = "10.0.0.2", .csms = "10.0.0.1"});
  below.call("Heartbeat", "{}", "{'currentTime':'@'}");
  below.close("fin", 500, 500);
  CHECK(scene.take().empty());
}

TEST_CASE("data connections of FTP may go either way") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  // Active: from the server to the station.
  Talk& control = scene.open(
      "", {.address = "10.0.0.1", .csms = "10.8.0.1", .port = 21, .protocol = "unknown"});
  scene.open("", to_station("10.8.0.1", 51'000)).close("fin", 5'000, 0);
  control.close("fin", 100, 100);
  CHECK(scene.take().empty());
  // On another port, FTP is known by its login.
  Talk& other = scene.open(
      "", {.address = "10.0.0.1", .csms = "10.8.0.2", .port = 2121, .protocol = "unknown"});
  other.login("logs");
  scene.open("", to_station("10.8.0.2", 51'001)).close("fin", 5'000, 0);
  CHECK(scene.take("network.service_reached").empty());
  // Not of somebody else, not to other services, not in other protocols.
  scene.open("", to_station("10.8.0.3", 51'002));
  scene.open("", to_station("10.8.0.1", 22));
  scene.open("", to_station("10.8.0.1", 8080, "http")).request("GET", "/");
  CHECK(scene.take().size() == 3);
}

TEST_CASE("a file server on a station is told, its data connections are not") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  Talk& control = scene.open("", to_station("10.5.5.5", 21));
  control.login("admin");
  scene.open("", to_station("10.5.5.5", 40'001)).close("fin", 0, 5'000);
  scene.open("", to_station("10.5.5.5", 40'002)).close("fin", 0, 5'000);
  CHECK(scene.take() ==
        Lines{"network.service_reached CP1 client_is_outside=false protocol=unknown"});
}

TEST_CASE("stations that talk to each other are told by who began") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  scene.connect("CP2", {.address = "10.0.0.2"});
  scene.open("", {.address = "10.0.0.2", .csms = "10.0.0.1", .port = 22, .protocol = "unknown"});
  CHECK(scene.take() == Lines{"network.between_stations CP2 other_station=CP1 protocol=unknown"});
}

TEST_CASE("an address that went to another station is that one's") {
  Scene scene(find_detector("network"));
  Talk& first = scene.connect("CP1");
  first.close();
  // CP1 comes back elsewhere, CP2 gets its old address.
  scene.connect("CP1", {.address = "10.0.0.9"});
  scene.connect("CP2");
  scene.open("", to_station("10.5.5.5"));
  CHECK(scene.take() ==
        Lines{"network.service_reached CP2 client_is_outside=false protocol=unknown"});
  // A station that has been away for longer than a lease says nothing about its address.
  Scene later(find_detector("network"));
  later.connect("CP1").close();
  later.wait_s(90'000);
  later.open("", to_station("10.5.5.5"));
  CHECK(later.take().empty());
}

TEST_CASE("a station that was met in the middle has an address too") {
  Scene scene(find_detector("network"));
  Talk& talk = scene.connect("", {.midstream = true});
  talk.call("Heartbeat", "{}", "{'currentTime':'@'}");
  talk.ping();
  scene.open("", to_station("198.51.100.7"));
  CHECK(scene.take() == Lines{"network.service_reached - client_is_outside=true protocol=unknown"});
  // Met by its name later, it is still one.
  scene.connect("CP1");
  scene.open("", to_station("198.51.100.8"));
  CHECK(scene.take().size() == 1);
  // Several without names behind one address are many.
  Scene many(find_detector("network"));
  for (int i = 0; i < 2; ++i) {
    Talk& each = many.connect("", {.midstream = true});
    each.call("Heartbeat", "{}", "{'currentTime':'@'}");
    each.ping();
  }
  many.open("", to_station("198.51.100.7"));
  CHECK(many.take().empty());
}

TEST_CASE("logs alone tell of no service") {
  Scene scene(find_detector("network"));
  scene.connect("CP1", {.from_log = true});
  scene.connect("CP2", {.address = "10.0.0.2", .from_log = true});
  CHECK(scene.take().empty());
  // But whose address it is.
  scene.open("", to_station("198.51.100.7"));
  CHECK(scene.take().size() == 1);
}

TEST_CASE("a readable password on a page of a station is told, and so is one from the factory") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  Talk& talk = scene.open("", to_station("10.5.5.5", 80, "http"));
  talk.request("GET", "/admin", {.status = 401, .basic = true, .factory_password = true});
  CHECK(scene.take("network.admin_login").empty());
  talk.request("GET", "/admin", {.basic = true});
  CHECK(scene.take("network.admin_login") ==
        Lines{"network.admin_login CP1 factory_password=false client_is_outside=false"});
  talk.request("GET", "/admin", {.basic = true, .factory_password = true});
  talk.request("GET", "/admin", {.basic = true, .factory_password = true});
  CHECK(scene.take("network.admin_login") ==
        Lines{"network.admin_login CP1 factory_password=true client_is_outside=false"});
  // The page of somebody else.
  scene.open("", {.address = "10.5.5.5", .csms = "10.5.5.6", .port = 80})
      .request("GET", "/admin", {.basic = true});
  CHECK(scene.take().empty());
}

TEST_CASE("the table of what was told is bounded") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  for (std::size_t i = 0; i < network::kToldMax + 10; ++i) {
    const auto port = static_cast<std::uint16_t>(22 + i % 60'000);
    scene.open("", to_station(i < 60'000 ? "10.5.5.5" : "10.5.5.6", port)).close();
  }
  CHECK(scene.detector().dropped() == 10);
}

TEST_CASE("the table of file servers is bounded") {
  Scene scene(find_detector("network"));
  for (std::size_t i = 0; i < network::kFileServersMax + 10; ++i) {
    const std::string server = fmt::format("10.{}.{}.{}", 1 + i / 65'536, i / 256 % 256, i % 256);
    scene.open("", {.address = "10.0.0.1", .csms = server, .port = 21, .protocol = "unknown"})
        .close();
  }
  CHECK(scene.detector().dropped() == 10);
}

}  // namespace chargewarden::testing
