// Filters on rules: which they apply to, what they suppress, and how that is counted.

#include <string>

#include <catch2/catch.hpp>

#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

std::string rule(const std::string& name, const std::string& logsource = "{product: p}") {
  return "title: T\nname: " + name + "\nlogsource: " + logsource +
         "\ndetection:\n  selection: {a: 1}\n  condition: selection\n---\n";
}

std::string filter(const std::string& rules, const std::string& condition,
                   const std::string& logsource = "{product: p}") {
  return "title: F\nlogsource: " + logsource + "\nfilter:\n  rules: " + rules +
         "\n  selection: {user: admin}\n  other: {host: x}\n  condition: " + condition + "\n---\n";
}

std::size_t matches(Matcher& matcher, const char* json) {
  FlatEvent event;
  REQUIRE(event.load(json));
  return matcher.match(event).size();
}

std::vector<std::string> codes(const RulesFromText& rules) {
  std::vector<std::string> out;
  for (const Diagnostic& problem : rules.diagnostics.all()) {
    out.emplace_back(problem_def(problem.problem).code);
  }
  return out;
}

}  // namespace

TEST_CASE("a filter takes matches away from the rules it names, and counts them") {
  const RulesFromText rules(rule("one") + rule("two") +
                            filter("[one]", "not selection and not other"));
  REQUIRE(rules.diagnostics.all().empty());
  Matcher matcher(*rules.set);
  CHECK(matches(matcher, R"({"a": 1})") == 2);
  CHECK(matches(matcher, R"({"a": 1, "user": "Admin"})") == 1);
  CHECK(matches(matcher, R"({"a": 2, "user": "admin"})") == 0);
  CHECK(matches(matcher, R"({"a": 1, "host": "x"})") == 1);
  REQUIRE(rules.set->filter_uses().size() == 1);
  CHECK(rules.set->filter_uses()[0].rule == 0);
  CHECK(matcher.suppressed()[0] == 2);  // Not the event that the rule would not have matched.
}

TEST_CASE("names of a filter's selections are its own") {
  // Rule and filter both call theirs `selection`; `1 of` means those of the filter alone.
  const RulesFromText rules(rule("one") + filter("[one]", "not 1 of *"));
  REQUIRE(rules.diagnostics.all().empty());
  Matcher matcher(*rules.set);
  CHECK(matches(matcher, R"({"a": 1})") == 1);
  CHECK(matches(matcher, R"({"a": 1, "user": "admin"})") == 0);
}

TEST_CASE("each filter of a rule counts what it suppresses") {
  const RulesFromText rules(filter("[one]", "not selection and not other") + rule("one") +
                            filter("[one]", "not other and not selection"));
  REQUIRE(rules.diagnostics.all().empty());
  Matcher matcher(*rules.set);
  CHECK(matches(matcher, R"({"a": 1, "user": "admin"})") == 0);
  REQUIRE(matcher.suppressed().size() == 2);
  CHECK(matcher.suppressed()[0] == 1);
  CHECK(matcher.suppressed()[1] == 1);
}

TEST_CASE("any means every rule whose logsource is within the filter's") {
  const std::string windows = "{product: windows, category: process_creation}";
  const RulesFromText rules(rule("one", windows) + rule("two", "{product: windows}") +
                            rule("three", "{product: linux, category: process_creation}") +
                            filter("any", "not selection and not other", windows));
  REQUIRE(rules.diagnostics.all().empty());
  REQUIRE(rules.set->filter_uses().size() == 1);
  CHECK(rules.set->filter_uses()[0].rule == 0);
  const RulesFromText all(rule("one", windows) + rule("two", "{product: windows}") +
                          filter("any", "not selection and not other", "{product: windows}"));
  CHECK(all.set->filter_uses().size() == 2);
}

TEST_CASE("filters are named by id too, and in capitals") {
  const RulesFromText rules(
      "id: 3fa85f64-5717-4562-b3fc-2c963f66afa6\n" + rule("one") +
      filter("[3FA85F64-5717-4562-b3fc-2c963f66afa6]", "not selection and not other"));
  CHECK(rules.diagnostics.all().empty());
  CHECK(rules.set->filter_uses().size() == 1);
}

TEST_CASE("a filter that names what is not there, or not so, is told") {
  using Codes = std::vector<std::string>;
  const std::string condition = "not selection and not other";
  CHECK(codes(RulesFromText(rule("one") + filter("[ones]", condition))) == Codes{"CW1801"});
  CHECK(codes(RulesFromText(rule("one") +
                            "title: C\nname: c\ncorrelation: {type: temporal, rules: "
                            "[one], timespan: 5m}\n---\n" +
                            filter("[c]", condition))) == Codes{"CW1802"});
  const RulesFromText apart(rule("one", "{product: q}") + filter("[one]", condition));
  CHECK(codes(apart) == Codes{"CW1803"});
  CHECK_FALSE(apart.diagnostics.has_errors());
  CHECK(apart.set->filter_uses().empty());
  // A rule with problems is there, though not good: its problems are told once.
  CHECK(codes(RulesFromText("level: huge\n" + rule("one") + filter("[one]", condition))) ==
        Codes{"CW1108"});
}

TEST_CASE("a filter is part of the hash of the set") {
  const std::string base = rule("one");
  CHECK(RulesFromText(base).set->hash() !=
        RulesFromText(base + filter("[one]", "not selection and not other")).set->hash());
}
