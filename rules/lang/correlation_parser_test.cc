#include "rules/lang/correlation_parser.h"

#include <string>

#include <catch2/catch.hpp>

#include "rules/lang/rule_parser.h"
#include "rules/lang/yaml_reader.h"
#include "rules/model/correlation_limits.h"

using namespace chargewarden;

namespace {

struct Parsed {
  explicit Parsed(std::string text) : file("test.yml", std::move(text)) {
    auto documents = read_yaml(file, diagnostics);
    REQUIRE(documents.size() == 1);
    rule = parse_rule(std::move(documents[0]), file, diagnostics);
    REQUIRE(rule);
  }

  [[nodiscard]] const CorrelationSection& section() const { return rule->correlation.value(); }

  SourceFile file;
  Diagnostics diagnostics;
  std::optional<RuleDocument> rule;
};

// A correlation with these lines, which begin at line 3, in its section.
std::string correlation(const std::string& lines) {
  return "title: T\ncorrelation:\n" + lines;
}

// Everything but a condition, lines 3 to 5.
std::string of_type(const std::string& type) {
  return correlation("  type: " + type + "\n  rules: [a, b]\n  timespan: 5m\n");
}

}  // namespace

TEST_CASE("a timespan is a positive number and a unit") {
  CHECK(parse_timespan_ns("1s") == 1'000'000'000);
  CHECK(parse_timespan_ns("90m") == 5'400'000'000'000);
  CHECK(parse_timespan_ns("24h") == parse_timespan_ns("1d"));
  CHECK(parse_timespan_ns("7d") == parse_timespan_ns("1w"));
  CHECK(parse_timespan_ns("3660d") == kTimespanMaxS * 1'000'000'000);
  for (const char* text : {"", "s", "0s", "-5m", "5", "1.5h", "5M", "5y", "1h30", "1h 30m", "+5m",
                           "3661d", "99999999999999999999s", " 5m", "soon"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_timespan_ns(text).has_value());
  }
}

TEST_CASE("every type is read with what it needs") {
  const Parsed count(
      correlation("  type: event_count\n  rules: [a]\n  group-by: [x, y]\n"
                  "  timespan: 1h\n  condition:\n    gt: 100\n    lte: 200\n"));
  CHECK(count.diagnostics.all().empty());
  CHECK(count.rule->kind == DocumentKind::kCorrelation);
  CHECK(count.section().type == CorrelationType::kEventCount);
  CHECK(count.section().group_by.size() == 2);
  REQUIRE(count.section().bounds.size() == 2);
  CHECK(count.section().bounds[0].comparison == Comparison::kGreater);
  CHECK(count.section().bounds[1].comparison == Comparison::kLessEqual);
  CHECK_FALSE(count.section().generate);

  const Parsed values(of_type("value_count") + "  condition: {gte: 3, field: [u, v]}\n");
  CHECK(values.diagnostics.all().empty());
  CHECK(values.section().value_names.size() == 2);

  const Parsed sum(of_type("value_sum") + "  condition: {gt: -1.5, field: x}\n");
  CHECK(sum.diagnostics.all().empty());
  CHECK(sum.section().bounds.at(0).value == -1.5);

  const Parsed percentile(of_type("value_percentile") +
                          "  condition: {gt: 9, field: x, percentile: 95}\n");
  CHECK(percentile.diagnostics.all().empty());
  CHECK(percentile.section().percentile == 95);
  const Parsed median(of_type("value_percentile") + "  condition: {lte: 1, field: x}\n");
  CHECK(median.diagnostics.all().empty());
  CHECK(median.section().percentile == kDefaultPercentile);
}

TEST_CASE("without a condition a temporal correlation wants all of its rules") {
  const Parsed ordered(of_type("temporal_ordered"));
  CHECK(ordered.diagnostics.all().empty());
  REQUIRE(ordered.section().bounds.size() == 1);
  CHECK(ordered.section().bounds[0].comparison == Comparison::kGreaterEqual);
  CHECK(ordered.section().bounds[0].value == 2);
}

TEST_CASE("a temporal correlation may say its rules in words") {
  const Parsed parsed(of_type("temporal") + "  condition: a and not b\n");
  CHECK(parsed.diagnostics.all().empty());
  REQUIRE(parsed.section().expression);
  CHECK(parsed.section().bounds.empty());
}

TEST_CASE("generate stands in the section or beside it") {
  CHECK(Parsed(of_type("temporal") + "  generate: true\n").section().generate);
  CHECK(Parsed(of_type("temporal") + "generate: true\n").section().generate);
  CHECK_FALSE(Parsed(of_type("temporal") + "generate: false\n").section().generate);
}

TEST_CASE("a correlation's false positives may be one text") {
  const Parsed parsed(of_type("temporal") + "falsepositives: none known\n");
  CHECK(parsed.diagnostics.all().empty());
  CHECK(parsed.rule->info.falsepositives.size() == 1);
}

TEST_CASE("each problem of a correlation has its code and place") {
  struct Row {
    std::string yaml;
    const char* code;
    Position position;
  };

  const std::string count = of_type("event_count");
  const std::string values = of_type("value_count");
  const Row rows[] = {
      {"title: T\ncorrelation: x\n", "CW1103", {2, 14}},
      {correlation("  rules: [a]\n  timespan: 5m\n  condition: {gte: 1}\n"), "CW1102", {3, 3}},
      {correlation("  type: temporal\n  timespan: 5m\n"), "CW1102", {3, 3}},
      {correlation("  type: temporal\n  rules: [a]\n"), "CW1102", {3, 3}},
      {correlation("  type: temporal\n  rules: a\n  timespan: 5m\n"), "CW1103", {4, 10}},
      {correlation("  type: temporal\n  rules: [a, a]\n  timespan: 5m\n"), "CW1116", {4, 14}},
      {correlation("  type: ordered_temporal\n  rules: [a]\n  timespan: 5m\n"), "CW1901", {3, 9}},
      {correlation("  type: temporal\n  rules: [a]\n  timespan: 0s\n"), "CW1902", {5, 13}},
      {correlation("  type: temporal\n  rules: [a]\n  timespan: -5m\n"), "CW1902", {5, 13}},
      {correlation("  type: temporal\n  rules: [a]\n  timespan: [5m]\n"), "CW1902", {5, 13}},
      {of_type("temporal") + "  group_by: [x]\n", "CW1908", {6, 3}},
      {of_type("temporal") + "  group-by: x\n", "CW1103", {6, 13}},
      {of_type("temporal") + "  group-by: [x, x]\n", "CW1116", {6, 17}},
      {of_type("temporal") + "  generate: 'true'\n", "CW1103", {6, 13}},
      {of_type("temporal") + "generate: 1\n", "CW1103", {6, 11}},
      {of_type("temporal") + "  aliases: {}\n", "CW1905", {6, 12}},
      {of_type("temporal") + "  aliases: {x: y}\n", "CW1905", {6, 16}},
      {of_type("temporal") + "  aliases: {x: {a: [y]}}\n", "CW1905", {6, 20}},
      {of_type("temporal") + "  condition: {gte: 3}\n", "CW1904", {6, 14}},
      {of_type("temporal") + "  condition: {lt: 1}\n", "CW1904", {6, 14}},
      {of_type("temporal") + "  condition: a and c\n", "CW1502", {6, 20}},
      {of_type("temporal") + "  condition: a\n", "CW1504", {4, 14}},
      {of_type("temporal") + "  condition: a AND b\n", "CW1507", {6, 16}},
      {of_type("temporal_ordered") + "  condition: a and b\n", "CW1903", {6, 14}},
      {count, "CW1102", {3, 3}},
      {count + "  condition: a and b\n", "CW1903", {6, 14}},
      {count + "  condition: {}\n", "CW1903", {6, 14}},
      {count + "  condition: {gte: many}\n", "CW1903", {6, 20}},
      {count + "  condition: {gte: '5'}\n", "CW1903", {6, 20}},
      {count + "  condition: {gte: 1.5}\n", "CW1903", {6, 20}},
      {count + "  condition: {gte: -1}\n", "CW1903", {6, 20}},
      {count + "  condition: {atleast: 5}\n", "CW1908", {6, 15}},
      {count + "  condition: {gte: 5, field: x}\n", "CW1903", {6, 30}},
      {count + "  condition: {gte: 5, percentile: 9}\n", "CW1903", {6, 23}},
      {count + "  condition: {eq: 0}\n", "CW1904", {6, 14}},
      {count + "  condition: {lt: 1}\n", "CW1904", {6, 14}},
      {count + "  condition: {gt: 5, lt: 6}\n", "CW1904", {6, 14}},
      {count + "  condition: {eq: 5, neq: 5}\n", "CW1904", {6, 14}},
      {count + "  condition: {gte: 65536}\n", "CW1903", {6, 20}},
      {values + "  condition: {gte: 5}\n", "CW1903", {6, 14}},
      {values + "  condition: {field: x}\n", "CW1903", {6, 14}},
      {values + "  condition: {gte: 5, field: []}\n", "CW1903", {6, 30}},
      {values + "  condition: {gte: 5, field: {}}\n", "CW1903", {6, 30}},
      {values + "  condition: {gte: 5, field: [x, x]}\n", "CW1116", {6, 34}},
      {of_type("value_sum") + "  condition: {gte: 5, field: [x, y]}\n", "CW1903", {6, 30}},
      {of_type("value_sum") + "  condition: {gt: 5, lt: 5, field: x}\n", "CW1904", {6, 14}},
      {of_type("value_percentile") + "  condition: {gt: 5, field: x, percentile: 101}\n",
       "CW1903",
       {6, 32}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const Parsed parsed(row.yaml);
    CAPTURE(render_text(parsed.diagnostics));
    REQUIRE_FALSE(parsed.diagnostics.all().empty());
    CHECK(problem_def(parsed.diagnostics.all()[0].problem).code == row.code);
    CHECK(parsed.diagnostics.all()[0].position == row.position);
    CHECK_FALSE(parsed.rule->complete);
  }
}

TEST_CASE("bounds that leave one number are not refused") {
  for (const char* condition :
       {"{gt: 4, lt: 6}", "{gte: 5, lte: 5}", "{eq: 5}", "{neq: 5}", "{lte: 1}", "{gte: 65535}"}) {
    CAPTURE(condition);
    CHECK(Parsed(of_type("event_count") + "  condition: " + condition + "\n")
              .diagnostics.all()
              .empty());
  }
}

TEST_CASE("too many names are refused") {
  const auto list = [](std::size_t count) {
    std::string out = "[r0";
    for (std::size_t i = 1; i < count; ++i) out += ", r" + std::to_string(i);
    return out + "]";
  };
  const std::string rest = "  timespan: 5m\n  condition: {gte: 1}\n";
  const auto problems = [&](const std::string& lines) {
    return Parsed(correlation("  type: event_count\n" + lines + rest)).diagnostics.all();
  };
  CHECK(problems("  rules: " + list(kReferencesMax) + "\n").empty());
  REQUIRE(problems("  rules: " + list(kReferencesMax + 1) + "\n").size() == 1);
  CHECK(problems("  rules: " + list(kReferencesMax + 1) + "\n")[0].problem ==
        Problem::kTooManyValues);
  CHECK(problems("  rules: [a]\n  group-by: " + list(kGroupByMax) + "\n").empty());
  CHECK(problems("  rules: [a]\n  group-by: " + list(kGroupByMax + 1) + "\n").size() == 1);
  const std::string fields = "  type: value_count\n  rules: [a]\n  timespan: 5m\n";
  CHECK(
      Parsed(correlation(fields + "  condition: {gte: 1, field: " + list(kGroupByMax + 1) + "}\n"))
          .diagnostics.all()
          .size() == 1);
  std::string aliases = "  rules: [a]\n  aliases:\n";
  for (std::size_t i = 0; i <= kReferencesMax; ++i) {
    aliases += "    x" + std::to_string(i) + ": {a: y}\n";
  }
  CHECK(problems(aliases).size() == 1);
}
