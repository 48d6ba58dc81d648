#include "analyzer/app/commands/rules_actions.h"

#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "analyzer/app/commands/rules_eval.h"
#include "collector/event/schema.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::TemporaryFolder;

namespace {

// A folder with rules, and the streams of a command.
class Fixture {
 public:
  Fixture() { options.paths = {folder_.path()}; }

  void write(std::string_view name, std::string_view text) const { folder_.write(name, text); }

  RulesOptions options;
  std::ostringstream out;
  std::ostringstream err;

 private:
  TemporaryFolder folder_;
};

constexpr const char* kRule =
    "title: Reset of a station\nid: 5d0b2a44-6e0e-4bb0-9a0a-0e2b8f6f4a11\nname: reset\n"
    "level: high\ntags: [attack.t0816]\ndescription: Somebody restarts a station.\n"
    "response: Ask who did it.\nlogsource: {product: evcharging, category: ocpp}\n"
    "detection:\n  s: {ocpp.action: Reset, ocpp.type: call}\n  condition: s\n";

}  // namespace

TEST_CASE_METHOD(Fixture, "check ends with its counts and tells by its status") {
  write("a/reset.yml", kRule);
  CHECK(rules_check(options, OutputFormat::kText, out, err) == 0);
  CHECK(out.str() == "1 rule, 0 problems\n");
  out.str("");
  write("a/bad.yml", "title: T\nbla: 1\n");
  CHECK(rules_check(options, OutputFormat::kText, out, err) == 1);
  CHECK(out.str().ends_with("1 warning\n2 rules, 2 problems\n"));
  out.str("");
  CHECK(rules_check(options, OutputFormat::kJson, out, err) == 1);
  const auto json = nlohmann::json::parse(out.str());
  REQUIRE(json.size() == 3);
  CHECK(json[0]["code"] == "CW1102");
  options.paths = {"/nonexistent/rules"};
  CHECK(rules_check(options, OutputFormat::kText, out, err) == 2);
}

