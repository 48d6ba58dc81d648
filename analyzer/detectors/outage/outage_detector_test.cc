#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

struct Site {
  explicit Site(std::size_t stations, const LinkSetup& setup = {})
      : scene(find_detector("outage")) {
    for (std::size_t i = 0; i < stations; ++i) {
      talks.push_back(&scene.connect(fmt::format("CP{}", i), setup));
      talks.back()->call("BootNotification", "{'chargePointVendor':'V','chargePointModel':'M'}",
                         "{'status':'Accepted','interval':300,'currentTime':'@'}");
    }
  }

  void status(std::size_t i, std::string_view error, int connector = 1) {
    talks[i]->call("StatusNotification",
                   fmt::format("{{'connectorId':{},'errorCode':'{}','status':'{}'}}", connector,
                               error, error == "NoError" ? "Available" : "Faulted"));
  }

  void session(std::size_t i, std::string_view reason, std::string_view stopped = "@") {
    talks[i]->call("StartTransaction",
                   "{'connectorId':1,'idTag':'A','meterStart':0,'timestamp':'@'}",
                   fmt::format("{{'transactionId':{},'idTagInfo':{{'status':'Accepted'}}}}", ++id));
    talks[i]->call(
        "StopTransaction",
        fmt::format("{{'transactionId':{},'meterStop':9,'timestamp':'{}','reason':'{}'}}", id,
                    stopped, reason));
  }

  Scene scene;
  std::vector<Talk*> talks;
  int id = 0;
};

}  // namespace

TEST_CASE("stations that are lost together are told as one") {
  Site site(10);
  site.scene.take();
  for (Talk* talk : site.talks) talk->close("reset");
  CHECK(site.scene.take().empty());
  site.scene.wait_s(121);
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "grid.stations_lost - stations=10 fleet=10 share_percent=100 missing=10 "
        "missing_percent=100 span_ms=0 sessions=0 resets_commanded=0 cause_hint=reset");
}

TEST_CASE("stations that are back within two minutes are not missing") {
  Site site(10);
  site.scene.take();
  for (Talk* talk : site.talks) talk->close("fin");
  site.scene.wait_s(60);
  for (std::size_t i = 0; i < 9; ++i) site.scene.connect(fmt::format("CP{}", i));
  site.scene.wait_s(61);
  const auto lines = site.scene.take("grid.stations_lost");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "stations") == "10");
  CHECK(field(lines[0], "missing") == "1");
  CHECK(field(lines[0], "missing_percent") == "10");
}

TEST_CASE("a loss is told at the end of the input if it is a minute old") {
  for (const int after_s : {20, 70}) {
    INFO(after_s);
    Site site(10);
    site.scene.take();
    for (Talk* talk : site.talks) talk->close("reset");
    site.scene.wait_s(after_s);
    site.scene.connect("CP99");
    site.scene.end();
    CHECK(site.scene.take("grid.stations_lost").size() == (after_s > 60 ? 1U : 0U));
  }
}

TEST_CASE("losses that wait are bounded") {
  // kWaitingLossesMax is 256, of as many backends.
  Scene scene(find_detector("outage"));
  for (int backend = 0; backend < 260; ++backend) {
    std::vector<Talk*> talks;
    for (int i = 0; i < 5; ++i) {
      talks.push_back(
          &scene.connect(fmt::format("CP{}-{}", backend, i),
                         {.csms = fmt::format("10.9.{}.{}", backend / 200, 1 + backend % 200)}));
    }
    for (Talk* talk : talks) talk->close("reset");
  }
  scene.wait_s(121);
  CHECK(scene.take("grid.stations_lost").size() == 256);
  CHECK(scene.detector().dropped() == 4);
}

TEST_CASE("restarts that were commanded explain lost connections") {
  Site site(10);
  for (Talk* talk : site.talks) talk->command("Reset", "{'type':'Hard'}");
  for (Talk* talk : site.talks) talk->close("fin");
  site.scene.wait_s(121);
  const auto lines = site.scene.take("grid.stations_lost");
  REQUIRE_FALSE(lines.empty());
  CHECK(field(lines.back(), "cause_hint") == "reset_commanded");
  CHECK(field(lines.back(), "resets_commanded") == "10");
}

