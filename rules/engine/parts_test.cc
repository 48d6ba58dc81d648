// The small parts of the engine: case folding, regular expressions, patterns, programs, flat
// events.

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/engine/case_fold.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/program.h"
#include "rules/engine/regex.h"
#include "rules/engine/text_match.h"

using namespace chargewarden;

TEST_CASE("case folding follows Unicode and leaves alone what is not UTF-8") {
  struct Row {
    const char* text;
    const char* folded;
  };

  const Row rows[] = {
      {"ABCxyz019_[", "abcxyz019_["},
      {"\xC3\x84\xC3\x96\xC3\x9C", "\xC3\xA4\xC3\xB6\xC3\xBC"},
      {"\xC5\xB8", "\xC3\xBF"},                  // U+0178 to U+00FF
      {"\xC4\x80\xC4\x81", "\xC4\x81\xC4\x81"},  // Even and odd neighbours.
      {"\xCE\xA3\xCF\x82", "\xCF\x83\xCF\x83"},  // Both sigmas.
      {"\xD0\x96", "\xD0\xB6"},
      {"\xE2\x84\xAA", "k"},         // Kelvin sign: shorter.
      {"\xC8\xBA", "\xE2\xB1\xA5"},  // U+023A to U+2C65: longer.
      {"\xC3\x9F", "\xC3\x9F"},      // Sharp s stays.
      {"\xE1\xBA\x9E", "\xC3\x9F"},  // Capital sharp s.
      {"\xC4\xB0", "\xC4\xB0"},      // Dotted capital I has no simple folding.
      {"\xF0\x90\x90\x80", "\xF0\x90\x90\xA8"},
      {"A\xFF\xC3", "a\xFF\xC3"},
      {"\xE2\x84", "\xE2\x84"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(fold_case(row.text) == row.folded);
    CHECK(fold_case(fold_case(row.text)) == row.folded);
  }
}

TEST_CASE("folding never grows a text beyond its bound") {
  for (char32_t code = 0x80; code < 0x20000; ++code) {
    const char32_t folded = fold_code_point(code);
    const auto len = [](char32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; };
    REQUIRE(len(folded) <= len(code) * static_cast<int>(kFoldGrowthMax));
    REQUIRE(fold_code_point(folded) == folded);
  }
}

TEST_CASE("patterns without inner wildcards become plain comparisons") {
  struct Row {
    const char* pattern;
    TextMatch::Shape shape;
    const char* yes;
    const char* no;
  };

  using Shape = TextMatch::Shape;
  const Row rows[] = {
      {"*", Shape::kAny, "", nullptr},
      {"**", Shape::kAny, "x", nullptr},
      {"", Shape::kExact, "", "x"},
      {"ab", Shape::kExact, "ab", "abc"},
      {"ab*", Shape::kPrefix, "abc", "xab"},
      {"*ab", Shape::kSuffix, "xab", "abx"},
      {"*ab*", Shape::kContains, "xabx", "axb"},
      {"a*b", Shape::kGlob, "axxb", "axxbx"},
      {"?", Shape::kGlob, "x", ""},
      {"*?*", Shape::kGlob, "x", ""},
      {"a?*", Shape::kGlob, "ab", "a"},
      {"*a?", Shape::kGlob, "aaab", "ba"},
      {"a*b*c", Shape::kGlob, "abcbc", "acb"},
      {"*a*?b", Shape::kGlob, "aab", "ab"},
      {"a**b", Shape::kGlob, "ab", "ba"},
      {"??*a", Shape::kGlob, "xya", "xa"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    const TextMatch test(parse_pattern(row.pattern, Placeholders::kLiteral), true);
    CHECK(test.shape() == row.shape);
    CHECK(test.matches(row.yes));
    if (row.no != nullptr) CHECK_FALSE(test.matches(row.no));
  }
}

TEST_CASE("a hostile text does not make a pattern slow") {
  // Backtracking would need 50,000^4 steps here.
  const TextMatch test(parse_pattern("*a*a*a*a*b", Placeholders::kLiteral), true);
  CHECK_FALSE(test.matches(std::string(50'000, 'a')));
}

TEST_CASE("what is too large is refused as a regular expression") {
  CHECK(Regex::compile("(a|b)+c"));
  CHECK_FALSE(Regex::compile("a(b"));
  CHECK_FALSE(Regex::compile("(?=a)b"));
  CHECK_FALSE(Regex::compile(R"((a)\1)"));
  CHECK_FALSE(Regex::compile(std::string(kRegexMax + 1, 'a')));
  CHECK(Regex::compile(std::string(kRegexMax, 'a')));
  CHECK_FALSE(Regex::compile("((a{500}){500}){500}"));
  const auto slow_elsewhere = Regex::compile("(x+x+)+y");
  REQUIRE(slow_elsewhere);
  CHECK_FALSE(slow_elsewhere.value().search(std::string(100'000, 'x')));
}

TEST_CASE("programs ask the cheap first and no more than they must") {
  // (0 and 1) or not 2, where 1 is cheaper than 0.
  const ExprList tree{{ExprKind::kLeaf, 0, {}},    {ExprKind::kLeaf, 1, {}},
                      {ExprKind::kAnd, 0, {0, 1}}, {ExprKind::kLeaf, 2, {}},
                      {ExprKind::kNot, 0, {3}},    {ExprKind::kOr, 0, {2, 4}}};
  const std::vector<std::uint32_t> costs{100, 1, 1000};
  const auto program = compile_program(tree, costs);
  REQUIRE(program);
  for (unsigned truth = 0; truth < 8; ++truth) {
    std::vector<LeafIndex> asked;
    const bool result = run_program(program->instructions, program->entry, [&](LeafIndex leaf) {
      asked.push_back(leaf);
      return (truth >> leaf & 1U) != 0;
    });
    const bool a = (truth & 1U) != 0;
    const bool b = (truth & 2U) != 0;
    const bool c = (truth & 4U) != 0;
    CHECK(result == ((a && b) || !c));
    CHECK(asked.front() == 1);
    CHECK(asked.size() <= 3);
    if (a && b) CHECK(asked.size() == 2);
  }
}

TEST_CASE("a condition that explodes is refused") {
  // Each level names the one below twice: 2^20 questions.
  ExprList tree{{ExprKind::kLeaf, 0, {}}};
  for (ExprIndex i = 0; i < 20; ++i) tree.push_back({ExprKind::kAnd, 0, {i, i}});
  const std::vector<std::uint32_t> costs{1};
  CHECK_FALSE(compile_program(tree, costs));
  tree.resize(10);
  CHECK(compile_program(tree, costs));
}

TEST_CASE("flat events keep names, values and places") {
  FlatEvent event;
  REQUIRE(event.load(R"({"a": {"b": [1, {"c": null}]}, "d.e": "x", "f": [true, [2.5]]})"));
  std::string shown;
  for (const FlatEvent::Entry& entry : event.entries()) {
    shown += std::string(entry.path) + (entry.flat ? "!" : "") + " ";
  }
  CHECK(shown == "a! a.b a.b a.b a.b.c d.e! f! f! f! f! ");
  CHECK(event.text_of("d.e") == "x");
  CHECK(event.text_of("f").empty());
  REQUIRE(event.load("{}"));
  CHECK(event.entries().empty());
}

TEST_CASE("what is no JSON object is refused as an event") {
  FlatEvent event;
  for (const char* text :
       {"", "x", "[]", "5", "{", R"({"a" 1})", "{} {}", "{\"a\": \"\xFF\"}", R"({"a": 01})"}) {
    CAPTURE(text);
    CHECK_FALSE(event.load(text));
  }
}

TEST_CASE("an event beyond the limits is refused") {
  FlatEvent event;
  std::string text = R"({"a": ")";
  text += std::string(kFlatEventMax, 'x') + "\"}";
  CHECK_FALSE(event.load(text));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += R"({"a":)";
  deep += "1" + std::string(100, '}');
  CHECK_FALSE(event.load(deep));
}

TEST_CASE("a path beyond the limit is not followed") {
  FlatEvent event;
  const std::string key(kFlatPathMax / 2, 'k');
  REQUIRE(event.load("{\"" + key + "\": {\"" + key + "\": {\"x\": 1}, \"y\": 2}, \"z\": 3}"));
  REQUIRE(event.entries().size() == 3);
  CHECK(event.entries()[1].path == key + ".y");
  CHECK(event.entries()[2].path == "z");
}
