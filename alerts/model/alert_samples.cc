// Prints alerts of every shape, one OCSF object per line, for ocsf_schema_test.py to check against
// the published schemas.

#include <cstdio>

#include "alerts/model/alert_builder.h"
#include "alerts/model/limits.h"
#include "alerts/model/ocsf.h"

namespace {

using namespace chargewarden;

// The rule with tags of every kind, known and unknown.
RuleInfo full_rule(Level level) {
  RuleInfo rule = firmware_rule(level);
  rule.tags = {"attack.t0857",  "attack.t1195.002",      "attack.t9999", "attack.initial-access",
               "attack.impact", "attack.reconnaissance", "cve.2024-1",   "chargewarden.fw-01"};
  return rule;
}

class Printer {
 public:
  void print(Alert alert) {
    alert.sequence = ++sequence_;
    std::string line;
    render_ocsf(alert, {"0.1.0", "abcd", {"day.pcap"}}, line);
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
    printer.print(alert_of(rule, "10.0.0.1", "192.168.255.254"));
    Alert update = alert_of(rule, "fd00::1", "2001:db8:1:2:3:4:5:6");
    update.activity = Activity::kUpdate;
    update.count = 12;
    update.last_origin = "wire:night.pcap#9";
    update.audit_index = 17;
    update.evidence_file = update.finding_uid + ".pcap";
    for (std::uint64_t number = 1; number < 40; ++number) update.finding.packets.add({0, number});
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
  Alert hostile = alert_of(rule, "::ffff:10.0.0.1", "::");
  hostile.finding.station_id = "\x1b[31m\"CP\\1\xff";
  hostile.finding.event_json = "\"" + std::string(kEventJsonMax, 'e') + "\"";
  printer.print(hostile);
  hostile.finding.source_ip = "fe80::1%eth0";
  hostile.finding.destination_ip = "nobody";
  printer.print(hostile);
  return 0;
}
