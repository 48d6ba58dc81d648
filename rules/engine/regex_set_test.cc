#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "rules/engine/regex.h"

using namespace chargewarden;

namespace {

std::vector<std::string> literals_of(std::string_view pattern) {
  auto regex = Regex::compile(pattern);
  REQUIRE(regex);
  return regex->required_literals();
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("an expression tells literals of which a match needs one") {
  CHECK(literals_of("Mimikatz[0-9]+") == Texts{"mimikatz"});
  CHECK(literals_of("(?i)INVOKE.*x") == Texts{"invoke"});
  CHECK(literals_of("first.*longersecond") == Texts{"longersecond"});
  const Texts either = literals_of("alpha.*|.*omega");
  CHECK(either.size() == 2);
}

TEST_CASE("an expression without a literal that must stand tells none") {
  CHECK(literals_of("[a-z]+").empty());
  CHECK(literals_of("(abcdef)?").empty());
  CHECK(literals_of("abcdef|[0-9]+").empty());
  CHECK(literals_of("ab").empty());
  CHECK(literals_of("").empty());
}

TEST_CASE("an expression that can name characters beyond ASCII tells no literal") {
  // RE2 has a lower case for the first one that the folding of events does not make.
  CHECK(literals_of("\xC4\xB0stanbul").empty());
  CHECK(literals_of("\\x{130}stanbul").empty());
  CHECK(literals_of("\\101bcdef").empty());
  CHECK(literals_of("\\Qabcdef\\E").empty());
  // An escaped backslash is only that.
  CHECK(literals_of("\\\\xylophone") == Texts{"\\xylophone"});
}

TEST_CASE("an expression of too many literals tells none") {
  // One beyond: RE2 joins what begins alike, so words begin differently.
  std::string wide;
  for (std::size_t i = 0; i <= kRegexLiteralsMax; ++i) {
    wide += fmt::format("{}({:03}word.*)", i == 0 ? "" : "|", i);
  }
  CHECK(literals_of(wide).empty());
  CHECK(literals_of("(000word.*)|(001word.*)").size() == 2);
}

TEST_CASE("a set tells whether any of its expressions occurs") {
  const auto set = RegexSet::compile({"^a+$", "[0-9]{3}", "(?i)xy"});
  REQUIRE(set);
  CHECK(set->search("aaa") == RegexSet::Answer::kSome);
  CHECK(set->search("-123-") == RegexSet::Answer::kSome);
  CHECK(set->search("wXYz") == RegexSet::Answer::kSome);
  CHECK(set->search("ab12") == RegexSet::Answer::kNone);
  CHECK(set->search("") == RegexSet::Answer::kNone);
}

TEST_CASE("expressions that are too large together make no set") {
  std::vector<std::string> patterns;
  for (int i = 0; i < 100; ++i) {
    patterns.push_back(fmt::format("{}[^ -~]{{900}}", i + 100));
    REQUIRE(Regex::compile(patterns.back()));
  }
  CHECK_FALSE(RegexSet::compile(patterns));
  patterns.resize(2);
  CHECK(RegexSet::compile(patterns));
}
