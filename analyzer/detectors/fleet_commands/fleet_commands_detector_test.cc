#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

constexpr std::string_view kZero16 =
    "{'connectorId':1,'csChargingProfiles':{'chargingProfileId':1,'stackLevel':0,"
    "'chargingProfilePurpose':'TxDefaultProfile','chargingProfileKind':'Absolute',"
    "'chargingSchedule':{'chargingRateUnit':'A','chargingSchedulePeriod':["
    "{'startPeriod':0,'limit':0}]}}}";

std::string profile_201(std::string_view unit, double limit) {
  return fmt::format(
      "{{'evseId':0,'chargingProfile':{{'id':1,'stackLevel':0,'chargingProfilePurpose':"
      "'ChargingStationMaxProfile','chargingProfileKind':'Absolute','chargingSchedule':[{{'id':1,"
      "'chargingRateUnit':'{}','chargingSchedulePeriod':[{{'startPeriod':0,'limit':{}}}]}}]}}}}",
      unit, limit);
}

std::string profile_16(double limit) {
  std::string out(kZero16);
  return out.replace(out.rfind('0'), 1, fmt::format("{}", limit));
}

// Stations of one backend, with one detector.
struct Depot {
  explicit Depot(std::size_t stations, const LinkSetup& setup = {})
      : scene(find_detector("fleet_commands")) {
    add(stations, setup);
  }

  void add(std::size_t stations, const LinkSetup& setup) {
    for (std::size_t i = 0; i < stations; ++i) {
      talks.push_back(&scene.connect(fmt::format("CP{}", talks.size()), setup));
    }
  }

  // The stations from `first` on, one every `pause_s` seconds; returns what is told.
  std::vector<std::string> command(std::size_t first, std::size_t count, std::string_view action,
                                   std::string_view payload, std::int64_t pause_s = 0) {
    for (std::size_t i = first; i < first + count; ++i) {
      talks[i]->command(action, payload);
      if (pause_s > 0) scene.wait_s(pause_s);
    }
    return scene.take("grid.mass_command");
  }

  void start(std::size_t station, std::string_view transaction = "7") {
    talks[station]->call(
        "StartTransaction", "{'connectorId':1,'idTag':'A','meterStart':0,'timestamp':'@'}",
        fmt::format("{{'transactionId':{},'idTagInfo':{{'status':'Accepted'}}}}", transaction));
  }

  Scene scene;
  std::vector<Talk*> talks;
};

const LinkSetup kV201{.subprotocol = "ocpp2.0.1"};

}  // namespace

TEST_CASE("the same command to a whole depot is told, with its share and what it met") {
  Depot depot(6);
  depot.start(2);
  depot.scene.take();
  const auto lines = depot.command(0, 6, "Reset", "{'type':'Hard'}");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("command=reset stations=5 fleet=6 share_percent=83 window_s=60 "
                      "span_ms=800 commands=5 sessions=1") != std::string::npos);
  CHECK(field(lines[1], "stations") == "6");
  CHECK(field(lines[1], "share_percent") == "100");
  CHECK(depot.scene.packets().size() == 6);
}