TEST_CASE_METHOD(Fixture, "list shows what passes the filters") {
  write("a/reset.yml", kRule);
  write("b/other.yml",
        "title: O\nname: other\nlevel: low\nlogsource: {product: evcharging}\n"
        "detection:\n  s: {source.ip: 10.0.0.1}\n  condition: s\n");
  const auto listed = [this](const RulesFilter& filter) {
    out.str("");
    REQUIRE(rules_list(options, filter, OutputFormat::kJson, {}, out, err) == 0);
    std::string names;
    for (const auto& rule : nlohmann::json::parse(out.str())) {
      names += rule["name"].get<std::string>() + " ";
    }
    return names;
  };
  CHECK(listed({}) == "reset other ");
  CHECK(listed({.level = "high", .tag = {}, .theme = {}, .min_level = {}}) == "reset ");
  CHECK(listed({.level = {}, .tag = "attack.t0816", .theme = {}, .min_level = {}}) == "reset ");
  CHECK(listed({.level = {}, .tag = {}, .theme = "b", .min_level = {}}) == "other ");
  CHECK(listed({.level = "high", .tag = {}, .theme = "b", .min_level = {}}).empty());
  CHECK(listed({.level = {}, .tag = {}, .theme = {}, .min_level = "low"}) == "reset other ");
  CHECK(listed({.level = {}, .tag = {}, .theme = {}, .min_level = "medium"}) == "reset ");
  CHECK(listed({.level = {}, .tag = {}, .theme = "b", .min_level = "medium"}).empty());
  out.str("");
  CHECK(rules_list(options, {}, OutputFormat::kText, {}, out, err) == 0);
  CHECK(out.str() ==
        "LEVEL  THEME  NAME   TITLE\n"
        "high   a      reset  Reset of a station\n"
        "low    b      other  O\n");
  out.str("");
  CHECK(rules_list(options, {}, OutputFormat::kText, {.columns = 0, .colour = true}, out, err) ==
        0);
  CHECK(out.str().find("\x1b[31mhigh \x1b[0m  a") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "show describes a rule by name or id, or says what is near") {
  write("a/reset.yml", "---\n" + std::string(kRule) +
                           "examples:\n  match:\n"
                           "    - {ocpp.action: Reset, ocpp.type: call, event.category: ocpp}\n"
                           "  no_match: [{ocpp.action: Heartbeat}]\n---\n" +
                           "title: Other\nlogsource: {product: evcharging}\n"
                           "detection: {s: {source.ip: a}, condition: s}\n");
  CHECK(rules_show(options, "reset", {}, out, err) == 0);
  for (const char* part : {"Reset of a station", "Somebody restarts", "Ask who did it.",
                           "attack.t0816", "ocpp.action is: 'Reset'", "reset.yml:2\n",
                           "Examples that match\n  {\"ocpp.action\":\"Reset\"",
                           "Examples that do not match\n  {\"ocpp.action\":\"Heartbeat\"}",
                           "As it is written\n  title: Reset of a station\n"}) {
    CAPTURE(part, out.str());
    CHECK(out.str().find(part) != std::string::npos);
  }
  CHECK(out.str().find("title: Other") == std::string::npos);
  CHECK(rules_show(options, "5d0b2a44-6e0e-4bb0-9a0a-0e2b8f6f4a11", {}, out, err) == 0);
  CHECK(rules_show(options, "rset", {}, out, err) == 2);
  CHECK(err.str().find("did you mean \"reset\"?") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "show wraps text to the terminal, and nothing acts upon it") {
  write("a/rule.yml",
        "title: T\nname: t\nlogsource: {product: evcharging}\n"
        "description: \"" +
            std::string(60, 'x') + " " + std::string(30, 'y') +
            "\\e[2J\"\nfalsepositives: [one two three four five six seven eight nine ten]\n"
            "detection: {s: {source.ip: a}, condition: s}\n");
  REQUIRE(rules_show(options, "t", {.columns = 50, .colour = false}, out, err) == 0);
  CHECK(out.str().find('\x1b') == std::string::npos);
  CHECK(out.str().find("\n  " + std::string(48, 'x') + "\n  xxxxxxxxxxxx " + std::string(30, 'y') +
                       "?[2J\n") != std::string::npos);
  CHECK(out.str().find("  - one two three four five six seven eight nine\n    ten\n") !=
        std::string::npos);
}

TEST_CASE_METHOD(Fixture, "fields lists every event and field that is declared") {
  CHECK(rules_fields(FieldsFormat::kJson, out) == 0);
  const auto json = nlohmann::json::parse(out.str());
  CHECK(json["common"].size() == kCommonFields.size());
  REQUIRE(json["events"].size() == all_events().size());
  out.str("");
  CHECK(rules_fields(FieldsFormat::kMarkdown, out) == 0);
  for (const EventDef* def : all_events()) {
    CHECK(out.str().find("\n## " + std::string(def->name) + "\n") != std::string::npos);
    for (const FieldDef& field : def->fields) {
      CHECK(out.str().find("| `" + std::string(field.name) + "` |") != std::string::npos);
    }
  }
}

TEST_CASE_METHOD(Fixture, "eval prints the matches of each event, counted from 0") {
  write("a/reset.yml", kRule);
  write("b/no_id.yml",
        "title: No id\nlogsource: {product: evcharging, category: http}\n"
        "detection:\n  s: {http.status: 401}\n  condition: s\n");
  std::istringstream in(
      "{\"event.category\":\"ocpp\",\"ocpp.action\":\"Reset\",\"ocpp.type\":\"call\"}\n"
      "{}\n"
      "{\"event.category\":\"http\",\"http.status\":401}\n"
      "{\"event.category\":\"ocpp\",\"http.status\":401}");
  CHECK(rules_eval({options, {}}, in, out, err) == 0);
  CHECK(out.str() ==
        "{\"event\": 0, \"rule\": \"5d0b2a44-6e0e-4bb0-9a0a-0e2b8f6f4a11\"}\n"
        "{\"event\": 2, \"rule\": \"No id\"}\n");
  options.check = SchemaCheck::kForeign;
  std::istringstream foreign("{\"http.status\":401}\n");
  out.str("");
  CHECK(rules_eval({options, {}}, foreign, out, err) == 0);
  CHECK(out.str() == "{\"event\": 0, \"rule\": \"No id\"}\n");
}

TEST_CASE_METHOD(Fixture, "eval reads lines of any length, whole blocks apart or the last one") {
  write("a/any.yml",
        "title: Any\nlogsource: {product: x}\n"
        "detection:\n  s: {f|endswith: end}\n  condition: s\n");
  options.check = SchemaCheck::kForeign;
  std::string text;
  std::string expected;
  for (std::size_t i = 0; i < 60; ++i) {
    // Sums of these cross the blocks that are read at many places; one line is several blocks long.
    const std::size_t size = i == 30 ? 1'000'000 : i * 997;
    text += "{\"f\":\"" + std::string(size, 'x') + "end\"}";
    if (i != 59) text += i % 2 == 0 ? "\n" : "\r\n\n";
    expected += "{\"event\": " + std::to_string(i) + ", \"rule\": \"Any\"}\n";
  }
  std::istringstream in(text);
  CHECK(rules_eval({options, {}}, in, out, err) == 0);
  CHECK(out.str() == expected);
  CHECK(err.str().empty());
}

TEST_CASE_METHOD(Fixture, "eval names the line that is no JSON object") {
  write("a/reset.yml", kRule);
  std::istringstream in("{}\n\n[1]\n");
  CHECK(rules_eval({options, {}}, in, out, err) == 2);
  CHECK(err.str().find("line 3 of standard input") != std::string::npos);
  write("a/bad.yml", "title: T\n");
  std::istringstream none("{}\n");
  CHECK(rules_eval({options, {}}, none, out, err) == 2);
}
