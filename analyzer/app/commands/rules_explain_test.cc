#include "analyzer/app/commands/rules_explain.h"

#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "collector/event/redactor.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::TemporaryFolder;

namespace {

constexpr const char* kRule =
    "title: Firmware over HTTP\nid: 5d0b2a44-6e0e-4bb0-9a0a-0e2b8f6f4a11\nname: over_http\n"
    "logsource: {product: evcharging, category: ocpp}\n"
    "detection:\n  command: {ocpp.action: UpdateFirmware, ocpp.type: call}\n"
    "  plain:\n    - ocpp.payload.location|startswith: 'http://'\n"
    "    - ocpp.payload.firmware.location|startswith: 'http://'\n"
    "  condition: command and plain\n";

constexpr const char* kEvent =
    R"({"event.category": "ocpp", "ocpp.action": "UpdateFirmware", "ocpp.type": "result",)"
    R"( "ocpp.payload.Location": "http://h/"})";

class Fixture {
 public:
  Fixture() {
    options.rules.paths = {folder.write("rules/rule.yml", kRule)};
    options.rule = "over_http";
    options.event = "-";
  }

  int run(const std::string& events, OutputFormat format = OutputFormat::kText) {
    std::istringstream in(events);
    out.str("");
    err.str("");
    return rules_explain(options, format, in, out, err);
  }

