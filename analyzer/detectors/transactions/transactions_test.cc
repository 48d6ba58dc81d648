// Whether the story of sessions is whole, in all generations of OCPP.

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/charger.h"
#include "analyzer/detectors/transactions/sequence.h"
#include "analyzer/detectors/transactions/watch_list.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

Scene make_scene() {
  return Scene(find_detector("transactions"));
}

const std::string kStart16 =
    "{'connectorId':1,'idTag':'A','meterStart':500,'timestamp':'2026-01-01T00:00:00Z'}";
const std::string kStarted16 = "{'transactionId':7,'idTagInfo':{'status':'Accepted'}}";

std::string event(std::string_view type, int sequence, std::string_view more = "",
                  std::string_view transaction = "t") {
  return fmt::format(
      "{{'eventType':'{}','timestamp':'2026-01-01T00:{:02}:00Z','seqNo':{},"
      "'transactionInfo':{{'transactionId':'{}'}},'evse':{{'id':1}}{}}}",
      type, sequence, sequence, transaction, more);
}

}  // namespace

TEST_CASE("a start of 1.6 that comes again is a retry until the station knows its number") {
  Scene scene = make_scene();
  Talk* cp = &scene.connect("CP1");
  cp->call("StartTransaction", kStart16, "");
  cp->call("StartTransaction", kStart16, "");
  cp->close("reset");
  cp = &scene.connect("CP1");
  cp->call("StartTransaction", kStart16, kStarted16);
  cp->call("StartTransaction", kStart16, kStarted16);
  CHECK(scene.take().empty());
  cp->call("MeterValues", "{'connectorId':1,'transactionId':7,'meterValue':[]}");
  cp->call("StartTransaction", kStart16, kStarted16);
  auto lines = scene.take("session.replayed");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "what") == "start");
  CHECK(field(lines[0], "has_ended") == "false");
  cp->call("StopTransaction", "{'transactionId':7,'meterStop':900,'timestamp':'@'}");
  scene.wait_s(600);
  for (int i = 0; i < 3; ++i) cp->call("StartTransaction", kStart16, kStarted16);
  lines = scene.take("session.replayed");
  REQUIRE(lines.size() == 2);
  CHECK(field(lines[1], "count") == "4");
  CHECK(field(lines[1], "has_ended") == "true");
  CHECK(scene.packets().size() == 2);
}

TEST_CASE("a station that went on after the answer to its end knows it on any connection") {
  for (const bool went_on : {false, true}) {
    INFO(went_on);
    Scene scene = make_scene();
    Talk* cp = &scene.connect("CP1");
    const std::string end =
        "{'transactionId':7,'meterStop':900,'timestamp':'2026-01-01T00:10:00Z'}";
    cp->call("StartTransaction", kStart16, kStarted16);
    cp->call("StopTransaction", end);
    if (went_on) {
      cp->call("StatusNotification",
               "{'connectorId':1,'errorCode':'NoError','status':'Available'}");
    }
    cp->close("reset");
    scene.wait_s(120);
    scene.connect("CP1").call("StopTransaction", end);
    CHECK(scene.take("session.replayed").size() == (went_on ? 1U : 0U));
  }
}

TEST_CASE("messages of 2.x that come again are replays once later ones were sent") {
  for (const std::string version : {"ocpp2.0.1", "ocpp2.1"}) {
    Scene scene = make_scene();
    Talk& cp = scene.connect("CP1", {.subprotocol = version});
    const std::string token = ",'idToken':{'idToken':'A','type':'Central'}";
    cp.call("TransactionEvent", event("Started", 0, token));
    cp.call("TransactionEvent", event("Started", 0, token));
    cp.call("TransactionEvent", event("Updated", 1));
    cp.call("TransactionEvent", event("Updated", 1));
    cp.call("TransactionEvent", event("Updated", 2));
    CHECK(scene.take().empty());
    cp.call("TransactionEvent", event("Updated", 1));
    cp.call("TransactionEvent", event("Started", 0, token));
    cp.call("TransactionEvent", event("Ended", 3));
    cp.call("TransactionEvent", event("Started", 0, token));
    const auto lines = scene.take("session.replayed");
    REQUIRE(lines.size() == 3);
    CHECK(field(lines[0], "what") == "update");
    CHECK(field(lines[1], "what") == "start");
    CHECK(field(lines[2], "has_ended") == "true");
  }
}