TEST_CASE("commands of OCPP 2.x have the same names") {
  struct Case {
    std::string_view action;
    std::string payload;
    std::string_view name;
  };

  const std::vector<Case> cases = {
      {"Reset", "{'type':'Immediate'}", "reset"},
      {"RequestStopTransaction", "{'transactionId':'T'}", "remote_stop"},
      {"RequestStartTransaction", "{'remoteStartId':1,'idToken':{'idToken':'A','type':'ISO14443'}}",
       "remote_start"},
      {"ChangeAvailability", "{'operationalStatus':'Inoperative'}", "make_inoperative"},
      {"ChangeAvailability", "{'operationalStatus':'Operative'}", ""},
      {"UnlockConnector", "{'evseId':1,'connectorId':1}", "unlock"},
      {"ClearChargingProfile",
       "{'chargingProfileCriteria':{'chargingProfilePurpose':'ChargingStationMaxProfile'}}",
       "clear_limits"},
      {"ClearChargingProfile", "{'chargingProfileId':5}", ""},
      {"ClearChargingProfile", "{}", "clear_limits"},
      {"ClearChargingProfile",
       "{'chargingProfileCriteria':{'chargingProfilePurpose':'TxDefaultProfile'}}", ""},
      {"UpdateFirmware", "{'requestId':1,'firmware':{'location':'https://fw.example/a'}}",
       "update_firmware"},
      {"SetChargingProfile", profile_201("A", 0), "limit_to_nothing"},
      {"SetChargingProfile", profile_201("W", 1000), "limit_to_nothing"},
      {"SetChargingProfile", profile_201("A", 80), "limit_beyond_rating"},
      {"SetChargingProfile", profile_201("W", 350'000), "limit_beyond_rating"},
      {"SetChargingProfile", profile_201("W", 11'000), ""},
  };
  for (const LinkSetup& setup : {kV201, LinkSetup{.subprotocol = "ocpp2.1"}}) {
    for (const Case& each : cases) {
      CAPTURE(each.action, each.payload);
      Depot depot(5, setup);
      const auto lines = depot.command(0, 5, each.action, each.payload);
      REQUIRE(lines.size() == (each.name.empty() ? 0 : 1));
      if (!lines.empty()) CHECK(field(lines[0], "command") == each.name);
    }
  }
}

TEST_CASE("ordinary load balancing of a site is nothing to tell") {
  Depot depot(12);
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 12; ++i) {
      depot.talks[i]->command("SetChargingProfile", profile_16(6 + static_cast<int>(i)));
    }
    depot.scene.wait_s(60);
  }
  CHECK(depot.scene.take().empty());
}

TEST_CASE("limits to nothing are told with their power") {
  Depot depot(5);
  const auto zero = depot.command(0, 5, "SetChargingProfile", kZero16);
  REQUIRE(zero.size() == 1);
  CHECK(field(zero[0], "limit_max_w") == "0");
  depot.scene.wait_s(2000);
  const auto high = depot.command(0, 5, "SetChargingProfile", profile_16(80));
  REQUIRE(high.size() == 1);
  CHECK(field(high[0], "command") == "limit_beyond_rating");
  CHECK(field(high[0], "limit_min_w") == "55200");
  CHECK(field(high[0], "limit_max_w") == "55200");
}

TEST_CASE("a station that has drawn more than an AC connector carries may be given more") {
  Depot depot(5, kV201);
  for (Talk* talk : depot.talks) {
    talk->call("TransactionEvent",
               "{'eventType':'Started','timestamp':'@','triggerReason':'Authorized','seqNo':0,"
               "'transactionInfo':{'transactionId':'T'},'evse':{'id':1}}");
    talk->call("TransactionEvent",
               "{'eventType':'Updated','timestamp':'@','triggerReason':'MeterValuePeriodic',"
               "'seqNo':1,'transactionInfo':{'transactionId':'T'},'meterValue':[{'timestamp':'@',"
               "'sampledValue':[{'value':120,'measurand':'Power.Active.Import',"
               "'unitOfMeasure':{'unit':'kW'}}]}]}");
  }
  CHECK(depot.command(0, 5, "SetChargingProfile", profile_201("W", 350'000)).empty());
}

TEST_CASE("limits that a direct-current site has lived with are ordinary") {
  Depot depot(5);
  CHECK(depot.command(0, 5, "SetChargingProfile", profile_16(200)).size() == 1);
  depot.scene.wait_s(1200);
  CHECK(depot.command(0, 5, "SetChargingProfile", profile_16(200)).empty());
}

TEST_CASE("some stations of a large fleet are told with their small share, few are not told") {
  Depot depot(100);
  CHECK(depot.command(0, 4, "Reset", "{'type':'Soft'}").empty());
  const auto lines = depot.command(4, 2, "Reset", "{'type':'Soft'}");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "share_percent") == "5");
  CHECK(depot.command(6, 3, "Reset", "{'type':'Soft'}").empty());
}

TEST_CASE("a small site counts when it is commanded as a whole, one or two stations do not") {
  CHECK(Depot(4).command(0, 3, "Reset", "{'type':'Hard'}").empty());
  CHECK(Depot(4).command(0, 4, "Reset", "{'type':'Hard'}").size() == 1);
  CHECK(Depot(2).command(0, 2, "Reset", "{'type':'Hard'}").empty());
}

TEST_CASE("what is done slowly shows in the long window") {
  Depot depot(20);
  const auto lines =
      depot.command(0, 20, "ChangeAvailability", "{'connectorId':0,'type':'Inoperative'}", 30);
  REQUIRE_FALSE(lines.empty());
  for (const std::string& line : lines) CHECK(field(line, "window_s") == "900");
  CHECK(field(lines.back(), "stations") == "20");
}

TEST_CASE("commands that are far apart do not belong together") {
  Depot depot(12);
  CHECK(depot.command(0, 12, "Reset", "{'type':'Hard'}", 400).empty());
}

TEST_CASE("backends are told apart") {
  Depot depot(6);
  depot.add(100, {.csms = "10.9.0.2"});
  const auto lines = depot.command(0, 6, "Reset", "{'type':'Hard'}");
  REQUIRE(lines.size() == 2);
  CHECK(field(lines[1], "fleet") == "6");
  CHECK(depot.command(6, 4, "Reset", "{'type':'Hard'}").empty());
}

TEST_CASE("stations that a command makes disconnect still belong to the fleet") {
  Depot depot(20);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < 10; ++i) {
    depot.talks[i]->command("Reset", "{'type':'Hard'}");
    depot.talks[i]->close("reset");
  }
  lines = depot.scene.take("grid.mass_command");
  REQUIRE_FALSE(lines.empty());
  CHECK(field(lines.back(), "fleet") == "20");
  CHECK(field(lines.back(), "share_percent") == "50");
}

TEST_CASE("a stop counts the sessions that it names") {
  Depot depot(5);
  for (std::size_t i = 0; i < 3; ++i) depot.start(i, fmt::format("{}", 10 + i));
  depot.scene.take();
  for (std::size_t i = 0; i < 5; ++i) {
    depot.talks[i]->command("RemoteStopTransaction",
                            fmt::format("{{'transactionId':{}}}", i == 2 ? 99 : 10 + i));
  }
  const auto lines = depot.scene.take("grid.mass_command");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "sessions") == "2");
}

