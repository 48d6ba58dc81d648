#include "analyzer/app/commands/sensor_details.h"

#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "alerts/audit/record.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

std::string many_rules(std::size_t count) {
  std::string out =
      "title: F\nname: quiet\nlogsource: {product: p}\nfilter:\n  rules: any\n  s: {a: 1}\n"
      "  condition: not s\n";
  for (std::size_t i = 0; i < count; ++i) {
    out += "---\ntitle: " + std::string(250, 't') +
           "\nlogsource: {product: p}\ndetection:\n  s: {b: 1}\n  condition: s\n";
  }
  return out;
}

}  // namespace

TEST_CASE("details name each filter and rule with what was suppressed") {
  const RulesFromText rules(many_rules(3));
  REQUIRE(rules.set->filter_uses().size() == 3);
  const auto details =
      nlohmann::json::parse(filter_details(*rules.set, std::vector<std::uint64_t>{2, 0, 5}));
  CHECK(details["suppressed"] == 7);
  CHECK(details["filters_not_named"] == 0);
  REQUIRE(details["filters"].size() == 2);
  CHECK(details["filters"][0]["suppressed"] == 5);
  CHECK(details["filters"][0]["filter"] == "quiet");
  CHECK(details["filters"][1]["suppressed"] == 2);
}

TEST_CASE("without filters there are no details") {
  const RulesFromText rules(rule_of("  s: {a: 1}\n  condition: s\n"));
  CHECK(filter_details(*rules.set, {}).empty());
}

TEST_CASE("many filters are named up to the limit") {
  const RulesFromText rules(many_rules(kFiltersNamedMax + 5));
  const std::string text =
      filter_details(*rules.set, std::vector<std::uint64_t>(kFiltersNamedMax + 5, 1));
  CHECK(text.size() < kDetailsMax);
  const auto details = nlohmann::json::parse(text);
  CHECK(details["filters"].size() == kFiltersNamedMax);
  CHECK(details["filters_not_named"] == 5);
  CHECK(details["suppressed"] == kFiltersNamedMax + 5);
}
