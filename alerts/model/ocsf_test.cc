#include "alerts/model/ocsf.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "alerts/model/alert_builder.h"
#include "alerts/model/limits.h"

using namespace chargewarden;
using nlohmann::json;

namespace {

// Between addresses of both families.
Alert mixed_alert(const RuleInfo& rule) {
  return alert_of(rule, "10.0.0.2", "fd00::1");
}

std::string text_of(const Alert& alert) {
  std::string out;
  render_ocsf(alert, {"0.1.0", "abcd"}, out);
  return out;
}

}  // namespace

TEST_CASE("a detection finding says rule, station, time, evidence and advice") {
  const RuleInfo rule = firmware_rule();
  const json object = json::parse(text_of(mixed_alert(rule)));
  CHECK(object["class_uid"] == 2004);
  CHECK(object["type_uid"] == 200401);
  CHECK(object["severity_id"] == 4);
  CHECK(object["severity"] == "High");
  for (const char* key : {"time", "start_time", "end_time"}) CHECK(object[key] == 1700000000123);
  CHECK(object["count"] == 1);
  CHECK(object["message"] == "Unsigned firmware command on station CP-1 (10.0.0.2 to fd00::1).");
  CHECK(object["metadata"]["version"] == "1.6.0");
  CHECK(object["metadata"]["sequence"] == 1);
  CHECK(object["metadata"]["labels"] == json(rule.tags));
  CHECK(object["metadata"]["product"]["name"] == "Chargewarden");
  CHECK(object["metadata"]["product"]["version"] == "0.1.0");
  CHECK(object["finding_info"]["analytic"]["uid"] == rule.id);
  CHECK(object["finding_info"]["analytic"]["name"] == rule.name);
  CHECK(object["finding_info"]["attacks"] ==
        json::parse(R"([{"technique":{"name":"System Firmware","uid":"T0857"}},
          {"sub_technique":{"name":"Compromise Software Supply Chain","uid":"T1195.002"}},
          {"tactic":{"name":"Impact"}}])"));
  CHECK(object["resources"] == json::parse(R"([{"uid":"CP-1","type":"EVSE"}])"));
  const json& evidence = object["evidences"][0];
  CHECK(evidence["src_endpoint"] == json::parse(R"({"ip":"10.0.0.2","port":9000})"));
  CHECK(evidence["dst_endpoint"] == json::parse(R"({"ip":"fd00::1","port":40000})"));
  CHECK(evidence["data"]["source"] == "day.pcap");
  CHECK(evidence["data"]["first_packet"] == 7);
  CHECK(evidence["data"]["last_packet"] == 7);
  CHECK(evidence["data"]["time"] == "2023-11-14T22:13:20.123456789Z");
  CHECK(evidence["data"]["event"]["ocpp.action"] == "UpdateFirmware");
  CHECK_FALSE(evidence["data"].contains("audit_index"));
  CHECK_FALSE(evidence["data"].contains("evidence_file"));
  CHECK(object["observables"].size() == 3);
  CHECK(object["remediation"]["desc"] == rule.response);
  CHECK(object["unmapped"]["rule_hash"] == "00ff");
  CHECK(object["unmapped"]["ruleset_hash"] == "abcd");
  CHECK(object["unmapped"]["response"] == rule.response);
}

TEST_CASE("an update counts and names the last packet and its file") {
  const RuleInfo rule = firmware_rule();
  Alert alert = mixed_alert(rule);
  alert.activity = Activity::kUpdate;
  alert.count = 5;
  alert.last_time_ns += 61'000'000'000;
  alert.last_origin = "wire:night.pcap#9";
  alert.finding.event_json.clear();
  alert.audit_index = 17;
  alert.evidence_file = "f.pcap";
  const json object = json::parse(text_of(alert));
  CHECK(object["activity_id"] == 2);
  CHECK(object["type_uid"] == 200402);
  CHECK(object["count"] == 5);
  CHECK(object["start_time"] == 1700000000123);
  CHECK(object["end_time"] == 1700000061123);
  CHECK(object["finding_info"]["first_seen_time"] == 1700000000123);
  CHECK(object["finding_info"]["last_seen_time"] == 1700000061123);
  const json& data = object["evidences"][0]["data"];
  CHECK(data["first_packet"] == 7);
  CHECK(data["last_source"] == "night.pcap");
  CHECK(data["last_packet"] == 9);
  CHECK(data["audit_index"] == 17);
  CHECK(data["evidence_file"] == "f.pcap");
  CHECK_FALSE(data.contains("event"));
}

