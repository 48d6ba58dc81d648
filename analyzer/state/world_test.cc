#include "analyzer/state/world.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

constexpr std::string_view kStatus =
    "{{'connectorId':{},'status':'{}','errorCode':'{}','timestamp':'@'}}";

std::string status(int connector, std::string_view name, std::string_view error = "NoError") {
  return fmt::format(kStatus, connector, name, error);
}

const Station& station_of(const Scene& scene, std::string_view id) {
  const StationIndex index = scene.world().find_station(id);
  REQUIRE(index != kNoStation);
  return scene.world().station(index);
}

}  // namespace

TEST_CASE("a station is what its messages said, whatever connection they came by") {
  Scene scene;
  Talk& one = scene.connect("CP1", {.address = "10.0.0.1"});
  CHECK(scene.world().connected_count() == 1);
  one.call("BootNotification",
           "{'chargePointVendor':'V','chargePointModel':'M','chargeBoxSerialNumber':'S',"
           "'firmwareVersion':'1.0','meterSerialNumber':'MS'}",
           "{'status':'Accepted','interval':60,'currentTime':'@'}");
  one.call("StatusNotification", status(1, "Charging"));
  one.close();
  CHECK(scene.world().connected_count() == 0);
  Talk& two = scene.connect("CP1", {.address = "10.0.0.2"});
  two.call("Heartbeat", "{}", "{'currentTime':'@'}");
  const Station& station = station_of(scene, "CP1");
  CHECK(station.address == "10.0.0.2");
  CHECK(station.inventory.serial == "S");
  CHECK(station.inventory.meter_serial == "MS");
  CHECK(station.boots == 1);
  CHECK(station.interval_s == 60);
  CHECK(station.version == FactVersion::k16);
  CHECK(station.links.size() == 1);
  CHECK(scene.world().station_count() == 1);
  const Connector* connector = World::find_connector(station, 1);
  REQUIRE(connector != nullptr);
  CHECK(connector->status == "Charging");
  CHECK(World::find_connector(station, 2) == nullptr);
  two.call("BootNotification",
           "{'reason':'PowerUp','chargingStation':{'vendorName':'W','model':'N',"
           "'serialNumber':'T','modem':{'iccid':'I'}}}");
  CHECK(station.inventory.vendor == "W");
  CHECK(station.inventory.iccid == "I");
  CHECK(station.inventory.meter_serial.empty());
  CHECK(station.boots == 2);
}

TEST_CASE("the status of a connector has its begin; connectors of an EVSE are told apart") {
  Scene scene;
  Talk& cp = scene.connect("CP1");
  cp.call("StatusNotification", status(1, "Faulted", "GroundFailure"));
  const Station& station = station_of(scene, "CP1");
  const std::int64_t since = World::find_connector(station, 1)->since_ns;
  scene.wait_s(60);
  cp.call("StatusNotification", status(1, "Faulted", "OtherError"));
  CHECK(World::find_connector(station, 1)->since_ns == since);
  CHECK(World::find_connector(station, 1)->error == "OtherError");
  cp.call("StatusNotification", status(1, "Available"));
  CHECK(World::find_connector(station, 1)->since_ns > since);

  Talk& two = scene.connect("CP2", {.subprotocol = "ocpp2.0.1"});
  for (const int connector : {1, 2}) {
    two.call(
        "StatusNotification",
        fmt::format("{{'evseId':1,'connectorId':{},'connectorStatus':'{}','timestamp':'@-30'}}",
                    connector, connector == 1 ? "Occupied" : "Unavailable"));
  }
  const Station& second = station_of(scene, "CP2");
  REQUIRE(second.connectors.size() == 2);
  CHECK(second.connectors[1].part == 2);
  CHECK(World::find_connector(second, 1)->status == "Occupied");
  CHECK(second.clock_lag_ns == 30'000'000'000);
}

TEST_CASE("a refused handshake belongs to nobody, and an unknown station to its address") {
  Scene scene;
  scene.refuse("CP1", 401);
  CHECK(scene.world().station_count() == 0);
  Talk& cp = scene.connect("CP1", {.address = "10.0.0.9", .midstream = true});
  cp.call("Heartbeat", "{}");
  CHECK(scene.world().station_count() == 1);
  CHECK(scene.world().find_station("CP1") == kNoStation);
}

TEST_CASE("the station that was silent for longest is forgotten") {
  Scene scene(nullptr, 2);
  Talk& one = scene.connect("CP1");
  Talk& two = scene.connect("CP2");
  one.call("StartTransaction", "{'connectorId':1,'idTag':'A','meterStart':0,'timestamp':'@'}",
           "{'transactionId':1,'idTagInfo':{'status':'Accepted'}}");
  two.call("Heartbeat", "{}");
  one.call("Heartbeat", "{}");
  scene.connect("CP3");
  CHECK(scene.world().find_station("CP2") == kNoStation);
  CHECK(scene.world().find_station("CP1") != kNoStation);
  CHECK(scene.world().counters().stations_forgotten == 1);
  scene.connect("CP4");
  CHECK(scene.world().find_station("CP1") == kNoStation);
  CHECK(scene.world().sessions().find_anywhere("10.9.0.1", "1") == kNoSession);
  CHECK(scene.world().station_count() == 2);
  // Who speaks again is a station again.
  two.call("Heartbeat", "{}");
  CHECK(scene.world().find_station("CP2") != kNoStation);
  CHECK(station_of(scene, "CP2").links.size() == 1);
}

TEST_CASE("a station has a bounded number of connectors") {
  Scene scene;
  Talk& cp = scene.connect("CP1");
  for (int i = 0; i <= static_cast<int>(kConnectorsPerStationMax); ++i) {
    cp.call("StatusNotification", status(i + 1, "Available"));
  }
  CHECK(station_of(scene, "CP1").connectors.size() == kConnectorsPerStationMax);
  CHECK(scene.world().counters().connectors_ignored == 1);
}

TEST_CASE("a station is followed on a bounded number of connections") {
  Scene scene;
  std::vector<Talk*> talks;
  for (std::size_t i = 0; i <= kLinksPerStationMax; ++i) talks.push_back(&scene.connect("CP1"));
  CHECK(station_of(scene, "CP1").links.size() == kLinksPerStationMax);
  CHECK(scene.world().counters().links_ignored == 1);
  for (Talk* talk : talks) talk->close();
  CHECK(station_of(scene, "CP1").links.empty());
  CHECK(scene.world().connected_count() == 0);
}

TEST_CASE("addresses that do not agree to a connection are no backends") {
  Scene scene;
  for (std::size_t i = 0; i < kFleetsMax + 10; ++i) {
    scene
        .open("", {.csms = fmt::format("10.9.{}.{}", i / 256, i % 256),
                   .protocol = "unknown",
                   .accepted = false})
        .close("unanswered");
  }
  CHECK(scene.world().fleets_ignored() == 0);
  // Where one direction alone is captured, a station shows that there is one.
  Talk& station = scene.connect("CP1", {.accepted = false});
  station.call("Heartbeat", "{}", "");
  const Station& known = scene.world().station(scene.world().find_station("CP1"));
  const Link& link = scene.world().link(known.links.at(0));
  REQUIRE(link.fleet != kNoFleet);
  CHECK(scene.world().fleet(link.fleet).connected == 1);
}
