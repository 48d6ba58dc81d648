#include "rules/engine/explain.h"

#include <algorithm>
#include <random>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "rules/engine/rule_loader.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

const PlaceholderMap kPlaceholders{{"hosts", {"a.example", "*.b.example"}}, {"none", {}}};

// What one rule says about one event.
RuleExplanation explain(const std::string& detection, const std::string& json,
                        const std::string& category = {},
                        SchemaCheck check = SchemaCheck::kForeign) {
  const RulesFromText rules(rule_of(detection, category), check, kPlaceholders);
  INFO(detection << "\n" << render_text(rules.diagnostics));
  REQUIRE(rules.set->size() == 1);
  FlatEvent event;
  REQUIRE(event.load(json));
  const Redactor redactor{RedactionKey{}};
  RuleExplanation out =
      Explainer(*rules.set, redactor).explain(0, rules.documents[0], rules.file, event);
  CHECK(out.matches == !Matcher(*rules.set).match(event).empty());
  return out;
}

// The only entry of a rule with one selection.
EntryExplanation entry(const std::string& text, const std::string& json) {
  return explain("  s:\n    " + text + "\n  condition: s\n", json).selections[0].maps[0][0];
}

}  // namespace

TEST_CASE("each entry that does not hold has the reason that tells most") {
  struct Row {
    const char* entry;
    const char* event;
    Reason reason;
  };

  const Row rows[] = {
      {"f: a", R"({"f": "A"})", Reason::kHolds},
      {"f: a", R"({"g": "a"})", Reason::kAbsent},
      {"f: a", R"({"f": "b"})", Reason::kOtherValue},
      {"f: a", R"({"f": null})", Reason::kNull},
      {"f: a", R"({"f": {"x": 1}})", Reason::kNoValue},
      {"f: a", R"({"f": []})", Reason::kNoValue},
      {"f|cased: a", R"({"f": "A"})", Reason::kCase},
      {"f|re: ^a$", R"({"f": "A"})", Reason::kCase},
      {"f|re: ^a$", R"({"f": "b"})", Reason::kOtherValue},
      {"f: a", R"({"f": " a\t"})", Reason::kBlanks},
      {"f|contains: a", R"({"f": " "})", Reason::kOtherValue},
      {"f: a", R"({"f": ""})", Reason::kOtherValue},
      {"f: 'a '", R"({"f": "a"})", Reason::kBlanks},
      {"f|re: ^a$", R"({"f": "a "})", Reason::kBlanks},
      {"f: [b, a]", R"({"f": ["c", " A"]})", Reason::kBlanks},
      {"f: 5", R"({"f": "five"})", Reason::kNotANumber},
      {"f: 5", R"({"f": true})", Reason::kNotANumber},
      {"f: 5", R"({"f": 6})", Reason::kOtherValue},
      {"f: 5", R"({"f": " 5"})", Reason::kBlanks},
      {"f|gt: 5", R"({"f": 5})", Reason::kOtherValue},
      {"f|lte: 5", R"({"f": "x"})", Reason::kNotANumber},
      {"f: '5.0'", R"({"f": 5})", Reason::kNumberAsText},
      {"f: '5'", R"({"f": 6})", Reason::kOtherValue},
      {"f: true", R"({"f": 1})", Reason::kNotABoolean},
      {"f: true", R"({"f": false})", Reason::kOtherValue},
      {"f: null", R"({"f": 0})", Reason::kPresent},
      {"f|exists: false", R"({"f": null})", Reason::kPresent},
      {"f|exists: true", R"({"g": 1})", Reason::kAbsent},
      {"f|cidr: 10.0.0.0/8", R"({"f": "host"})", Reason::kNotAnAddress},
      {"f|hour: 5", R"({"f": "soon"})", Reason::kNotATime},
      {"f|hour|gt: 5", R"({"f": "2026-11-22T05:00:00Z"})", Reason::kOtherValue},
      {"f|cidr: 10.0.0.0/8", R"({"f": "11.0.0.1"})", Reason::kOtherValue},
      {"f|cidr: 10.0.0.0/8", R"({"f": "fd00::1"})", Reason::kOtherFamily},
      {"f|cidr: fd00::/8", R"({"f": "10.0.0.1"})", Reason::kOtherFamily},
      {"f|fieldref: g", R"({"f": "a"})", Reason::kOtherFieldAbsent},
      {"f|fieldref: g", R"({"f": "a", "g": "b"})", Reason::kOtherValue},
      {"f|fieldref|cased: g", R"({"f": "a", "g": "A"})", Reason::kCase},
      {"f|fieldref: g", R"({"f": "a ", "g": "a"})", Reason::kBlanks},
      {"f|contains|all: [a, b]", R"({"f": "xax"})", Reason::kPartMissing},
      {"f|contains|all: [a, b]", R"({"f": "xyz"})", Reason::kOtherValue},
      {"f|neq: a", R"({"f": "A"})", Reason::kExcluded},
      {"f|neq: a", R"({"g": "a"})", Reason::kHolds},
      {"f|expand: '%none%'", R"({"f": "a"})", Reason::kEmptyPlaceholder},
      {"f|expand: '%hosts%'", R"({"f": "c.example"})", Reason::kOtherValue},
      {"'|all': [ab, cd]", R"({"f": "xabx"})", Reason::kPartMissing},
  };
  for (const Row& row : rows) {
    CAPTURE(row.entry, row.event);
    const EntryExplanation told = entry(row.entry, row.event);
    CHECK(to_string(told.reason) == to_string(row.reason));
    CHECK(told.holds == (row.reason == Reason::kHolds));
  }
}

