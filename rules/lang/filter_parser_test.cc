#include "rules/lang/filter_parser.h"

#include <string>

#include <catch2/catch.hpp>

#include "rules/lang/rule_parser.h"
#include "rules/lang/yaml_reader.h"

using namespace chargewarden;

namespace {

struct Parsed {
  // The lines of the section begin at line 4.
  explicit Parsed(const std::string& lines)
      : file("test.yml", "title: T\nlogsource: {category: c}\nfilter:\n" + lines) {
    auto documents = read_yaml(file, diagnostics);
    REQUIRE(documents.size() == 1);
    rule = parse_rule(std::move(documents[0]), file, diagnostics);
    REQUIRE(rule);
  }

  SourceFile file;
  Diagnostics diagnostics;
  std::optional<RuleDocument> rule;
};

}  // namespace

TEST_CASE("a filter names rules and has selections of its own") {
  const Parsed parsed("  rules: [a, b]\n  selection: {f: 1}\n  condition: not selection\n");
  CHECK(parsed.diagnostics.all().empty());
  CHECK(parsed.rule->kind == DocumentKind::kFilter);
  CHECK(parsed.rule->filter->rules.size() == 2);
  CHECK_FALSE(parsed.rule->filter->any);
  REQUIRE(parsed.rule->selections.size() == 1);
  CHECK(parsed.rule->selections[0].name == "selection");
  CHECK(Parsed("  rules: any\n  x: {f: 1}\n  condition: not x\n").rule->filter->any);
}

TEST_CASE("a filter that keeps what it describes is pointed out and used") {
  const Parsed parsed("  rules: [a]\n  selection: {f: 1}\n  condition: selection\n");
  REQUIRE(parsed.diagnostics.all().size() == 1);
  CHECK(parsed.diagnostics.all()[0].problem == Problem::kFilterWithoutNot);
  CHECK(parsed.diagnostics.all()[0].position == Position{6, 14});
  CHECK(parsed.rule->complete);
  CHECK(Parsed("  rules: [a]\n  s: {f|neq: 1}\n  condition: s\n").diagnostics.all().empty());
}

TEST_CASE("each problem of a filter has its code and place") {
  struct Row {
    const char* lines;
    const char* code;
    Position position;
  };

  const Row rows[] = {
      {"  s: {f: 1}\n  condition: not s\n", "CW1102", {4, 3}},
      {"  rules: all\n  s: {f: 1}\n  condition: not s\n", "CW1103", {4, 10}},
      {"  rules: []\n  s: {f: 1}\n  condition: not s\n", "CW1103", {4, 10}},
      {"  rules: [{}]\n  s: {f: 1}\n  condition: not s\n", "CW1103", {4, 11}},
      {"  rules: [a, a]\n  s: {f: 1}\n  condition: not s\n", "CW1116", {4, 14}},
      {"  rules: [a]\n  condition: not s\n", "CW1301", {4, 3}},
      {"  rules: [a]\n  s: {f: 1}\n", "CW1102", {4, 3}},
      {"  rules: [a]\n  s: {f: 1}\n  t: {f: 1}\n  condition: not s\n", "CW1504", {6, 3}},
      {"  rules: [a]\n  s: {f: 1}\n  condition: not rules\n", "CW1502", {6, 18}},
      {"  rules: [a]\n  s: {f: 1}\n  timeframe: 5m\n  condition: not s\n", "CW1307", {6, 3}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.lines);
    const Parsed parsed(row.lines);
    REQUIRE(parsed.diagnostics.all().size() == 1);
    CHECK(problem_def(parsed.diagnostics.all()[0].problem).code == row.code);
    CHECK(parsed.diagnostics.all()[0].position == row.position);
    CHECK_FALSE(parsed.rule->complete);
  }
}

TEST_CASE("a filter of too many rules is refused") {
  std::string rules = "[r0";
  for (std::size_t i = 1; i <= kReferencesMax; ++i) rules += ", r" + std::to_string(i);
  const Parsed parsed("  rules: " + rules + "]\n  s: {f: 1}\n  condition: not s\n");
  REQUIRE(parsed.diagnostics.all().size() == 1);
  CHECK(parsed.diagnostics.all()[0].problem == Problem::kTooManyValues);
}
