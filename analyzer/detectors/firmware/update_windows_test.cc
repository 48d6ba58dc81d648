// Updates in and outside of maintenance windows.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

// The scene begins on 2026-01-01, a Thursday, at 00:00 in UTC.
struct Site {
  explicit Site(const WeeklyTime& time, std::vector<std::string> stations = {}) {
    REQUIRE(site.maintenance.add_weekly(time, std::move(stations)).has_value());
  }

  std::vector<std::string> take() { return scene.take("firmware.outside_window"); }

  void command(std::string_view retrieve) {
    talk.command(
        "UpdateFirmware",
        fmt::format("{{'location':'https://fw.example.com/x','retrieveDate':'{}'}}", retrieve),
        "{}");
  }

  void command_2x(std::string_view retrieve, std::string_view install) {
    talk_2x.command(
        "UpdateFirmware",
        fmt::format("{{'requestId':1,'firmware':{{'location':'https://fw.example.com/x',"
                    "'retrieveDateTime':'{}','installDateTime':'{}'}}}}",
                    retrieve, install));
  }

  void status(std::string_view text) {
    talk.call("FirmwareStatusNotification", fmt::format("{{'status':'{}'}}", text));
  }

  SiteKnowledge site;
  Scene scene{find_detector("firmware"), site};
  Talk& talk = scene.connect("CP1");
  Talk& talk_2x = scene.connect("CP2", {.subprotocol = "ocpp2.0.1"});
};

const WeeklyTime kEarlyThursday{{"thu"}, "00:00", "04:00"};
const WeeklyTime kFriday{{"fri"}, "01:00", "05:00"};

}  // namespace

TEST_CASE("an update for the window is in order, whenever it is ordered") {
  Site site(kFriday);
  site.command("2026-01-02T01:00:00Z");
  site.command_2x("2026-01-01T12:00:00Z", "2026-01-02T04:59:59Z");
  CHECK(site.take().empty());
  Site early(kEarlyThursday);
  early.command("@");
  early.command("2020-01-01T00:00:00Z");  // At once.
  CHECK(early.take().empty());
}

TEST_CASE("an update for another time is told, once with its installation") {
  Site site(kFriday);
  site.command("@");
  const auto lines = site.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "stage") == "command");
  for (const char* status : {"Downloading", "Downloaded", "Installing", "Installed"}) {
    site.status(status);
  }
  CHECK(site.take().empty());
  site.command_2x("2026-01-02T02:00:00Z", "2026-01-02T12:00:00Z");
  const auto later = site.take();
  REQUIRE(later.size() == 1);
  CHECK(later[0] ==
        "firmware.outside_window CP2 stage=command planned_time=2026-01-02T12:00:00.000000000Z");
}

TEST_CASE("an installation outside the window is told, an overrun is not") {
  Site site(kEarlyThursday);
  site.command("@");
  site.scene.wait_s(4 * 3'600 + 1'800);
  site.status("Installing");
  CHECK(site.take().empty());
  site.scene.wait_s(3'600);
  site.status("Downloading");
  CHECK(site.take().empty());
  site.status("Installing");
  site.status("Installed");
  const auto lines = site.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "firmware.outside_window CP1 stage=install status=Installing");
}

TEST_CASE("stations without a window, and sites without any, are not judged") {
  Site site(kFriday, {"CP9", "DE-*"});
  site.command("@");
  site.status("Installing");
  CHECK(site.take().empty());
  Scene scene(find_detector("firmware"));
  scene.connect("CP1").command("UpdateFirmware",
                               "{'location':'https://fw.example.com/x','retrieveDate':'@'}", "{}");
  CHECK(scene.take("firmware.outside_window").empty());
}

}  // namespace chargewarden::testing
