// Cards that are at two places sooner than anybody drives.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/charger.h"
#include "analyzer/detectors/testing/scene.h"
#include "analyzer/site/inventory_reader.h"

namespace chargewarden::testing {

namespace {

// Berlin, Munich (504 km away), a suburb of Berlin (26 km), and one that nobody has put on the map.
constexpr std::string_view kSite = R"(
stations:
  - {id: BER, latitude: 52.5200, longitude: 13.4050}
  - {id: MUC, latitude: 48.1372, longitude: 11.5755}
  - {id: POT, latitude: 52.3989, longitude: 13.0657}
  - {id: BER2, latitude: 52.5210, longitude: 13.4060}
  - {id: WHERE}
)";

SiteKnowledge know(std::string_view text) {
  auto inventory = parse_inventory("i.yml", text);
  REQUIRE(inventory.has_value());
  SiteKnowledge out;
  out.inventory = std::move(inventory).value();
  return out;
}

struct Country {
  explicit Country(std::string_view version, std::string_view text = kSite)
      : site(know(text)), scene(find_detector("travel"), site), version_(version) {}

  Charger at(std::string_view id) { return {scene, id, version_}; }

  std::vector<std::string> take() { return scene.take("session.token_travelled"); }

  SiteKnowledge site;
  Scene scene;

 private:
  std::string version_;
};

constexpr std::int64_t kHourS = 3'600;

}  // namespace

TEST_CASE("a card that is elsewhere too soon is told, with both places") {
  const std::string version = GENERATE(from_range(all_versions()));
  Country country(version);
  country.at("BER").authorize("CARD");
  country.scene.wait_s(2 * kHourS);
  country.at("MUC").authorize("card");  // Case does not matter.
  const auto lines = country.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("session.token_travelled MUC") == 0);
  CHECK(field(lines[0], "token") == "card");
  CHECK(field(lines[0], "other_station") == "BER");
  CHECK(std::stod(field(lines[0], "distance_km")) == Approx(504).margin(2));
  CHECK(field(lines[0], "elapsed_s") == "7200");
  CHECK(std::stod(field(lines[0], "speed_kmh")) == Approx(252).margin(2));
  CHECK(field(lines[0], "places") == "2");
}

TEST_CASE("it is told once for each way, whatever the card does at its end") {
  const std::string version = GENERATE(from_range(all_versions()));
  Country country(version);
  Charger there = country.at("BER");
  Charger here = country.at("MUC");
  there.charge(1, "CARD", 1'000, 11'000, 2);
  here.charge(1, "CARD", 1'000, 11'000, 2);
  CHECK(country.take().size() == 1);
  here.charge(1, "CARD", 5'000, 11'000, 2);
  CHECK(country.take().empty());
  there.authorize("CARD");
  CHECK(country.take().size() == 1);
}

TEST_CASE("a session tells as well as an authorization") {
  const std::string version = GENERATE(from_range(all_versions()));
  Country country(version);
  country.at("BER").start(1, "CARD", 500);
  country.scene.wait_s(kHourS);
  country.at("MUC").start(2, "CARD", 500);
  const auto lines = country.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "connector") == "2");
}

TEST_CASE("what may be the driver is not told") {
  const std::string version = GENERATE(from_range(all_versions()));
  Country country(version);
  SECTION("a long drive") {
    country.at("BER").authorize("CARD");
    country.scene.wait_s(5 * kHourS + 600);
    country.at("MUC").authorize("CARD");
  }
  SECTION("the next street") {
    country.at("BER").authorize("CARD");
    country.at("BER2").authorize("CARD");
  }
  SECTION("the suburb, half an hour later") {
    country.at("BER").authorize("CARD");
    country.scene.wait_s(1'800);
    country.at("POT").authorize("CARD");
  }
  SECTION("another card") {
    country.at("BER").authorize("CARD");
    country.at("MUC").authorize("OTHER");
  }
  SECTION("a card that is refused") {
    country.at("BER").authorize("CARD");
    country.at("MUC").authorize("CARD", "Invalid");
  }
  SECTION("a session that was queued") {
    country.at("BER").authorize("CARD");
    country.scene.wait_s(600);
    country.at("MUC").boot();
    country.at("MUC").start(1, "CARD", 500, "Accepted", 6 * kHourS);
  }
  SECTION("a token of an app, which is nowhere") {
    country.at("BER").authorize("APP");
    Charger far = country.at("MUC");
    far.remote_start(1, "APP");
    far.start(1, "APP", 500);
  }
  SECTION("a station that is not on the map") {
    country.at("BER").authorize("CARD");
    country.at("WHERE").authorize("CARD");
    country.at("NOBODY").authorize("CARD");
  }
  CHECK(country.take().empty());
}

TEST_CASE("without places nothing is looked at") {
  Country country("ocpp1.6", "stations: [{id: BER}, {id: MUC}]");
  country.at("BER").authorize("CARD");
  country.at("MUC").authorize("CARD");
  CHECK(country.take().empty());
}

TEST_CASE("the stations of a token are bounded") {
  std::string text = "stations:\n";
  for (int i = 0; i < 12; ++i) {
    text += fmt::format("  - {{id: S{}, latitude: {}, longitude: 0}}\n", i, i);
  }
  Country country("ocpp1.6", text);
  for (int i = 0; i < 12; ++i) country.at(fmt::format("S{}", i)).authorize("FLEET");
  const auto lines = country.take();
  REQUIRE(lines.size() == 11);
  CHECK(field(lines[0], "places") == "2");
  CHECK(field(lines.back(), "places") == "9");
}

TEST_CASE("the table of cards with a place is bounded") {
  Country country("ocpp1.6");
  Charger station = country.at("BER");
  station.authorize("FIRST");
  for (int i = 0; i < 50'000; ++i) station.authorize(fmt::format("T{}", i));
  CHECK(country.scene.detector().dropped() == 1);
  country.at("MUC").authorize("FIRST");
  CHECK(country.take().empty());
  country.at("MUC").authorize("T49999");
  CHECK(country.take().size() == 1);
}

}  // namespace chargewarden::testing
