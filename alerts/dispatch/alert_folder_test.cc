#include "alerts/dispatch/alert_folder.h"

#include <array>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace chargewarden;

namespace {

constexpr std::int64_t kStart = 1'700'000'000'000'000'000;
constexpr std::int64_t kMs = 1'000'000;

class Collected final : public AlertOut {
 public:
  void on_alert(Alert alert) override { alerts.push_back(std::move(alert)); }

  std::vector<Alert> alerts;
};

RuleInfo rule_named(const char* name) {
  RuleInfo rule;
  rule.id = std::string("id-") + name;
  rule.name = name;
  return rule;
}

Finding finding_at(const RuleInfo& rule, std::string station, std::int64_t time_ns,
                   std::uint64_t packet) {
  Finding finding;
  finding.rule = &rule;
  finding.time_ns = time_ns;
  finding.station_id = std::move(station);
  finding.source_ip = "10.0.0.1";
  finding.destination_ip = "10.0.0.2";
  finding.origin = fmt::format("wire:day.pcap#{}", packet);
  finding.event_json = "{\"n\":1}";
  return finding;
}

// "create CP-1 x1 #1" for each alert.
std::vector<std::string> summary_of(const std::vector<Alert>& alerts) {
  std::vector<std::string> out;
  for (const Alert& alert : alerts) {
    out.push_back(fmt::format("{} {} {} x{} #{}",
                              alert.activity == Activity::kCreate ? "create" : "update",
                              alert.finding.rule->name, alert.finding.station_id, alert.count,
                              parse_origin(alert.last_origin).number));
  }
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the first finding of a rule on a station is published, repeats are counted") {
  const RuleInfo rule = rule_named("r");
  Collected out;
  AlertFolder folder(out);
  folder.on_finding(finding_at(rule, "CP-1", kStart, 1));
  folder.on_finding(finding_at(rule, "CP-1", kStart + kMs, 2));
  folder.on_finding(finding_at(rule, "CP-2", kStart + 2 * kMs, 3));
  CHECK(summary_of(out.alerts) == Lines{"create r CP-1 x1 #1", "create r CP-2 x1 #3"});
  CHECK(out.alerts[0].finding.event_json == "{\"n\":1}");
  CHECK(out.alerts[0].finding_uid != out.alerts[1].finding_uid);
  folder.finish();
  CHECK(summary_of(out.alerts) ==
        Lines{"create r CP-1 x1 #1", "create r CP-2 x1 #3", "update r CP-1 x2 #2"});
  CHECK(out.alerts[2].finding_uid == out.alerts[0].finding_uid);
  CHECK(out.alerts[2].uid != out.alerts[0].uid);
  CHECK(out.alerts[2].finding.time_ns == kStart);
  CHECK(out.alerts[2].last_time_ns == kStart + kMs);
  CHECK(folder.counters().findings == 3);
  CHECK(folder.counters().creates == 2);
  CHECK(folder.counters().updates == 1);
}

TEST_CASE("an alert names the packets of its group so far") {
  const RuleInfo rule = rule_named("r");
  Collected out;
  AlertFolder folder(out);
  const Origin origin{"wire", "day.pcap", 1};
  const std::array first{PacketRef(0, 1), PacketRef(1, 1)};
  REQUIRE(folder.touch(rule, "CP-1", {}, {}, kStart, origin, {}, first));
  folder.create(finding_at(rule, "CP-1", kStart, 1), first);
  const std::array second{PacketRef(0, 5)};
  REQUIRE_FALSE(folder.touch(rule, "CP-1", {}, {}, kStart + kMs, origin, {}, second));
  Finding third = finding_at(rule, "CP-1", kStart + 2 * kMs, 9);
  third.packets.add({0, 9});
  folder.on_finding(third);
  folder.finish();
  REQUIRE(out.alerts.size() == 2);
  const auto packets_of = [](const Alert& alert) {
    std::vector<PacketRef> list;
    for (std::size_t i = 0; i < alert.finding.packets.size(); ++i) {
      list.push_back(alert.finding.packets[i]);
    }
    return list;
  };
  CHECK(packets_of(out.alerts[0]) == std::vector<PacketRef>{{0, 1}, {1, 1}});
  CHECK(packets_of(out.alerts[1]) == std::vector<PacketRef>{{0, 1}, {1, 1}, {0, 5}, {0, 9}});
}

TEST_CASE("the ledger learns all packets of an alert, and the alert names its file") {
  const RuleInfo rule = rule_named("r");
  RuleInfo posture = rule_named("posture");
  posture.posture = true;
  Collected out;
  EvidenceLedger ledger({2, kEvidencePacketsMax});
  AlertFolder folder(out, kGroupsMax, {}, &ledger);
  const auto find = [&](const RuleInfo& about, std::string station, std::uint64_t packet) {
    Finding finding = finding_at(about, std::move(station), kStart, packet);
    if (packet > 0) finding.packets.add({0, packet});
    folder.on_finding(std::move(finding));
  };
  find(rule, "CP-0", 0);  // Comes from no packet.
  for (std::uint64_t packet = 1; packet <= 100; ++packet) find(rule, "CP-1", packet);
  find(posture, "CP-1", 5);
  find(posture, "CP-1", 6);  // Repeats of a lasting condition are not told.
  find(rule, "CP-2", 7);     // Beyond the limit of the ledger.
  folder.finish();
  REQUIRE(out.alerts.size() == 5);
  const std::string uid = out.alerts[1].finding_uid;
  CHECK(out.alerts[0].evidence_file.empty());
  CHECK(out.alerts[1].evidence_file == uid + ".pcap");
  CHECK(out.alerts[2].evidence_file == out.alerts[2].finding_uid + ".pcap");
  CHECK(out.alerts[3].evidence_file.empty());
  CHECK(out.alerts[4].finding_uid == uid);
  CHECK(out.alerts[4].evidence_file == uid + ".pcap");
  REQUIRE(ledger.entries().size() == 2);
  CHECK(ledger.entries()[0].finding_uid == uid);
  CHECK(ledger.entries()[0].packets.size() == 100);
  CHECK(ledger.entries()[1].packets == std::vector<PacketRef>{{0, 5}});
  CHECK(ledger.alerts_left_out() == 1);
}

TEST_CASE("rules do not share groups") {
  const RuleInfo one = rule_named("one");
  const RuleInfo two = rule_named("two");
  Collected out;
  AlertFolder folder(out);
  folder.on_finding(finding_at(one, "CP-1", kStart, 1));
  folder.on_finding(finding_at(two, "CP-1", kStart, 1));
  CHECK(summary_of(out.alerts) == Lines{"create one CP-1 x1 #1", "create two CP-1 x1 #1"});
}

TEST_CASE("an update comes after a minute and not before") {
  struct Row {
    std::int64_t after_ns;
    bool published;
  };

  const Row rows[] = {
      {59'999 * kMs, false}, {60'000 * kMs - 1, false}, {60'000 * kMs, true}, {60'001 * kMs, true}};
  for (const Row& row : rows) {
    CAPTURE(row.after_ns);
    const RuleInfo rule = rule_named("r");
    Collected out;
    AlertFolder folder(out);
    folder.on_finding(finding_at(rule, "CP-1", kStart, 1));
    folder.on_finding(finding_at(rule, "CP-1", kStart + row.after_ns, 2));
    CHECK(out.alerts.size() == (row.published ? 2 : 1));
  }
}

TEST_CASE("the minute counts from the last message, and the end adds only what is new") {
  const RuleInfo rule = rule_named("r");
  Collected out;
  AlertFolder folder(out);
  for (int second = 0; second <= 180; second += 20) {
    folder.on_finding(
        finding_at(rule, "CP-1", kStart + second * 1000 * kMs, static_cast<unsigned>(second)));
  }
  folder.finish();
  CHECK(summary_of(out.alerts) == Lines{"create r CP-1 x1 #0", "update r CP-1 x4 #60",
                                        "update r CP-1 x7 #120", "update r CP-1 x10 #180"});
}

TEST_CASE("time that steps back neither publishes nor shortens what was seen") {
  const RuleInfo rule = rule_named("r");
  Collected out;
  AlertFolder folder(out);
  folder.on_finding(finding_at(rule, "CP-1", kStart, 1));
  folder.on_finding(finding_at(rule, "CP-1", kStart + 5 * kMs, 2));
  folder.on_finding(finding_at(rule, "CP-1", kStart - 100'000 * kMs, 3));
  folder.finish();
  REQUIRE(summary_of(out.alerts) == Lines{"create r CP-1 x1 #1", "update r CP-1 x3 #3"});
  CHECK(out.alerts[1].last_time_ns == kStart + 5 * kMs);
}

TEST_CASE("a rule about a lasting condition alerts once for each station") {
  RuleInfo rule = rule_named("clear_text");
  rule.posture = true;
  Collected out;
  AlertFolder folder(out);
  for (int minute = 0; minute < 10; ++minute) {
    folder.on_finding(finding_at(rule, "CP-1", kStart + minute * 60'000 * kMs, 1));
    folder.on_finding(finding_at(rule, "CP-2", kStart + minute * 60'000 * kMs, 2));
  }
  folder.finish();
  CHECK(summary_of(out.alerts) ==
        Lines{"create clear_text CP-1 x1 #1", "create clear_text CP-2 x1 #2"});
  CHECK(folder.counters().findings == 20);
}

TEST_CASE("without a station the addresses make the group") {
  const RuleInfo rule = rule_named("r");
  Collected out;
  AlertFolder folder(out);
  const auto add = [&](const char* from, const char* to) {
    Finding finding = finding_at(rule, "", kStart, 1);
    finding.source_ip = from;
    finding.destination_ip = to;
    folder.on_finding(std::move(finding));
  };
  add("10.0.0.1", "10.0.0.2");
  add("10.0.0.1", "10.0.0.2");
  add("10.0.0.2", "10.0.0.1");
  add("10.0.0.1", "10.0.0.22");
  CHECK(out.alerts.size() == 3);
  Finding elsewhere = finding_at(rule, "CP-1", kStart, 1);
  folder.on_finding(elsewhere);
  elsewhere.source_ip = "10.9.9.9";
  folder.on_finding(elsewhere);  // The same station from another address is the same group.
  CHECK(out.alerts.size() == 4);
}

TEST_CASE("a finding is asked for only when its group is new") {
  const RuleInfo rule = rule_named("r");
  Collected out;
  AlertFolder folder(out);
  const Origin origin{"wire", "day.pcap", 1};
  CHECK(folder.touch(rule, "CP-1", "10.0.0.1", "10.0.0.2", kStart, origin));
  folder.create(finding_at(rule, "CP-1", kStart, 1));
  CHECK_FALSE(folder.touch(rule, "CP-1", "10.0.0.1", "10.0.0.2", kStart, origin));
  folder.create(finding_at(rule, "CP-1", kStart, 1));  // Nobody asked: nothing comes of it.
  CHECK(out.alerts.size() == 1);
  CHECK(folder.touch(rule, "CP-2", "10.0.0.1", "10.0.0.2", kStart, origin));
}

TEST_CASE("the last origin may stand in another file") {
  const RuleInfo rule = rule_named("r");
  Collected out;
  AlertFolder folder(out);
  folder.on_finding(finding_at(rule, "CP-1", kStart, 1));
  for (const char* origin : {"wire:night.pcap#9", "log:csms.log#3", "wire:night.pcap#11"}) {
    Finding finding = finding_at(rule, "CP-1", kStart, 1);
    finding.origin = origin;
    folder.on_finding(std::move(finding));
  }
  folder.finish();
  REQUIRE(out.alerts.size() == 2);
  CHECK(out.alerts[1].finding.origin == "wire:day.pcap#1");
  CHECK(out.alerts[1].last_origin == "wire:night.pcap#11");
}

TEST_CASE("the end reports by first time, rule and station") {
  const RuleInfo a = rule_named("a");
  const RuleInfo b = rule_named("b");
  Collected out;
  AlertFolder folder(out);
  for (int repeat = 0; repeat < 2; ++repeat) {
    folder.on_finding(finding_at(b, "CP-2", kStart + 1, 1));
    folder.on_finding(finding_at(b, "CP-1", kStart + 1, 1));
    folder.on_finding(finding_at(a, "CP-9", kStart + 1, 1));
    folder.on_finding(finding_at(b, "CP-9", kStart, 1));
  }
  out.alerts.clear();
  folder.finish();
  CHECK(summary_of(out.alerts) == Lines{"update b CP-9 x2 #1", "update a CP-9 x2 #1",
                                        "update b CP-1 x2 #1", "update b CP-2 x2 #1"});
}

TEST_CASE("beyond the limit the stalest group is closed") {
  const RuleInfo rule = rule_named("r");
  Collected out;
  AlertFolder folder(out, 2);
  folder.on_finding(finding_at(rule, "CP-1", kStart, 1));
  folder.on_finding(finding_at(rule, "CP-2", kStart + kMs, 2));
  folder.on_finding(finding_at(rule, "CP-1", kStart + 2 * kMs, 3));
  folder.on_finding(finding_at(rule, "CP-3", kStart + 3 * kMs, 4));  // CP-2 goes, unrepeated.
  folder.on_finding(finding_at(rule, "CP-4", kStart + 4 * kMs, 5));  // CP-1 goes, with its repeat.
  folder.on_finding(finding_at(rule, "CP-1", kStart + 5 * kMs, 6));  // New again.
  CHECK(summary_of(out.alerts) == Lines{"create r CP-1 x1 #1", "create r CP-2 x1 #2",
                                        "create r CP-3 x1 #4", "update r CP-1 x2 #3",
                                        "create r CP-4 x1 #5", "create r CP-1 x1 #6"});
  CHECK(folder.counters().evicted_groups == 3);
  CHECK(out.alerts[5].finding_uid != out.alerts[0].finding_uid);
}

TEST_CASE("the table holds as many groups as its limit says and no more") {
  const RuleInfo rule = rule_named("r");

  class Nothing final : public AlertOut {
    void on_alert(Alert /*alert*/) override {}
  } out;

  AlertFolder folder(out);
  const Origin origin{"wire", "day.pcap", 1};
  const auto touch = [&](std::size_t station) {
    return folder.touch(rule, std::to_string(station), "", "", kStart, origin);
  };
  for (std::size_t i = 0; i < kGroupsMax; ++i) REQUIRE(touch(i));
  CHECK(folder.counters().evicted_groups == 0);
  CHECK(touch(kGroupsMax));
  CHECK(folder.counters().evicted_groups == 1);
  CHECK_FALSE(touch(1));
  CHECK(touch(0));
}

TEST_CASE("names without end share a group by their start") {
  const RuleInfo rule = rule_named("r");
  Collected out;
  AlertFolder folder(out);
  const std::string name(kGroupNameMax, 'x');
  folder.on_finding(finding_at(rule, name + "a", kStart, 1));
  folder.on_finding(finding_at(rule, name + "b", kStart, 2));
  CHECK(out.alerts.size() == 1);
  folder.on_finding(finding_at(rule, name.substr(1), kStart, 3));
  CHECK(out.alerts.size() == 2);
  folder.finish();
  CHECK(out.alerts.back().finding.station_id.size() == kGroupNameMax);
}

TEST_CASE("the key of the table changes no alert") {
  const RuleInfo rule = rule_named("r");
  std::vector<Lines> runs;
  for (const HashKey& key : {HashKey{}, HashKey{1, 0}, HashKey{0, 99}}) {
    Collected out;
    AlertFolder folder(out, 50, key);
    for (unsigned i = 0; i < 1000; ++i) {
      folder.on_finding(
          finding_at(rule, "CP-" + std::to_string(i * 7 % 60), kStart + i * 3000 * kMs, i));
    }
    folder.finish();
    runs.push_back(summary_of(out.alerts));
  }
  CHECK(runs[0] == runs[1]);
  CHECK(runs[0] == runs[2]);
  CHECK(runs[0].size() > 100);
}

TEST_CASE("findings of a correlation fold by their group, whatever their addresses") {
  const RuleInfo rule = rule_named("r");
  Collected out;
  AlertFolder folder(out);
  const auto grouped = [&](const char* group, const char* station, std::uint64_t packet) {
    Finding finding = finding_at(rule, station, kStart, packet);
    finding.group = group;
    finding.source_ip = fmt::format("10.0.0.{}", packet);
    return finding;
  };
  folder.on_finding(grouped("source.ip 10.0.0.9", "", 1));
  folder.on_finding(grouped("source.ip 10.0.0.9", "CP-1", 2));
  folder.on_finding(grouped("source.ip 10.0.0.8", "", 3));
  // A station that is called as the group is another thing.
  folder.on_finding(finding_at(rule, "source.ip 10.0.0.8", kStart, 4));
  folder.finish();
  CHECK(summary_of(out.alerts) == Lines{"create r  x1 #1", "create r  x1 #3",
                                        "create r source.ip 10.0.0.8 x1 #4", "update r  x2 #2"});
  CHECK(out.alerts[0].finding_uid != out.alerts[1].finding_uid);
  CHECK(sentence_of(out.alerts[0]) == "r for source.ip 10.0.0.9.");
}
