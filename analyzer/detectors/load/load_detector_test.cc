#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

constexpr std::string_view kBoot = "{'chargePointVendor':'V','chargePointModel':'M'}";

std::string booted(int interval_s) {
  return fmt::format("{{'status':'Accepted','interval':{},'currentTime':'@'}}", interval_s);
}

}  // namespace

TEST_CASE("connections on which nothing comes about are told by source") {
  Scene scene(find_detector("load"));
  for (int i = 0; i < 25; ++i) scene.open("", {.address = "10.0.0.66"});
  CHECK(scene.take().empty());
  scene.wait_s(4);
  CHECK(scene.take().empty());
  scene.wait_s(2);
  const auto lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "identity.connection_flood - idle_connections=20 "
        "idle_connections_minute=20 backend_idle_connections=20");
}

TEST_CASE("connections that end without a word count when they end") {
  Scene scene(find_detector("load"));
  for (int i = 0; i < 20; ++i) scene.open("", {.address = "10.0.0.66"}).close("reset");
  CHECK(scene.take().size() == 1);
  // Not once more.
  scene.wait_s(10);
  CHECK(scene.take().empty());
}

TEST_CASE("connections that a backend does not agree to are no flood of it") {
  Scene scene(find_detector("load"));
  for (int i = 0; i < 200; ++i) {
    scene
        .open("",
              {.address = fmt::format("10.0.1.{}", i), .protocol = "unknown", .accepted = false})
        .close(i % 2 == 0 ? "reset" : "unanswered");
  }
  CHECK(scene.take().empty());
}

TEST_CASE("what nobody understands is judged when it ends") {
  const LinkSetup unknown = {.address = "10.0.0.66", .protocol = "unknown"};
  Scene scene(find_detector("load"));
  std::vector<Talk*> talks;
  for (int i = 0; i < 50; ++i) talks.push_back(&scene.open("", unknown));
  scene.open("", {.address = "10.0.0.67"});
  scene.wait_s(10);
  for (int i = 0; i < 25; ++i) talks[static_cast<std::size_t>(i)]->close("fin", 100, 100);
  CHECK(scene.take().empty());
  for (int i = 25; i < 50; ++i) talks[static_cast<std::size_t>(i)]->close("fin", 100, 0);
  CHECK(scene.take().size() == 1);
}

TEST_CASE("many sources together are told") {
  Scene scene(find_detector("load"));
  for (int i = 0; i < 100; ++i) {
    scene.open("", {.address = fmt::format("10.0.1.{}", i)}).close("reset");
  }
  const auto lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "backend_idle_connections") == "100");
  CHECK(field(lines[0], "idle_connections") == "1");
}

TEST_CASE("stations behind one address that all come back are no flood") {
  Scene scene(find_detector("load"));
  for (int i = 0; i < 300; ++i) scene.connect(fmt::format("CP{}", i));
  for (int i = 0; i < 100; ++i) scene.refuse(fmt::format("XX{}", i), 404);
  scene.wait_s(10);
  CHECK(scene.take().empty());
}

TEST_CASE("connections that were met in the middle are no flood") {
  Scene scene(find_detector("load"));
  for (int i = 0; i < 300; ++i) scene.open("", {.midstream = true});
  scene.wait_s(10);
  CHECK(scene.take().empty());
}

TEST_CASE("a load balancer that tests once a second is below the rules") {
  Scene scene(find_detector("load"));
  for (int i = 0; i < 300; ++i) {
    scene.open("", {.address = "10.0.0.66"}).close("fin");
    scene.wait_s(1);
  }
  for (const std::string& line : scene.take()) {
    CHECK(std::stoi(field(line, "idle_connections")) < 40);
    CHECK(std::stoi(field(line, "idle_connections_minute")) < 240);
  }
}

TEST_CASE("the table of sources of idle connections is bounded") {
  Scene scene(find_detector("load"));
  for (int i = 0; i < 20'000; ++i) {
    scene.open("", {.address = fmt::format("10.{}.{}.1", i / 256, i % 256)}).close("reset");
  }
  CHECK(scene.detector().dropped() == 0);
  scene.open("", {.address = "10.255.255.1"}).close("reset");
  CHECK(scene.detector().dropped() == 1);
}

TEST_CASE("waiting connections are bounded") {
  Scene scene(find_detector("load"));
  for (int i = 0; i < 65'536; ++i) scene.open("", {.address = "10.0.0.66"});
  CHECK(scene.detector().dropped() == 0);
  scene.open("", {.address = "10.0.0.66"});
  CHECK(scene.detector().dropped() == 1);
}

TEST_CASE("a station that connects again and again is told") {
  Scene scene(find_detector("load"));
  for (int i = 0; i < 10; ++i) scene.connect("CP1").close("reset");
  const auto lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "station.reconnects CP1 connections=10");
}

TEST_CASE("a flood of messages is told with its action") {
  for (const char* version : {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"}) {
    Scene scene(find_detector("load"));
    Talk& station = scene.connect("CP1", {.subprotocol = version});
    // A tenth of a second each: 100 in 10 s.
    for (int i = 0; i < 100; ++i) {
      station.call("StatusNotification",
                   "{'connectorId':1,'errorCode':'NoError','status':'Available'}", "");
    }
    const auto lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] ==
          "station.message_flood CP1 messages=100 expected_messages=0 "
          "span_ms=9900 action=StatusNotification");
  }
}

TEST_CASE("a flood of several actions has none of its own") {
  Scene scene(find_detector("load"));
  Talk& station = scene.connect("CP1");
  const std::array<std::string_view, 3> actions = {"Authorize", "MeterValues", "DataTransfer"};
  for (std::size_t i = 0; i < 100; ++i) station.call(actions[i % 3], "{}", "");
  const auto lines = scene.take("station.message_flood");
  REQUIRE(lines.size() == 1);
}

