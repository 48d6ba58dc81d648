#include "rules/lang/rule_parser.h"

#include <string>

#include <catch2/catch.hpp>

#include "collector/base/digest.h"

using namespace chargewarden;

namespace {

struct Parsed {
  explicit Parsed(std::string text) : file("test.yml", std::move(text)) {
    auto documents = read_yaml(file, diagnostics);
    if (!documents.empty()) rule = parse_rule(std::move(documents[0]), file, diagnostics);
  }

  SourceFile file;
  Diagnostics diagnostics;
  std::optional<RuleDocument> rule;
};

// A good rule; rows below put something wrong behind it, from line 8 on.
constexpr const char* kGood =
    "title: T\n"
    "logsource:\n"
    "  category: c\n"
    "detection:\n"
    "  s:\n"
    "    f: 1\n"
    "  condition: s\n";

// The same without its condition, for rows about selections; they start at line 7.
constexpr const char* kOpen =
    "title: T\n"
    "logsource:\n"
    "  category: c\n"
    "detection:\n"
    "  s:\n"
    "    f: 1\n";

}  // namespace

TEST_CASE("a rule's texts, tags and hash are kept") {
  const Parsed parsed(std::string("id: 0b6d5c6e-58b0-4f0e-9a49-4a1c7d1f2b30\nname: n\n") + kGood +
                      "level: high\nstatus: test\ndate: 2026-01-02\nmodified: 2026-02-29\n");
  CHECK(parsed.diagnostics.all().at(0).problem == Problem::kBadDate);
  const Parsed good(std::string("id: 0b6d5c6e-58b0-4f0e-9a49-4a1c7d1f2b30\nname: n\n") + kGood +
                    "level: high\nstatus: test\ndate: 2026-01-02\nmodified: 2024-02-29\n"
                    "tags: [attack.t0848, chargewarden.posture]\nresponse: Do it.\n"
                    "references: [a]\nfalsepositives: [none]\nauthor: A\ndescription: D\n");
  REQUIRE(good.rule);
  CHECK(good.diagnostics.all().empty());
  const RuleInfo& info = good.rule->info;
  CHECK(info.title == "T");
  CHECK(info.name == "n");
  CHECK(info.level == Level::kHigh);
  CHECK(info.date == "2024-02-29");
  CHECK(info.posture);
  CHECK(info.response == "Do it.");
  CHECK(info.path == "test.yml");
  CHECK(info.hash == sha256_hex(good.file.text()));
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("each problem has its code and place") {
  struct Row {
    std::string yaml;
    const char* code;
    Position position;
  };

  const std::string good = kGood;
  const std::string open = kOpen;
  const Row rows[] = {
      {"- a\n", "CW1101", {1, 1}},
      {"logsource: {category: c}\ndetection: {s: {f: 1}, condition: s}\n", "CW1102", {1, 1}},
      {"title: T\ndetection: {s: {f: 1}, condition: s}\n", "CW1102", {1, 1}},
      {"title: T\nlogsource: {category: c}\n", "CW1102", {1, 1}},
      {good + "author: [a]\n", "CW1103", {8, 9}},
      {good + "name: ''\n", "CW1103", {8, 7}},
      {good + "tags: a.b\n", "CW1103", {8, 7}},
      {good + "references:\n  - [a]\n", "CW1103", {9, 5}},
      {good + "descripton: x\n", "CW1104", {8, 1}},
      {good + "id: 1\n", "CW1105", {8, 5}},
      {good + "id: 0b6d5c6e-58b0-4f0e-9a49-4a1c7d1f2b3g\n", "CW1105", {8, 5}},
      {good + "level: hihg\n", "CW1108", {8, 8}},
      {good + "status: new\n", "CW1109", {8, 9}},
      {good + "date: 2026/01/02\n", "CW1110", {8, 7}},
      {good + "date: 2026-13-02\n", "CW1110", {8, 7}},
      {good + "modified: 2026-04-31\n", "CW1110", {8, 11}},
      {good + "tags:\n  - Attack.T1\n", "CW1111", {9, 5}},
      {good + "tags:\n  - attack\n", "CW1111", {9, 5}},
      {"title: " + std::string(kRuleTitleMax + 1, 'x') + good.substr(8), "CW1112", {1, 8}},
      {good + "name: " + std::string(kRuleNameMax + 1, 'x') + "\n", "CW1112", {8, 7}},
      {good + "description: " + std::string(kDescriptionMax + 1, 'x') + "\n", "CW1112", {8, 14}},
      {good + "correlation: {}\n", "CW1115", {8, 1}},
      {good + "filter: {}\n", "CW1115", {8, 1}},
      {good + "tags: [a.b, a.b]\n", "CW1116", {8, 13}},
      {good + "references: [x, x]\n", "CW1116", {8, 17}},
      {good + "falsepositives: none\n", "CW1103", {8, 17}},
      {good + "related: [{id: x}]\n", "CW1114", {8, 11}},
      {"title: T\nlogsource: {}\ndetection: {s: {f: 1}, condition: s}\n", "CW1201", {2, 12}},
      {"title: T\nlogsource: x\ndetection: {s: {f: 1}, condition: s}\n", "CW1201", {2, 12}},
      {"title: T\nlogsource: {category: c}\ndetection: {condition: s}\n", "CW1301", {3, 12}},
      {open + "  x: {f: {g: 1}}\n  condition: s and x\n", "CW1302", {7, 10}},
      {open + "  x: [[1]]\n  condition: s and x\n", "CW1302", {7, 7}},
      {open + "  x: {f: [[1]]}\n  condition: s and x\n", "CW1302", {7, 11}},
      {open + "  x: [null]\n  condition: s and x\n", "CW1302", {7, 7}},
      {open + "  x: []\n  condition: s and x\n", "CW1303", {7, 6}},
      {open + "  x: {}\n  condition: s and x\n", "CW1303", {7, 6}},
      {open + "  x: {f: []}\n  condition: s and x\n", "CW1303", {7, 10}},
      {open + "  x: {f: [1, null]}\n  condition: s and x\n", "CW1304", {7, 14}},
      {open + "  timeframe: 5m\n  condition: s\n", "CW1307", {7, 3}},
      {open + "  not: {f: 1}\n  condition: s\n", "CW1309", {7, 3}},
      {open + "  x y: {f: 1}\n  condition: s\n", "CW1309", {7, 3}},
      {open + "  x: {f: yes}\n  condition: s and x\n", "CW1310", {7, 10}},
      {open + "  x: {f: [010]}\n  condition: s and x\n", "CW1310", {7, 11}},
      {open + "  condition: s and (\n", "CW1501", {7, 21}},
      {open + "  condition: 's and ('\n", "CW1501", {7, 22}},
      {open + "  condition: [s, {}]\n", "CW1103", {7, 18}},
      {open, "CW1102", {5, 3}},
      {open + "  condition: s and t\n", "CW1502", {7, 20}},
      {open + "  condition: 1 of t*\n", "CW1503", {7, 14}},
      {open + "  x: {f: 1}\n  condition: s\n", "CW1504", {7, 3}},
      {open + "  condition: s | count() > 1\n", "CW1505", {7, 16}},
      {open + "  condition: s OR s\n", "CW1507", {7, 16}},
      {good + "examples: []\n", "CW1601", {8, 11}},
      {good + "examples: {matches: []}\n", "CW1601", {8, 12}},
      {good + "examples: {match: [x]}\n", "CW1601", {8, 20}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const Parsed parsed(row.yaml);
    REQUIRE(parsed.diagnostics.all().size() == 1);
    CHECK(problem_def(parsed.diagnostics.all()[0].problem).code == row.code);
    CHECK(parsed.diagnostics.all()[0].position == row.position);
    if (parsed.rule) CHECK(parsed.rule->complete == !parsed.diagnostics.has_errors());
  }
}

TEST_CASE("selections are maps, lists of maps, keywords, and mixtures") {
  const Parsed parsed(
      "title: T\nlogsource: {category: c}\ndetection:\n"
      "  map: {a: 1, b|contains|all: [x, y]}\n"
      "  maps: [{a: 1}, {b: 2}]\n"
      "  word: keyword\n"
      "  words: [one, two]\n"
      "  mixed: [one, {a: 1}, two]\n"
      "  condition: [1 of m*, word and words]\n");
  REQUIRE(parsed.diagnostics.all().empty());
  const std::vector<Selection>& selections = parsed.rule->selections;
  REQUIRE(selections.size() == 5);
  REQUIRE(selections[0].maps.size() == 1);
  REQUIRE(selections[0].maps[0].items.size() == 2);
  const DetectionItem& item = selections[0].maps[0].items[1];
  CHECK(item.field == "b");
  CHECK(item.modifiers.at(1).text == "all");
  CHECK(item.values.size() == 2);
  CHECK(selections[1].maps.size() == 2);
  CHECK(selections[2].maps.at(0).items.at(0).field.empty());
  CHECK(selections[3].maps.at(0).items.at(0).values.size() == 2);
  CHECK(selections[4].maps.size() == 2);
  CHECK(parsed.rule->conditions.size() == 2);
}

TEST_CASE("too many selections or values are refused") {
  const auto problems = [](const std::string& yaml) {
    const Parsed parsed(yaml);
    std::size_t found = 0;
    for (const Diagnostic& diagnostic : parsed.diagnostics.all()) {
      found += diagnostic.problem == Problem::kTooManyValues ? 1U : 0U;
    }
    return found;
  };
  const std::string head =
      "title: T\nlogsource: {category: c}\ndetection:\n  condition: 1 of them\n";
  std::string selections;
  for (std::size_t i = 0; i < kSelectionsMax; ++i) {
    selections += "  s" + std::to_string(i) + ": {f: 1}\n";
  }
  CHECK(problems(head + selections) == 0);
  CHECK(problems(head + selections + "  more: {f: 1}\n") == 1);
  std::string values = "  s:\n    f: [1";
  for (std::size_t i = 1; i < kValuesMax; ++i) values += ",1";
  CHECK(problems(head + values + "]\n") == 0);
  CHECK(problems(head + values + ",1]\n") == 1);
  std::string maps = "  s: [{f: 1}";
  for (std::size_t i = 1; i < kItemsMax; ++i) maps += ",{f: 1}";
  CHECK(problems(head + maps + "]\n") == 0);
  CHECK(problems(head + maps + ",{f: 1}]\n") == 1);
}

TEST_CASE("every problem of a rule is reported in one run") {
  const Parsed parsed(
      "title: T\nlevel: hi\nlogsource: {category: c}\ndetection:\n"
      "  s: {f: []}\n  t: {f: [null]}\n  condition: s and u\nid: x\n");
  CHECK(parsed.diagnostics.all().size() == 5);
}