TEST_CASE("an alert names its packets by input, and how many it leaves out") {
  const RuleInfo rule = firmware_rule();
  const auto data_of = [&](const PacketList& packets) {
    Alert alert = mixed_alert(rule);
    alert.finding.packets = packets;
    std::string out;
    render_ocsf(alert, {"0.1.0", "abcd", {"day.pcap", "night\"2.pcap"}}, out);
    return json::parse(out)["evidences"][0]["data"];
  };
  CHECK_FALSE(data_of({}).contains("packets"));
  PacketList packets;
  for (const PacketRef packet : {PacketRef(0, 7), PacketRef(0, 9), PacketRef(1, 3)}) {
    packets.add(packet);
  }
  packets.add({0, 11});
  CHECK(data_of(packets)["packets"] == json::parse(R"([{"source":"day.pcap","numbers":[7,9]},
                        {"source":"night\"2.pcap","numbers":[3]},
                        {"source":"day.pcap","numbers":[11]}])"));
  CHECK_FALSE(data_of(packets).contains("packets_left_out"));
  packets.add({2, 1});  // An input without a name.
  CHECK(data_of(packets)["packets"].size() == 3);
  CHECK(data_of(packets)["packets_left_out"] == 1);
  PacketList many;
  for (std::uint64_t number = 1; number <= 100; ++number) many.add({0, number});
  CHECK(data_of(many)["packets"][0]["numbers"] ==
        json({1, 2, 3, 4, 5, 6, 7, 8, 93, 94, 95, 96, 97, 98, 99, 100}));
  CHECK(data_of(many)["packets_left_out"] == 84);
}

TEST_CASE("the levels have the severities of OCSF") {
  const std::pair<Level, int> rows[] = {{Level::kInformational, 1},
                                        {Level::kLow, 2},
                                        {Level::kMedium, 3},
                                        {Level::kHigh, 4},
                                        {Level::kCritical, 5}};
  for (const auto& row : rows) {
    RuleInfo rule = firmware_rule();
    rule.level = row.first;
    CHECK(json::parse(text_of(mixed_alert(rule)))["severity_id"] == row.second);
  }
}

TEST_CASE("what an event does not say is left out") {
  RuleInfo rule;
  rule.name = "bare";
  Alert alert;
  alert.finding.rule = &rule;
  alert.finding.origin = "log:csms.log#3";
  alert.last_origin = alert.finding.origin;
  alert.finding.source_ip = "not an address";
  const json object = json::parse(text_of(alert));
  for (const char* key : {"resources", "remediation"}) CHECK_FALSE(object.contains(key));
  CHECK_FALSE(object["finding_info"].contains("attacks"));
  CHECK_FALSE(object["evidences"][0].contains("src_endpoint"));
  CHECK(object["evidences"][0]["data"]["first_line"] == 3);
  CHECK(object["observables"].empty());
  CHECK(object["finding_info"]["title"] == "bare");
}

TEST_CASE("times before 1970 are rounded down like all others") {
  const RuleInfo rule = firmware_rule();
  Alert alert = mixed_alert(rule);
  alert.finding.time_ns = -1;
  CHECK(json::parse(text_of(alert))["start_time"] == -1);
}

TEST_CASE("an alert never exceeds the size of a log entry") {
  const std::string fillers[] = {std::string(100'000, 'x'), std::string(100'000, '\x01'),
                                 std::string(100'000, '"'), std::string(100'000, '\xff')};
  for (const std::string& filler : fillers) {
    RuleInfo rule;
    rule.id = rule.name = rule.title = rule.description = rule.response = filler;
    rule.date = rule.theme = rule.hash = filler;
    rule.tags.assign(1000, filler);
    Alert alert = mixed_alert(rule);
    alert.finding.station_id = alert.finding.flow_id = alert.finding.event_name = filler;
    alert.finding.source_ip = alert.finding.destination_ip = filler;
    alert.finding.origin = "wire:" + filler + "1#1";
    alert.last_origin = "wire:" + filler + "2#2";
    alert.audit_index = UINT64_MAX;
    alert.evidence_file = filler;
    alert.count = UINT64_MAX;
    for (std::uint64_t number = 0; number < 100; ++number) {
      alert.finding.packets.add({static_cast<std::uint16_t>(number % 2), UINT64_MAX - number});
    }
    alert.finding.event_json = "\"" + std::string(kEventJsonMax - 2, 'e') + "\"";
    std::string out;
    render_ocsf(alert, {"0.1.0", filler, {filler, filler}}, out);
    CHECK(out.size() <= kAlertMax);
    CHECK(json::accept(out));
  }
}

TEST_CASE("an event beyond the limit is replaced by its digest and size") {
  const RuleInfo rule = firmware_rule();
  Alert alert = mixed_alert(rule);
  alert.finding.event_json = "\"" + std::string(kEventJsonMax - 1, 'e') + "\"";
  const json object = json::parse(text_of(alert));
  const json& data = object["evidences"][0]["data"];
  CHECK_FALSE(data.contains("event"));
  CHECK(data["event_left_out"]["size_bytes"] == kEventJsonMax + 1);
  CHECK(data["event_left_out"]["sha256"].get<std::string>().size() == 64);
}
