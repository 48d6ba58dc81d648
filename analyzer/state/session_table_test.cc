// Charging sessions of both generations, as messages make them.

#include "analyzer/state/session_table.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

using Kind = SessionStepKind;
using Kinds = std::vector<Kind>;

std::string start(int connector, std::string_view token, int meter, int ago_s = 0) {
  return fmt::format("{{'connectorId':{},'idTag':'{}','meterStart':{},'timestamp':'@-{}'}}",
                     connector, token, meter, ago_s);
}

std::string started(int transaction, std::string_view status = "Accepted") {
  return fmt::format("{{'transactionId':{},'idTagInfo':{{'status':'{}'}}}}", transaction, status);
}

std::string stop(int transaction, int meter) {
  return fmt::format("{{'transactionId':{},'meterStop':{},'timestamp':'@','reason':'Local'}}",
                     transaction, meter);
}

std::string event(std::string_view type, std::string_view transaction, int sequence,
                  std::string_view more = "") {
  return fmt::format(
      "{{'eventType':'{}','timestamp':'@','seqNo':{},'transactionInfo':{{'transactionId':'{}'}}{}}"
      "}",
      type, sequence, transaction, more);
}

const Station& station_of(const Scene& scene, std::string_view id) {
  const StationIndex index = scene.world().find_station(id);
  REQUIRE(index != kNoStation);
  return scene.world().station(index);
}

const Session& open_session(const Scene& scene, std::string_view id, std::size_t place = 0) {
  return scene.world().session(station_of(scene, id).sessions.at(place));
}

const Session& ended_session(const Scene& scene, std::string_view id) {
  return scene.world().session(station_of(scene, id).ended.back());
}

LinkSetup v201() {
  return {.subprotocol = "ocpp2.0.1"};
}

}  // namespace

