// Gates: which rules can be left asleep, and that those that cannot are not.

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "rules/engine/compiled_rules.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/gate_index.h"
#include "rules/engine/matcher.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

// Eight rules of the same detection: enough for an index.
std::string eight_of(const std::string& detection) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += "---\n" + rule_of(detection);
  return out;
}

bool has_gate(const std::string& detection) {
  const RulesFromText rules(eight_of(detection));
  INFO(detection << render_text(rules.diagnostics));
  REQUIRE(rules.set->size() == 8);
  REQUIRE_FALSE(rules.set->compiled().gates.empty());
  const std::size_t always = rules.set->compiled().gates.always_count();
  REQUIRE((always == 0 || always == 8));
  return always == 0;
}

bool item_has_gate(const std::string& item) {
  return has_gate("  s: {" + item + "}\n  condition: s\n");
}

bool condition_has_gate(const std::string& condition) {
  return has_gate("  a: {x: one}\n  b: {y|contains: two}\n  n: {z: null}\n  condition: \"" +
                  condition + "\"\n");
}

// How many of eight equal rules match; the index is in use.
std::size_t matches(const std::string& detection, const std::string& event) {
  const RulesFromText rules(eight_of(detection));
  REQUIRE(rules.set->size() == 8);
  Matcher matcher(*rules.set);
  FlatEvent flat;
  REQUIRE(flat.load(event));
  return matcher.match(flat).size();
}

}  // namespace

TEST_CASE("what must stand in the event is a gate") {
  for (const char* item : {"f: abc",
                           "f|contains: a",
                           "f|startswith: ab",
                           "f|endswith: [a, b]",
                           "f: 'a*b?c'",
                           "f: ''",
                           "f: 5",
                           "f: true",
                           "f|gt: 5",
                           "f|cidr: 10.0.0.0/8",
                           "f|re: 'abc+'",
                           "f|re: '[0-9]+'",
                           "f|exists: true",
                           "f|cased: A",
                           "f|contains|cased: A",
                           "f|fieldref: g",
                           "f: '*'",
                           "f|contains|all: [a, b]",
                           "'|all': [ab, cd]",
                           "f|contains: ''",
                           "f|re: ''"}) {
    CAPTURE(item);
    CHECK(item_has_gate(item));
  }
}

TEST_CASE("what may be absent is no gate") {
  for (const char* item : {"f: null", "f|exists: false", "f|neq: abc", "f|contains|neq: [a, b]",
                           "f|contains|all|neq: [a, b]", "f|re|neq: a"}) {
    CAPTURE(item);
    CHECK_FALSE(item_has_gate(item));
  }
}

TEST_CASE("gates follow the condition") {
  CHECK(condition_has_gate("a and b and n"));
  CHECK(condition_has_gate("a and not b or b and not n and not a"));
  CHECK(condition_has_gate("not (not a or n) and 1 of b*"));
  CHECK(condition_has_gate("not n and (a or not b)"));
  CHECK(condition_has_gate("not (not a and not b) and not n"));
  CHECK_FALSE(condition_has_gate("n and not a and not b"));
  CHECK_FALSE(condition_has_gate("a or b or n"));
  CHECK_FALSE(condition_has_gate("(a or n) and (b or not a)"));
  CHECK_FALSE(condition_has_gate("not (a and b) and not (n and a)"));
}

