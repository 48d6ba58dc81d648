#include "rules/engine/correlation_linker.h"

#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "rules/engine/testing/rules_from_text.h"
#include "rules/model/correlation_limits.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

std::string rule(const std::string& name, const std::string& more = {}) {
  return "title: T\nname: " + name + "\n" + more +
         "logsource: {product: evcharging, category: http}\ndetection:\n  s: {http.status: 401}\n"
         "  condition: s\n---\n";
}

std::string correlation(const std::string& name, const std::string& rules,
                        const std::string& more = {}) {
  return "title: C\nname: " + name +
         "\ncorrelation:\n  type: temporal\n  timespan: 5m\n  rules: " + rules + "\n" + more +
         "---\n";
}

std::vector<std::string> codes(const std::string& text, SchemaCheck check = SchemaCheck::kForeign) {
  std::vector<std::string> out;
  const RulesFromText rules(text, check);
  for (const Diagnostic& problem : rules.diagnostics.all()) {
    out.emplace_back(problem_def(problem.problem).code);
  }
  return out;
}

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("correlations find their rules by name and id, wherever they stand") {
  const RulesFromText rules(correlation("c", "[b, 3fa85f64-5717-4562-b3fc-2c963f66afa6]") +
                            rule("a", "id: 3fa85f64-5717-4562-b3fc-2c963f66afa6\n") + rule("b"));
  REQUIRE(rules.diagnostics.all().empty());
  REQUIRE(rules.set->correlations().size() == 1);
  CHECK(rules.set->rule_count() == 2);
  CHECK(rules.set->size() == 3);
  CHECK(rules.set->info(2).name == "c");
  const CorrelationDef& def = rules.set->correlations()[0];
  REQUIRE(def.inputs.size() == 2);
  CHECK(def.inputs[0].rule == 1);
  CHECK(def.inputs[1].rule == 0);
}

TEST_CASE("an alias means another field for each rule, and itself where it says nothing") {
  const RulesFromText rules(rule("a") + rule("b") +
                            correlation("c", "[a, b]",
                                        "  group-by: [ip, station.id]\n  aliases:\n    ip:\n"
                                        "      a: source.ip\n      b: destination.ip\n"));
  REQUIRE(rules.diagnostics.all().empty());
  const CorrelationDef& def = rules.set->correlations()[0];
  CHECK(def.group_by == std::vector<std::string>{"ip", "station.id"});
  CHECK(def.inputs[0].group_fields == std::vector<std::string>{"source.ip", "station.id"});
  CHECK(def.inputs[1].group_fields == std::vector<std::string>{"destination.ip", "station.id"});
  CHECK(rules.set->find_field("destination.ip").has_value());
}

TEST_CASE("rules that feed correlations raise no alert unless one of them says so") {
  const std::string base = rule("a") + rule("b") + rule("d");
  const RulesFromText quiet(base + correlation("c", "[a, b]") + correlation("e", "[c, d]"));
  REQUIRE(quiet.diagnostics.all().empty());
  for (const std::size_t index : {0U, 1U, 2U, 3U}) CHECK_FALSE(quiet.set->raises_alert(index));
  CHECK(quiet.set->raises_alert(4));
  const RulesFromText loud(base + correlation("c", "[a, b]") +
                           correlation("e", "[a, d]", "  generate: true\n"));
  CHECK(loud.set->raises_alert(0));
  CHECK_FALSE(loud.set->raises_alert(1));
  CHECK(loud.set->raises_alert(2));
}

TEST_CASE("a correlation without a level has the highest of what it refers to") {
  const RulesFromText rules(correlation("top", "[c, low]") + rule("low", "level: low\n") +
                            rule("high", "level: high\n") + correlation("c", "[low, high]") +
                            correlation("own", "[low]", "level: critical\n"));
  REQUIRE(rules.diagnostics.all().empty());
  CHECK(rules.set->info(2).level == Level::kHigh);
  CHECK(rules.set->info(3).level == Level::kHigh);
  CHECK(rules.set->info(4).level == Level::kCritical);
}

