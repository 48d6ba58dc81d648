// Prints alerts of every shape, one OCSF object per line, for ocsf_schema_test.py to check against
// the published schemas.

#include <cstdio>

#include "alerts/model/limits.h"
#include "alerts/model/ocsf.h"

namespace {

using namespace chargewarden;

RuleInfo full_rule(Level level) {
  RuleInfo rule;
  rule.id = "5f6a6c1e-1111-4222-8333-944455556666";
  rule.name = "unsigned_firmware_command";
  rule.title = "Unsigned firmware command";
  rule.description = "A station was told to install firmware without a signature.";
  rule.response = "Ask who sent it.";
  rule.date = "2026-11-01";
  rule.theme = "firmware";
  rule.hash = "00ff";
  rule.level = level;
  rule.tags = {"attack.t0857",  "attack.t1195.002",      "attack.t9999", "attack.initial-access",
               "attack.impact", "attack.reconnaissance", "cve.2024-1",   "chargewarden.fw-01"};
  return rule;
}

Alert full_alert(const RuleInfo& rule, std::string_view source, std::string_view destination) {
  Alert alert;
  Finding& finding = alert.finding;
  finding.rule = &rule;
  finding.time_ns = 1'700'000'000'123'456'789;
  finding.station_id = "CP-1";
  finding.source_ip = source;
  finding.source_port = 9000;
  finding.destination_ip = destination;
  finding.destination_port = 40000;
  finding.flow_id = "f1";
  finding.event_name = "ocpp.message";
  finding.origin = "wire:day.pcap#7";
  finding.event_json = R"({"event.name":"ocpp.message","ocpp.action":"UpdateFirmware"})";
  alert.last_time_ns = finding.time_ns;
  alert.last_origin = finding.origin;
  alert.finding_uid = finding_uid_of(finding);
  alert.uid = message_uid_of(alert.finding_uid, alert.activity, 1);
  return alert;
}

class Printer {
 public:
  void print(Alert alert) {
    alert.sequence = ++sequence_;
    std::string line;
    render_ocsf(alert, {"0.1.0", "abcd"}, line);
    line += '\n';
    (void)std::fwrite(line.data(), 1, line.size(), stdout);
  }

 private:
  std::uint64_t sequence_ = 0;
};

}  // namespace

int main() {
  Printer printer;
  for (const Level level :
       {Level::kInformational, Level::kLow, Level::kMedium, Level::kHigh, Level::kCritical}) {
    const RuleInfo rule = full_rule(level);
    printer.print(full_alert(rule, "10.0.0.1", "192.168.255.254"));
    Alert update = full_alert(rule, "fd00::1", "2001:db8:1:2:3:4:5:6");
    update.activity = Activity::kUpdate;
    update.count = 12;
    update.last_origin = "wire:night.pcap#9";
    update.audit_index = 17;
    update.finding.event_json.clear();
    printer.print(update);
  }
  RuleInfo bare;
  bare.name = "bare";
  Alert alert;
  alert.finding.rule = &bare;
  alert.finding_uid = finding_uid_of(alert.finding);
  alert.uid = message_uid_of(alert.finding_uid, alert.activity, 1);
  printer.print(alert);

  const RuleInfo rule = full_rule(Level::kHigh);
  Alert hostile = full_alert(rule, "::ffff:10.0.0.1", "::");
  hostile.finding.station_id = "\x1b[31m\"CP\\1\xff";
  hostile.finding.event_json = "\"" + std::string(kEventJsonMax, 'e') + "\"";
  printer.print(hostile);
  hostile.finding.source_ip = "fe80::1%eth0";
  hostile.finding.destination_ip = "nobody";
  printer.print(hostile);
  return 0;
}