TEST_CASE("a start that was heard at another station is a replay there") {
  Scene scene = make_scene();
  scene.connect("CP1").call("StartTransaction", kStart16, kStarted16);
  Talk& two = scene.connect("CP2");
  two.call("StartTransaction", kStart16, "{'transactionId':8,'idTagInfo':{'status':'Accepted'}}");
  const auto lines = scene.take("session.replayed");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("session.replayed CP2 "));
  CHECK(field(lines[0], "other_station") == "CP1");
  // Stations without a meter that begin at a fixed time say the same.
  const std::string zero =
      "{'connectorId':1,'idTag':'FREE','meterStart':0,'timestamp':'2026-01-01T22:00:00Z'}";
  scene.connect("CP3").call("StartTransaction", zero, "");
  scene.connect("CP4").call("StartTransaction", zero, "");
  CHECK(scene.take().empty());
}

TEST_CASE("a start of long ago is recognised, one of a station without clock and meter is not") {
  Scene scene = make_scene();
  Talk& cp = scene.connect("CP1");
  const auto run = [&](const std::string& start, int transaction) {
    cp.call("StartTransaction", start,
            fmt::format("{{'transactionId':{},'idTagInfo':{{'status':'Accepted'}}}}", transaction));
    cp.call("StopTransaction",
            fmt::format("{{'transactionId':{},'meterStop':900,'timestamp':'@'}}", transaction));
  };
  run(kStart16, 1);
  for (int i = 2; i < 9; ++i) {
    run(fmt::format("{{'connectorId':1,'idTag':'A','meterStart':{},'timestamp':'@'}}", i), i);
  }
  CHECK(scene.take("session.replayed").empty());
  run(kStart16, 9);
  CHECK(scene.take("session.replayed").size() == 1);
  const std::string dumb =
      "{'connectorId':1,'idTag':'FREE','meterStart':0,'timestamp':'1970-01-01T00:00:00Z'}";
  for (int i = 20; i < 24; ++i) run(dumb, i);
  CHECK(scene.take("session.replayed").empty());
}

TEST_CASE("an end that comes again is a replay when its answer was long known") {
  Scene scene = make_scene();
  Talk* cp = &scene.connect("CP1");
  const std::string end = "{'transactionId':7,'meterStop':900,'timestamp':'2026-01-01T00:10:00Z'}";
  cp->call("StartTransaction", kStart16, kStarted16);
  cp->call("StopTransaction", end, "");
  cp->call("StopTransaction", end, "");
  cp->close("reset");
  cp = &scene.connect("CP1");
  cp->call("StopTransaction", end);
  cp->call("StopTransaction", end);
  CHECK(scene.take().empty());
  scene.wait_s(120);
  cp->call("StopTransaction", end);
  auto lines = scene.take("session.replayed");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "what") == "end");
  // The same meter in other words is no second bill.
  cp->call("StopTransaction", "{'transactionId':7,'meterStop':900,'timestamp':'@'}");
  CHECK(scene.take().empty());
  cp->call("StopTransaction", "{'transactionId':7,'meterStop':1900,'timestamp':'@'}");
  lines = scene.take("session.ended_twice");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "meter_wh") == "900");
  CHECK(field(lines[0], "other_meter_wh") == "1900");
}