TEST_CASE("values of every type open gates as they answer conditions") {
  struct Row {
    const char* item;
    const char* event;
    bool expected;
  };

  const Row rows[] = {
      {"f: 5", R"({"f": 5})", true},
      {"f: 5", R"({"f": 5.0})", true},
      {"f: 5", R"({"f": "5"})", true},
      {"f: 5", R"({"f": ["x", [5]]})", true},
      {"f: 9007199254740993", R"({"f": 9007199254740993})", true},
      {"f: 9007199254740993", R"({"f": 9007199254740992})", false},
      {"f: 0", R"({"f": -0.0})", true},
      {"f: '5*'", R"({"f": 57})", true},
      {"f|contains: ru", R"({"f": true})", true},
      {"f: true", R"({"f": "TRUE"})", true},
      {"f: 'TRUE'", R"({"f": true})", true},
      {"f|contains: needle", R"({"f": ["", null, "a NEEDLE b"]})", true},
      {"f|contains: needle", R"({"f": [{"g": "a needle b"}]})", false},
      {"f|contains: \"\xD0\xB6\xD0\x96\"", "{\"f\": \"x\xD0\x96\xD0\xB6y\"}", true},
      {"f|contains|cased: \"\xD0\x96\"", "{\"f\": \"x\xD0\x96y\"}", true},
      {"f|contains|cased: \"\xD0\x96\"", "{\"f\": \"x\xD0\xB6y\"}", false},
      {"f|contains: kelvin",
       "{\"f\": \"\xE2\x84\xAA"
       "ELVIN\"}",
       true},
      {"f|re: '(?i)kelvin'",
       "{\"f\": \"\xE2\x84\xAA"
       "ELVIN\"}",
       true},
      {"f|re: '(?i)samsa'",
       "{\"f\": \"\xC5\xBF"
       "am\xC5\xBF"
       "a\"}",
       true},
      {"f|re: 'Abc|[0-9]{4}x'", R"({"f": "1234x"})", true},
      {"f|re: 'Abc|[0-9]{4}x'", R"({"f": "abc"})", false},
      {"f|re: '[0-9]{4}'", R"({"f": [1, 2345]})", true},
      {"f|cidr: 10.0.0.0/8", R"({"f": ["x", "10.1.1.1"]})", true},
      {"f|exists: true", R"({"f": null})", true},
      {"f|exists: true", R"({"f": []})", true},
      {"f: ''", R"({"f": ""})", true},
      {"f: ''", R"({"f": null})", false},
      {"'|all': [one, two]", R"({"a": {"b": "x One"}, "c": ["TWO"]})", true},
      {"'|all': [one, two]", R"({"a": "one"})", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.item, row.event);
    const std::string detection = "  s: {" + std::string(row.item) + "}\n  condition: s\n";
    CHECK(matches(detection, row.event) == (row.expected ? 8 : 0));
  }
}

TEST_CASE("rules that need nothing are asked about every event") {
  CHECK(matches("  s: {f: null}\n  t: {g: x}\n  condition: s and not t\n", R"({"a": 1})") == 8);
  CHECK(matches("  s: {f|neq: x}\n  condition: s\n", "{}") == 8);
  CHECK(matches("  s: {f: x}\n  condition: not s\n", "{}") == 8);
}

TEST_CASE("a list of no values matches nothing, and everything with all") {
  const PlaceholderMap none{{"none", {}}};
  for (const bool all : {false, true}) {
    const std::string item = all ? "f|expand|all" : "f|expand";
    const RulesFromText rules(eight_of("  s: {'" + item + "': '%none%'}\n  condition: s\n"),
                              SchemaCheck::kForeign, none);
    CAPTURE(item, render_text(rules.diagnostics));
    if (rules.set->size() == 0) continue;  // `all` of one value is refused.
    Matcher matcher(*rules.set);
    FlatEvent flat;
    REQUIRE(flat.load(R"({"f": "x"})"));
    const auto found = matcher.match(flat);
    CHECK(found.size() == static_cast<std::size_t>(matcher.matches(0, flat) ? 8 : 0));
  }
}

TEST_CASE("expressions that are too large for one set are asked one by one") {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text +=
        "---\n" + rule_of(fmt::format("  s: {{f|re: '^{}[^ -~]{{900}}'}}\n  condition: s\n", i));
  }
  const RulesFromText rules(text);
  REQUIRE(rules.set->size() == 100);
  CHECK(rules.set->compiled().gates.always_count() == 0);
  Matcher matcher(*rules.set);
  FlatEvent flat;
  std::string value;
  for (int i = 0; i < 900; ++i) value += "\xC3\xA9";
  REQUIRE(flat.load("{\"f\": \"7" + value + "\"}"));
  const auto found = matcher.match(flat);
  REQUIRE(found.size() == 1);
  CHECK(found[0] == 7);
}