TEST_CASE("one station after the other, the end of the input, and second connections are no loss") {
  Site slow(10);
  for (Talk* talk : slow.talks) {
    talk->close("reset");
    slow.scene.wait_s(30);
  }
  slow.scene.wait_s(121);
  CHECK(slow.scene.take("grid.stations_lost").empty());
  Site end(10);
  for (Talk* talk : end.talks) talk->close("end_of_input");
  end.scene.wait_s(121);
  CHECK(end.scene.take("grid.stations_lost").empty());
  Site twice(10);
  for (std::size_t i = 0; i < 10; ++i) twice.scene.connect(fmt::format("CP{}", i));
  for (Talk* talk : twice.talks) talk->close("reset");
  twice.scene.wait_s(121);
  CHECK(twice.scene.take("grid.stations_lost").empty());
}

TEST_CASE("stops for one abnormal reason at many stations are told") {
  Site site(8);
  for (std::size_t i = 0; i < 4; ++i) site.session(i, "PowerLoss");
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with(
      "grid.abnormal_stops - stop_reason=PowerLoss stations=3 fleet=8 share_percent=37"));
  CHECK(field(lines[1], "share_percent") == "50");
}

TEST_CASE("stops of OCPP 2.x are told by their reason") {
  Site site(4, {.subprotocol = "ocpp2.0.1"});
  for (Talk* talk : site.talks) {
    talk->call("TransactionEvent",
               "{'eventType':'Started','timestamp':'@','triggerReason':'Authorized','seqNo':0,"
               "'transactionInfo':{'transactionId':'T'},'evse':{'id':1}}");
    talk->call("TransactionEvent",
               "{'eventType':'Ended','timestamp':'@','triggerReason':'AbnormalCondition','seqNo':1,"
               "'transactionInfo':{'transactionId':'T','stoppedReason':'EmergencyStop'}}");
  }
  const auto lines = site.scene.take("grid.abnormal_stops");
  REQUIRE_FALSE(lines.empty());
  CHECK(field(lines[0], "stop_reason") == "EmergencyStop");
}

TEST_CASE("stops of drivers, of different reasons, or told late after an outage are ordinary") {
  Site site(8);
  for (std::size_t i = 0; i < 8; ++i) site.session(i, "Local");
  site.session(0, "PowerLoss");
  site.session(1, "EmergencyStop");
  site.session(2, "Reboot");
  for (std::size_t i = 0; i < 8; ++i) site.session(i, "DeAuthorized", "@-3600");
  CHECK(site.scene.take().empty());
}

TEST_CASE("the same fault at many stations is told, faults that were there at the boot are not") {
  Site site(8);
  for (std::size_t i = 0; i < 8; ++i) site.status(i, "HighTemperature");
  CHECK(site.scene.take().empty());
  for (std::size_t i = 0; i < 8; ++i) site.status(i, "NoError");
  for (std::size_t i = 0; i < 3; ++i) site.status(i, "UnderVoltage");
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("grid.fault_wave - fault=UnderVoltage stations=3 fleet=8 "));
}

TEST_CASE("vehicles that are lost in the same second, again and again, are told") {
  Site site(3);
  for (std::size_t i = 0; i < 3; ++i) site.status(i, "NoError");
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 3; ++i) site.status(i, "EVCommunicationError");
    site.scene.wait_s(60);
    for (std::size_t i = 0; i < 3; ++i) site.status(i, "NoError");
  }
  const auto lines = site.scene.take("grid.communication_aborts");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "grid.communication_aborts - connectors=5 rounds=2");
  // One after the other.
  Site calm(3);
  for (std::size_t i = 0; i < 3; ++i) calm.status(i, "NoError");
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 3; ++i) {
      calm.status(i, "EVCommunicationError");
      calm.scene.wait_s(20);
      calm.status(i, "NoError");
    }
  }
  CHECK(calm.scene.take("grid.communication_aborts").empty());
}

TEST_CASE("a station that falls silent is told once until it speaks again") {
  Site site(1);
  site.scene.wait_s(890);
  CHECK(site.scene.take().empty());
  site.scene.wait_s(1000);
  auto lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "station.silent CP0 silent_s=900 heartbeat_interval_s=300 backend_speaks=true");
  site.talks[0]->call("Heartbeat", "{}", "");
  site.scene.wait_s(2000);
  lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "backend_speaks") == "false");
}

TEST_CASE("a station that beats as it was told to, or has gone, is not silent") {
  Site site(2);
  site.talks[1]->close();
  for (int i = 0; i < 10; ++i) {
    site.scene.wait_s(300);
    site.talks[0]->call("Heartbeat", "{}", "{'currentTime':'@'}");
  }
  CHECK(site.scene.take().empty());
}

}  // namespace chargewarden::testing
