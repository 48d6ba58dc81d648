#include <string>

#include <catch2/catch.hpp>

#include "analyzer/detectors/testing/scene.h"
#include "analyzer/state/fleet.h"

namespace chargewarden {

TEST_CASE("a backend address has one fleet") {
  FleetTable table(HashKey{1, 2});
  const FleetIndex first = table.find_or_add("192.0.2.1", 5);
  CHECK(table.find_or_add("192.0.2.2", 6) != first);
  CHECK(table.find_or_add("192.0.2.1", 7) == first);
  CHECK(table.at(first).address == "192.0.2.1");
  CHECK(table.at(first).seen_ns == 5);
  CHECK(table.size() == 2);
}

TEST_CASE("fleets beyond the limit count as one") {
  FleetTable table(HashKey{1, 2}, 3);
  table.find_or_add("192.0.2.1", 0);
  table.find_or_add("192.0.2.2", 0);
  const FleetIndex last = table.find_or_add("192.0.2.3", 0);
  CHECK(table.at(last).address.empty());
  CHECK(table.ignored() == 0);
  CHECK(table.find_or_add("192.0.2.4", 0) == last);
  CHECK(table.find_or_add("192.0.2.3", 0) == last);
  CHECK(table.size() == 3);
  CHECK(table.ignored() == 2);
}

TEST_CASE("a fleet counts a station once, whatever connections it has") {
  testing::Scene scene;
  testing::Talk& first = scene.connect("CP1");
  testing::Talk& second = scene.connect("CP1");
  testing::Talk& elsewhere = scene.connect("CP1", {.csms = "10.9.0.2"});
  testing::Talk& silent = scene.open("CP2");
  scene.connect("CP3");
  CHECK(scene.world().fleet(0).connected == 2);
  CHECK(scene.world().fleet(1).connected == 1);
  CHECK(scene.world().connected_count() == 2);
  first.close();
  silent.close();
  CHECK(scene.world().fleet(0).connected == 2);
  second.close();
  CHECK(scene.world().fleet(0).connected == 1);
  elsewhere.close();
  CHECK(scene.world().fleet(1).connected == 0);
  CHECK(scene.world().connected_count() == 1);
}

}  // namespace chargewarden
