// Readings that cannot be true, in all generations of OCPP.

#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/metering/limit_watch.h"
#include "analyzer/detectors/metering/meter_trace.h"
#include "analyzer/detectors/testing/charger.h"
#include "analyzer/site/inventory_reader.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

Scene make_scene() {
  return Scene(find_detector("metering"));
}

// A session with a reading every `interval_s`: what the register counts, and what power is told.
void charge(Scene& scene, Charger& cp, double from_wh, double register_w, double power_w,
            int readings, int interval_s) {
  cp.start(1, "A", from_wh);
  for (int i = 0; i < readings; ++i) {
    scene.wait_s(interval_s);
    cp.read({.energy_wh = from_wh + register_w * interval_s / 3'600 * (i + 1),
             .power_w = power_w,
             .soc_percent = {}});
  }
}

// A MeterValues or TransactionEvent with these sampled values, of the session that runs.
void read_raw(Charger& cp, const std::string& samples, int sequence = 50) {
  const std::string value = "'meterValue':[{'timestamp':'@','sampledValue':[" + samples + "]}]";
  if (cp.is_2x()) {
    cp.talk().call("TransactionEvent",
                   fmt::format("{{'eventType':'Updated','timestamp':'@','seqNo':{},"
                               "'transactionInfo':{{'transactionId':'{}'}},{}}}",
                               sequence, cp.transaction(), value));
  } else {
    cp.talk().call("MeterValues",
                   "{'connectorId':1,'transactionId':" + cp.transaction() + "," + value + "}");
  }
}

}  // namespace