TEST_CASE("remote starts count their tokens") {
  Depot depot(6);
  std::vector<std::string> lines;
  for (int round = 0; round < 4; ++round) {
    for (std::size_t i = 0; i < 5; ++i) {
      depot.talks[i]->command("RemoteStartTransaction", "{'connectorId':1,'idTag':'A'}");
    }
  }
  lines = depot.scene.take("grid.mass_command");
  REQUIRE(lines.size() == 3);
  CHECK(field(lines[2], "commands") == "20");
  CHECK(field(lines[2], "stations") == "5");
  CHECK(field(lines[2], "tokens") == "1");
}

TEST_CASE("limits that swing by large steps are told, small ones and other connectors are not") {
  Depot depot(2);
  for (int i = 0; i < 8; ++i) {
    depot.talks[0]->command("SetChargingProfile", profile_16(i % 2 == 0 ? 32 : 6));
  }
  const auto lines = depot.scene.take("grid.limit_swing");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "grid.limit_swing CP0 reversals=6 limit_min_w=4140 limit_max_w=22080");
  for (int i = 0; i < 40; ++i) {
    depot.talks[1]->command("SetChargingProfile", profile_16(i % 2 == 0 ? 16 : 10));
    depot.scene.wait_s(5);
  }
  Depot other(1, kV201);
  for (int i = 0; i < 40; ++i) {
    std::string payload = profile_201("A", i % 2 == 0 ? 32 : 6);
    payload.replace(payload.find("'evseId':0"), 10, i % 2 == 0 ? "'evseId':1" : "'evseId':2");
    other.talks[0]->command("SetChargingProfile", payload);
  }
  CHECK(depot.scene.take("grid.limit_swing").empty());
  CHECK(other.scene.take("grid.limit_swing").empty());
}

TEST_CASE("limits of more places than are followed begin anew") {
  Depot depot(1, kV201);
  for (int i = 0; i < 40; ++i) {
    for (int evse = 1; evse <= 5; ++evse) {
      std::string payload = profile_201("A", i % 2 == 0 ? 32 : 6);
      payload.replace(payload.find("'evseId':0"), 10, fmt::format("'evseId':{}", evse));
      depot.talks[0]->command("SetChargingProfile", payload);
    }
  }
  CHECK(depot.scene.take("grid.limit_swing").empty());
}

TEST_CASE("tokens are told apart up to a limit") {
  Depot depot(5);
  for (int i = 0; i < 40; ++i) {
    depot.talks[static_cast<std::size_t>(i % 5)]->command(
        "RemoteStartTransaction", fmt::format("{{'connectorId':1,'idTag':'A{}'}}", i));
  }
  const auto lines = depot.scene.take("grid.mass_command");
  REQUIRE_FALSE(lines.empty());
  CHECK(field(lines.back(), "tokens") == "16");
}

TEST_CASE("commands that a station sends are none") {
  Depot depot(6);
  for (Talk* talk : depot.talks) talk->call("Reset", "{'type':'Hard'}");
  CHECK(depot.scene.take().empty());
}

TEST_CASE("one command to one station again and again is told") {
  Depot depot(30);
  for (int i = 0; i < 10; ++i) depot.talks[0]->command("Reset", "{'type':'Hard'}");
  const auto lines = depot.scene.take();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "station.command_flood CP0 command=reset commands=5 span_ms=800");
  CHECK(lines[1] == "station.command_flood CP0 command=reset commands=10 span_ms=1800");
  for (int i = 0; i < 10; ++i) {
    depot.scene.wait_s(60);
    depot.talks[1]->command("Reset", "{'type':'Hard'}");
  }
  CHECK(depot.scene.take().empty());
}

