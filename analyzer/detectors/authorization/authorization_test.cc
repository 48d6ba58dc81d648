// Who may charge, in all generations of OCPP.

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/authorization/remote_starts.h"
#include "analyzer/detectors/testing/charger.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

// A fleet of one model at one CSMS in which all sessions are authorized first.
class TestFleet {
 public:
  explicit TestFleet(const std::string& version, int sessions = 6)
      : scene(find_detector("authorization")), version_(version) {
    for (int i = 0; i < sessions; ++i) {
      Charger charger(scene, fmt::format("F{}", i), version);
      charger.boot();
      charger.charge(1, fmt::format("DRIVER-{}", i), 1'000, 11'000, 2);
    }
    scene.take();
  }

  Charger station(std::string_view id) {
    Charger out(scene, id, version_);
    out.boot();
    return out;
  }

  std::vector<std::string> take(std::string_view name) { return scene.take(name); }

  Scene scene;

 private:
  std::string version_;
};

}  // namespace

TEST_CASE("a session that nothing allowed is told where all others were authorized") {
  for (const std::string& version : all_versions()) {
    INFO(version);
    TestFleet fleet(version);
    Charger cp = fleet.station("CP1");
    cp.start(1, "GHOST", 500);
    cp.read({.energy_wh = 900, .power_w = 11'000, .soc_percent = {}});
    const auto lines = fleet.take("session.unauthorised");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "token") == "GHOST");
    CHECK(field(lines[0], "usual") == "fleet");
    CHECK(field(lines[0], "authorised_before") == "6");
    CHECK(field(lines[0], "accepted_in_answer") == (cp.is_2x() ? "true" : "false"));
    cp.stop(1'500);
    CHECK(fleet.take("session.unauthorised").empty());
  }
}

TEST_CASE("a session of 2.x that names nobody is told when it charges") {
  TestFleet fleet("ocpp2.0.1");
  Charger cp = fleet.station("CP1");
  cp.start(1, "", 500, "");
  cp.read({.energy_wh = 900, .power_w = 11'000, .soc_percent = {}});
  cp.stop(1'500);
  const auto lines = fleet.take("session.unauthorised");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "accepted_in_answer") == "false");
}

TEST_CASE("lawful sessions without Authorize are not told") {
  for (const std::string& version : all_versions()) {
    INFO(version);
    TestFleet fleet(version);
    Charger cp = fleet.station("CP1");
    const auto charge = [&](std::string_view token) {
      cp.start(1, token, 500);
      cp.read({.energy_wh = 900, .power_w = 11'000, .soc_percent = {}});
      cp.stop(1'500);
    };
    cp.remote_start(1, "APP-1");
    charge("APP-1");
    // A token that was accepted elsewhere, in other letters.
    charge("driver-1");
    cp.talk().command("SendLocalList",
                      cp.is_2x() ? "{'versionNumber':1,'updateType':'Full',"
                                   "'localAuthorizationList':[{'idToken':{'idToken':'LISTED',"
                                   "'type':'Central'},'idTokenInfo':{'status':'Accepted'}}]}"
                                 : "{'listVersion':1,'updateType':'Full',"
                                   "'localAuthorizationList':[{'idTag':'LISTED',"
                                   "'idTagInfo':{'status':'Accepted'}}]}");
    charge("LISTED");
    cp.talk().command("ReserveNow", cp.is_2x()
                                        ? "{'id':1,'expiryDateTime':'@+900',"
                                          "'idToken':{'idToken':'GUEST','type':'Central'}}"
                                        : "{'connectorId':1,'expiryDate':'@+900','idTag':'GUEST',"
                                          "'reservationId':1}");
    charge("GUEST");
    cp.status(1, "Available");
    cp.start(1, "OFFLINE", 500, "Accepted", 900);
    cp.stop(1'500);
    CHECK(fleet.take("session.unauthorised").empty());
  }
}

TEST_CASE("where nobody authorizes first, a session without says nothing") {
  for (const std::string& version : all_versions()) {
    Scene scene(find_detector("authorization"));
    for (int i = 0; i < 12; ++i) {
      Charger cp(scene, fmt::format("CP{}", i % 4), version);
      cp.start(1, fmt::format("T{}", i), 500);
      cp.read({.energy_wh = 900, .power_w = 11'000, .soc_percent = {}});
      cp.stop(1'500);
    }
    // As long as nothing is known of the custom, that is what is told.
    const auto lines = scene.take("session.unauthorised");
    REQUIRE(lines.size() == 4);
    for (const std::string& line : lines) CHECK(field(line, "usual") == "unknown");
    CHECK(field(lines[0], "bare_before") == "0");
    CHECK(field(lines[3], "bare_before") == "3");
  }
}

TEST_CASE("a fleet of another model, or a hole in the capture, is no evidence") {
  TestFleet fleet("ocpp1.6");
  Charger other(fleet.scene, "CP1", "ocpp1.6");
  other.boot("OTHER");
  other.start(1, "GHOST", 500);
  other.stop(1'500);
  auto lines = fleet.take("session.unauthorised");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "usual") == "unknown");
  Charger few(fleet.scene, "CP2", "ocpp1.6", {.csms = "10.9.0.7"});
  few.boot();
  few.start(1, "GHOST", 500);
  few.stop(1'500);
  lines = fleet.take("session.unauthorised");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "usual") == "unknown");
  // A session that was met in the middle.
  Charger late = fleet.station("CP3");
  late.talk().call("MeterValues",
                   "{'connectorId':1,'transactionId':77,'meterValue':[{'timestamp':'@',"
                   "'sampledValue':[{'value':'900'}]}]}");
  CHECK(fleet.take("session.unauthorised").empty());
}

TEST_CASE("a token that was just refused is told whatever the habits") {
  for (const std::string& version : all_versions()) {
    Scene scene(find_detector("authorization"));
    Charger cp(scene, "CP1", version);
    cp.authorize("STOLEN", cp.is_2x() ? "Unknown" : "Invalid");
    cp.start(1, "STOLEN", 500);
    cp.read({.energy_wh = 900, .power_w = 11'000, .soc_percent = {}});
    const auto lines = scene.take("session.unauthorised");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "usual") == "refused");
  }
}

TEST_CASE("a session that goes on after its refusal is told, one that ends is not") {
  for (const std::string& version : all_versions()) {
    Scene scene(find_detector("authorization"));
    Charger cp(scene, "CP1", version);
    cp.start(1, "BLOCKED", 1'000, "Blocked");
    scene.wait_s(20);
    cp.stop(1'010, "", "DeAuthorized");
    CHECK(scene.take("session.continues_after_refusal").empty());
    cp.start(1, "BLOCKED", 1'000, "Blocked");
    scene.wait_s(30);
    cp.read({.energy_wh = 1'200, .power_w = {}, .soc_percent = {}});
    CHECK(scene.take("session.continues_after_refusal").empty());
    scene.wait_s(60);
    cp.read({.energy_wh = 1'900, .power_w = {}, .soc_percent = {}});
    scene.wait_s(60);
    cp.read({.energy_wh = 2'500, .power_w = {}, .soc_percent = {}});
    cp.stop(3'000);
    const auto lines = scene.take("session.continues_after_refusal");
    REQUIRE(lines.size() == 2);
    CHECK(field(lines[0], "token_status") == "Blocked");
    CHECK(field(lines[0], "energy_wh") == "900");
    CHECK(field(lines[1], "energy_wh") == "2000");
  }
}

TEST_CASE("a token in two places is told when the first session shows life") {
  for (const std::string& version : all_versions()) {
    INFO(version);
    Scene scene(find_detector("authorization"));
    Charger one(scene, "CP1", version);
    Charger two(scene, "CP2", version);
    one.authorize("CARD");
    one.start(1, "CARD", 1'000);
    scene.wait_s(300);
    two.authorize("card");
    two.start(2, "card", 5'000);
    CHECK(scene.take("session.token_in_two_places").empty());
    scene.wait_s(120);
    one.read({.energy_wh = 1'900, .power_w = {}, .soc_percent = {}});
    const auto lines = scene.take("session.token_in_two_places");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("session.token_in_two_places CP2 connector=2 "));
    CHECK(field(lines[0], "other_station") == "CP1");
    CHECK(field(lines[0], "same_station") == "false");
    CHECK(field(lines[0], "overlap_s") == "120");
    CHECK(field(lines[0], "token_type") == (one.is_2x() ? "ISO14443" : ""));
    CHECK(field(lines[0], "places") == "2");
    one.read({.energy_wh = 2'000, .power_w = {}, .soc_percent = {}});
    one.stop(2'000);
    CHECK(scene.take("session.token_in_two_places").empty());
  }
}

TEST_CASE("the end of the first session tells as well, by its own time") {
  struct Row {
    int ago_s;  // How old the end says that it is.
    bool told;
  };

  for (const Row& row : {Row{0, true}, Row{700, false}}) {
    Scene scene(find_detector("authorization"));
    Charger one(scene, "CP1");
    one.status(1, "Preparing");
    one.authorize("CARD");
    one.start(1, "CARD", 1'000);
    scene.wait_s(900);
    Charger two(scene, "CP2");
    two.authorize("CARD");
    two.start(1, "CARD", 5'000);
    scene.wait_s(600);
    one.talk().call("StopTransaction",
                    fmt::format("{{'transactionId':{},'meterStop':2000,'timestamp':'@-{}'}}",
                                one.transaction(), row.ago_s));
    CHECK(scene.take("session.token_in_two_places").size() == (row.told ? 1U : 0U));
  }
}

TEST_CASE("one after the other, at one connector, and free charging are no two places") {
  Scene scene(find_detector("authorization"));
  Charger one(scene, "CP1");
  Charger two(scene, "CP2");
  one.charge(1, "CARD", 1'000, 11'000, 3);
  two.charge(1, "CARD", 5'000, 11'000, 3);
  one.start(1, "", 1'000);
  two.start(1, "", 1'000);
  scene.wait_s(60);
  one.read({.energy_wh = 1'900, .power_w = {}, .soc_percent = {}});
  Charger three(scene, "CP3");
  three.start(1, "LOST", 1'000);
  three.start(1, "LOST", 1'500);  // The end of the first was lost.
  const std::string second = three.transaction();
  scene.wait_s(60);
  three.read({.energy_wh = 1'900, .power_w = {}, .soc_percent = {}});
  CHECK(scene.take("session.token_in_two_places").empty());
}

TEST_CASE("two connectors of one station, and starts of the CSMS, are marked") {
  Scene scene(find_detector("authorization"));
  Charger one(scene, "CP1");
  one.authorize("CARD");
  one.start(1, "CARD", 1'000);
  const std::string first = one.transaction();
  one.remote_start(2, "CARD");
  one.start(2, "CARD", 1'000);
  scene.wait_s(60);
  one.resume(first);
  one.stop(2'000);
  const auto lines = scene.take("session.token_in_two_places");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "same_station") == "true");
  CHECK(field(lines[0], "by_remote") == "true");
}

TEST_CASE("a session that a foreign token ends is told, one of the group is not") {
  struct Row {
    std::string group;       // Of the token that starts.
    std::string stop_group;  // As the answer to the stop tells it.
    std::string stop_token;
    std::string reason;
    bool told;
  };

  const Row rows[] = {
      {"", "", "OTHER", "Local", true},
      {"FAMILY", "", "OTHER", "Local", true},
      {"FAMILY", "WORK", "OTHER", "Local", true},
      {"FAMILY", "FAMILY", "OTHER", "Local", false},
      {"FAMILY", "family", "OTHER", "Local", false},
      {"OTHER", "", "OTHER", "Local", false},
      {"", "", "card", "Local", false},
      {"", "", "", "Local", false},
  };
  for (const std::string& version : all_versions()) {
    for (const Row& row : rows) {
      INFO(version << " " << row.group << " " << row.stop_group << " " << row.stop_token);
      Scene scene(find_detector("authorization"));
      Charger cp(scene, "CP1", version);
      cp.authorize("CARD", "Accepted", row.group);
      cp.start(1, "CARD", 1'000);
      scene.wait_s(60);
      cp.stop(2'000, row.stop_token, row.reason, row.stop_group);
      scene.wait_s(90);
      const auto lines = scene.take("session.stopped_by_other");
      REQUIRE(lines.size() == (row.told ? 1U : 0U));
      if (!row.told) continue;
      CHECK(field(lines[0], "stop_token") == "OTHER");
      CHECK(field(lines[0], "authorised_by") == "authorize");
      CHECK(field(lines[0], "groups_known") == (row.stop_group == "WORK" ? "true" : "false"));
    }
  }
}

TEST_CASE("the group of a token that was authorized before is known without an answer") {
  Scene scene(find_detector("authorization"));
  Charger cp(scene, "CP1");
  cp.authorize("FAM-1", "Accepted", "FAMILY");
  cp.authorize("FAM-2", "Accepted", "FAMILY");
  cp.start(1, "FAM-1", 1'000);
  cp.talk().call("StopTransaction",
                 fmt::format("{{'transactionId':{},'meterStop':2,'idTag':'FAM-2',"
                             "'timestamp':'@'}}",
                             cp.transaction()),
                 "");
  scene.wait_s(90);
  CHECK(scene.take("session.stopped_by_other").empty());
}

TEST_CASE("stops that wait for their answer are bounded, and judged all the same") {
  Scene scene(find_detector("authorization"));
  constexpr int kStops = 4'097;
  for (int i = 0; i < kStops; ++i) {
    Charger cp(scene, fmt::format("CP{}", i));
    cp.start(1, "CARD", 1'000);
    cp.talk().call("StopTransaction",
                   fmt::format("{{'transactionId':{},'meterStop':2,'idTag':'X',"
                               "'timestamp':'@'}}",
                               cp.transaction()),
                   "");
  }
  CHECK(scene.take("session.stopped_by_other").size() >= 1);
  scene.end();
  CHECK(scene.detector().dropped() == 1);
}

TEST_CASE("refused tokens are told at five and at doublings") {
  for (const std::string& version : all_versions()) {
    Scene scene(find_detector("authorization"));
    Charger cp(scene, "CP1", version);
    for (int i = 0; i < 4; ++i) {
      cp.authorize(fmt::format("A{}0", i), "Invalid");
      cp.authorize("AGAIN", "Invalid");
    }
    CHECK(scene.take("session.tokens_refused").size() == 1);
    for (int i = 0; i < 40; ++i) cp.authorize(fmt::format("TAG{:05}", i), "Invalid");
    const auto lines = scene.take("session.tokens_refused");
    REQUIRE(lines.size() == 3);
    CHECK(field(lines[2], "tokens") == "40");
    CHECK(std::stoi(field(lines[2], "consecutive")) > 30);
    cp.authorize("TAG99999");
    const auto found = scene.take("session.accepted_after_refusals");
    REQUIRE(found.size() == 1);
    CHECK(field(found[0], "new_token") == "true");
  }
}

TEST_CASE("tokens that are not here or not now are no guesses, nor are single refusals") {
  Scene scene(find_detector("authorization"));
  Charger cp(scene, "CP1", "ocpp2.0.1");
  for (int i = 0; i < 20; ++i) cp.authorize(fmt::format("A{}", i), "NotAtThisTime");
  for (int i = 0; i < 20; ++i) {
    cp.authorize(fmt::format("B{}", i), "Invalid");
    scene.wait_s(700);
  }
  cp.authorize("ONE", "Invalid");
  cp.authorize("TWO", "Accepted");
  CHECK(scene.take().empty());
}

TEST_CASE("a remote start without a session is told after a while") {
  for (const std::string& version : all_versions()) {
    Scene scene(find_detector("authorization"));
    Charger cp(scene, "CP1", version);
    cp.status(1, "Available");
    cp.remote_start(1, "APP-1");
    cp.remote_start(1, "APP-2", "Rejected");
    scene.wait_s(200);
    cp.status(1, "Available");
    CHECK(scene.take("session.remote_start_unused").empty());
    scene.wait_s(200);
    cp.status(1, "Available");
    const auto lines = scene.take("session.remote_start_unused");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "token") == "APP-1");
    CHECK(field(lines[0], "connector_status") == "Available");
    CHECK(field(lines[0], "count") == "1");
    cp.remote_start(1, "APP-3");
    cp.start(1, "APP-3", 0);
    scene.wait_s(400);
    cp.stop(100);
    CHECK(scene.take("session.remote_start_unused").empty());
  }
}

TEST_CASE("remote starts that wait are bounded") {
  session::RemoteStarts starts;
  for (std::uint64_t i = 0; i <= session::kRemoteStartsMax; ++i) {
    session::RemoteStart start;
    start.token = i;
    starts.add(start);
  }
  CHECK_FALSE(starts.use(0, "", 0));
  CHECK(starts.use(1, "", 0));
  CHECK(starts.use(session::kRemoteStartsMax, "", 0));
  CHECK_FALSE(starts.use(2, "", session::kRemoteStartKnownNs + 1));
}

TEST_CASE("each session has a summary at its end") {
  for (const std::string& version : all_versions()) {
    Scene scene(find_detector("authorization"));
    Charger cp(scene, "CP1", version);
    cp.charge(2, "CARD", 1'000, 12'000, 5);
    const auto lines = scene.take("session.ended");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("session.ended CP1 connector=2 transaction="));
    CHECK(field(lines[0], "token") == "CARD");
    CHECK(field(lines[0], "authorised_by") == "authorize");
    CHECK(field(lines[0], "energy_wh") == "1000");
    CHECK(field(lines[0], "stop_reason") == "Local");
    CHECK(field(lines[0], "begin_seen") == "true");
    CHECK(std::stoi(field(lines[0], "duration_s")) == 301);  // And some messages.
  }
}
