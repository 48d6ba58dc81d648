#include "analyzer/detectors/testing/scene.h"

#include <catch2/catch.hpp>

using namespace chargewarden;
using namespace chargewarden::testing;

TEST_CASE("a scene plays messages of both sides through the World") {
  Scene scene;
  Talk& cp = scene.connect("CP1");
  cp.call("BootNotification", "{'chargePointVendor':'V','chargePointModel':'M'}",
          "{'status':'Accepted','interval':300,'currentTime':'@'}");
  cp.call("StartTransaction", "{'connectorId':1,'idTag':'A','meterStart':1000,'timestamp':'@-60'}",
          "{'transactionId':7,'idTagInfo':{'status':'Accepted','parentIdTag':'P'}}");
  const StationIndex index = scene.world().find_station("CP1");
  REQUIRE(index != kNoStation);
  const Station& station = scene.world().station(index);
  CHECK(station.inventory.model == "M");
  CHECK(station.interval_s == 300);
  REQUIRE(station.sessions.size() == 1);
  const Session& session = scene.world().session(station.sessions.front());
  CHECK(session.transaction == "7");
  CHECK(session.parent_token == "P");
  CHECK(session.started_ns - session.station_started_ns == 60'000'000'000);
  cp.close();
  CHECK(station.links.empty());
}

TEST_CASE("a scene hands on what the detector reports, in order, with its packets") {
  Scene scene(find_detector("identity"));
  for (int i = 0; i < 5; ++i) {
    scene.refuse("CP" + std::to_string(i), 404, {.address = "10.0.0.66"});
  }
  const auto lines = scene.take("identity.probing");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("identity.probing - refused=5 accepted=0 "));
  CHECK(field(lines[0], "refused") == "5");
  CHECK(scene.packets() == std::vector<std::uint64_t>{2, 5, 8, 11, 14});
  CHECK(scene.take().empty());
}

TEST_CASE("the station of a connection that was met in the middle is known by its address") {
  Scene scene;
  Talk& cp = scene.connect("CP1", {.midstream = true});
  cp.call("Heartbeat", "{}", "{'currentTime':'@'}");
  CHECK(scene.world().find_station("CP1") == kNoStation);
  CHECK(scene.world().station_count() == 1);
}