TEST_CASE("a list tells which of its values hold and which is nearest") {
  const EntryExplanation told = entry("f|contains|all: [aa, bb, 'cc ']", R"({"f": "xaa-cc"})");
  REQUIRE(told.values.size() == 3);
  CHECK(told.modifiers == "contains|all");
  CHECK(told.values[0].holds);
  CHECK(told.values[1].reason == Reason::kOtherValue);
  CHECK(told.values[1].wanted == "'bb'");
  CHECK(told.values[2].reason == Reason::kBlanks);
  CHECK(told.seen == std::vector<std::string>{"\"xaa-cc\""});
}

TEST_CASE("an absent field brings the names that may be meant") {
  const auto near = [](const char* field, const char* json) {
    return entry(std::string(field) + ": a", json).near;
  };
  using Names = std::vector<std::string>;
  CHECK(near("ocpp.acton", R"({"ocpp.action": "Reset", "x": 1})") == Names{"ocpp.action"});
  CHECK(near("ocpp.payload.location", R"({"ocpp.payload": {"firmware": {"location": "x"}}})") ==
        Names{"ocpp.payload.firmware.location"});
  CHECK(near("Station_Id", R"({"station": {"id": "x"}, "event.id": 1})") == Names{"station.id"});
  CHECK(near("a.b", R"({"quite": 1})").empty());
}

TEST_CASE("a condition is told part by part, with what a pattern means") {
  const RuleExplanation told = explain(
      "  s_1: {f: a}\n  s_2: {f: b}\n  t: {g: 1}\n"
      "  condition: ['1 of s_* and not (t or all of s_*)', 't']\n",
      R"({"f": "b"})");
  CHECK(told.matches);
  REQUIRE(told.conditions.size() == 2);
  CHECK_FALSE(told.conditions[1].holds);
  const PartExplanation& both = told.conditions[0];
  CHECK(both.text == "1 of s_* and not (t or all of s_*)");
  REQUIRE(both.children.size() == 2);
  const PartExplanation& one_of = both.children[0];
  CHECK(one_of.text == "1 of s_*");
  REQUIRE(one_of.children.size() == 2);
  CHECK((one_of.children[0].text == "s_1" && !one_of.children[0].holds));
  CHECK((one_of.children[1].text == "s_2" && one_of.children[1].holds));
  const PartExplanation& negated = both.children[1];
  CHECK((negated.text == "not (t or all of s_*)" && negated.holds));
  CHECK_FALSE(negated.children[0].children[1].holds);
}

TEST_CASE("the logsource is told apart from the detection") {
  const char* detection = "  s: {ocpp.action: Reset}\n  condition: s\n";
  const auto other = explain(detection, R"({"event.category": "http", "ocpp.action": "Reset"})",
                             "ocpp", SchemaCheck::kOurs);
  CHECK_FALSE(other.matches);
  CHECK_FALSE(other.logsource_fits);
  CHECK(other.conditions[0].holds);
  CHECK((other.wanted_category == "ocpp" && other.seen_category == "http"));
  CHECK(explain(detection, R"({"event.category": "ocpp", "ocpp.action": "Reset"})", "ocpp",
                SchemaCheck::kOurs)
            .matches);
  CHECK(explain(detection, R"({"ocpp.action": "Reset"})", "ocpp").matches);
}