TEST_CASE("a session that another station runs is foreign") {
  for (const std::string& version : all_versions()) {
    Scene scene = make_scene();
    Charger one(scene, "CP1", version);
    Charger two(scene, "CP2", version);
    one.start(1, "A", 500);
    two.resume(one.transaction());
    two.talk().command(one.is_2x() ? "RequestStopTransaction" : "RemoteStopTransaction",
                       one.is_2x() ? "{'transactionId':'" + one.transaction() + "'}"
                                   : "{'transactionId':" + one.transaction() + "}");
    two.stop(900);
    const auto lines = scene.take("session.foreign");
    REQUIRE(lines.size() == 2);
    CHECK(field(lines[0], "what") == "remote_stop");
    CHECK(field(lines[1], "what") == "end");
    CHECK(field(lines[1], "other_station") == "CP1");
    CHECK(lines[1].starts_with("session.foreign CP2 "));
    one.stop(900);
    CHECK(scene.take("session.foreign").empty());
  }
}

TEST_CASE("where stations number for themselves, and of unknown sessions, nothing is foreign") {
  Scene scene = make_scene();
  for (const std::string id : {"CP1", "CP2"}) {
    scene.connect(id).call("StartTransaction",
                           "{'connectorId':1,'idTag':'" + id + "','meterStart':5,'timestamp':'@'}",
                           kStarted16);
  }
  Talk& cp = scene.connect("CP3");
  cp.call("StopTransaction", "{'transactionId':7,'meterStop':900,'timestamp':'@'}");
  cp.call("StopTransaction", "{'transactionId':8,'meterStop':900,'timestamp':'@'}");
  CHECK(scene.take().empty());
}

TEST_CASE("unknown transactions are told apart up to a limit") {
  Scene scene = make_scene();
  Talk& cp = scene.connect("CP1");
  for (int i = 0; i < 2'000; ++i) {
    cp.call("StopTransaction",
            fmt::format("{{'transactionId':{},'meterStop':900,'timestamp':'@'}}", 1 + i / 2));
  }
  auto lines = scene.take("session.unknown_ends");
  REQUIRE(lines.size() == 8);
  CHECK(field(lines[0], "transactions") == "5");
  CHECK(field(lines[0], "consecutive") == "4");
  CHECK(field(lines.back(), "transactions") == "640");
  for (int i = 0; i < 2'000; ++i) {
    cp.call("StopTransaction",
            fmt::format("{{'transactionId':{},'meterStop':900,'timestamp':'@'}}", 5'000 + i));
  }
  lines = scene.take("session.unknown_ends");
  for (const std::string& line : lines) CHECK(std::stoi(field(line, "transactions")) <= 1'024);
}

TEST_CASE("ids of 2.x are not used twice") {
  Scene scene = make_scene();
  Talk& cp = scene.connect("CP1", {.subprotocol = "ocpp2.0.1"});
  cp.call("TransactionEvent", event("Started", 0));
  cp.call("TransactionEvent", event("Ended", 1));
  cp.call("TransactionEvent",
          "{'eventType':'Started','timestamp':'2026-01-02T00:00:00Z','seqNo':0,"
          "'transactionInfo':{'transactionId':'t'}}");
  const auto lines = scene.take("session.id_reused");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "has_ended") == "true");
}

TEST_CASE("gaps in the events of a session are told at its end") {
  Scene scene = make_scene();
  Talk& cp = scene.connect("CP1", {.subprotocol = "ocpp2.0.1"});
  const auto run = [&](const std::string& transaction, const std::vector<int>& numbers) {
    cp.call("TransactionEvent", event("Started", numbers.front(), "", transaction));
    for (std::size_t i = 1; i + 1 < numbers.size(); ++i) {
      cp.call("TransactionEvent", event("Updated", numbers[i], "", transaction));
    }
    cp.call("TransactionEvent", event("Ended", numbers.back(), "", transaction));
    return scene.take("session.sequence_broken");
  };
  CHECK(run("whole", {0, 1, 2, 3}).empty());
  CHECK(run("late", {0, 2, 1, 3}).empty());         // An offline queue may mix them.
  CHECK(run("counter", {40, 42, 45, 46}).empty());  // Counted over all sessions.
  const auto lines = run("holes", {0, 1, 4, 6});
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "missing") == "3");
  CHECK(field(lines[0], "gapless_before") == "2");
}

