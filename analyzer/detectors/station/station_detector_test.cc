#include <catch2/catch.hpp>

#include "analyzer/detectors/station/clock_watch.h"
#include "analyzer/detectors/station/fault_words.h"
#include "analyzer/detectors/testing/scene.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

Scene scene() {
  return Scene(find_detector("station"));
}

std::string boot(const std::string& serial, const std::string& more = "") {
  return "{'chargePointVendor':'V','chargePointModel':'M','chargePointSerialNumber':'" + serial +
         "'" + more + "}";
}

std::string status(int connector, const char* state, const char* error) {
  return "{'connectorId':" + std::to_string(connector) + ",'status':'" + state + "','errorCode':'" +
         error + "','timestamp':'@'}";
}

}  // namespace

TEST_CASE("boots are counted, and explained by what was asked before") {
  Scene play = scene();
  Talk& cp = play.connect("CP1");
  cp.call("BootNotification", boot("S1"));
  CHECK(field(play.take("station.boot").at(0), "boot_explained") == "true");
  cp.call("BootNotification", boot("S1"));
  auto lines = play.take("station.boot");
  CHECK(field(lines.at(0), "boot_explained") == "false");
  CHECK(field(lines.at(0), "boots") == "2");
  cp.command("Reset", "{'type':'Soft'}");
  play.wait_s(60);
  cp.call("BootNotification", boot("S1"));
  lines = play.take("station.boot");
  CHECK(field(lines.at(0), "boot_explained") == "true");
  CHECK(field(lines.at(0), "uptime_s") == "60");
  cp.command("TriggerMessage", "{'requestedMessage':'Heartbeat'}");
  cp.call("BootNotification", boot("S1"));
  CHECK(field(play.take("station.boot").at(0), "boot_explained") == "false");
}

TEST_CASE("other hardware at a boot is told, what is left out is not") {
  Scene play = scene();
  Talk& cp = play.connect("CP1");
  cp.call("BootNotification", boot("S1", ",'iccid':'1','meterSerialNumber':'M1'"));
  cp.call("BootNotification", boot("S1"));
  CHECK(play.take("station.inventory_changed").empty());
  cp.call("BootNotification", boot("S2", ",'meterSerialNumber':'M1'"));
  auto lines = play.take("station.inventory_changed");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "changed") == "[serial]");
  CHECK(field(lines[0], "serial_before") == "S1");
  Talk& v2 = play.connect("CP2", {.subprotocol = "ocpp2.0.1"});
  const char* payload =
      "{'reason':'PowerUp','chargingStation':{'vendorName':'V','model':'%s',"
      "'serialNumber':'S','modem':{'iccid':'1'}}}";
  std::string first(payload);
  first.replace(first.find("%s"), 2, "A");
  std::string second(payload);
  second.replace(second.find("%s"), 2, "B");
  v2.call("BootNotification", first);
  v2.call("BootNotification", second);
  lines = play.take("station.inventory_changed");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "changed") == "[model]");
}

TEST_CASE("an older OCPP version and a lower security profile are told") {
  Scene play = scene();
  play.connect("CP1", {.subprotocol = "ocpp2.0.1", .credential = "x"}).close();
  play.connect("CP1", {.subprotocol = "ocpp1.6"}).close();
  const auto lines = play.take();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] ==
        "station.ocpp_version_changed CP1 ocpp_version=1.6 ocpp_version_before=2.0.1 "
        "downgrade=true");
  CHECK(lines[1] ==
        "station.security_profile_changed CP1 security_profile=0 security_profile_before=1 "
        "downgrade=true");
  play.connect("CP1", {.subprotocol = "ocpp2.0.1", .credential = "x", .encrypted = true}).close();
  const auto raised = play.take();
  REQUIRE(raised.size() == 2);
  CHECK(field(raised[1], "downgrade") == "false");
}

