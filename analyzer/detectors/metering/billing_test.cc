// Energy that is fed back, costs, and limits by the station's own words.

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/charger.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

Scene make_scene() {
  return Scene(find_detector("metering"));
}

// A reading of export, in the words of the version.
void read_export(Charger& cp, std::string_view measurand, double value, std::string_view unit) {
  static int sequence = 100;
  const std::string sample =
      cp.is_2x()
          ? fmt::format("{{'value':{},'measurand':'{}','unitOfMeasure':{{'unit':'{}'}}}}", value,
                        measurand, unit)
          : fmt::format("{{'value':'{}','measurand':'{}','unit':'{}'}}", value, measurand, unit);
  const std::string values = "'meterValue':[{'timestamp':'@','sampledValue':[" + sample + "]}]";
  if (cp.is_2x()) {
    cp.talk().call("TransactionEvent",
                   fmt::format("{{'eventType':'Updated','timestamp':'@','triggerReason':"
                               "'MeterValuePeriodic','seqNo':{},'transactionInfo':"
                               "{{'transactionId':'{}'}},{}}}",
                               sequence++, cp.transaction(), values));
  } else {
    cp.talk().call("MeterValues", fmt::format("{{'connectorId':1,'transactionId':{},{}}}",
                                              cp.transaction(), values));
  }
}

struct Period {
  std::string text;  // Members of the first period.
  std::string unit = "A";
  std::string transaction = {};
};

void set_profile(Charger& cp, const Period& period, std::string_view answer = "Accepted") {
  const std::string schedule =
      fmt::format("{{'chargingRateUnit':'{}','chargingSchedulePeriod':[{{'startPeriod':0,{}}}]}}",
                  period.unit, period.text);
  const std::string id = cp.is_2x() ? "'" + period.transaction + "'" : period.transaction;
  const std::string transaction =
      period.transaction.empty() ? std::string() : ",'transactionId':" + id;
  const std::string profile = fmt::format(
      "{{'id':7,'chargingProfileId':7,'stackLevel':1,'chargingProfileKind':'Absolute',"
      "'chargingProfilePurpose':'{}'{},'chargingSchedule':{}}}",
      period.transaction.empty() ? "TxDefaultProfile" : "TxProfile", transaction,
      cp.is_2x() ? "[" + schedule + "]" : schedule);
  cp.talk().command(
      "SetChargingProfile",
      (cp.is_2x() ? "{'evseId':1,'chargingProfile':" : "{'connectorId':1,'csChargingProfiles':") +
          profile + "}",
      fmt::format("{{'status':'{}'}}", answer));
}

// The station is asked for its schedule, and tells this.
void report_schedule(Charger& cp, std::string_view unit, double limit, std::string_view more = "",
                     int connector = 1) {
  const std::string periods = fmt::format(
      "'chargingRateUnit':'{}','chargingSchedulePeriod':[{{'startPeriod':0,"
      "'limit':{}{}}},{{'startPeriod':600,'limit':900}}]",
      unit, limit, more);
  cp.talk().command(
      "GetCompositeSchedule",
      fmt::format("{{'{}':{},'duration':3600}}", cp.is_2x() ? "evseId" : "connectorId", connector),
      cp.is_2x() ? fmt::format("{{'status':'Accepted','schedule':{{'evseId':{},'duration':3600,"
                               "'scheduleStart':'@',{}}}}}",
                               connector, periods)
                 : fmt::format("{{'status':'Accepted','connectorId':{},'scheduleStart':'@',"
                               "'chargingSchedule':{{{}}}}}",
                               connector, periods));
}

}  // namespace