TEST_CASE("what was queued during an outage is no flood") {
  Scene scene(find_detector("load"));
  Talk& station = scene.connect("CP1");
  for (int i = 0; i < 300; ++i) {
    station.call("MeterValues",
                 "{'connectorId':1,'meterValue':[{'timestamp':'@-3600',"
                 "'sampledValue':[{'value':'1'}]}]}",
                 "");
  }
  Talk& other = scene.connect("CP2", {.subprotocol = "ocpp2.0.1"});
  for (int i = 0; i < 300; ++i) {
    other.call("TransactionEvent",
               "{'eventType':'Updated','timestamp':'@','triggerReason':'MeterValuePeriodic',"
               "'seqNo':1,'offline':true,'transactionInfo':{'transactionId':'T'}}",
               "");
  }
  CHECK(scene.take("station.message_flood").empty());
}

TEST_CASE("a report in many parts is no flood") {
  Scene scene(find_detector("load"));
  Talk& station = scene.connect("CP1", {.subprotocol = "ocpp2.0.1"});
  for (int i = 0; i < 300; ++i) {
    station.call("NotifyReport", "{'requestId':1,'generatedAt':'@','seqNo':1,'tbc':true}", "");
  }
  CHECK(scene.take("station.message_flood").empty());
}

TEST_CASE("heartbeats are held against the interval that was asked for") {
  Scene scene(find_detector("load"));
  Talk& slow = scene.connect("CP1");
  slow.call("BootNotification", kBoot, booted(300));
  for (int i = 0; i < 19; ++i) slow.call("Heartbeat", "{}", "{'currentTime':'@'}");
  CHECK(scene.take("station.heartbeat_flood").empty());
  slow.call("Heartbeat", "{}", "{'currentTime':'@'}");
  const auto lines = scene.take("station.heartbeat_flood");
  REQUIRE(lines.size() == 1);
  CHECK(
      lines[0].starts_with("station.heartbeat_flood CP1 heartbeats=20 heartbeat_interval_s=300 "));
  // Every five seconds as asked for, for ten minutes.
  Talk& fast = scene.connect("CP2");
  fast.call("BootNotification", kBoot, booted(5));
  for (int i = 0; i < 120; ++i) {
    fast.call("Heartbeat", "{}", "{'currentTime':'@'}");
    scene.wait_s(5);
  }
  CHECK(scene.take("station.heartbeat_flood").empty());
}

TEST_CASE("an interval that is changed later counts") {
  struct Case {
    std::string_view version;
    std::string_view action;
    std::string_view payload;
    std::string_view answer;
  };

  for (const Case& each :
       {Case{"ocpp1.6", "ChangeConfiguration", "{'key':'HeartbeatInterval','value':'2'}",
             "{'status':'Accepted'}"},
        Case{"ocpp2.0.1", "SetVariables",
             "{'setVariableData':[{'attributeValue':'2','component':{'name':'OCPPCommCtrlr'},"
             "'variable':{'name':'HeartbeatInterval'}}]}",
             "{'setVariableResult':[{'attributeStatus':'Accepted','component':"
             "{'name':'OCPPCommCtrlr'},'variable':{'name':'HeartbeatInterval'}}]}"}}) {
    CAPTURE(each.version);
    Scene scene(find_detector("load"));
    Talk& station = scene.connect("CP1", {.subprotocol = std::string(each.version)});
    station.call("BootNotification", kBoot, booted(300));
    station.command(each.action, each.payload, each.answer);
    for (int i = 0; i < 100; ++i) {
      station.call("Heartbeat", "{}", "{'currentTime':'@'}");
      scene.wait_s(2);
    }
    CHECK(scene.take("station.heartbeat_flood").empty());
  }
}

TEST_CASE("error answers of both sides are counted") {
  Scene scene(find_detector("load"));
  Talk& station = scene.connect("CP1");
  for (int i = 0; i < 10; ++i) {
    const Side side = i % 2 == 0 ? Side::kClient : Side::kServer;
    const std::string id = station.ask(side, "DataTransfer", "{'vendorId':'V'}");
    station.say(other(side), fmt::format(R"([4,"{}","InternalError","",{{}}])", id));
  }
  const auto lines = scene.take("station.error_storm");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "station.error_storm CP1 errors=10 error_code=InternalError");
}

TEST_CASE("a client that breaks the rules again and again is told, a cut capture is not") {
  Scene scene(find_detector("load"));
  Talk& station = scene.connect("CP1");
  for (int i = 0; i < 10; ++i) station.say(Side::kClient, "[2,");
  const auto lines = scene.take("station.malformed_storm");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "station.malformed_storm CP1 malformed=10 anomaly=malformed_json");
  Talk& cut = scene.connect("CP2");
  for (int i = 0; i < 50; ++i) {
    cut.say(Side::kClient, fmt::format(R"([3,"x{}",{{}}])", i));
  }
  CHECK(scene.take("station.malformed_storm").empty());
}

TEST_CASE("far too much data of a station is told") {
  Scene scene(find_detector("load"));
  Talk& station = scene.connect("CP1");
  const std::string payload = "{'vendorId':'V','data':'" + std::string(1'000'000, 'x') + "'}";
  for (int i = 0; i < 4; ++i) station.call("DataTransfer", payload, "");
  CHECK(scene.take("station.volume").empty());
  station.call("DataTransfer", payload, "");
  CHECK(scene.take("station.volume").size() == 1);
}

}  // namespace chargewarden::testing