TEST_CASE("what correlations name and is not there is told") {
  CHECK(codes(rule("a") + correlation("c", "[a, b]")) == Codes{"CW1801"});
  CHECK(codes(rule("a", "id: 3fa85f64-5717-4562-b3fc-2c963f66afa6\n") +
              correlation("c", "[a, 3fa85f64-5717-4562-b3fc-2c963f66afa6]")) == Codes{"CW1116"});
  CHECK(codes(rule("a") +
              "title: F\nname: f\nlogsource: {product: evcharging}\nfilter:\n  rules: [a]\n"
              "  s: {x: 1}\n  condition: not s\n---\n" +
              correlation("c", "[f]")) == Codes{"CW1802"});
  // The rule's own problem is told, not that it is missing.
  CHECK(codes(rule("a", "level: huge\n") + correlation("c", "[a]")) == Codes{"CW1108"});
  CHECK(codes(rule("a") + correlation("a", "[a]")) == Codes{"CW1107"});
}

TEST_CASE("aliases are used, and name rules of the correlation") {
  CHECK(codes(rule("a") + correlation("c", "[a]", "  aliases: {x: {a: source.ip}}\n")) ==
        Codes{"CW1905"});
  CHECK(codes(rule("a") + rule("b") +
              correlation("c", "[a]", "  group-by: [x]\n  aliases: {x: {b: source.ip}}\n")) ==
        Codes{"CW1905"});
}

TEST_CASE("correlations in a circle, and chains too long, are refused") {
  CHECK(codes(rule("a") + correlation("c", "[c, a]")) == Codes{"CW1906"});
  CHECK(codes(rule("a") + correlation("c", "[d]") + correlation("d", "[e]") +
              correlation("e", "[c, a]")) == Codes{"CW1906"});
  const auto chain = [](std::size_t depth) {
    std::string out = rule("r0");
    for (std::size_t i = 1; i <= depth; ++i) {
      out += correlation("r" + std::to_string(i), "[r" + std::to_string(i - 1) + "]");
    }
    return out;
  };
  CHECK(codes(chain(kCorrelationDepthMax)).empty());
  CHECK(codes(chain(kCorrelationDepthMax + 1)) == Codes{"CW1906"});
  const RulesFromText refused(chain(kCorrelationDepthMax + 1), SchemaCheck::kForeign);
  CHECK(refused.set->correlations().empty());
  CHECK(refused.set->raises_alert(0));
}

TEST_CASE("fields of a correlation are those of its rules' events") {
  const auto with = [](const std::string& lines) {
    return codes(rule("a") + correlation("c", "[a]", lines), SchemaCheck::kOurs);
  };
  CHECK(with("  group-by: [station.id, source.ip]\n").empty());
  CHECK(with("  group-by: [station.ip]\n") == Codes{"CW1305"});
  CHECK(with("  group-by: [ocpp.payload.idTag]\n") == Codes{"CW1305"});
  const std::string calls =
      "title: T\nname: k\nlogsource: {product: evcharging, category: ocpp}\ndetection:\n"
      "  s: {ocpp.action: Authorize}\n  condition: s\n---\n";
  CHECK(codes(calls + correlation("c", "[k]", "  group-by: [ocpp.payload.idTag]\n"),
              SchemaCheck::kOurs)
            .empty());
  CHECK(codes(calls + correlation("c", "[k]", "  group-by: [ocpp.payload.password]\n"),
              SchemaCheck::kOurs) == Codes{"CW1907"});
}

TEST_CASE("what a correlation hands on are the fields that it groups by") {
  const auto with = [](const std::string& field) {
    return codes(rule("a") + correlation("c", "[a]", "  group-by: [source.ip]\n") +
                 correlation("d", "[c, a]", "  group-by: [" + field + "]\n"));
  };
  CHECK(with("source.ip").empty());
  CHECK(with("station.id") == Codes{"CW1907"});
}

TEST_CASE("a correlation is part of the hash of the set") {
  CHECK(RulesFromText(rule("a")).set->hash() !=
        RulesFromText(rule("a") + correlation("c", "[a]")).set->hash());
}

TEST_CASE("a group may be made of a declared token, which alerts show as a pseudonym") {
  const auto of_session = [](const std::string& field) {
    return "title: T\nname: r\nlogsource: {product: evcharging, category: session}\n"
           "detection:\n  s: {session.token|exists: true}\n  condition: s\n---\n"
           "title: C\nname: c\ncorrelation:\n  type: event_count\n  timespan: 5m\n"
           "  rules: [r]\n  group-by: [" +
           field + "]\n  condition: {gte: 2}\n---\n";
  };
  const auto has = [&](const std::string& field) {
    const Codes found = codes(of_session(field), SchemaCheck::kOurs);
    return std::find(found.begin(), found.end(), "CW1907") != found.end();
  };
  CHECK_FALSE(has("session.token"));
  CHECK(has("ocpp.payload.token"));
}
