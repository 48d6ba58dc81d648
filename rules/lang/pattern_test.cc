#include "rules/lang/pattern.h"

#include <catch2/catch.hpp>

#include "rules/lang/value_transform.h"

using namespace chargewarden;

namespace {

// Literals in brackets, wildcards as themselves, placeholders in braces.
std::string show(const Pattern& pattern) {
  std::string out;
  for (const PatternToken& token : pattern) {
    switch (token.kind) {
      case TokenKind::kLiteral:
        out += "[" + token.text + "]";
        break;
      case TokenKind::kAnyRun:
        out += '*';
        break;
      case TokenKind::kAnyOne:
        out += '?';
        break;
      case TokenKind::kPlaceholder:
        out += "{" + token.text + "}";
        break;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("escapes are read as the Sigma specification says") {
  struct Row {
    const char* written;
    const char* meaning;
  };

  const Row rows[] = {
      {R"(a\b)", R"([a\b])"},     {R"(a\\b)", R"([a\b])"},  {R"(a\*)", R"([a*])"},
      {R"(a\\*)", R"([a\]*)"},    {R"(a\\\*)", R"([a\*])"}, {R"(a\\\b)", R"([a\\b])"},
      {R"(a\\\\b)", R"([a\\b])"}, {R"(a\)", R"([a\])"},     {R"(a\?b?)", R"([a?b]?)"},
      {R"(\\\\)", R"([\\])"},     {"*a**b", "*[a]*[b]"},    {"", ""},
      {"%x%", "[%x%]"},           {R"(\%x)", R"([\%x])"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.written);
    CHECK(show(parse_pattern(row.written, Placeholders::kLiteral)) == row.meaning);
  }
}

TEST_CASE("placeholders are seen only where they are asked for") {
  struct Row {
    const char* written;
    const char* meaning;
  };

  const Row rows[] = {
      {"%hosts%", "{hosts}"},
      {"a%b-c.d%e*", "[a]{b-c.d}[e]*"},
      {"100% of 5%", "[100% of 5%]"},
      {R"(\%hosts%)", "[%hosts%]"},
      {"%%", "[%%]"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.written);
    CHECK(show(parse_pattern(row.written, Placeholders::kRecognised)) == row.meaning);
  }
}

TEST_CASE("an appended wildcard is never escaped by the value's last backslash") {
  const Pattern pattern = parse_pattern(R"(x\)", Placeholders::kLiteral);
  CHECK(show(with_wildcards(pattern, true, true)) == R"(*[x\]*)");
  CHECK(show(with_wildcards(parse_pattern("*x*", Placeholders::kLiteral), true, true)) == "*[x]*");
  CHECK(show(with_wildcards({}, true, true)) == "*");
}

TEST_CASE("base64offset gives the three forms of a text inside a longer one") {
  struct Row {
    const char* text;
    const char* forms;
  };

  const Row rows[] = {{"foo bar", "Zm9vIGJhc ZvbyBiYX mb28gYmFy"},
                      {"/bin/sh", "L2Jpbi9za 9iaW4vc2 vYmluL3No"},
                      {"\xC3\xA9", "w6 Op Dq"}};
  for (const Row& row : rows) {
    std::string forms;
    for (const Pattern& form :
         base64_offset_forms(parse_pattern(row.text, Placeholders::kLiteral))) {
      forms += (forms.empty() ? "" : " ") + literal_of(form);
    }
    CHECK(forms == row.forms);
  }
  std::string wide;
  const Pattern ping = to_utf16(parse_pattern("ping", Placeholders::kLiteral), Utf16::kLittle);
  for (const Pattern& form : base64_offset_forms(ping)) wide += literal_of(form) + " ";
  CHECK(wide == "cABpAG4AZw AAaQBuAGcA wAGkAbgBnA ");
}

TEST_CASE("UTF-16 is written byte for byte, with pairs and with a mark where asked for") {
  const Pattern ab = parse_pattern("ab", Placeholders::kLiteral);
  CHECK(literal_of(to_base64_pattern(to_utf16(ab, Utf16::kMarkedLittle))) == "//5hAGIA");
  CHECK(literal_of(to_base64_pattern(to_utf16(ab, Utf16::kBig))) == "AGEAYg==");
  const Pattern car = parse_pattern("\xF0\x9F\x9A\x97", Placeholders::kLiteral);  // U+1F697
  CHECK(literal_of(to_utf16(car, Utf16::kBig)) == "\xD8\x3D\xDE\x97");
}

TEST_CASE("windash replaces each dash that begins a word, in all combinations") {
  const auto count = [](const char* text) {
    const auto forms = windash_forms(parse_pattern(text, Placeholders::kLiteral));
    return forms ? forms->size() : 0;
  };
  CHECK(count("abc") == 1);
  CHECK(count("-a") == 5);
  CHECK(count("x -a /b") == 25);
  CHECK(count("a-b") == 1);
  CHECK(count("- a") == 1);
  CHECK(count("*-a*") == 5);
  CHECK(count("-a -a -a -a -a -a") == 15'625);
  CHECK(count("-a -a -a -a -a -a -a") == 0);  // Beyond kFormsMax.
  const auto forms = windash_forms(parse_pattern("*/x*", Placeholders::kLiteral));
  REQUIRE(forms);
  CHECK(show(forms->front()) == "*[-x]*");
  CHECK(show(forms->back()) == "*[\xE2\x80\x95x]*");
}

TEST_CASE("placeholders are replaced by every combination of their values") {
  const PlaceholderMap values{{"h", {"a", "b*"}}, {"none", {}}, {"p", {"1", "2"}}};
  const auto expand = [&](const char* text) {
    std::string out;
    const auto forms = expand_placeholders(parse_pattern(text, Placeholders::kRecognised), values);
    for (const Pattern& form : *forms) out += show(form) + " ";
    return out;
  };
  CHECK(expand("x%h%y") == "[xay] [xb]*[y] ");
  CHECK(expand("%h%%p%") == "[a1] [a2] [b]*[1] [b]*[2] ");
  CHECK(expand("%h%%none%").empty());
}