TEST_CASE("faults come with words, are counted, and end") {
  Scene play = scene();
  Talk& cp = play.connect("CP1");
  cp.call("StatusNotification", status(1, "Available", "NoError"));
  CHECK(play.take().empty());
  cp.call("StatusNotification", status(1, "Faulted", "GroundFailure"));
  cp.call("StatusNotification", status(1, "Faulted", "GroundFailure"));
  auto lines = play.take("station.fault");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("ground fault protection") != std::string::npos);
  CHECK(field(lines[0], "fault_count") == "1");
  play.wait_s(100);
  cp.call("StatusNotification", status(1, "Available", "NoError"));
  lines = play.take("station.fault_cleared");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "fault_s") == "100");
  cp.call("StatusNotification", status(1, "Faulted", "GroundFailure"));
  CHECK(field(play.take("station.fault").at(0), "fault_count") == "2");
  Talk& v2 = play.connect("CP2", {.subprotocol = "ocpp2.0.1"});
  v2.call("StatusNotification",
          "{'evseId':1,'connectorId':1,'connectorStatus':'Faulted','timestamp':'@'}");
  CHECK(field(play.take("station.fault").at(0), "fault") == "Faulted");
}

TEST_CASE("every code has words, also one that no standard has") {
  CHECK_FALSE(station::words_of_fault("ReaderFailure").remedy.empty());
  CHECK(station::words_of_fault("readerfailure").code == "ReaderFailure");
  CHECK_FALSE(station::words_of_fault("E-4711").cause.empty());
}

TEST_CASE("a clock is off when several timestamps agree, late messages do not") {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kNow = 1'800'000'000 * kSecond;
  station::ClockWatch clock;
  const auto at = [&](std::int64_t second, std::int64_t offset) {
    return clock.on_timestamp(kNow + (second + offset) * kSecond, kNow + second * kSecond);
  };
  for (int i = 0; i < 3; ++i) CHECK_FALSE(at(i, -4000).has_value());
  CHECK(at(3, -4010) == -4010 * kSecond);
  CHECK_FALSE(at(4, -4000).has_value());  // Told already.
  // A queue: each message later than the one before.
  station::ClockWatch queue;
  for (int i = 0; i < 20; ++i) {
    CHECK_FALSE(queue.on_timestamp(kNow + i * 300 * kSecond, kNow + 20'000 * kSecond).has_value());
  }
  CHECK(station::is_zone_offset(-3600 * kSecond));
  CHECK(station::is_zone_offset(20'700 * kSecond));
  CHECK_FALSE(station::is_zone_offset(4000 * kSecond));
}

TEST_CASE("a reset that is accepted and not done is told once") {
  for (const char* type : {"Hard", "Immediate", "Soft", "OnIdle"}) {
    CAPTURE(type);
    Scene play = scene();
    Talk& cp = play.connect("CP1");
    const auto reset = [&](const std::string& more, const char* answer) {
      cp.command("Reset", std::string("{'type':'") + type + "'" + more + "}",
                 std::string("{'status':'") + answer + "'}");
    };
    const auto live = [&] {
      for (int i = 0; i < 20; ++i) {
        play.wait_s(60);
        cp.call("StatusNotification", status(1, "Available", "NoError"));
      }
    };
    reset("", "Rejected");
    live();
    reset(",'evseId':1", "Accepted");
    live();
    CHECK(play.take("station.restart_missing").empty());
    reset("", "Accepted");
    live();
    live();
    const auto lines = play.take("station.restart_missing");
    const bool waits = std::string_view(type) == "Soft" || std::string_view(type) == "OnIdle";
    REQUIRE(lines.size() == (waits ? 0 : 1));
    if (!waits) CHECK(field(lines[0], "reset_type") == type);
  }
}

TEST_CASE("a reset that is done by boot, or seen by its connection, is in order") {
  Scene play = scene();
  Talk& cp = play.connect("CP1");
  cp.command("Reset", "{'type':'Hard'}");
  play.wait_s(60);
  cp.call("BootNotification", boot("S1"));
  play.wait_s(2'000);
  cp.call("StatusNotification", status(1, "Available", "NoError"));
  cp.command("Reset", "{'type':'Hard'}");
  cp.close();
  play.wait_s(60);
  Talk& back = play.connect("CP1");
  play.wait_s(2'000);
  back.call("StatusNotification", status(1, "Available", "NoError"));
  CHECK(play.take("station.restart_missing").empty());
}
