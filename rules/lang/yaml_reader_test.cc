#include "rules/lang/yaml_reader.h"

#include <string>

#include <catch2/catch.hpp>

#include "rules/lang/rule_value.h"

using namespace chargewarden;

namespace {

struct Read {
  explicit Read(std::string text) : file("test.yml", std::move(text)) {
    documents = read_yaml(file, diagnostics);
  }

  SourceFile file;
  Diagnostics diagnostics;
  std::vector<YamlDocument> documents;
};

std::string deep(std::size_t levels) {
  return std::string(levels, '[') + "1" + std::string(levels, ']');
}

}  // namespace

TEST_CASE("values keep their place and whether they were quoted") {
  const Read read("a: 1\nb: '1'\nc:\n  - x\n  - |\n    block\n");
  REQUIRE(read.documents.size() == 1);
  const YamlNode& root = read.documents[0].root;
  REQUIRE(root.entries.size() == 3);
  CHECK(root.entries[1].key == "b");
  CHECK(root.entries[1].position == Position{2, 1});
  CHECK(root.find("a")->position == Position{1, 4});
  CHECK_FALSE(root.find("a")->quoted);
  CHECK(root.find("b")->quoted);
  CHECK(root.find("c")->items[1].text == "block\n");
  CHECK(root.find("c")->items[1].quoted);
  CHECK(root.find("c")->items[0].position == Position{4, 5});
  CHECK(root.find("d") == nullptr);
}

TEST_CASE("quoted words are text, plain ones have the type of YAML 1.2") {
  struct Row {
    const char* yaml;
    RuleValueKind kind;
    ScalarReading reading = ScalarReading::kClear;
  };

  const Row rows[] = {{"5", RuleValueKind::kNumber},
                      {"'5'", RuleValueKind::kText},
                      {"\"5\"", RuleValueKind::kText},
                      {"!!str 5", RuleValueKind::kText},
                      {"-1.5e3", RuleValueKind::kNumber},
                      {"0x17", RuleValueKind::kNumber},
                      {"'0x17'", RuleValueKind::kText},
                      {"1.2.3", RuleValueKind::kText},
                      {"nan", RuleValueKind::kText},
                      {"null", RuleValueKind::kNull},
                      {"~", RuleValueKind::kNull},
                      {"", RuleValueKind::kNull},
                      {"'null'", RuleValueKind::kText},
                      {"''", RuleValueKind::kText},
                      {"true", RuleValueKind::kBool},
                      {"'true'", RuleValueKind::kText},
                      {"yes", RuleValueKind::kText, ScalarReading::kAmbiguous},
                      {"Off", RuleValueKind::kText, ScalarReading::kAmbiguous},
                      {"'yes'", RuleValueKind::kText},
                      {"017", RuleValueKind::kNumber, ScalarReading::kAmbiguous},
                      {"0", RuleValueKind::kNumber}};
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const Read read(std::string("a: ") + row.yaml + "\n");
    REQUIRE(read.documents.size() == 1);
    ScalarReading reading{};
    const RuleValue value = rule_value(*read.documents[0].root.find("a"), reading);
    CHECK(value.kind == row.kind);
    CHECK(reading == row.reading);
  }
}

TEST_CASE("plain hexadecimal is a number by YAML, and numbers compare by value") {
  ScalarReading reading{};
  const Read read("a: 0x17\n");
  CHECK(compare(rule_value(*read.documents[0].root.find("a"), reading).number,
                Number::of(std::int64_t{23})) == 0);
  CHECK(compare(Number::of(std::int64_t{9007199254740993}), Number::of(9007199254740992.0)) == 1);
  CHECK(compare(Number::of(2.5), Number::of(std::int64_t{2})) == 1);
  CHECK(compare(Number::of(-2.5), Number::of(std::int64_t{-2})) == -1);
  CHECK(compare(Number::of(1e300), Number::of(INT64_MAX)) == 1);
  CHECK(compare(Number::of(-1e300), Number::of(INT64_MIN)) == -1);
  CHECK_FALSE(parse_number("inf"));
  CHECK_FALSE(parse_number(" 1"));
  CHECK_FALSE(parse_number("1 "));
  CHECK_FALSE(parse_number("1e999"));
  CHECK_FALSE(parse_number(""));
  CHECK_FALSE(parse_number("-"));
  CHECK(parse_number("99999999999999999999"));
}

TEST_CASE("a broken document does not hide the others of its file") {
  const Read read("a: 1\n---\nb: [1\n---\n# only a comment\n---\nc: 3\n...\nd: 4\n");
  REQUIRE(read.documents.size() == 3);
  CHECK(read.documents[0].root.find("a") != nullptr);
  CHECK(read.documents[1].root.find("c")->position == Position{7, 4});
  CHECK(read.documents[1].text == "c: 3\n");
  CHECK(read.documents[2].root.find("d")->position == Position{9, 4});
  REQUIRE(read.diagnostics.all().size() == 1);
  CHECK(read.diagnostics.all()[0].problem == Problem::kYamlSyntax);
}