TEST_CASE("values are shown as the redactor lets them be shown") {
  const auto seen = [](const char* field, const char* json) {
    return entry(std::string(field) + "|exists: true", json).seen.at(0);
  };
  const std::string pseudonym = "\"" + Redactor{RedactionKey{}}.pseudonym("04AA") + "\"";
  CHECK(seen("ocpp.payload.idTag", R"({"ocpp.payload.idTag": "04AA"})") == pseudonym);
  CHECK(seen("ocpp.payload.idTag", R"({"ocpp.payload.idTag": "~0123456789abcdef"})") ==
        "\"~0123456789abcdef\"");
  CHECK(seen("ocpp.payload.password", R"({"ocpp.payload.password": "1234"})") == "\"***\"");
  CHECK(seen("ocpp.payload.password", R"({"ocpp.payload.password": 1234})") == "\"***\"");
  CHECK(seen("f", R"({"f": "ftp://me:pw@host/x"})") == "\"ftp://***@host/x\"");
  const char* setting = R"({"ocpp.payload.key": "AuthorizationKey", "ocpp.payload.value": "s3"})";
  CHECK(seen("ocpp.payload.value", setting) == "\"***\"");
  CHECK(seen("ocpp.payload.data",
             R"({"ocpp.action": "NotifyCustomerInformation", "ocpp.payload.data": "04AA"})") ==
        pseudonym);
  CHECK(seen("f", R"({"f": 5.5})") == "5.5");
}

TEST_CASE("what is shown of an event is bounded") {
  std::string list = "0";
  for (int i = 1; i < 20; ++i) list += "," + std::to_string(i);
  const EntryExplanation many = entry("f|exists: true", "{\"f\": [" + list + "]}");
  CHECK(many.seen.size() == kShownValuesMax);
  CHECK(many.seen_count == 20);
  const std::string longest(kShownValueMax, 'x');
  CHECK(entry("f: a", "{\"f\": \"" + longest + "\"}").seen[0] == "\"" + longest + "\"");
  CHECK(entry("f: a", "{\"f\": \"" + longest + "y\"}").seen[0] == "\"" + longest + "...\"");
  std::string before = longest.substr(1);  // The cut would fall inside of the character.
  CHECK(entry("f: a", "{\"f\": \"" + before + "äy\"}").seen[0] == "\"" + before + "...\"");
  std::string names;
  for (std::size_t i = 1; i < kComparedNamesMax; ++i) names += fmt::format("\"n{}\": 0, ", i);
  CHECK(entry("a.target: a", "{" + names + "\"b.target\": 1}").near.size() == 1);
  CHECK(entry("a.target: a", "{" + names + "\"n0\": 0, \"b.target\": 1}").near.empty());
}

TEST_CASE("a placeholder is shown with what it stands for") {
  const EntryExplanation told = entry("f|expand: '%hosts%'", R"({"f": "x"})");
  CHECK(told.values[0].wanted == "'%hosts%'");
  CHECK(told.values[0].forms == std::vector<std::string>{"a.example", "*.b.example"});
}

namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) { return engine_() % bound; }

  template <std::size_t N>
  std::string pick(const char* const (&words)[N]) {
    return words[below(N)];
  }

 private:
  std::mt19937 engine_;
};

constexpr const char* kFields[] = {"a", "b", "c.d", "e"};
constexpr const char* kEntries[] = {"{}: x",
                                    "{}: [x, 'Y*', 7]",
                                    "{}: 7",
                                    "{}: true",
                                    "{}: null",
                                    "{}: ''",
                                    "{}|cased: X",
                                    "{}|contains: [x, y]",
                                    "{}|contains|all: [x, y]",
                                    "{}|neq: [x, 7]",
                                    "{}|startswith|cased: X",
                                    "{}|re: ^x",
                                    "{}|re|i: 'Y$'",
                                    "{}|cidr: 10.0.0.0/8",
                                    "{}|exists: true",
                                    "{}|exists: false",
                                    "{}|gt: 5",
                                    "{}|lte: 7.5",
                                    "{}|fieldref: b",
                                    "{}|fieldref|contains: a",
                                    "{}|expand: '%hosts%'",
                                    "{}|expand: '%none%'",
                                    "{}|endswith|neq: x",
                                    "{}|windash|contains: -x"};
