// What rules mean, table by table: the values of Sigma 2.1 against events.

#include <string>

#include <catch2/catch.hpp>

#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

const PlaceholderMap kPlaceholders{
    {"hosts", {"a.example", "*.b.example"}}, {"none", {}}, {"depots", {"10.1.0.0/16", "fd00::/8"}}};

// Whether a selection with one entry matches the event.
bool matches(const std::string& entry, const std::string& event_json) {
  const RulesFromText rules(rule_of("  condition: s\n  s:\n    " + entry + "\n"),
                            SchemaCheck::kForeign, kPlaceholders);
  INFO(entry << "\n" << render_text(rules.diagnostics));
  REQUIRE(rules.set->size() == 1);
  FlatEvent event;
  REQUIRE(event.load(event_json));
  Matcher matcher(*rules.set);
  const bool first = !matcher.match(event).empty();
  CHECK(first == !matcher.match(event).empty());  // Nothing is left over from the first time.
  return first;
}

struct Row {
  const char* entry;
  const char* event;
  bool expected;
};

void check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.entry, row.event);
    CHECK(matches(row.entry, row.event) == row.expected);
  }
}

}  // namespace

TEST_CASE("null, empty and exists follow the table") {
  struct Line {
    const char* entry;
    bool absent;
    bool null;
    bool empty;
    bool text;
  };

  const Line lines[] = {
      {"f: null", true, true, false, false},
      {"f:", true, true, false, false},
      {"f: ''", false, false, true, false},
      {"f|exists: true", false, true, true, true},
      {"f|exists: false", true, false, false, false},
      {"f: '*'", false, false, true, true},
      {"f: x", false, false, false, true},
      {"f|contains: x", false, false, false, true},
      {"f|neq: x", true, true, true, false},
      {"f|neq: null", false, false, true, true},
      {"f|re: '^x?$'", false, false, true, true},
      {"f|gt: 0", false, false, false, false},
      {"f|cidr: 10.0.0.0/8", false, false, false, false},
      {"f|fieldref: g", false, false, false, true},
      {"f: 'null'", false, false, false, false},
  };
  for (const Line& line : lines) {
    CAPTURE(line.entry);
    CHECK(matches(line.entry, R"({"g": "x"})") == line.absent);
    CHECK(matches(line.entry, R"({"f": null, "g": "x"})") == line.null);
    CHECK(matches(line.entry, R"({"f": "", "g": "x"})") == line.empty);
    CHECK(matches(line.entry, R"({"f": "x", "g": "x"})") == line.text);
  }
  CHECK(matches("f: 'null'", R"({"f": "null"})"));
  CHECK_FALSE(matches("f: null", R"({"f": "null"})"));
}

TEST_CASE("texts compare whole and without case") {
  check({
      {"f: abc", R"({"f": "ABC"})", true},
      {"f: ABC", R"({"f": "abc"})", true},
      {"f: abc", R"({"f": "abcd"})", false},
      {"f: [x, abc]", R"({"f": "abc"})", true},
      {"f: 'STRASSE'", R"({"f": "stra\u00dfe"})", false},
      {"f: \"\\u00c4rger\"", R"({"f": "\u00e4RGER"})", true},
      {"f: \"\\u03a3\"", R"({"f": "\u03c2"})", true},
      {"f: \"\\u0416\"", R"({"f": "\u0436"})", true},
      {"f: k", R"({"f": "\u212a"})", true},
      {"f: \"\\u212a\"", R"({"f": "K"})", true},
      {"f|cased: abc", R"({"f": "ABC"})", false},
      {"f|cased: ABC", R"({"f": "ABC"})", true},
      {"f|contains|cased: B", R"({"f": "abc"})", false},
      {"f|cased|startswith: A", R"({"f": "Abc"})", true},
      {"f|cased: [abc, ABC]", R"({"f": "ABC"})", true},
  });
}

