#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

struct Story {
  explicit Story(LinkSetup setup = {})
      : scene(find_detector("security_events")),
        is_2x(setup.subprotocol != "ocpp1.6"),
        talk(&scene.connect("CP1", setup)) {}

  void boot(std::string_view firmware) {
    talk->call("BootNotification",
               is_2x ? fmt::format("{{'reason':'PowerUp','chargingStation':{{'vendorName':'V',"
                                   "'model':'M','firmwareVersion':'{}'}}}}",
                                   firmware)
                     : fmt::format("{{'chargePointVendor':'V','chargePointModel':'M',"
                                   "'firmwareVersion':'{}'}}",
                                   firmware));
  }

  // The clock of the station is behind by so much.
  void status(std::int64_t lag_s = 0) {
    talk->call("StatusNotification",
               is_2x ? fmt::format("{{'evseId':1,'connectorId':1,'connectorStatus':'Available',"
                                   "'timestamp':'@{}'}}",
                                   -lag_s)
                     : fmt::format("{{'connectorId':1,'errorCode':'NoError','status':'Available',"
                                   "'timestamp':'@{}'}}",
                                   -lag_s));
  }

  void event(std::string_view type, std::int64_t offset_s = 0) {
    talk->call("SecurityEventNotification",
               fmt::format("{{'type':'{}','timestamp':'@{}'}}", type, offset_s));
  }

  void live(int minutes) {
    for (int i = 0; i < minutes; ++i) {
      scene.wait_s(60);
      talk->call("Heartbeat", "{}");
    }
  }

  Scene scene;
  bool is_2x;
  Talk* talk;
};

}  // namespace

TEST_CASE("other firmware without its security event is told") {
  for (const char* version : {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"}) {
    CAPTURE(version);
    Story story({.subprotocol = version});
    story.boot("1.0");
    story.event("StartupOfTheDevice");
    story.boot("1.1");
    story.live(40);
    const auto lines = story.scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] ==
          "station.security_event_missing CP1 expected_event=FirmwareUpdated firmware=1.1 "
          "firmware_before=1.0");
    story.live(60);
    CHECK(story.scene.take().empty());
  }
}

TEST_CASE("the event may come before the restart, or some time after it") {
  Story before;
  before.boot("1.0");
  before.event("FirmwareUpdated");
  before.boot("1.1");
  before.live(40);
  CHECK(before.scene.take().empty());
  // The one of the update before does not count.
  before.boot("1.2");
  before.live(40);
  CHECK(before.scene.take().size() == 1);
  Story after;
  after.boot("1.0");
  after.event("StartupOfTheDevice");
  after.boot("1.1");
  after.live(10);
  after.event("FirmwareUpdated", -500);
  after.live(40);
  CHECK(after.scene.take().empty());
}

TEST_CASE("stations that send no security events, or were not watched, are not asked for one") {
  Story none;
  none.boot("1.0");
  none.boot("1.1");
  none.live(40);
  CHECK(none.scene.take().empty());
  Story same;
  same.boot("1.0");
  same.event("StartupOfTheDevice");
  same.boot("1.0");
  same.live(40);
  CHECK(same.scene.take().empty());
  Story gone;
  gone.boot("1.0");
  gone.event("StartupOfTheDevice");
  gone.boot("1.1");
  gone.live(5);
  gone.talk->close();
  gone.scene.wait_s(3'600);
  CHECK(gone.scene.take().empty());
  // It came back by another connection: what was sent between them is not known.
  Story back;
  back.boot("1.0");
  back.event("StartupOfTheDevice");
  back.boot("1.1");
  back.talk->close();
  back.talk = &back.scene.connect("CP1");
  back.live(40);
  CHECK(back.scene.take().empty());
}

TEST_CASE("an event from the future is told, one of a clock that is ahead is not") {
  Story story;
  story.status();
  story.event("MemoryExhaustion", 7'000);
  const auto lines = story.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "station.security_event_time CP1 security_event=MemoryExhaustion time_problem=future "
        "time_offset_s=7000 offset_is_zone=false");
  story.event("MemoryExhaustion", 7'200);
  CHECK(field(story.scene.take().at(0), "offset_is_zone") == "true");
  story.event("MemoryExhaustion", 300);
  story.status(-7'000);
  story.event("MemoryExhaustion", 7'000);
  CHECK(story.scene.take().empty());
  // A status that was late makes the clock seem to be behind.
  story.status(7'000);
  story.event("MemoryExhaustion");
  CHECK(story.scene.take().empty());
}

TEST_CASE("an event from before the connection was queued, one from within it was held back") {
  Story story;
  story.status();
  story.event("TamperDetectionActivated", -86'400);
  CHECK(story.scene.take().empty());
  story.live(180);
  story.event("TamperDetectionActivated", -86'400);
  story.event("TamperDetectionActivated", -1'800);
  CHECK(story.scene.take().empty());
  story.event("TamperDetectionActivated", -5'000);
  const auto lines = story.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "time_problem") == "held_back");
  CHECK(field(lines[0], "time_offset_s") == "-5000");
  // The clock is behind by as much.
  story.status(5'000);
  story.event("TamperDetectionActivated", -5'000);
  CHECK(story.scene.take().empty());
  story.status();
  story.event("SettingSystemTime", -5'000);
  story.event("StartupOfTheDevice", -5'000);
  CHECK(story.scene.take().empty());
}

TEST_CASE("without the clock of the station, or its begin, times are not judged") {
  Story unknown;
  unknown.event("MemoryExhaustion", 86'400);
  unknown.live(180);
  unknown.event("MemoryExhaustion", -5'000);
  CHECK(unknown.scene.take().empty());
}

TEST_CASE("boots that wait for their event are bounded") {
  Scene scene(find_detector("security_events"));
  for (int i = 0; i < 4'100; ++i) {
    Talk& talk = scene.connect(fmt::format("CP{}", i));
    for (const char* firmware : {"1", "2"}) {
      talk.call("SecurityEventNotification", "{'type':'ResetOrReboot','timestamp':'@'}");
      talk.call("BootNotification", fmt::format("{{'chargePointVendor':'V','chargePointModel':'M',"
                                                "'firmwareVersion':'{}'}}",
                                                firmware));
    }
  }
  CHECK(scene.detector().dropped() == 4);
}

}  // namespace chargewarden::testing