TEST_CASE("honest sessions are not told") {
  for (const std::string& version : all_versions()) {
    for (const int interval_s : {15, 60, 300, 900}) {
      for (const double power_w : {1'400.0, 11'000.0, 150'000.0}) {
        INFO(version << " " << interval_s << " " << power_w);
        Scene scene = make_scene();
        Charger cp(scene, "CP1", version);
        charge(scene, cp, 1'000, power_w, power_w, 20, interval_s);
        // The vehicle is full: power and register stand still together.
        const double full_wh = 1'000 + power_w * interval_s / 3'600 * 20;
        for (int i = 0; i < 20; ++i) {
          scene.wait_s(interval_s);
          cp.read({.energy_wh = full_wh, .power_w = 0, .soc_percent = {}});
        }
        cp.stop(full_wh);
        CHECK(scene.take().empty());
      }
    }
  }
}

TEST_CASE("power that changes between readings explains what the register counts") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  cp.start(1, "A", 1'000);
  double wh = 1'000;
  for (int i = 0; i < 40; ++i) {
    scene.wait_s(900);
    // Told are the ends of each interval; in between it was another power.
    wh += i % 3 == 0 ? 1'400 : 2'600;
    cp.read({.energy_wh = wh, .power_w = i % 2 == 0 ? 3'600 : 11'000, .soc_percent = {}});
  }
  cp.stop(wh);
  CHECK(scene.take().empty());
}

TEST_CASE("a register that falls is told, with by how much") {
  for (const std::string& version : all_versions()) {
    INFO(version);
    Scene scene = make_scene();
    Charger cp(scene, "CP1", version);
    cp.start(1, "A", 1'000);
    cp.read({.energy_wh = 5'000, .power_w = {}, .soc_percent = {}});
    cp.read({.energy_wh = 4'995, .power_w = {}, .soc_percent = {}});  // Rounding.
    CHECK(scene.take().empty());
    cp.read({.energy_wh = 2'000, .power_w = {}, .soc_percent = {}});
    auto lines = scene.take("session.meter_backwards");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "where") == "during");
    CHECK(field(lines[0], "from_wh") == "4995");
    CHECK(field(lines[0], "drop_wh") == "2995");
    cp.stop(2'500);
    CHECK(scene.take("session.meter_backwards").empty());
    cp.start(1, "A", 8'000);
    cp.stop(3'500);
    lines = scene.take("session.meter_backwards");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "where") == "end");
    CHECK(field(lines[0], "drop_wh") == "4500");
    cp.start(1, "A", 2'000);
    lines = scene.take("session.meter_backwards");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "where") == "between");
  }
}

TEST_CASE("readings that come late, of other places or of single phases do not fall") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  cp.start(1, "A", 1'000);
  scene.wait_s(600);
  read_raw(cp, "{'value':'5000'}");
  cp.talk().call("MeterValues", "{'connectorId':1,'transactionId':" + cp.transaction() +
                                    ",'meterValue':[{'timestamp':'@-300','sampledValue':["
                                    "{'value':'3000'}]}]}");
  read_raw(cp, "{'value':'100','location':'Inlet'},{'value':'1700','phase':'L1'}");
  read_raw(cp, "{'value':'AA==','format':'SignedData'},{'value':'broken'}");
  cp.stop(5'000);
  CHECK(scene.take().empty());
}

TEST_CASE("units that are mixed up are marked") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  cp.start(1, "A", 506'000);
  read_raw(cp, "{'value':'506.2'}");
  const auto lines = scene.take("session.meter_backwards");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "thousandfold") == "true");
  // Power told in kW and named W.
  Charger two(scene, "CP2");
  charge(scene, two, 1'000, 11'000, 11, 40, 300);
  const auto mismatch = scene.take("session.energy_mismatch");
  REQUIRE_FALSE(mismatch.empty());
  CHECK(field(mismatch[0], "thousandfold") == "true");
}

TEST_CASE("a register that begins anew each time is told once") {
  for (const std::string& version : all_versions()) {
    Scene scene = make_scene();
    Charger cp(scene, "CP1", version);
    for (int i = 0; i < 4; ++i) {
      cp.start(1, "A", 0);
      cp.stop(5'000);
    }
    const auto lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("session.meter_restarts CP1 "));
    CHECK(field(lines[0], "from_wh") == "5000");
  }
}

TEST_CASE("a register below zero is told once per session") {
  for (const std::string& version : all_versions()) {
    Scene scene = make_scene();
    Charger cp(scene, "CP1", version);
    cp.start(1, "A", -500);
    cp.read({.energy_wh = -400, .power_w = {}, .soc_percent = {}});
    cp.stop(-100);
    const auto lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "value_wh") == "-500");
  }
}

TEST_CASE("a register that runs away from the power, or behind it, is told") {
  for (const std::string& version : all_versions()) {
    for (const double register_w : {250'000.0, 2'000.0}) {
      INFO(version << " " << register_w);
      Scene scene = make_scene();
      Charger cp(scene, "CP1", version);
      charge(scene, cp, 1'000, register_w, 20'000, 12, 300);
      const auto lines = scene.take("session.energy_mismatch");
      REQUIRE_FALSE(lines.empty());
      CHECK(lines.size() <= 6);
      CHECK(field(lines[0], "thousandfold") == "false");
      const double difference = std::stod(field(lines[0], "difference_wh"));
      CHECK((difference > 0) == (register_w > 20'000));
      CHECK(std::abs(difference) > std::stod(field(lines[0], "tolerance_wh")));
    }
  }
}

TEST_CASE("a register that stands still while power flows is told once") {
  for (const std::string& version : all_versions()) {
    Scene scene = make_scene();
    Charger cp(scene, "CP1", version);
    charge(scene, cp, 1'000, 0, 20'000, 12, 300);
    cp.stop(1'000);
    const auto lines = scene.take("session.meter_frozen");
    REQUIRE(lines.size() == 1);
    CHECK(std::stod(field(lines[0], "expected_wh")) >= 1'500);
    CHECK(field(lines[0], "has_ended") == "false");
  }
}

TEST_CASE("a short session that ends where it began is told by its power, or by its status") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  charge(scene, cp, 1'000, 0, 20'000, 3, 90);
  cp.stop(1'000);
  auto lines = scene.take("session.meter_frozen");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "has_ended") == "true");
  // Without power: a quarter of an hour in status Charging.
  cp.start(1, "A", 1'000);
  cp.status(1, "Charging");
  scene.wait_s(1'000);
  cp.stop(1'000);
  lines = scene.take("session.meter_frozen");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "expected_wh").empty());
  CHECK(std::stoi(field(lines[0], "over_s")) >= 900);
  // In 2.x by the state in its events.
  Charger two(scene, "CP2", "ocpp2.0.1");
  two.start(1, "A", 1'000);
  scene.wait_s(1'000);
  two.stop(1'000);
  lines = scene.take("session.meter_frozen");
  REQUIRE(lines.size() == 1);
  CHECK(std::stoi(field(lines[0], "over_s")) >= 900);
  // A full vehicle.
  cp.start(1, "A", 1'000);
  cp.status(1, "Charging");
  scene.wait_s(120);
  cp.status(1, "SuspendedEV");
  scene.wait_s(7'200);
  cp.stop(1'000);
  CHECK(scene.take().empty());
}

TEST_CASE("more power than there can be is told") {
  struct Row {
    std::string extra;  // Beside register and power.
    double power_w;
    std::string from;  // Empty: not told.
  };

  const std::string phases =
      ",{'value':'32','measurand':'Current.Import','phase':'L1'}"
      ",{'value':'32','measurand':'Current.Import','phase':'L2'}";
  const std::string offered = ",{'value':'22000','measurand':'Power.Offered'}";
  const Row rows[] = {
      {"", 350'000, ""},
      {"", 5'000'000, "any"},
      {phases, 22'000, ""},
      {phases, 48'000, ""},
      {phases, 250'000, "ac"},
      {offered, 24'000, ""},
      {offered, 43'000, "offered"},
  };
  for (const Row& row : rows) {
    INFO(row.extra << " " << row.power_w);
    Scene scene = make_scene();
    Charger cp(scene, "CP1");
    cp.start(1, "A", 0);
    for (int i = 1; i <= 3; ++i) {
      scene.wait_s(120);
      read_raw(cp, fmt::format("{{'value':'{}'}},{{'value':'{}','measurand':"
                               "'Power.Active.Import'}}",
                               row.power_w / 30 * i, row.power_w) +
                       row.extra);
    }
    const auto lines = scene.take("session.rate_implausible");
    REQUIRE(lines.empty() == row.from.empty());
    if (lines.empty()) continue;
    CHECK(lines.size() == 1);
    CHECK(field(lines[0], "capability_from") == row.from);
  }
}

TEST_CASE("a leap at the end is told, however short after the last reading") {
  for (const std::string& version : all_versions()) {
    for (const int after_s : {0, 5, 45, 90}) {
      INFO(version << " " << after_s);
      Scene scene = make_scene();
      Charger cp(scene, "CP1", version);
      charge(scene, cp, 1'000, 7'000, 7'000, 6, 60);
      scene.wait_s(after_s);
      cp.stop(901'700);
      const auto rates = scene.take("session.rate_implausible");
      REQUIRE(rates.size() == 1);
      CHECK(field(rates[0], "by") == "register");
    }
  }
}

TEST_CASE("what the end adds to the last reading is compared with the power of that reading") {
  for (const double end_wh : {1'700.0, 1'730.0, 21'700.0}) {
    INFO(end_wh);
    Scene scene = make_scene();
    Charger cp(scene, "CP1");
    charge(scene, cp, 1'000, 7'000, 7'000, 6, 60);
    scene.wait_s(4);
    cp.stop(end_wh);
    CHECK(scene.take("session.energy_mismatch").size() == (end_wh > 10'000 ? 1U : 0U));
  }
}

TEST_CASE("energy between two sessions is told when no session can have been missed") {
  for (const std::string& version : all_versions()) {
    for (const std::string what : {"", "other connector", "reconnect", "little"}) {
      INFO(version << " " << what);
      Scene scene = make_scene();
      Charger cp(scene, "CP1", version);
      cp.start(1, "A", 1'000);
      cp.stop(5'000);
      scene.wait_s(600);
      if (what == "other connector") {
        cp.start(2, "B", 1'000);
        cp.stop(5'000);
      }
      if (what == "reconnect") cp.reconnect();
      cp.start(1, "A", what == "little" ? 5'300 : 9'000);
      const auto lines = scene.take("session.energy_outside");
      REQUIRE(lines.size() == (what.empty() ? 1U : 0U));
      if (what.empty()) CHECK(field(lines[0], "energy_wh") == "4000");
    }
  }
}

TEST_CASE("power without a session is told after three readings") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  const auto idle = [&](double power_w) {
    cp.talk().call("MeterValues",
                   fmt::format("{{'connectorId':1,'meterValue':[{{'timestamp':'@','sampledValue':["
                               "{{'value':'{}','measurand':'Power.Active.Import'}}]}}]}}",
                               power_w));
    scene.wait_s(60);
  };
  for (int i = 0; i < 5; ++i) idle(7'000);  // Nothing is known yet of what runs.
  cp.start(1, "A", 1'000);
  cp.stop(5'000);
  for (const double power_w : {7'000.0, 7'000.0, 60.0, 7'000.0, 7'000.0}) idle(power_w);
  CHECK(scene.take().empty());
  idle(7'000);
  idle(7'000);
  const auto lines = scene.take("session.energy_outside");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "power_w") == "7000");
}

TEST_CASE("readings that are missing are told at the end") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  charge(scene, cp, 1'000, 11'000, 11'000, 8, 60);
  scene.wait_s(1'200);
  cp.read({.energy_wh = 6'200, .power_w = 11'000, .soc_percent = {}});
  cp.stop(6'200);
  const auto lines = scene.take("session.readings_missing");
  REQUIRE(lines.size() == 1);
  CHECK(std::stoi(field(lines[0], "longest_s")) >= 1'200);
  CHECK(std::stoi(field(lines[0], "usual_s")) <= 61);
}

TEST_CASE("a state of charge that falls while energy is taken, or fits no battery, is told") {
  struct Row {
    std::vector<double> soc;
    double step_wh;
    bool told;
  };

  const Row rows[] = {
      {{40, 42, 44, 46}, 1'200, false},  {{40, 60, 41, 40}, 1'200, true},
      {{40, 40, 39, 38}, 1'200, false},  {{40, 35, 30, 20}, 0, false},  // Heating.
      {{20, 50, 80, 95}, 200, true},     {{99, 100, 100, 100}, 1'200, false},
      {{20, 45, 70, 95}, 12'000, false}, {{20, 120, -5, 20}, 1'200, false},
  };
  for (const std::string& version : all_versions()) {
    for (const Row& row : rows) {
      INFO(version << " " << row.soc[1] << " " << row.step_wh);
      Scene scene = make_scene();
      Charger cp(scene, "CP1", version);
      cp.start(1, "A", 1'000);
      double wh = 1'000;
      for (const double soc : row.soc) {
        scene.wait_s(300);
        cp.read({.energy_wh = wh, .power_w = {}, .soc_percent = soc});
        wh += row.step_wh;
      }
      CHECK(scene.take("session.soc_contradicts").size() == (row.told ? 1U : 0U));
    }
  }
}

TEST_CASE("power that is not voltage times current is told after three readings") {
  for (const auto& [power, told] :
       {std::pair<double, bool>{11'000, false}, {9'000, false}, {22'000, true}, {2'000, true}}) {
    Scene scene = make_scene();
    Charger cp(scene, "CP1");
    cp.start(1, "A", 1'000);
    for (int i = 0; i < 4; ++i) {
      std::string samples =
          fmt::format("{{'value':'{}','measurand':'Power.Active.Import'}}", power);
      for (const char phase : {'1', '2', '3'}) {
        samples += fmt::format(
            ",{{'value':'16','measurand':'Current.Import','phase':'L{}'}}"
            ",{{'value':'230','measurand':'Voltage','phase':'L{}-N'}}",
            phase, phase);
      }
      scene.wait_s(30);
      read_raw(cp, samples);
    }
    INFO(power);
    CHECK(scene.take("session.power_contradicts").size() == (told ? 1U : 0U));
  }
}

TEST_CASE("a limit that is not kept is told, and whether limits were kept before") {
  for (const std::string& version : all_versions()) {
    Scene scene = make_scene();
    Charger cp(scene, "CP1", version);
    const auto limit = [&](double watts) {
      const std::string schedule = fmt::format(
          "'chargingSchedule':{}{{'id':1,'chargingRateUnit':'W','chargingSchedulePeriod':"
          "[{{'startPeriod':0,'limit':{}}}]}}{}",
          cp.is_2x() ? "[" : "", watts, cp.is_2x() ? "]" : "");
      const std::string profile =
          "{'id':7,'chargingProfileId':7,'stackLevel':1,'chargingProfileKind':'Absolute',"
          "'chargingProfilePurpose':'TxDefaultProfile'," +
          schedule + "}";
      cp.talk().command("SetChargingProfile",
                        (cp.is_2x() ? "{'evseId':1,'chargingProfile':"
                                    : "{'connectorId':1,'csChargingProfiles':") +
                            profile + "}");
    };
    double wh = 1'000;
    const auto run = [&](double power_w, int readings) {
      for (int i = 0; i < readings; ++i) {
        scene.wait_s(60);
        wh += power_w / 60;
        cp.read({.energy_wh = wh, .power_w = power_w, .soc_percent = {}});
      }
    };
    cp.start(1, "A", wh);
    run(20'000, 5);
    limit(11'000);
    run(20'000, 2);
    CHECK(scene.take().empty());  // The ramp.
    run(20'000, 6);
    auto lines = scene.take("session.limit_exceeded");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "limit_w") == "11000");
    CHECK(field(lines[0], "kept_before") == "false");
    for (int i = 0; i < 2; ++i) {
      limit(22'000);
      run(20'000, 5);
      limit(11'000);
      run(10'800, 6);
    }
    CHECK(scene.take().empty());
    run(20'000, 6);
    lines = scene.take("session.limit_exceeded");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "kept_before") == "true");
    cp.talk().command("ClearChargingProfile", "{}");
    run(20'000, 6);
    CHECK(scene.take().empty());
  }
}

TEST_CASE("the connectors of a station that are followed are bounded") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  for (int i = 1; i <= 17; ++i) {
    cp.start(i, "A", 1'000);
    cp.stop(5'000);
  }
  CHECK(scene.detector().dropped() == 1);
}

TEST_CASE("more power than the inventory rates a connector at is told") {
  auto inventory = parse_inventory(
      "i.yml",
      "stations: [{id: CP1, connectors: [{id: 1, max_power_w: 22000}]}, {id: CP3, connectors: "
      "[{id: 1, max_current_a: 500}]}]");
  REQUIRE(inventory.has_value());
  SiteKnowledge site;
  site.inventory = std::move(inventory).value();
  for (const std::string& version : all_versions()) {
    // What meters, ramps and a high voltage add is lawful.
    for (const auto& [id, power_w, told] :
         {std::tuple("CP1", 22'000.0, false), std::tuple("CP1", 27'000.0, false),
          std::tuple("CP1", 41'000.0, true), std::tuple("CP2", 41'000.0, false),
          std::tuple("CP3", 400'000.0, false)}) {
      INFO(version << " " << id << " " << power_w);
      Scene scene(find_detector("metering"), site);
      Charger cp(scene, id, version);
      charge(scene, cp, 1'000, power_w, power_w, 5, 60);
      const auto lines = scene.take("session.rate_implausible");
      REQUIRE(lines.size() == (told ? 1U : 0U));
      if (told) CHECK(field(lines[0], "capability_from") == "inventory");
    }
  }
}