TEST_CASE("wildcards stand for any characters, and escapes for themselves") {
  check({
      {"f: a*c", R"({"f": "abbbc"})", true},
      {"f: a*c", R"({"f": "ac"})", true},
      {"f: a*c", R"({"f": "a\nc"})", true},
      {"f: a?c", R"({"f": "abc"})", true},
      {"f: a?c", R"({"f": "ac"})", false},
      {"f: a?c", R"({"f": "a\u20acc"})", true},
      {"f: a?c", R"({"f": "a\nc"})", true},
      {"f: '?"
       "?'",
       R"({"f": "\u20ac"})", false},
      {"f: '*?'", R"({"f": ""})", false},
      {"f: '*a*b*'", R"({"f": "xxbxxaxx"})", false},
      {"f: '*a*b*'", R"({"f": "xxaxxbxx"})", true},
      {"f: 'a*b?d'", R"({"f": "abXdabcd"})", true},
      {"f: 'a*a'", R"({"f": "a"})", false},
      {R"(f: 'a\b')", R"({"f": "a\\b"})", true},
      {R"(f: 'a\\b')", R"({"f": "a\\b"})", true},
      {R"(f: 'a\*')", R"({"f": "a*"})", true},
      {R"(f: 'a\*')", R"({"f": "ab"})", false},
      {R"(f: 'a\\*')", R"({"f": "a\\xyz"})", true},
      {R"(f: 'a\\\*')", R"({"f": "a\\*"})", true},
      {R"(f: 'a\\\*')", R"({"f": "a\\x"})", false},
      {R"(f: 'a\\\b')", R"({"f": "a\\\\b"})", true},
      {R"(f: 'a\\\\b')", R"({"f": "a\\\\b"})", true},
      {R"(f: 'a\')", R"({"f": "a\\"})", true},
      {R"(f|contains: 'x\')", R"({"f": "ax\\b"})", true},
      {R"(f|contains: 'x\')", R"({"f": "ax*b"})", false},
      {R"(f|endswith: '\x')", R"({"f": "a\\x"})", true},
  });
}

TEST_CASE("contains, startswith, endswith and all") {
  check({
      {"f|contains: bc", R"({"f": "ABCD"})", true},
      {"f|contains: 'b*d'", R"({"f": "abcde"})", true},
      {"f|startswith: ab", R"({"f": "ABC"})", true},
      {"f|startswith: bc", R"({"f": "ABC"})", false},
      {"f|endswith: bc", R"({"f": "ABC"})", true},
      {"f|endswith: ab", R"({"f": "ABC"})", false},
      {"f|contains|all: [a, c]", R"({"f": "abc"})", true},
      {"f|contains|all: [a, d]", R"({"f": "abc"})", false},
      {"f|contains: [x, d]", R"({"f": "abcd"})", true},
      {"f|contains: 5", R"({"f": "a5"})", true},
      {"f|contains|neq: b", R"({"f": "abc"})", false},
      {"f|neq: [a, b]", R"({"f": "b"})", false},
      {"f|neq: [a, b]", R"({"f": "c"})", true},
      {"f|contains|all|neq: [a, b]", R"({"f": "a"})", true},
      {"f|contains|all|neq: [a, b]", R"({"f": "ab"})", false},
  });
}

TEST_CASE("numbers compare by value, also as text") {
  check({
      {"f: 4624", R"({"f": 4624})", true},
      {"f: 4624", R"({"f": "4624"})", true},
      {"f: 4624", R"({"f": 4624.0})", true},
      {"f: 4624", R"({"f": "4624x"})", false},
      {"f: '4624'", R"({"f": 4624})", true},
      {"f: '46*'", R"({"f": 4624})", true},
      {"f: 1.5", R"({"f": "1.50"})", true},
      {"f: -1", R"({"f": -1})", true},
      {"f|gt: 5", R"({"f": 6})", true},
      {"f|gt: 5", R"({"f": 5})", false},
      {"f|gte: 5", R"({"f": 5})", true},
      {"f|lt: 5", R"({"f": 4.99})", true},
      {"f|lt: 5", R"({"f": 5})", false},
      {"f|lte: 5", R"({"f": "5.0"})", true},
      {"f|gt: 5", R"({"f": "10"})", true},
      {"f|gt: 5", R"({"f": "abc"})", false},
      {"f|gt: 5", R"({"f": true})", false},
      {"f|gt: 9007199254740992", R"({"f": 9007199254740993})", true},
      {"f|lte|neq: 5", R"({"f": 6})", true},
      {"f|lte|neq: 5", R"({})", true},
  });
}

TEST_CASE("booleans match booleans and their words") {
  check({
      {"f: true", R"({"f": true})", true},
      {"f: true", R"({"f": false})", false},
      {"f: true", R"({"f": "True"})", true},
      {"f: true", R"({"f": 1})", false},
      {"f: 'true'", R"({"f": true})", true},
      {"f: false", R"({})", false},
  });
}