TEST_CASE("energy that is fed back is told once per station") {
  for (const std::string& version : all_versions()) {
    CAPTURE(version);
    Scene scene = make_scene();
    Charger cp(scene, "CP1", version);
    cp.start(1, "A", 1'000);
    read_export(cp, "Energy.Active.Export.Register", 5'000, "Wh");
    read_export(cp, "Energy.Active.Export.Register", 5'900, "Wh");
    CHECK(scene.take().empty());
    read_export(cp, "Energy.Active.Export.Register", 6'000, "Wh");
    read_export(cp, "Energy.Active.Export.Register", 9'000, "Wh");
    const auto lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("session.energy_exported CP1 connector=1"));
    CHECK(field(lines[0], "export_wh") == "1000");
  }
}

TEST_CASE("power that is fed back is told in the third reading, filters and meters are not") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  cp.start(1, "A", 1'000);
  for (int i = 0; i < 10; ++i) {
    read_export(cp, "Power.Active.Export", 0.02, "kW");
    read_export(cp, "Energy.Active.Export.Register", 5'000 + i, "Wh");
  }
  read_export(cp, "Power.Active.Export", 5, "kW");
  read_export(cp, "Power.Active.Export", 5, "kW");
  read_export(cp, "Power.Active.Export", 0, "kW");
  CHECK(scene.take().empty());
  for (int i = 0; i < 3; ++i) read_export(cp, "Power.Active.Export", 5, "kW");
  const auto lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "export_w") == "5000");
}

TEST_CASE("a station that may discharge does") {
  const std::vector<std::string> orders = {"'limit':-11000", "'limit':-11000.5",
                                           "'limit':11000,'setpoint':-3000",
                                           "'limit':11000,'operationMode':'CentralSetpoint'"};
  for (const std::string& order : orders) {
    CAPTURE(order);
    Scene scene = make_scene();
    Charger cp(scene, "CP1", "ocpp2.1");
    set_profile(cp, {.text = order, .unit = "W"});
    cp.start(1, "A", 1'000);
    for (int i = 0; i < 5; ++i) read_export(cp, "Power.Active.Export", 5, "kW");
    CHECK(scene.take().empty());
  }
  // One that it refused, and one that lets it charge.
  Scene scene = make_scene();
  Charger cp(scene, "CP1", "ocpp2.1");
  set_profile(cp, {.text = orders[0], .unit = "W"}, "Rejected");
  set_profile(cp, {.text = "'limit':11000,'operationMode':'ChargingOnly'", .unit = "W"});
  cp.start(1, "A", 1'000);
  for (int i = 0; i < 5; ++i) read_export(cp, "Power.Active.Export", 5, "kW");
  CHECK(scene.take("session.energy_exported").size() == 1);
}

TEST_CASE("a schedule above the limit is told once per limit") {
  for (const std::string& version : all_versions()) {
    CAPTURE(version);
    Scene scene = make_scene();
    Charger cp(scene, "CP1", version);
    set_profile(cp, {.text = "'limit':16"});
    cp.start(1, "A", 1'000);
    report_schedule(cp, "A", 32);
    CHECK(scene.take().empty());  // It may not have been taken over yet.
    scene.wait_s(120);
    report_schedule(cp, "A", 16);
    report_schedule(cp, "A", 10);
    report_schedule(cp, "A", 32, "", 0);
    report_schedule(cp, "W", 11'000);
    CHECK(scene.take().empty());
    report_schedule(cp, "A", 32);
    report_schedule(cp, "A", 32);
    const auto lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("session.schedule_above_limit CP1 connector=1"));
    CHECK(field(lines[0], "reported_limit") == "32");
    CHECK(field(lines[0], "reported_unit") == "A");
  }
}

TEST_CASE("units of a schedule are compared with what they may mean at least") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1");
  set_profile(cp, {.text = "'limit':3680", .unit = "W"});
  cp.start(1, "A", 1'000);
  scene.wait_s(120);
  report_schedule(cp, "A", 16);  // On one phase, without a word.
  report_schedule(cp, "W", 3'700);
  CHECK(scene.take().empty());
  report_schedule(cp, "A", 16, ",'numberPhases':3");
  CHECK(scene.take().size() == 1);
  // Without a session defaults do not apply.
  cp.stop(2'000);
  set_profile(cp, {.text = "'limit':3680", .unit = "W"});
  scene.wait_s(120);
  report_schedule(cp, "W", 22'000);
  CHECK(scene.take("session.schedule_above_limit").empty());
}

TEST_CASE("a limit for a session that is over is told after a minute") {
  for (const std::string& version : all_versions()) {
    CAPTURE(version);
    Scene scene = make_scene();
    Charger cp(scene, "CP1", version);
    cp.start(1, "A", 1'000);
    set_profile(cp, {.text = "'limit':16", .unit = "A", .transaction = cp.transaction()});
    cp.stop(2'000);
    set_profile(cp, {.text = "'limit':16", .unit = "A", .transaction = cp.transaction()});
    scene.wait_s(120);
    set_profile(cp, {.text = "'limit':16", .unit = "A", .transaction = "unheard"});
    set_profile(cp, {.text = "'limit':16", .unit = "A", .transaction = cp.transaction()},
                "Rejected");
    CHECK(scene.take("session.limit_after_end").empty());
    set_profile(cp, {.text = "'limit':16", .unit = "A", .transaction = cp.transaction()});
    const auto lines = scene.take("session.limit_after_end");
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "since_s") == "120");
  }
}

namespace {

void update_cost(Charger& cp, double cost) {
  cp.talk().command("CostUpdated",
                    fmt::format("{{'totalCost':{},'transactionId':'{}'}}", cost, cp.transaction()),
                    "{}");
}

// The end of a session, with its price.
void end_at_cost(Charger& cp, double meter_wh, double cost) {
  cp.talk().call(
      "TransactionEvent",
      fmt::format("{{'eventType':'Ended','timestamp':'@','triggerReason':'EVDeparted','seqNo':900,"
                  "'transactionInfo':{{'transactionId':'{}'}},'meterValue':[{{'timestamp':'@',"
                  "'sampledValue':[{{'value':{},'context':'Transaction.End'}}]}}]}}",
                  cp.transaction(), meter_wh),
      fmt::format("{{'totalCost':{}}}", cost));
}

}  // namespace

TEST_CASE("a cost that falls is told, rounding is not") {
  for (const char* version : {"ocpp2.0.1", "ocpp2.1"}) {
    CAPTURE(version);
    Scene scene = make_scene();
    Charger cp(scene, "CP1", version);
    cp.start(1, "A", 1'000);
    for (const double cost : {0.0, 1.5, 3.0, 3.0, 2.99, 8'000.0, 7'990.0}) update_cost(cp, cost);
    CHECK(scene.take().empty());
    update_cost(cp, 4'000);
    auto lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "cost_before") == "7990");
    CHECK(field(lines[0], "cost") == "4000");
    CHECK(field(lines[0], "ended") == "false");
    end_at_cost(cp, 9'000, 12);
    lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "ended") == "true");
  }
}

TEST_CASE("a session that took nothing and costs something is told once") {
  Scene scene = make_scene();
  Charger cp(scene, "CP1", "ocpp2.0.1");
  cp.start(1, "A", 1'000);
  end_at_cost(cp, 1'000, 0);
  CHECK(scene.take().empty());
  cp.start(1, "A", 1'000);
  end_at_cost(cp, 1'500, 4.2);
  CHECK(scene.take().empty());
  cp.start(1, "A", 1'500);
  scene.wait_s(60);
  end_at_cost(cp, 1'500, 4.2);
  update_cost(cp, 4.2);
  const auto lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("session.cost_for_nothing CP1"));
  CHECK(field(lines[0], "cost") == "4.2");
}