TEST_CASE("the sequence tells retry, replay and conflict apart") {
  session::Sequence sequence;
  CHECK(sequence.add(0, 10) == session::SequenceStep::kNew);
  CHECK(sequence.add(1, 11) == session::SequenceStep::kNew);
  CHECK(sequence.add(1, 11) == session::SequenceStep::kRetry);
  CHECK(sequence.add(0, 10) == session::SequenceStep::kReplay);
  CHECK(sequence.add(1, 99) == session::SequenceStep::kConflict);
  CHECK(sequence.add(5, 15) == session::SequenceStep::kNew);
  CHECK(sequence.missing() == 3);
  CHECK(sequence.conflicts() == 1);
  CHECK(sequence.from_start());
}

TEST_CASE("a session whose connector is free, and that does not end, is told") {
  for (const std::string& version : all_versions()) {
    INFO(version);
    Scene scene = make_scene();
    Charger cp(scene, "CP1", version);
    const std::string in_use = cp.is_2x() ? "Occupied" : "Charging";
    cp.status(1, in_use);
    cp.start(1, "A", 500);
    cp.status(1, "Available");
    scene.wait_s(500);
    cp.status(2, "Available");
    scene.wait_s(200);
    const auto lines = scene.take("session.orphaned");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "transaction") == cp.transaction());
    CHECK(std::stoi(field(lines[0], "since_s")) >= 600);
  }
}

TEST_CASE("a session that ends late, goes on or whose station is away is no orphan") {
  for (const std::string what : {"ends", "goes on", "is away"}) {
    INFO(what);
    Scene scene = make_scene();
    Charger cp(scene, "CP1");
    cp.start(1, "A", 500);
    cp.status(1, "Available");
    if (what == "is away") cp.talk().close("reset");
    scene.wait_s(400);
    if (what == "ends") cp.stop(900);
    if (what == "goes on") cp.read({.energy_wh = 700, .power_w = {}, .soc_percent = {}});
    if (what != "is away") cp.status(2, "Available");
    scene.wait_s(400);
    CHECK(scene.take("session.orphaned").empty());
  }
}

TEST_CASE("a connector that charges without a session is told") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  cp.status(1, "Available");
  cp.status(1, "Preparing");
  cp.start(1, "A", 500);
  cp.status(1, "Charging");
  scene.wait_s(300);
  cp.stop(900);
  cp.status(1, "Charging");  // Not SuspendedEV, Finishing, Available.
  scene.wait_s(100);
  cp.status(2, "Available");
  scene.wait_s(100);
  auto lines = scene.take("session.charging_without_session");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "after_end") == "true");
  cp.status(1, "Available");
  cp.status(1, "Charging");
  scene.wait_s(60);
  cp.status(2, "Available");
  scene.wait_s(100);
  lines = scene.take("session.charging_without_session");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "after_end") == "false");
}

TEST_CASE("a session that is reported a little late, or was not captured, is none too few") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  cp.status(1, "Available");
  cp.status(1, "Charging");
  scene.wait_s(30);
  cp.start(1, "A", 500);
  scene.wait_s(300);
  Charger other(scene, "CP2");
  other.status(1, "SuspendedEV");
  other.status(1, "Charging");
  scene.wait_s(60);
  other.status(2, "Available");
  scene.wait_s(300);
  CHECK(scene.take("session.charging_without_session").empty());
}

TEST_CASE("a session on a connector that is out of order is told") {
  for (const std::string& version : all_versions()) {
    for (const std::string status : {"Faulted", "Unavailable"}) {
      INFO(version << " " << status);
      Scene scene = make_scene();
      Charger cp(scene, "CP1", version);
      cp.status(1, status);
      scene.wait_s(240);
      cp.start(1, "A", 500);
      scene.wait_s(40);
      const auto lines = scene.take("session.on_unusable_connector");
      REQUIRE(lines.size() == 1);
      CHECK(field(lines[0], "connector_status") == status);
      CHECK(field(lines[0], "since_s") == "240");
      CHECK(field(lines[0], "transaction") == cp.transaction());
    }
  }
}