TEST_CASE("regular expressions are searched for, with case unless told otherwise") {
  check({
      {"f|re: 'b.d'", R"({"f": "abcde"})", true},
      {"f|re: 'B'", R"({"f": "abc"})", false},
      {"f|re|i: 'B'", R"({"f": "abc"})", true},
      {"f|re: '^b'", R"({"f": "a\nb"})", false},
      {"f|re|m: '^b'", R"({"f": "a\nb"})", true},
      {"f|re: 'a.b'", R"({"f": "a\nb"})", false},
      {"f|re|s: 'a.b'", R"({"f": "a\nb"})", true},
      {R"(f|re: '^\d+$')", R"({"f": 123})", true},
      {"f|re: 'a*'", R"({"f": "zzz"})", true},
      {"f|re: ['x', 'y']", R"({"f": "y"})", true},
      {"f|re|all: ['x', 'y']", R"({"f": "y"})", false},
      {"f|re|neq: 'x'", R"({"f": "y"})", true},
      {R"(f|re: '(?i)ABC\b')", R"({"f": "abc d"})", true},
  });
}

TEST_CASE("networks contain addresses of their own family") {
  check({
      {"f|cidr: 10.0.0.0/8", R"({"f": "10.1.2.3"})", true},
      {"f|cidr: 10.0.0.0/8", R"({"f": "11.1.2.3"})", false},
      {"f|cidr: [10.0.0.0/8, 192.168.0.0/16]", R"({"f": "192.168.1.1"})", true},
      {"f|cidr: 'fd00::/8'", R"({"f": "fd12::1"})", true},
      {"f|cidr: 'fd00::/8'", R"({"f": "10.0.0.1"})", false},
      {"f|cidr: '::/0'", R"({"f": "10.0.0.1"})", false},
      {"f|cidr: 0.0.0.0/0", R"({"f": "fd00::1"})", false},
      {"f|cidr: 10.0.0.0/8", R"({"f": "10.1.2.3.4"})", false},
      {"f|cidr: 10.0.0.0/8", R"({"f": 10})", false},
      {"f|cidr|neq: 10.0.0.0/8", R"({"f": "11.0.0.1"})", true},
  });
}

