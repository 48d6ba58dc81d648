#include "rules/lang/diagnostics.h"

#include <set>

#include <catch2/catch.hpp>

#include "rules/lang/suggest.h"
#include "tests/support/files.h"

using namespace chargewarden;

TEST_CASE("a problem is shown with its line, a mark and a hint") {
  const SourceFile file("rules/a.yml", "title: x\n\tlevel: hgih\n");
  Diagnostics diagnostics;
  diagnostics.add(Problem::kBadLevel, file, {2, 9}, "the level \"hgih\" is not known",
                  "did you mean \"high\"?");
  CHECK(render_text(diagnostics) ==
        "rules/a.yml:2:9: error CW1108: the level \"hgih\" is not known\n"
        "  \tlevel: hgih\n"
        "  \t       ^\n"
        "  hint: did you mean \"high\"?\n");
  CHECK(render_json(diagnostics) ==
        "[\n  {\"code\": \"CW1108\", \"severity\": \"error\", \"file\": \"rules/a.yml\", "
        "\"line\": 2, \"column\": 9, \"message\": \"the level \\\"hgih\\\" is not known\", "
        "\"hint\": \"did you mean \\\"high\\\"?\", \"text\": \"\\tlevel: hgih\"}\n]\n");
  CHECK(render_json(Diagnostics()) == "[]\n");
}

TEST_CASE("the mark counts characters, not bytes") {
  const SourceFile file("a.yml", "n: \xC3\xA4\xC3\xB6 x\n");
  Diagnostics diagnostics;
  diagnostics.add(Problem::kBadLevel, file, {1, 9}, "m");
  CHECK(render_text(diagnostics) ==
        "a.yml:1:9: error CW1108: m\n  n: \xC3\xA4\xC3\xB6 x\n        ^\n");
}

TEST_CASE("a long line is cut around the mark") {
  const SourceFile file("a.yml", std::string(5'000, 'a') + "HERE" + std::string(5'000, 'b'));
  Diagnostics diagnostics;
  diagnostics.add(Problem::kBadLevel, file, {1, 5'001}, "m");
  const Diagnostic& shown = diagnostics.all().at(0);
  CHECK(shown.line_text.size() == kShownLineMax);
  CHECK(shown.line_text.substr(shown.mark_column - 1, 4) == "HERE");
}

TEST_CASE("control characters of a file do not reach the terminal") {
  const SourceFile file("a.yml", "x: \x1B[31m\n");
  Diagnostics diagnostics;
  diagnostics.add(Problem::kBadLevel, file, {1, 1}, "bad \x1B");
  CHECK(render_text(diagnostics).find('\x1B') == std::string::npos);
}

TEST_CASE("codes are unique, and only warnings leave a set usable") {
  std::set<std::string_view> codes;
  for (const ProblemDef& def : all_problems()) CHECK(codes.insert(def.code).second);
  Diagnostics diagnostics;
  diagnostics.add_file(Problem::kUnknownKey, "b.yml", "m");
  CHECK_FALSE(diagnostics.has_errors());
  diagnostics.add_file(Problem::kUnreadableFile, "a.yml", "m");
  CHECK(diagnostics.has_errors());
  CHECK(diagnostics.warning_count() == 1);
  diagnostics.sort();
  CHECK(diagnostics.all()[0].file == "a.yml");
}

TEST_CASE("the nearest word is suggested when it is near enough") {
  const std::vector<std::string_view> words{"ocpp.action", "ocpp.type", "contains"};
  CHECK(nearest("ocpp.acton", words) == "ocpp.action");
  CHECK(nearest("OCPP.Action", words) == "ocpp.action");
  CHECK(nearest("contians", words) == "contains");
  CHECK(nearest("zzzzzzz", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(did_you_mean("zzzzzzz", words, "look around") == "look around");
}

TEST_CASE("an endless word has no suggestion") {
  const std::string word(100'000, 'a');
  const std::vector<std::string_view> words{word};
  CHECK(nearest(word, words).empty());
}

TEST_CASE("the guide for authors lists every code with its meaning") {
  const std::string text = harness::content_of(CHARGEWARDEN_SOURCE_DIR "/rules/AUTHORING.md");
  for (const ProblemDef& def : all_problems()) {
    const std::string row = "| " + std::string(def.code) + " | " +
                            (def.severity == Severity::kError ? "error" : "warning") + " | " +
                            std::string(def.text) + " |";
    CAPTURE(row);
    CHECK(text.find(row) != std::string::npos);
  }
}
