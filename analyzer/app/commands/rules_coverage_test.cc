#include "analyzer/app/commands/rules_coverage.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/files.h"

using namespace chargewarden;
using harness::TemporaryFolder;
using nlohmann::json;

namespace {

std::string rule(const std::string& name, const std::string& category, const std::string& selection,
                 const std::string& level = "low") {
  return "---\ntitle: " + name + "\nname: " + name + "\nlevel: " + level +
         "\nlogsource: {product: evcharging, category: " + category + "}\ndetection:\n  s: {" +
         selection + "}\n  condition: s\n";
}

class Fixture {
 public:
  Fixture() {
    options.rules.paths = {folder_.write(
        "rules.yml",
        rule("fires", "ocpp", "ocpp.action: UpdateFirmware, ocpp.type: call", "high") +
            rule("could", "ocpp", "ocpp.action: UpdateFirmware, ocpp.payload.location: nowhere") +
            rule("unseen_action", "ocpp", "ocpp.action: Reset, ocpp.type: call") +
            rule("unseen_field", "ocpp", "ocpp.payload.nothing: x, ocpp.action: UpdateFirmware") +
            rule("unseen_event", "http", "event.name: http.upgrade_refused") +
            rule("no_anomaly", "connection", "event.name: connection.anomaly"))};
    options.captures = {CHARGEWARDEN_SAMPLES_DIR "/captures/06a_fw_unsigned.pcap"};
  }

  json run_json() {
    out.str("");
    REQUIRE(rules_coverage(options, OutputFormat::kJson, {}, out, err) == 0);
    return json::parse(out.str());
  }

  // State and reason by rule.
  std::map<std::string, std::string> states() {
    std::map<std::string, std::string> found;
    const json report = run_json();
    for (const json& one : report["rules"]) {
      found[one["name"]] = one["state"].get<std::string>() +
                           (one.contains("why") ? ": " + one["why"].get<std::string>() : "");
    }
    return found;
  }

  CoverageOptions options;
  std::ostringstream out;
  std::ostringstream err;

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "coverage of a capture tells of each rule what it could see") {
  CHECK(states() ==
        std::map<std::string, std::string>{
            {"fires", "fired"},
            {"could", "could_fire"},
            {"unseen_action", "not_observable: no Reset call was seen"},
            {"unseen_field", "not_observable: the field ocpp.payload.nothing never occurred"},
            {"no_anomaly", "could_fire"},
            {"unseen_event", "not_observable: no http.upgrade_refused event was seen"}});
  const json report = run_json();
  CHECK(report["source"] == "capture");
  CHECK(report["summary"] ==
        json::parse(R"({"rules": 6, "fired": 1, "could_fire": 2, "not_observable": 3})"));
  CHECK(report["rules"][0]["matches"].get<int>() >= 2);
  CHECK(report["rules"][0]["first"] < report["rules"][0]["last"]);
  CHECK(report["rules"][1]["looked_at"].get<int>() >= 2);
  const std::string text = out.str();
  options.threads = 2;
  run_json();
  CHECK(out.str() == text);
}

TEST_CASE_METHOD(Fixture, "coverage names who is only seen encrypted") {
  options.captures = {CHARGEWARDEN_SAMPLES_DIR "/captures/04a_tls12_keylog.pcap"};
  const json report = run_json();
  REQUIRE(report["only_encrypted"].size() == 3);
  std::string peers;
  for (const json& peer : report["only_encrypted"]) {
    peers += (peers.empty() ? "" : ", ") + peer.get<std::string>();
  }
  CHECK(report["rules"][2]["why"] == "no event of category ocpp was seen; " + peers +
                                         " are only seen encrypted (TLS without keys)");
  // What is outside of TLS is observable.
  CHECK(report["rules"][5]["state"] == "could_fire");
}

TEST_CASE_METHOD(Fixture, "coverage is shown by state, in a table of at most 100 columns") {
  REQUIRE(rules_coverage(options, OutputFormat::kText, {}, out, err) == 0);
  std::istringstream lines(out.str());
  std::string line;
  std::vector<std::string> all;
  while (std::getline(lines, line)) {
    CHECK(line.size() <= 100);
    all.push_back(line);
  }
  const auto has = [&all](std::string_view wanted) {
    return std::find(all.begin(), all.end(), wanted) != all.end();
  };
  REQUIRE(all.size() > 14);
  CHECK(all[0] == "Fired");
  CHECK(all[1] == "LEVEL  RULE   MATCHES  FIRST                 LAST");
  CHECK(all[2].starts_with("high   fires  "));
  CHECK(has("Could fire, and never did"));
  CHECK(has("Not observable"));
  CHECK(has("low    unseen_action  no Reset call was seen"));
  CHECK(has("6 rules: 1 fired (17 %), 2 could fire (33 %), 3 not observable (50 %)"));
  options.filter.min_level = "high";
  CHECK(run_json()["rules"][0]["title"] == "fires");
  CHECK(run_json()["rules"].size() == 1);
}

TEST_CASE_METHOD(Fixture, "coverage says what is wrong with its input") {
  const auto refused = [this] {
    err.str("");
    return rules_coverage(options, OutputFormat::kText, {}, out, err) == 2 && !err.str().empty();
  };
  options.audit = "trail";
  CHECK(refused());
  options.captures.clear();
  CHECK(refused());
  CHECK(err.str().find("trail") != std::string::npos);
  options.audit.clear();
  CHECK(refused());
  options.captures = {"/nonexistent.pcap"};
  CHECK(refused());
  options.captures = {options.rules.paths[0]};
  CHECK(refused());
  CHECK(out.str().empty());
}