TEST_CASE("placeholders stand for the lists of the site") {
  check({
      {"f|expand: '%hosts%'", R"({"f": "A.example"})", true},
      {"f|expand: '%hosts%'", R"({"f": "x.b.example"})", true},
      {"f|expand: '%hosts%'", R"({"f": "x.a.example"})", false},
      {"f|contains|expand: '%hosts%'", R"({"f": "https://a.example/x"})", true},
      {"f|expand: 'https://%hosts%/*'", R"({"f": "https://a.example/x"})", true},
      {"f|expand: '%none%'", R"({"f": "x"})", false},
      {"f|expand: '%none%'", R"({"f": ""})", false},
      {"f|expand|neq: '%none%'", R"({"f": "x"})", true},
  });
}

TEST_CASE("placeholders stand in regular expressions and for networks too") {
  check({
      {"f|re|expand: '^https?://%hosts%/'", R"({"f": "http://a.example/fw"})", true},
      {"f|re|expand: '^https?://%hosts%/'", R"({"f": "http://x.b.example/fw"})", true},
      {"f|re|expand: '^https?://%hosts%/'", R"({"f": "http://axexample/fw"})", false},
      {"f|re|i|expand: '^%hosts%$'", R"({"f": "A.EXAMPLE"})", true},
      {"f|re|expand: '^%hosts%$'", R"({"f": "A.EXAMPLE"})", false},
      {R"(f|re|expand: '^\%none%%hosts%$')", R"({"f": "%none%a.example"})", true},
      {"f|re|expand: '%none%'", R"({"f": "x"})", false},
      {"f|cidr|expand: '%depots%'", R"({"f": "10.1.2.3"})", true},
      {"f|cidr|expand: '%depots%'", R"({"f": "fd00::1"})", true},
      {"f|cidr|expand: '%depots%'", R"({"f": "10.2.2.3"})", false},
      {"f|cidr|expand|neq: '%depots%'", R"({"f": "10.2.2.3"})", true},
      {"f|cidr|expand: '%none%'", R"({"f": "10.1.2.3"})", false},
  });
}

TEST_CASE("regular expressions are bound to the ends by startswith and endswith") {
  check({
      {"f|re|startswith: 'a|b'", R"({"f": "bx"})", true},
      {"f|re|startswith: 'a|b'", R"({"f": "xb"})", false},
      {"f|re|endswith: 'a|b'", R"({"f": "xb"})", true},
      {"f|re|endswith: 'a|b'", R"({"f": "bx"})", false},
      {"f|re|m|endswith: 'a'", R"({"f": "a\nx"})", false},
      {"f|re|contains: 'b.d'", R"({"f": "abcde"})", true},
  });
}

TEST_CASE("parts of a time compare in UTC") {
  check({
      {"t|hour: 23", R"({"t": "2026-11-22T23:59:59Z"})", true},
      {"t|hour: 23", R"({"t": "2026-11-23T00:30:00+01:00"})", true},
      {"t|hour: 0", R"({"t": "2026-11-23T00:30:00+01:00"})", false},
      {"t|hour|gte: 22", R"({"t": "2026-11-22 22:00:00"})", true},
      {"t|hour|gte: 22", R"({"t": "2026-11-22 21:59:59.999"})", false},
      {"t|hour|gt: 22", R"({"t": "2026-11-22 22:59:59"})", false},
      {"t|hour|lt: 6", R"({"t": "2026-11-22 05:59:59"})", true},
      {"t|hour|lte: 6", R"({"t": "2026-11-22 06:59:59"})", true},
      {"t|hour: [1, 2]", R"({"t": "2026-11-22 02:00:00"})", true},
      {"t|minute: 59", R"({"t": "2026-11-22T23:59:00Z"})", true},
      {"t|day: 22", R"({"t": "2026-11-22"})", true},
      {"t|week: 53", R"({"t": "2021-01-03"})", true},
      {"t|month: 11", R"({"t": "2026-11-22"})", true},
      {"t|year: 2026", R"({"t": 1795348800})", true},
      {"t|year: 2026", R"({"t": 1795348800000})", true},
      {"t|year|neq: 2026", R"({"t": 1795348800.5})", false},
      {"t|year: 2026", R"({"t": ["x", "2026-01-01"]})", true},
      {"t|year: 2026", R"({"t": "soon"})", false},
      {"t|year: 2026", R"({"t": true})", false},
      {"t|year: 2026", R"({"u": "2026-01-01"})", false},
      {"t|year|neq: 2026", R"({"u": "2026-01-01"})", true},
      {"t|hour|gte|neq: 22", R"({"t": "2026-11-22 21:00:00"})", true},
  });
}

TEST_CASE("fields compare with other fields of the event") {
  check({
      {"f|fieldref: g", R"({"f": "Abc", "g": "aBC"})", true},
      {"f|fieldref: g", R"({"f": "abc", "g": "abd"})", false},
      {"f|fieldref|cased: g", R"({"f": "Abc", "g": "abc"})", false},
      {"f|fieldref|endswith: g", R"({"f": "abc", "g": "BC"})", true},
      {"f|fieldref|startswith: g", R"({"f": "abc", "g": "ab"})", true},
      {"f|fieldref|contains: g", R"({"f": "abc", "g": ["x", "b"]})", true},
      {"f|fieldref: g", R"({"f": 5, "g": "5"})", true},
      {"f|fieldref: g", R"({"f": "x"})", false},
      {"f|fieldref: g", R"({"g": "x"})", false},
      {"f|fieldref|neq: g", R"({"f": "x", "g": "y"})", true},
  });
}

TEST_CASE("encoded values are found in their encoded form") {
  check({
      {"f|base64offset|contains: 'foo bar'", R"({"f": "xZvbyBiYXx"})", true},
      {"f|base64offset|contains: 'foo bar'", R"({"f": "foo bar"})", false},
      {"f|base64|contains: ab", R"({"f": "..YWI=.."})", true},
      {"f|wide|base64offset|contains: ping", R"({"f": "cABpAG4AZw"})", true},
      {"f|windash|contains: ' -f'", R"({"f": "a /f"})", true},
      {"f|windash|contains: ' -f'", R"({"f": "a \u2013f"})", true},
      {"f|contains|windash: ' -f*x'", R"({"f": "a /fox"})", true},
      {"f|windash|contains|all: ['-a', '-b']", R"({"f": "/a /b"})", true},
      {"f|windash|contains|all: ['-a', '-b']", R"({"f": "/a /c"})", false},
  });
}

TEST_CASE("nested objects are reached by dots, and lists match by any element") {
  check({
      {"a.b: x", R"({"a": {"b": "x"}})", true},
      {"a.b: x", R"({"a.b": "x"})", true},
      {"a.b: x", R"({"a.b": "y", "a": {"b": "x"}})", false},
      {"a.b: x", R"({"a": [{"b": "y"}, {"b": "x"}]})", true},
      {"a.b|contains|all: [x, y]", R"({"a": [{"b": "x"}, {"b": "y"}]})", true},
      {"a: x", R"({"a": ["y", "x"]})", true},
      {"a: x", R"({"a": [["y"], ["x"]]})", true},
      {"a: null", R"({"a": ["y", null]})", true},
      {"a: null", R"({"a": []})", false},
      {"a|exists: true", R"({"a": []})", true},
      {"a|exists: true", R"({"a": {}})", true},
      {"a: '*'", R"({"a": {}})", false},
      {"a|neq: x", R"({"a": ["y", "x"]})", false},
      {"a|gt: 5", R"({"a": [1, "7"]})", true},
      {"a.b.c: x", R"({"a": {"b": {"c": "x"}}})", true},
      {"a.b.c: x", R"({"a": {"b": "x"}})", false},
      {"ocpp.payload.firmware|exists: true", R"({"ocpp.payload.firmware.location": "x"})", true},
  });
}

TEST_CASE("keywords are looked for in every text of the event") {
  const auto found = [](const std::string& selection, const std::string& json) {
    const RulesFromText rules(rule_of("  condition: s\n  s: " + selection + "\n"));
    REQUIRE(rules.set->size() == 1);
    FlatEvent event;
    REQUIRE(event.load(json));
    Matcher matcher(*rules.set);
    return !matcher.match(event).empty();
  };
  CHECK(found("word", R"({"a": "some WORDs"})"));
  CHECK(found("[nothing, word]", R"({"a": {"b": ["x", "a word"]}})"));
  CHECK(found("'w?r*s'", R"({"a": "some words"})"));
  CHECK_FALSE(found("a", R"({"a": "x"})"));  // Names are not values.
  CHECK_FALSE(found("word", R"({})"));
  CHECK(found("{'|all': [one, two]}", R"({"a": "one", "b": "two"})"));
  CHECK_FALSE(found("{'|all': [one, two]}", R"({"a": "one"})"));
  CHECK(found("{'|re': 'w.rd$'}", R"({"a": "a word"})"));
  CHECK(found("['only one', {f: 1}]", R"({"f": 1})"));
  CHECK(found("['only one', {f: 1}]", R"({"g": "Only one."})"));
}

TEST_CASE("conditions join selections as they say") {
  struct Line {
    const char* condition;
    const char* event;
    bool expected;
  };

  const Line lines[] = {
      {"a and b", R"({"x": 1, "y": 1})", true},
      {"a and b", R"({"x": 1})", false},
      {"a or b", R"({"y": 1})", true},
      {"not a", R"({})", true},
      {"b and not a", R"({"y": 1})", true},
      {"a or b and not c", R"({"x": 1, "z": 1})", true},
      {"(a or b) and not c", R"({"x": 1, "z": 1})", false},
      {"1 of them", R"({"z": 1})", true},
      {"all of them", R"({"x": 1, "y": 1})", false},
      {"all of them", R"({"x": 1, "y": 1, "z": 1})", true},
      {"[a and b, c]", R"({"z": 1})", true},
      {"not 1 of *", R"({"w": 1})", true},
  };
  for (const Line& line : lines) {
    CAPTURE(line.condition, line.event);
    std::string detection = "  a: {x: 1}\n  b: [{y: 1}, {y: 2}]\n  c: {z: 1}\n  condition: ";
    // Every selection must be named: the last one is never true.
    detection += line.condition[0] == '['
                     ? line.condition
                     : "[" + std::string(line.condition) + ", a and b and c and never]";
    if (line.condition[0] != '[') detection += "\n  never: {q: 1}";
    const bool them = std::string(line.condition).find("of") != std::string::npos;
    if (them) {
      detection = "  a: {x: 1}\n  b: [{y: 1}, {y: 2}]\n  c: {z: 1}\n  condition: " +
                  std::string(line.condition);
    }
    const RulesFromText rules(rule_of(detection + "\n"));
    INFO(render_text(rules.diagnostics));
    REQUIRE(rules.set->size() == 1);
    FlatEvent event;
    REQUIRE(event.load(line.event));
    Matcher matcher(*rules.set);
    CHECK(matcher.match(event).empty() != line.expected);
  }
}
