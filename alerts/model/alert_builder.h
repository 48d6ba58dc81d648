#pragma once
// A rule and an alert about it in which everything is set; for tests and the schema check.

#include <string_view>

#include "alerts/model/alert.h"

namespace chargewarden {

inline RuleInfo firmware_rule(Level level = Level::kHigh) {
  RuleInfo rule;
  rule.id = "5f6a6c1e-1111-4222-8333-944455556666";
  rule.name = "unsigned_firmware_command";
  rule.title = "Unsigned firmware command";
  rule.description = "A station was told to install firmware without a signature.";
  rule.response = "Ask who sent it.";
  rule.date = "2026-11-01";
  rule.level = level;
  rule.tags = {"attack.t0857", "attack.t1195.002", "attack.impact", "iec62443.sr-3.4"};
  rule.theme = "firmware";
  rule.hash = "00ff";
  return rule;
}

// The first alert of its group. `rule` must outlive it.
inline Alert alert_of(const RuleInfo& rule, std::string_view source_ip = "10.0.0.1",
                      std::string_view destination_ip = "10.0.0.2") {
  Alert alert;
  Finding& finding = alert.finding;
  finding.rule = &rule;
  finding.time_ns = 1'700'000'000'123'456'789;  // 2023-11-14T22:13:20.123456789Z
  finding.station_id = "CP-1";
  finding.source_ip = source_ip;
  finding.source_port = 9000;
  finding.destination_ip = destination_ip;
  finding.destination_port = 40000;
  finding.flow_id = "f1";
  finding.event_name = "ocpp.message";
  finding.origin = "wire:day.pcap#7";
  finding.event_json = R"({"event.name":"ocpp.message","ocpp.action":"UpdateFirmware"})";
  alert.last_time_ns = finding.time_ns;
  alert.last_origin = finding.origin;
  alert.finding_uid = finding_uid_of(finding);
  alert.uid = message_uid_of(alert.finding_uid, alert.activity, 1);
  alert.sequence = 1;
  return alert;
}

// An alert about firmware_rule().
inline Alert firmware_alert() {
  static const RuleInfo kRule = firmware_rule();
  return alert_of(kRule);
}

}  // namespace chargewarden