TEST_CASE("an unlock under a running session is told with the answer") {
  struct Case {
    std::string_view answer;
    std::string_view unlocked;
  };

  for (const Case& each :
       {Case{"Unlocked", "true"}, Case{"UnlockFailed", "false"}, Case{"NotSupported", "false"}}) {
    Depot depot(1);
    depot.start(0);
    depot.talks[0]->command("UnlockConnector", "{'connectorId':1}",
                            fmt::format("{{'status':'{}'}}", each.answer));
    const auto lines = depot.scene.take("session.unlock_while_charging");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] == fmt::format("session.unlock_while_charging CP0 connector=1 answer={} "
                                  "unlocked={} stop_requested=false known_by=transaction",
                                  each.answer, each.unlocked));
  }
}

TEST_CASE("an unlock under a running session of OCPP 2.x is told") {
  Depot depot(1, kV201);
  depot.talks[0]->call("TransactionEvent",
                       "{'eventType':'Started','timestamp':'@','triggerReason':'Authorized',"
                       "'seqNo':0,'transactionInfo':{'transactionId':'T'},'evse':{'id':2}}");
  depot.talks[0]->command("UnlockConnector", "{'evseId':1,'connectorId':1}",
                          "{'status':'Unlocked'}");
  CHECK(depot.scene.take("session.unlock_while_charging").empty());
  depot.talks[0]->command("UnlockConnector", "{'evseId':2,'connectorId':1}",
                          "{'status':'OngoingAuthorizedTransaction'}");
  const auto lines = depot.scene.take("session.unlock_while_charging");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "answer") == "OngoingAuthorizedTransaction");
}

TEST_CASE("an unlock without a session, or on another connector, is nothing to tell") {
  Depot depot(1);
  depot.talks[0]->command("UnlockConnector", "{'connectorId':1}", "{'status':'Unlocked'}");
  depot.start(0);
  depot.talks[0]->command("UnlockConnector", "{'connectorId':2}", "{'status':'Unlocked'}");
  depot.talks[0]->call("StopTransaction", "{'transactionId':7,'meterStop':100,'timestamp':'@'}");
  depot.talks[0]->command("UnlockConnector", "{'connectorId':1}", "{'status':'Unlocked'}");
  depot.scene.wait_s(60);
  CHECK(depot.scene.take().empty());
}

TEST_CASE("where the begin of a session was not captured, the status tells that one runs") {
  Depot depot(1);
  depot.talks[0]->call("StatusNotification",
                       "{'connectorId':1,'errorCode':'NoError','status':'Charging'}");
  depot.talks[0]->command("UnlockConnector", "{'connectorId':1}", "{'status':'Unlocked'}");
  const auto lines = depot.scene.take("session.unlock_while_charging");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "known_by") == "status");
}

TEST_CASE("a stop before the unlock is told with it") {
  Depot depot(1);
  depot.start(0);
  depot.talks[0]->command("RemoteStopTransaction", "{'transactionId':7}");
  depot.talks[0]->command("UnlockConnector", "{'connectorId':1}", "{'status':'Unlocked'}");
  const auto lines = depot.scene.take("session.unlock_while_charging");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "stop_requested") == "true");
}

TEST_CASE("an unlock that is not answered is told after a while, or at the end") {
  Depot depot(1);
  depot.start(0);
  depot.talks[0]->command("UnlockConnector", "{'connectorId':1}", "");
  depot.scene.wait_s(20);
  CHECK(depot.scene.take().empty());
  depot.scene.wait_s(20);
  auto lines = depot.scene.take("session.unlock_while_charging");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "answer").empty());
  CHECK(field(lines[0], "unlocked") == "false");
  depot.talks[0]->command("UnlockConnector", "{'connectorId':1}", "");
  depot.scene.end();
  CHECK(depot.scene.take("session.unlock_while_charging").size() == 1);
}

TEST_CASE("what waits is bounded") {
  Depot depot(1);
  depot.start(0);
  for (int i = 0; i < 10'000; ++i) {
    depot.talks[0]->command("UnlockConnector", "{'connectorId':1}", "");
  }
  CHECK(depot.scene.detector().dropped() == 0);
  depot.talks[0]->command("UnlockConnector", "{'connectorId':1}", "");
  CHECK(depot.scene.detector().dropped() == 1);
}

TEST_CASE("a station that is forgotten leaves no marks") {
  Scene scene(find_detector("fleet_commands"), 3);
  for (int i = 0; i < 20; ++i) {
    scene.connect(fmt::format("CP{}", i)).command("Reset", "{'type':'Hard'}");
  }
  const auto lines = scene.take("grid.mass_command");
  REQUIRE(lines.size() == 3);
  CHECK(field(lines.back(), "stations") == "12");
}

}  // namespace chargewarden::testing