constexpr const char* kValues[] = {R"("x")",
                                   R"("X")",
                                   R"(" x ")",
                                   R"("xy")",
                                   "7",
                                   "7.0",
                                   R"("7")",
                                   "true",
                                   R"("true")",
                                   "null",
                                   "{}",
                                   "[]",
                                   R"(["y", "x"])",
                                   R"([1, 7, null])",
                                   R"("10.1.2.3")",
                                   R"("fd00::1")",
                                   R"("a.example")",
                                   R"("q.b.example")",
                                   R"("/x")",
                                   R"("")"};
constexpr const char* kConditions[] = {"s0 and s1",
                                       "s0 or not s1",
                                       "1 of s*",
                                       "all of them",
                                       "not (s0 or s1) and s2",
                                       "s2 and not 1 of s0*",
                                       "(s0 or s1) and (s1 or s2)",
                                       "not all of s*  or s0 and s1"};

std::string random_rule(Random& random) {
  std::string out;
  for (int i = 0; i < 3; ++i) {
    out += fmt::format("  s{}:\n", i);
    if (random.below(8) == 0) {
      out += "    - x\n    - 'b.ex'\n";
      continue;
    }
    for (std::size_t map = 0; map <= random.below(2); ++map) {
      const std::size_t first = random.below(4);
      for (std::size_t j = 0; j <= random.below(2); ++j) {
        out += j == 0 ? "    - " : "      ";
        out += fmt::format(fmt::runtime(random.pick(kEntries)), kFields[(first + j) % 4]) + "\n";
      }
    }
  }
  // The second condition uses every selection, as a rule must.
  return rule_of(out + "  condition: [\"" + random.pick(kConditions) +
                     "\", 'a_all and s0 and s1 and s2']\n  a_all: {a: x}\n",
                 random.below(2) == 0 ? "http" : "");
}

std::string random_event(Random& random) {
  std::string out = random.below(2) == 0 ? R"({"event.category": "http")" : R"({"z": "x")";
  for (const char* field : kFields) {
    if (random.below(4) != 0) out += fmt::format(", \"{}\": {}", field, random.pick(kValues));
  }
  return out + "}";
}

}  // namespace

TEST_CASE("an explanation never differs from what the engine says") {
  Random random(20261122);
  const Redactor redactor{RedactionKey{}};
  std::size_t matched = 0;
  std::size_t compared = 0;
  for (int round = 0; round < 20; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "---\n" + random_rule(random);
    const RulesFromText rules(text, SchemaCheck::kForeign, kPlaceholders);
    INFO(render_text(rules.diagnostics));
    REQUIRE(rules.documents.size() == 40);
    Explainer explainer(*rules.set, redactor);
    Matcher matcher(*rules.set);
    FlatEvent event;
    for (int i = 0; i < 40; ++i) {
      const std::string json = random_event(random);
      CAPTURE(round, json);
      REQUIRE(event.load(json));
      const auto found = matcher.match(event);
      const std::vector<std::uint32_t> expected(found.begin(), found.end());
      std::vector<std::uint32_t> explained;
      for (std::uint32_t rule = 0; rule < rules.documents.size(); ++rule) {
        const auto told = explainer.explain(rule, rules.documents[rule], rules.file, event);
        if (told.matches) explained.push_back(rule);
        for (const SelectionExplanation& selection : told.selections) {
          for (const auto& map : selection.maps) {
            for (const EntryExplanation& one : map) {
              REQUIRE(one.holds == (one.reason == Reason::kHolds));
            }
          }
        }
      }
      REQUIRE(explained == expected);
      matched += expected.size();
      compared += rules.documents.size();
    }
  }
  CHECK(matched > compared / 20);
  CHECK(matched < compared * 19 / 20);
}

TEST_CASE("the examples of the shipped rules are explained as the engine decides them") {
  LoadOptions options;
  options.paths = {CHARGEWARDEN_SOURCE_DIR "/rules/catalog"};
  const LoadedRules loaded = load_rules(options);
  REQUIRE_FALSE(loaded.diagnostics.has_errors());
  const Redactor redactor{RedactionKey{}};
  Explainer explainer(loaded.set, redactor);
  FlatEvent event;
  std::size_t examples = 0;
  for (std::uint32_t rule = 0; rule < loaded.rules.size(); ++rule) {
    const LoadedRule& one = loaded.rules[rule];
    for (const RuleExample& example : one.document.examples) {
      CAPTURE(one.document.info.name, to_json(example.event));
      REQUIRE(event.load(to_json(example.event)));
      CHECK(explainer.explain(rule, one.document, *one.file, event).matches == example.expected);
      ++examples;
    }
  }
  CHECK(examples > 100);
}