TEST_CASE("text behind a document is refused, and reading ends") {
  for (const char* text : {" &v161,[*a, *a]\n", "a: 1\n]\n", "[1] , [2]\n"}) {
    CAPTURE(text);
    const Read read(text);
    CHECK(read.documents.empty());
    CHECK(read.diagnostics.has_errors());
  }
}

TEST_CASE("what YAML allows and rules do not is refused with its place") {
  struct Row {
    std::string yaml;
    Problem problem;
    Position position;
  };

  const Row rows[] = {
      {"a: 1\nb: 2\na: 3\n", Problem::kDuplicateKey, {3, 1}},
      {"a:\n  x: 1\n  x: 2\n", Problem::kDuplicateKey, {3, 3}},
      {"a: &x 1\nb: *x\n", Problem::kAlias, {2, 4}},
      {"? [1]\n: 2\n", Problem::kBadKey, {1, 3}},
      {"~: 2\n", Problem::kBadKey, {1, 1}},
      {"a: !!binary AAAA\n", Problem::kBadTag, {1, 4}},
      {"a: [1, 2\nb: 3\n", Problem::kYamlSyntax, {2, 2}},
      {"a: \"x\n", Problem::kYamlSyntax, {1, 4}},
      {"a: 'x''\n", Problem::kYamlSyntax, {1, 4}},
      {"- \"x\\\"", Problem::kYamlSyntax, {1, 7}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const Read read(row.yaml);
    CHECK(read.documents.empty());
    REQUIRE_FALSE(read.diagnostics.all().empty());
    CHECK(read.diagnostics.all()[0].problem == row.problem);
    CHECK(read.diagnostics.all()[0].position == row.position);
  }
}

TEST_CASE("a document nested beyond the limit is refused") {
  CHECK(Read(deep(kYamlDepthMax)).documents.size() == 1);
  const Read read(deep(kYamlDepthMax + 1));
  CHECK(read.documents.empty());
  REQUIRE(read.diagnostics.all().size() == 1);
  CHECK(read.diagnostics.all()[0].problem == Problem::kTooDeep);
  const Read absurd(deep(100'000));
  CHECK(absurd.documents.empty());
  CHECK(absurd.diagnostics.has_errors());
}

TEST_CASE("more values than the limit are refused") {
  std::string text = "[1";
  for (std::size_t i = 1; i < kYamlNodesMax; ++i) text += ",1";
  CHECK(Read(text + "]").documents.size() == 1);
  const Read read(text + ",1,1]");
  CHECK(read.documents.empty());
  REQUIRE(read.diagnostics.all().size() == 1);
  CHECK(read.diagnostics.all()[0].problem == Problem::kTooManyNodes);
}

TEST_CASE("a document beyond the limit is refused") {
  const std::string padding(kYamlDocumentMax, '#');
  const Read read("a: 1\n---\nb: 1 " + padding + "\n");
  CHECK(read.documents.size() == 1);
  REQUIRE(read.diagnostics.all().size() == 1);
  CHECK(read.diagnostics.all()[0].problem == Problem::kFileTooLong);
  CHECK(read.diagnostics.all()[0].position == Position{2, 1});
}

TEST_CASE("a file beyond the limit is refused") {
  const Read read(std::string(kYamlFileMax + 1, '#'));
  REQUIRE(read.diagnostics.all().size() == 1);
  CHECK(read.diagnostics.all()[0].problem == Problem::kFileTooLong);
}

TEST_CASE("a file that is not UTF-8 is refused") {
  for (const std::string& text : {std::string("a: \xFF\n"), std::string("a: \0\n", 5)}) {
    const Read read(text);
    REQUIRE(read.diagnostics.all().size() == 1);
    CHECK(read.diagnostics.all()[0].problem == Problem::kNotUtf8);
  }
}

TEST_CASE("a key that is left unread takes its lines and nothing else with it") {
  const SourceFile file("test.yml",
                        "a: 1\nexamples:\n  match:\n    - x: [\n# remark\n\n  no_match: }\n"
                        "examples_of: 2\nb: |\n  examples:\n    text\n---\nexamples: {c: 1}\nd: 4");
  Diagnostics diagnostics;
  const std::vector<YamlDocument> documents = read_yaml(file, diagnostics, "examples");
  CHECK(diagnostics.all().empty());
  REQUIRE(documents.size() == 2);
  const YamlNode& first = documents[0].root;
  REQUIRE(first.entries.size() == 3);
  CHECK(first.entries[1].key == "examples_of");
  CHECK(first.entries[1].position == Position{8, 1});
  CHECK(first.find("b")->text == "examples:\n  text\n");
  REQUIRE(documents[1].root.entries.size() == 1);
  CHECK(documents[1].root.find("d")->text == "4");
}
