#include "alerts/audit/record.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "alerts/model/alert_builder.h"
#include "alerts/model/limits.h"

using namespace chargewarden;
using nlohmann::json;

TEST_CASE("an action record says who commanded what with what outcome") {
  ActionRecord action;
  action.time_ns = 1'700'000'000'000'000'000;
  action.station = "CP-1";
  action.direction = "csms_to_station";
  action.action = "UpdateFirmware";
  action.outcome = "Accepted";
  action.source_ip = "10.0.0.1";
  action.destination_ip = "10.0.0.2";
  action.origin = "wire:day.pcap#7";
  action.fields_json = R"({"ocpp.version":"1.6"})";
  const Record record = make_record(action, 42);
  CHECK(record.kind == RecordKind::kAction);
  CHECK(record.station == "CP-1");
  CHECK(record.action == "UpdateFirmware");
  CHECK(record.outcome == "Accepted");
  CHECK_FALSE(record.level.has_value());
  CHECK(record.body ==
        R"({"action":"UpdateFirmware","destination_ip":"10.0.0.2","direction":"csms_to_station",)"
        R"("fields":{"ocpp.version":"1.6"},"index":42,"kind":"action","origin":"wire:day.pcap#7",)"
        R"("outcome":"Accepted","source_ip":"10.0.0.1","station":"CP-1",)"
        R"("time":"2023-11-14T22:13:20.000000000Z"})");
}

TEST_CASE("a sensor record names version, rules and inputs") {
  SensorRecord sensor;
  sensor.action = "start";
  sensor.version = "0.1.0";
  sensor.ruleset_hash = "abcd";
  sensor.inputs = {"a.pcap", "b.pcap"};
  const Record record = make_record(sensor, 0);
  CHECK(record.body ==
        R"({"action":"start","index":0,"input_count":2,"inputs":["a.pcap","b.pcap"],)"
        R"("kind":"sensor","ruleset_hash":"abcd",)"
        R"("time":"1970-01-01T00:00:00.000000000Z","version":"0.1.0"})");
}

TEST_CASE("a stop record tells what was observed, within limits") {
  SensorRecord sensor;
  sensor.action = "stop";
  sensor.outcome = "ok";
  sensor.observed = Observation{.events = {{"tls.seen", 2}, {"ocpp.message", 9}},
                                .messages = {{"2.0.1", "Reset", {{"call", 1}}},
                                             {"1.6", "Reset", {{"result", 2}, {"call", 3}}},
                                             {"1.6", "Authorize", {{"call", 3}}}},
                                .unknown_action_messages = 4,
                                .encrypted_connections = 2};
  CHECK(make_record(sensor, 0).body ==
        R"({"action":"stop","index":0,"input_count":0,"inputs":[],"kind":"sensor",)"
        R"("observed":{"encrypted_connections":2,"events":{"ocpp.message":9,"tls.seen":2},)"
        R"("messages":{"1.6":{"Authorize":{"call":3},"Reset":{"call":3,"result":2}},)"
        R"("2.0.1":{"Reset":{"call":1}}},"other_messages":0,"unknown_action_messages":4},)"
        R"("outcome":"ok","time":"1970-01-01T00:00:00.000000000Z"})");

  std::vector<std::string> names;
  for (std::size_t i = 0; i < kObservedMessagesMax + 2; ++i) {
    names.push_back(std::to_string(1000 + i) + std::string(100, '"'));
  }
  sensor.observed->messages.clear();
  sensor.observed->events.assign(64, {names[0], UINT64_MAX});
  for (const std::string& name : names) {
    sensor.observed->messages.push_back({"2.0.1",
                                         name,
                                         {{"call", 1},
                                          {"error", UINT64_MAX / 8},
                                          {"result", UINT64_MAX / 8},
                                          {"result_error", UINT64_MAX / 8},
                                          {"send", UINT64_MAX / 8}}});
  }
  sensor.inputs.assign(1000, std::string(1000, 'x'));
  const std::string body = make_record(sensor, UINT64_MAX).body;
  CHECK(body.size() <= kAlertMax);
  const json observed = json::parse(body)["observed"];
  CHECK(observed["messages"]["2.0.1"].size() == kObservedMessagesMax);
  CHECK(observed["other_messages"] == 2 * (1 + 4 * (UINT64_MAX / 8)));
}

TEST_CASE("a record of an alert keeps the published bytes") {
  const RuleInfo rule = firmware_rule(Level::kCritical);
  Alert alert = alert_of(rule);
  alert.activity = Activity::kUpdate;
  alert.last_time_ns = 5;
  const Record record = make_record(alert, "{\"x\":1}");
  CHECK(record.body == "{\"x\":1}");
  CHECK(record.time_ns == 5);
  CHECK(record.level == Level::kCritical);
  CHECK(record.rule == rule.name);
  CHECK(record.station == "CP-1");
  CHECK(record.action == "update");
}

TEST_CASE("a record never exceeds the size of a log entry") {
  for (const char filler : {'x', '\x01', '"', '\xff'}) {
    const std::string text(100'000, filler);
    const std::string fields = "\"" + std::string(kEventJsonMax - 2, 'f') + "\"";
    ActionRecord action;
    action.station = action.direction = action.action = action.outcome = text;
    action.source_ip = action.destination_ip = action.origin = text;
    action.fields_json = fields;
    SensorRecord sensor;
    sensor.action = sensor.outcome = sensor.version = sensor.ruleset_hash = text;
    sensor.inputs.assign(1000, std::string(1000, filler));
    for (const Record& record :
         {make_record(action, UINT64_MAX), make_record(sensor, UINT64_MAX)}) {
      CHECK(record.body.size() <= kAlertMax);
      CHECK(json::accept(record.body));
      CHECK(record.action.size() <= kNameMax);
    }
  }
}

TEST_CASE("fields beyond the limit are replaced by their digest and size") {
  const std::string fields = "\"" + std::string(kEventJsonMax - 1, 'f') + "\"";
  ActionRecord action;
  action.fields_json = fields;
  const json body = json::parse(make_record(action, 0).body);
  CHECK_FALSE(body.contains("fields"));
  CHECK(body["fields_left_out"]["size_bytes"] == kEventJsonMax + 1);
}

TEST_CASE("a text in a column is valid UTF-8 without zero bytes") {
  CHECK(column_text("CP-\xc3\xa4") == "CP-\xc3\xa4");
  CHECK(column_text(std::string_view("a\0b", 3)) == "a b");
  CHECK(column_text("a\xff") == "a\xef\xbf\xbd");
  CHECK(column_text(std::string(1000, 'x')).size() == kNameMax);
}

TEST_CASE("kinds of records have names") {
  for (const RecordKind kind : {RecordKind::kAlert, RecordKind::kAction, RecordKind::kSensor}) {
    CHECK(parse_record_kind(to_string(kind)) == kind);
  }
  CHECK_FALSE(parse_record_kind("alerts").has_value());
}
