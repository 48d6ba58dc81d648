// Who is behind the firmware of the fleet.

#include "analyzer/detectors/firmware/version_spread.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

using namespace chargewarden;
using namespace chargewarden::firmware;
using namespace chargewarden::testing;

namespace {

void boot(Scene& scene, int number, std::string_view model, std::string_view version) {
  Talk& station = scene.connect(fmt::format("CP{:02}", number));
  station.call("BootNotification",
               fmt::format("{{'chargePointVendor':'V','chargePointModel':'{}',"
                           "'firmwareVersion':'{}'}}",
                           model, version),
               "{'status':'Accepted','interval':300,'currentTime':'@'}");
}

void boot_many(Scene& scene, int first, int count, std::string_view model,
               std::string_view version) {
  for (int i = 0; i < count; ++i) boot(scene, first + i, model, version);
}

}  // namespace

TEST_CASE("stations with an older version than most of their model are behind") {
  Scene scene;
  boot_many(scene, 1, 8, "AC22", "2.1.0");
  boot(scene, 20, "AC22", "2.0.9");
  boot(scene, 19, "AC22", "1.8");
  boot_many(scene, 30, 4, "DC50", "1.0");  // Too few of a model to be behind of.
  boot(scene, 34, "DC50", "");
  const auto found = find_laggards(scene.world());
  REQUIRE(found.size() == 1);
  CHECK(found[0].vendor == "V");
  CHECK(found[0].model == "AC22");
  CHECK(found[0].majority == "2.1.0");
  CHECK(found[0].versions == 3);
  CHECK(found[0].stations == 10);
  CHECK(found[0].behind == std::vector<std::string>{"CP19", "CP20"});
}

TEST_CASE("nobody is behind while the fleet is split, or ahead of the others") {
  Scene split;
  boot_many(split, 1, 7, "AC22", "2.1.0");
  boot_many(split, 20, 3, "AC22", "2.0.0");
  CHECK(find_laggards(split.world()).empty());
  Scene ahead;
  boot_many(ahead, 1, 9, "AC22", "2.1.0");
  boot(ahead, 20, "AC22", "2.2.0-rc1");
  CHECK(find_laggards(ahead.world()).empty());
  Scene variant;
  boot_many(variant, 1, 9, "AC22", "2.1.0");
  boot(variant, 20, "AC22", "2.1.0-eichrecht");
  boot(variant, 21, "AC22", "stable");
  CHECK(find_laggards(variant.world()).empty());
  CHECK(find_laggards(Scene().world()).empty());
}
