#include "rules/lang/match_item.h"

#include <catch2/catch.hpp>

#include "rules/lang/rule_parser.h"
#include "rules/lang/yaml_reader.h"

using namespace chargewarden;

namespace {

struct Made {
  // `entry` is one line of a selection, such as `f|contains: x`.
  explicit Made(const std::string& entry)
      : file("test.yml",
             "title: t\nlogsource: {category: c}\ndetection:\n  condition: s\n  s:\n    " + entry) {
    auto documents = read_yaml(file, diagnostics);
    REQUIRE(documents.size() == 1);
    const auto rule = parse_rule(std::move(documents[0]), file, diagnostics);
    REQUIRE(rule);
    REQUIRE(diagnostics.all().empty());
    item = make_match_item(rule->selections.at(0).maps.at(0).items.at(0),
                           {{"known", {"a", "b"}}, {"empty", {}}}, file, diagnostics);
  }

  SourceFile file;
  Diagnostics diagnostics;
  std::optional<MatchItem> item;
};

}  // namespace

TEST_CASE("modifiers that are wrong have their code and place") {
  struct Row {
    const char* entry;
    Problem problem;
    std::uint32_t column;
  };

  const Row rows[] = {
      {"f|contians: x", Problem::kUnknownModifier, 7},
      {"f|Contains: x", Problem::kUnknownModifier, 7},
      {"f|: x", Problem::kUnknownModifier, 7},
      {"f|contains|bogus: x", Problem::kUnknownModifier, 16},
      {"f|hour: 24", Problem::kModifierValue, 13},
      {"f|week: 0", Problem::kModifierValue, 13},
      {"f|day: 1.5", Problem::kModifierValue, 12},
      {"f|month: '5'", Problem::kModifierValue, 14},
      {"f|hour|minute: 5", Problem::kModifierCombination, 12},
      {"f|contains|hour: 5", Problem::kModifierCombination, 16},
      {"f|hour|gt|lt: 5", Problem::kModifierCombination, 15},
      {"f|re|expand: x", Problem::kUnresolvedPlaceholder, 18},
      {"f|re|expand: '%unknown%'", Problem::kUnresolvedPlaceholder, 18},
      {"f|re|expand: '\\%known%'", Problem::kUnresolvedPlaceholder, 18},
      {"f|cidr|expand: '%known%'", Problem::kBadCidr, 20},
      {"f|contains|contains: x", Problem::kModifierCombination, 16},
      {"f|contains|re: x", Problem::kModifierCombination, 16},
      {"f|re|windash: x", Problem::kModifierCombination, 10},
      {"f|i: x", Problem::kModifierCombination, 7},
      {"f|cidr|contains: 10.0.0.0/8", Problem::kModifierCombination, 12},
      {"f|contains|cidr: 10.0.0.0/8", Problem::kModifierCombination, 16},
      {"f|exists|all: true", Problem::kModifierCombination, 14},
      {"f|gt|lt: 5", Problem::kModifierCombination, 10},
      {"'|exists': true", Problem::kModifierCombination, 6},
      {"'|cidr': 10.0.0.0/8", Problem::kModifierCombination, 6},
      {"f|contains|all: x", Problem::kAllNeedsList, 5},
      {"f|contains|all: [x]", Problem::kAllNeedsList, 5},
      {"f|exists: 'true'", Problem::kModifierValue, 15},
      {"f|exists: 1", Problem::kModifierValue, 15},
      {"f|exists: [true]", Problem::kModifierValue, 5},
      {"f|gt: '5'", Problem::kModifierValue, 11},
      {"f|gte: five", Problem::kModifierValue, 12},
      {"f|contains: null", Problem::kModifierValue, 17},
      {"f|contains: true", Problem::kModifierValue, 17},
      {"f|re: null", Problem::kModifierValue, 11},
      {"f|cidr: 10.0.0.1/8", Problem::kBadCidr, 13},
      {"f|cidr: nonsense", Problem::kBadCidr, 13},
      {"f|cidr: 10.0.0.0/33", Problem::kBadCidr, 13},
      {"f|expand: '%unknown%'", Problem::kUnresolvedPlaceholder, 15},
      {"f|expand: 'plain'", Problem::kUnresolvedPlaceholder, 15},
      {"f|base64: 'a*'", Problem::kWildcardNotAllowed, 15},
      {"f|contains|base64: a", Problem::kWildcardNotAllowed, 24},
      {"f|base64offset|contains: 'a?'", Problem::kWildcardNotAllowed, 30},
      {"f|fieldref: 'a*'", Problem::kWildcardNotAllowed, 17},
      {"f|fieldref: 5", Problem::kModifierValue, 17},
  };
  for (const Row& row : rows) {
    CAPTURE(row.entry);
    const Made made(row.entry);
    CHECK_FALSE(made.item);
    REQUIRE(made.diagnostics.all().size() == 1);
    CHECK(made.diagnostics.all()[0].problem == row.problem);
    CHECK(made.diagnostics.all()[0].position == Position{6, row.column});
  }
}

TEST_CASE("modifiers that go together are accepted") {
  for (const char* entry : {"f|contains|all: [a, b]",
                            "f|re|i|m|s: a",
                            "f|re|neq: a",
                            "f|cidr|neq: 10.0.0.0/8",
                            "f|contains|expand: '%known%'",
                            "f|expand|contains: '%known%'",
                            "f|cased|contains: a",
                            "f|wide|base64offset|contains: a",
                            "f|windash|contains|all: [a, b]",
                            "'|all': [a, b]",
                            "'|re': a",
                            "f|fieldref|endswith: g",
                            "f|gte|neq: 5",
                            "f|neq: null",
                            "f|neq: [1, 2]",
                            "f|expand: '%empty%'",
                            "f|contains: 5",
                            "f|cidr: [10.0.0.0/8, 'fd00::/8', 192.0.2.1]",
                            "f|utf16le|base64: a",
                            "f|utf16|base64offset|contains: a",
                            "f|utf16be|base64: a",
                            "f|re|expand: 'x%known%'",
                            "f|re|i|startswith: a",
                            "f|hour: 5",
                            "f|minute|lt: 60",
                            "f|week|gte|neq: 10",
                            "f|year: [2025, 2026]",
                            "f|cased: a"}) {
    CAPTURE(entry);
    const Made made(entry);
    CHECK(made.item);
    CHECK(made.diagnostics.all().empty());
  }
}

TEST_CASE("the forms of one value stay together inside all") {
  const Made made("f|windash|contains|all: ['-a', '-b']");
  REQUIRE(made.item);
  CHECK(made.item->all);
  REQUIRE(made.item->groups.size() == 2);
  CHECK(made.item->groups[0].size() == 5);
}

TEST_CASE("an empty placeholder gives a value without forms") {
  const Made made("f|expand: '%empty%'");
  REQUIRE(made.item);
  REQUIRE(made.item->groups.size() == 1);
  CHECK(made.item->groups[0].empty());
}

TEST_CASE("a value with too many forms is refused") {
  const Made made("f|windash: '-a -b -c -d -e -f -g'");
  CHECK_FALSE(made.item);
  REQUIRE(made.diagnostics.all().size() == 1);
  CHECK(made.diagnostics.all()[0].problem == Problem::kTooManyExpansions);
}

TEST_CASE("regular expressions carry their flags in front") {
  const Made made("f|re|i|s: 'a|b'");
  REQUIRE(made.item);
  CHECK(made.item->groups[0][0].text == "(?is)a|b");
}