TEST_CASE("a connector that recovers with its session, or beside it, is in order") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  cp.status(1, "Faulted");
  cp.start(1, "A", 500);
  cp.status(1, "Charging");
  cp.status(2, "Faulted");
  cp.stop(500);
  cp.start(3, "A", 500);
  scene.wait_s(60);
  // Another connector of the EVSE of 2.x.
  Talk& two = scene.connect("CP2", {.subprotocol = "ocpp2.0.1"});
  for (const auto& [connector, status] :
       {std::pair<int, std::string>{1, "Occupied"}, {2, "Unavailable"}}) {
    two.call("StatusNotification",
             fmt::format("{{'evseId':1,'connectorId':{},'connectorStatus':'{}',"
                         "'timestamp':'@'}}",
                         connector, status));
  }
  two.call("TransactionEvent", event("Started", 0));
  scene.wait_s(60);
  CHECK(scene.take("session.on_unusable_connector").empty());
}

TEST_CASE("sessions that come late are counted, and those that cannot be late are told apart") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  cp.status(1, "Available");
  scene.wait_s(7'200);
  for (int i = 0; i < 5; ++i) {
    cp.start(1, "A", 500 + i, "Accepted", 3'600);
    cp.stop(600);
  }
  auto lines = scene.take("session.offline_flood");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "count") == "5");
  CHECK(field(lines[0], "unexplained") == "5");
  // After an outage they are what is to be expected.
  Charger away(scene, "CP2");
  away.status(1, "Available");
  away.talk().close("reset");
  scene.wait_s(7'200);
  away.reconnect();
  away.status(1, "Available");
  for (int i = 0; i < 5; ++i) {
    away.start(1, "A", 500 + i, "Accepted", 3'600);
    away.stop(600);
  }
  lines = scene.take("session.offline_flood");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "unexplained") == "0");
}

TEST_CASE(
    "in a log, which need not tell of connections, silence explains sessions that come late") {
  for (const bool beats : {false, true}) {
    INFO(beats);
    Scene scene = make_scene();
    Charger cp(scene, "CP1", "ocpp1.6", {.from_log = true});
    cp.status(1, "Available");
    for (int i = 0; i < 12; ++i) {
      scene.wait_s(600);
      if (beats) cp.talk().call("Heartbeat", "{}", "{'currentTime':'@'}");
    }
    cp.talk().call("Heartbeat", "{}", "{'currentTime':'@'}");
    for (int i = 0; i < 5; ++i) {
      cp.start(1, "A", 500 + i, "Accepted", 3'600);
      cp.stop(600);
    }
    const auto lines = scene.take("session.offline_flood");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "unexplained") == (beats ? "5" : "0"));
  }
}

TEST_CASE("what is waited for is bounded") {
  session::WatchList list;
  for (std::size_t i = 0; i <= session::kWatchesMax; ++i) {
    session::Watch watch;
    watch.station = static_cast<StationIndex>(i);
    watch.due_ns = static_cast<std::int64_t>(i);
    list.add(watch);
  }
  CHECK(list.dropped() == 1);
  std::vector<StationIndex> due;
  list.take_due(3, [&](const session::Watch& watch) { due.push_back(watch.station); });
  CHECK(due == std::vector<StationIndex>{1, 2, 3});
}

TEST_CASE("starts that are remembered are bounded") {
  Scene scene = make_scene();
  Talk& cp = scene.connect("CP1");
  for (int i = 0; i <= 65'536; ++i) {
    cp.call("StartTransaction",
            fmt::format("{{'connectorId':1,'idTag':'A','meterStart':{},'timestamp':'x'}}", i + 1),
            "");
  }
  CHECK(scene.detector().dropped() == 1);
}