  TemporaryFolder folder;
  ExplainOptions options;
  std::ostringstream out;
  std::ostringstream err;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "explain shows the truth of every part and why") {
  REQUIRE(run(kEvent) == 0);
  CHECK(out.str() ==
        "Event 0 (line 1): over_http does not match\n"
        "\nlogsource\n"
        "  yes category ocpp\n"
        "\ncondition\n"
        "  no  command and plain\n"
        "  no    command\n"
        "  no    plain\n"
        "\nselections\n"
        "  no  command\n"
        "      yes ocpp.action: \"UpdateFirmware\" fits 'UpdateFirmware'\n"
        "      no  ocpp.type: \"result\" does not fit 'call'\n"
        "  no  plain\n"
        "      no  either 1 of 2\n"
        "          no  ocpp.payload.location|startswith: the event has no such field; it has "
        "ocpp.payload.Location\n"
        "      no  or 2 of 2\n"
        "          no  ocpp.payload.firmware.location|startswith: the event has no such field; it "
        "has ocpp.payload.Location\n");
}

TEST_CASE_METHOD(Fixture, "each reason has its sentence") {
  struct Row {
    const char* entry;
    const char* event;
    const char* line;
  };

  const Row rows[] = {
      {"f: [a, b]", R"({"f": "B"})", "yes f: \"B\" fits 'b'"},
      {"f: [a, b, c, d, e, g, h]", R"({"f": "x"})",
       "no  f: \"x\" does not fit 'a', 'b', 'c', 'd', 'e' or 2 more"},
      {"f: a", R"({"f": ["x", 1, null]})", "no  f: [\"x\", 1, null] does not fit 'a'"},
      {"f: null", R"({})", "yes f: the field is absent, as null asks"},
      {"f: null", R"({"f": 1})", "no  f: 1 is not null"},
      {"f|exists: true", R"({"f": 1})", "yes f|exists: the event has it: 1"},
      {"f|exists: false", R"({"f": 1})", "no  f|exists: the event has it: 1"},
      {"f|exists: false", R"({})", "yes f|exists: the event does not have it, as it should be"},
      {"f|exists: true", R"({})", "no  f|exists: the event has no such field"},
      {"f|neq: [a, b]", R"({"f": "A"})", "no  f|neq: \"A\" is excluded by 'a'"},
      {"f|neq: [a, b]", R"({"f": "c"})", "yes f|neq: \"c\" is not 'a' or 'b'"},
      {"f|neq: a", R"({})", "yes f|neq: the field is absent, and so is not 'a'"},
      {"f|contains|all: [a, b]", R"({"f": "xa"})", "no  f|contains|all: \"xa\" lacks 'b'"},
      {"f|cased: a", R"({"f": "A"})", "no  f|cased: \"A\" differs from 'a' only in case"},
      {"f: a", R"({"f": "a "})", "no  f: \"a \" differs from 'a' only in blanks around it"},
      {"f: '5.0'", R"({"f": 5})",
       "no  f: 5 is the same number as '5.0', but texts are compared: remove the quotes"},
      {"f|gt: 5", R"({"f": "x"})", "no  f|gt: \"x\" is not a number, and 5 is wanted"},
      {"f: true", R"({"f": 1})", "no  f: 1 is neither true nor false, and true is wanted"},
      {"f|cidr: 10.0.0.0/8", R"({"f": "x"})", "no  f|cidr: \"x\" is not an IP address"},
      {"f|cidr: 10.0.0.0/8", R"({"f": "fd00::1"})",
       "no  f|cidr: \"fd00::1\" and '10.0.0.0/8' are not both IPv4 or both IPv6"},
      {"f|fieldref: g", R"({"f": "x"})",
       "no  f|fieldref: the event has no field 'g' to compare \"x\" with"},
      {"f|fieldref: g", R"({"f": "x", "g": "y"})",
       "no  f|fieldref: \"x\" does not fit the field 'g', which is \"y\""},
      {"f: a", R"({"f": null})", "no  f: the field is null, and 'a' is wanted"},
      {"f: a", R"({"f": {}})",
       "no  f: the field is an object or an empty list, which has no value to compare"},
      {"'|all': [ab, cd]", R"({"f": "xabx"})", "no  |all: the event lacks 'cd'"},
  };
  options.rules.check = SchemaCheck::kForeign;
  for (const Row& row : rows) {
    CAPTURE(row.entry, row.event);
    folder.write("rules/rule.yml",
                 "title: T\nname: over_http\nlogsource: {product: x}\ndetection:\n  s:\n    " +
                     std::string(row.entry) + "\n  condition: s\n");
    REQUIRE(run(row.event) == 0);
    CAPTURE(out.str());
    CHECK(out.str().find("      " + std::string(row.line) + "\n") != std::string::npos);
  }
}

TEST_CASE_METHOD(Fixture, "explain takes one object on many lines, and many objects") {
  REQUIRE(run("{\n  \"event.category\":\n    \"http\"\n}\n", OutputFormat::kJson) == 0);
  const auto one = nlohmann::json::parse(out.str());
  CHECK((one["event"] == 0 && one["line"] == 1 && one["matches"] == false));
  CHECK(one["logsource"] ==
        nlohmann::json::parse(R"({"fits": false, "wanted": "ocpp", "seen": "http"})"));
  REQUIRE(run(std::string(kEvent) + "\n\n" + kEvent + "\n", OutputFormat::kJson) == 0);
  std::istringstream lines(out.str());
  std::string line;
  std::vector<nlohmann::json> all;
  while (std::getline(lines, line)) all.push_back(nlohmann::json::parse(line));
  REQUIRE(all.size() == 2);
  CHECK((all[1]["event"] == 1 && all[1]["line"] == 3));
  const auto& entry = all[1]["selections"][0]["maps"][0][1];
  CHECK((entry["field"] == "ocpp.type" && entry["reason"] == "other_value" && entry["line"] == 6));
  CHECK(entry["seen"] == nlohmann::json::array({"result"}));
  CHECK(entry["values"][0]["wanted"] == "'call'");
  options.event = folder.write("event.json", kEvent);
  CHECK(run("") == 0);
}

TEST_CASE_METHOD(Fixture, "explain finds a rule by name, id or title") {
  for (const char* rule : {"5d0b2a44-6e0e-4bb0-9a0a-0e2b8f6f4a11", "Firmware over HTTP"}) {
    options.rule = rule;
    CHECK(run(kEvent) == 0);
  }
  options.rule = "over_htp";
  CHECK(run(kEvent) == 2);
  CHECK(err.str() == "chargewarden: there is no rule \"over_htp\"; did you mean \"over_http\"?\n");
}

TEST_CASE_METHOD(Fixture, "explain says what is wrong with its input") {
  CHECK(run("") == 2);
  CHECK(err.str().find("standard input holds no event") != std::string::npos);
  CHECK(run("{}\nnot json\n") == 2);
  CHECK(err.str().find("line 2 of standard input: ") != std::string::npos);
  CHECK(run("[1, 2]") == 2);
  CHECK(err.str().find("line 1 of standard input: ") != std::string::npos);
  options.event = folder.below("missing.json");
  CHECK(run(kEvent) == 2);
  CHECK(err.str().find("cannot open event file") != std::string::npos);
  options.event = folder.path();
  CHECK(run(kEvent) == 2);
  options.event = "-";
  options.rules.config = folder.write("config.yml", "privacy: {key_file: missing.key}\n");
  CHECK(run(kEvent) == 2);
  options.rules.config.clear();
  options.rules.paths = {folder.write("bad.yml", "title: T\n")};
  CHECK(run(kEvent) == 2);
}

TEST_CASE("a file that is too long is refused") {
  Fixture fixture;
  const std::string rest(kExplainedFileMax - 2, ' ');
  CHECK(fixture.run("{}" + rest) == 0);
  CHECK(fixture.run("{}" + rest + " ") == 2);
  CHECK(fixture.err.str().find("is longer than 16777216 bytes") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "nothing in an event can act upon the terminal") {
  REQUIRE(
      run("{\"ocpp.action\": \"a\\u001b[2J\\u009b\\u202e\", \"event.origin\": \"\\u001b[2J\"}") ==
      0);
  for (const char* bad : {"\x1b", "\xc2\x9b", "\xe2\x80\xae"}) {
    CHECK(out.str().find(bad) == std::string::npos);
  }
}

TEST_CASE_METHOD(Fixture, "an explanation has the pseudonyms of the configuration's key") {
  folder.write("rules/rule.yml",
               "title: T\nname: over_http\nlogsource: {product: evcharging}\n"
               "detection:\n  s: {ocpp.payload.idTag: a}\n  condition: s\n");
  const char* event = R"({"ocpp.payload.idTag": "04AABBCC"})";
  REQUIRE(run(event) == 0);
  const std::string without = out.str();
  CHECK(without.find("04AABBCC") == std::string::npos);
  REQUIRE(run(event) == 0);
  CHECK(out.str() == without);
  const std::string key = folder.write("key", std::string(32, 'k'));
  options.rules.config = folder.write("config.yml", "privacy: {key_file: " + key + "}\n");
  REQUIRE(run(event) == 0);
  RedactionKey bytes;
  bytes.fill('k');
  CHECK(out.str().find(Redactor(bytes).pseudonym("04AABBCC")) != std::string::npos);
}