TEST_CASE("a session of 1.6 goes from start to stop") {
  Scene scene;
  Talk& cp = scene.connect("CP1");
  cp.call("StartTransaction", start(2, "A", 1'000), started(7));
  CHECK(open_session(scene, "CP1").answered);
  CHECK_FALSE(open_session(scene, "CP1").confirmed);
  cp.call("MeterValues",
          "{'connectorId':2,'transactionId':7,'meterValue':[{'timestamp':'@','sampledValue':["
          "{'value':'1.5','unit':'kWh'},{'value':'11000','measurand':'Power.Active.Import'},"
          "{'value':'99','phase':'L1'},{'value':'1','location':'Inlet'}]}]}");
  const Session& running = open_session(scene, "CP1");
  CHECK(running.confirmed);
  CHECK(running.connector == 2);
  CHECK(running.token == "A");
  CHECK(running.token_status == "Accepted");
  CHECK(running.register_wh == 1'500);
  CHECK(running.power_w == 11'000);
  cp.call("StopTransaction", stop(7, 2'000));
  CHECK(station_of(scene, "CP1").sessions.empty());
  const Session& ended = ended_session(scene, "CP1");
  CHECK(ended.meter_start_wh == 1'000);
  CHECK(ended.meter_stop_wh == 2'000);
  CHECK(ended.stop_reason == "Local");
  CHECK(ended.ended_ns > ended.started_ns);
  CHECK(scene.take_steps() == Kinds{Kind::kStart, Kind::kAnswer, Kind::kUpdate, Kind::kEnd});
}

TEST_CASE("a session of 2.x goes from Started to Ended, its token and EVSE may come later") {
  for (const std::string version : {"ocpp2.0.1", "ocpp2.1"}) {
    Scene scene;
    Talk& cp = scene.connect("CP1", {.subprotocol = version});
    cp.call("TransactionEvent",
            event("Started", "t1", 0,
                  ",'meterValue':[{'timestamp':'@','sampledValue':[{'value':100,"
                  "'signedMeterValue':{'signedMeterData':'x'}}]}]"));
    CHECK(open_session(scene, "CP1").token.empty());
    CHECK(open_session(scene, "CP1").meter_start_wh == 100);
    cp.call("TransactionEvent",
            event("Updated", "t1", 1,
                  ",'evse':{'id':3,'connectorId':1},'idToken':{'idToken':'A','type':'eMAID'}"),
            "{'idTokenInfo':{'status':'Accepted','groupIdToken':{'idToken':'G'}}}");
    CHECK(open_session(scene, "CP1").token == "A");
    CHECK(open_session(scene, "CP1").token_type == "eMAID");
    CHECK(open_session(scene, "CP1").connector == 3);
    CHECK(open_session(scene, "CP1").parent_token == "G");
    cp.call("TransactionEvent",
            event("Updated", "t1", 2,
                  ",'triggerReason':'StopAuthorized','idToken':{'idToken':'B','type':'eMAID'}"));
    cp.call("TransactionEvent",
            event("Ended", "t1", 3,
                  ",'meterValue':[{'timestamp':'@','sampledValue':[{'value':900}]}]"));
    CHECK(ended_session(scene, "CP1").token == "A");
    CHECK(ended_session(scene, "CP1").stop_token == "B");
    CHECK(ended_session(scene, "CP1").meter_stop_wh == 900);
    CHECK(scene.take_steps() ==
          Kinds{Kind::kStart, Kind::kUpdate, Kind::kAnswer, Kind::kUpdate, Kind::kEnd});
  }
}

TEST_CASE("what comes again is told from what is new") {
  Scene scene;
  Talk& cp = scene.connect("CP1");
  const std::string first =
      "{'connectorId':1,'idTag':'A','meterStart':5,'timestamp':'2026-01-01T00:00:00Z'}";
  const std::string end =
      "{'transactionId':7,'meterStop':9,'timestamp':'2026-01-01T00:10:00Z','reason':'Local'}";
  cp.call("StartTransaction", first, "");
  cp.call("StartTransaction", first, started(7));
  cp.call("StopTransaction", end);
  cp.call("StopTransaction", end);
  cp.call("StopTransaction", stop(7, 11));
  cp.call("StartTransaction", first, "");
  cp.call("StopTransaction", stop(99, 11));
  CHECK(scene.take_steps() == Kinds{Kind::kStart, Kind::kRepeatStart, Kind::kAnswer, Kind::kEnd,
                                    Kind::kRepeatEnd, Kind::kOtherEnd, Kind::kRepeatStart,
                                    Kind::kUnknownEnd});
  CHECK(ended_session(scene, "CP1").meter_stop_wh == 9);

  Talk& cp2 = scene.connect("CP2", v201());
  const std::string begin =
      "{'eventType':'Started','timestamp':'2026-01-01T00:00:00Z','seqNo':0,"
      "'transactionInfo':{'transactionId':'t'}}";
  cp2.call("TransactionEvent", begin);
  cp2.call("TransactionEvent", begin);
  cp2.call("TransactionEvent", event("Ended", "t", 1));
  cp2.call("TransactionEvent", begin);
  cp2.call("TransactionEvent", event("Ended", "other", 1));
  CHECK(scene.take_steps() ==
        Kinds{Kind::kStart, Kind::kRepeatStart, Kind::kEnd, Kind::kRepeatStart, Kind::kUnknownEnd});
}

TEST_CASE("answers find their start among several that wait") {
  Scene scene;
  Talk& cp = scene.connect("CP1");
  const std::string one = cp.ask(Side::kClient, "StartTransaction", start(1, "A", 100, 500));
  const std::string two = cp.ask(Side::kClient, "StartTransaction", start(1, "A", 200, 100));
  cp.answer(Side::kServer, two, started(8));
  cp.answer(Side::kServer, one, started(7));
  CHECK(open_session(scene, "CP1", 0).transaction == "7");
  CHECK(open_session(scene, "CP1", 1).transaction == "8");
}

TEST_CASE("a transaction that runs already is followed from where it is met") {
  Scene scene;
  Talk& cp = scene.connect("CP1");
  const std::string values = "'meterValue':[{'timestamp':'@','sampledValue':[{'value':'50'}]}]";
  cp.call("MeterValues", "{'connectorId':1,'transactionId':5," + values + "}");
  CHECK_FALSE(open_session(scene, "CP1").begin_seen);
  CHECK(open_session(scene, "CP1").register_wh == 50);
  CHECK_FALSE(open_session(scene, "CP1").meter_start_wh);
  cp.call("StopTransaction", stop(5, 60));
  CHECK(ended_session(scene, "CP1").meter_stop_wh == 60);
  // Numbers that mean none, and the transaction of somebody else.
  cp.call("MeterValues", "{'connectorId':1,'transactionId':0," + values + "}");
  cp.call("MeterValues", "{'connectorId':1,'transactionId':-1," + values + "}");
  Talk& other = scene.connect("CP2");
  other.call("StartTransaction", start(1, "B", 0), started(6));
  cp.call("MeterValues", "{'connectorId':1,'transactionId':6," + values + "}");
  CHECK(station_of(scene, "CP1").sessions.empty());
  CHECK(scene.take_steps() == Kinds{Kind::kUnknownUpdate, Kind::kEnd, Kind::kUnknownUpdate,
                                    Kind::kUnknownUpdate, Kind::kStart, Kind::kAnswer,
                                    Kind::kUnknownUpdate});
  // Messages of 2.x may overtake each other in an offline queue.
  Talk& cp3 = scene.connect("CP3", v201());
  cp3.call("TransactionEvent", event("Updated", "t", 1));
  cp3.call("TransactionEvent",
           event("Started", "t", 0, ",'idToken':{'idToken':'A','type':'Central'}"));
  REQUIRE(station_of(scene, "CP3").sessions.size() == 1);
  CHECK(open_session(scene, "CP3").begin_seen);
  CHECK(open_session(scene, "CP3").token == "A");
}

TEST_CASE("readings without transaction belong to the session of their connector") {
  Scene scene;
  Talk& cp = scene.connect("CP1");
  cp.call("StartTransaction", start(1, "A", 100), started(7));
  const std::string values = "'meterValue':[{'timestamp':'@','sampledValue':[{'value':'150'}]}]";
  cp.call("MeterValues", "{'connectorId':2," + values + "}");
  CHECK_FALSE(open_session(scene, "CP1").register_wh);
  cp.call("MeterValues", "{'connectorId':0," + values + "}");
  CHECK_FALSE(open_session(scene, "CP1").register_wh);
  cp.call("MeterValues", "{'connectorId':1," + values + "}");
  CHECK(open_session(scene, "CP1").register_wh == 150);
}

TEST_CASE("the same transaction at another station is found by its CSMS") {
  Scene scene;
  Talk& one = scene.connect("CP1");
  Talk& two = scene.connect("CP2", {.csms = "10.9.0.2"});
  one.call("StartTransaction", start(1, "A", 0), started(7));
  two.call("StartTransaction", start(1, "B", 0), started(7));
  const SessionTable& table = scene.world().sessions();
  const SessionIndex at_one = table.find_anywhere("10.9.0.1", "7");
  REQUIRE(at_one != kNoSession);
  CHECK(scene.world().session(at_one).token == "A");
  CHECK(scene.world().session(table.find_anywhere("10.9.0.2", "7")).token == "B");
  CHECK(table.find_anywhere("10.9.0.3", "7") == kNoSession);
  one.call("StopTransaction", stop(7, 0));
  CHECK(table.find_anywhere("10.9.0.1", "7") == kNoSession);
  // Where stations have numbers of their own, the end of one leaves the other.
  Talk& three = scene.connect("CP3", {.csms = "10.9.0.2"});
  three.call("StartTransaction", start(1, "C", 0), started(7));
  two.call("StopTransaction", stop(7, 0));
  REQUIRE(table.find_anywhere("10.9.0.2", "7") != kNoSession);
  CHECK(scene.world().session(table.find_anywhere("10.9.0.2", "7")).token == "C");
}

TEST_CASE("a start that was queued is known to be one, whatever the station's clock says") {
  struct Row {
    std::string_view clock;  // Of a live message.
    int ago_s;
    bool offline;
  };

  for (const Row& row : {Row{"@", 10, false}, Row{"@", 300, true}, Row{"@-3600", 3'600, false},
                         Row{"@-3600", 3'900, true}, Row{"@+300", -300, false}}) {
    Scene scene;
    Talk& cp = scene.connect("CP1");
    cp.call("StatusNotification",
            fmt::format("{{'connectorId':1,'status':'Available','errorCode':'NoError',"
                        "'timestamp':'{}'}}",
                        row.clock));
    const std::string time = fmt::format("@{}{}", row.ago_s < 0 ? "+" : "-", std::abs(row.ago_s));
    cp.call("StartTransaction",
            "{'connectorId':1,'idTag':'A','meterStart':0,'timestamp':'" + time + "'}", started(1));
    INFO(row.clock << " " << time);
    CHECK(open_session(scene, "CP1").offline == row.offline);
  }
  Scene scene;
  Talk& cp = scene.connect("CP1");
  cp.call("StartTransaction", start(1, "A", 0, 4'000), started(1));
  CHECK_FALSE(open_session(scene, "CP1").offline);  // Nothing to compare with.
  Talk& two = scene.connect("CP2", v201());
  two.call("TransactionEvent", event("Started", "t", 0, ",'offline':true"));
  CHECK(open_session(scene, "CP2").offline);
}

TEST_CASE("a station has a bounded number of sessions") {
  Scene scene;
  Talk& cp = scene.connect("CP1");
  for (int i = 0; i <= static_cast<int>(kSessionsPerStationMax); ++i) {
    cp.call("StartTransaction", start(i + 1, "A", i), started(i + 100));
  }
  CHECK(station_of(scene, "CP1").sessions.size() == kSessionsPerStationMax);
  CHECK(open_session(scene, "CP1").transaction == "101");
  CHECK(scene.world().sessions().given_up() == 1);
  CHECK(scene.world().sessions().find_anywhere("10.9.0.1", "100") == kNoSession);
}

TEST_CASE("a station keeps the latest ended sessions") {
  Scene scene;
  Talk& cp = scene.connect("CP1");
  for (int i = 0; i <= static_cast<int>(kEndedPerStationMax); ++i) {
    cp.call("StartTransaction", start(1, "A", i), started(i + 100));
    cp.call("StopTransaction", stop(i + 100, i));
  }
  const Station& station = station_of(scene, "CP1");
  REQUIRE(station.ended.size() == kEndedPerStationMax);
  CHECK(scene.world().session(station.ended.front()).transaction == "101");
  CHECK(scene.world().sessions().find(station, "100") == kNoSession);
}

TEST_CASE("the list of CSMSs that number per station is bounded") {
  Scene scene;
  for (std::size_t i = 0; i <= kOverlappingMax; ++i) {
    const std::string csms = fmt::format("10.9.1.{}", i);
    CHECK_FALSE(scene.world().sessions().numbers_overlap(csms));
    for (const char station : {'A', 'B'}) {
      Talk& cp = scene.connect(fmt::format("{}{}", station, i), {.csms = csms});
      cp.call("StartTransaction", start(1, "T", 0), started(5));
    }
    CHECK(scene.world().sessions().numbers_overlap(csms) == (i < kOverlappingMax));
  }
}
