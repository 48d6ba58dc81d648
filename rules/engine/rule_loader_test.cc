#include "rules/engine/rule_loader.h"

#include <string>

#include <catch2/catch.hpp>

#include "rules/engine/matcher.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::TemporaryFolder;

namespace {

std::string rule(const std::string& name, const std::string& more = {}) {
  return "title: T\nname: " + name +
         "\nlogsource: {product: evcharging, category: ocpp}\ndetection:\n"
         "  s: {ocpp.action: Reset}\n  condition: s\n" +
         more;
}

LoadOptions only(const std::string& path) {
  LoadOptions out;
  out.paths = {path};
  return out;
}

std::vector<std::string_view> codes(const Diagnostics& diagnostics) {
  std::vector<std::string_view> out;
  for (const Diagnostic& problem : diagnostics.all())
    out.push_back(problem_def(problem.problem).code);
  return out;
}

}  // namespace

TEST_CASE("rules are numbered by the paths of their files and know their theme") {
  const TemporaryFolder folder;
  folder.write("b/z.yml", rule("z"));
  folder.write("a/deep/y.yaml", rule("y") + "---\n" + rule("y2"));
  folder.write("top.yml", rule("top"));
  folder.write("readme.md", "no rule");
  const LoadedRules loaded = load_rules(only(folder.path()));
  REQUIRE(loaded.diagnostics.all().empty());
  REQUIRE(loaded.set.size() == 4);
  CHECK(loaded.document_count == 4);
  CHECK(loaded.set.info(0).name == "y");
  CHECK(loaded.set.info(0).theme == "a");
  CHECK(loaded.set.info(1).name == "y2");
  CHECK(loaded.set.info(2).name == "z");
  CHECK(loaded.set.info(2).theme == "b");
  CHECK(loaded.set.info(3).theme.empty());
  CHECK(loaded.rules[3].document.info.name == "top");
}

TEST_CASE("every problem of every file is reported, and the good rules are there") {
  const TemporaryFolder folder;
  folder.write("a.yml", rule("same"));
  folder.write("b.yml", rule("same"));
  folder.write("c.yml", "title: T\n---\nx: [\n---\n" + rule("c", "level: none\n"));
  folder.write("d.yml",
               "title: T\nlogsource: {product: windows, category: ocp, service: x}\n"
               "detection:\n  s: {f|re: '('}\n  condition: s\n");
  folder.write("e.yml",
               "title: T\nlogsource: {product: evcharging, category: ocpp}\ndetection:\n  s:\n"
               "    ocpp.acton: x\n    ocpp.action|gt: 1\n    ocpp.size_bytes: abc\n"
               "    ocpp.known_action: perhaps\n    ocpp.size_bytes|cidr: 10.0.0.0/8\n"
               "    ocpp.id: true\n    ocpp.version: 1.6\n    http.status: 1\n"
               "    ocpp.payload.: 1\n    ocpp.id|fieldref: nothing\n  condition: s\n");
  const LoadedRules loaded = load_rules(only(folder.path()));
  CHECK(loaded.set.size() == 1);
  CHECK(codes(loaded.diagnostics) ==
        std::vector<std::string_view>{"CW1107", "CW1102", "CW1102", "CW1004", "CW1108", "CW1202",
                                      "CW1203", "CW1204", "CW1405", "CW1305", "CW1306", "CW1306",
                                      "CW1306", "CW1306", "CW1306", "CW1305", "CW1305", "CW1305"});
  const auto strict = load_rule_set(only(folder.path()));
  REQUIRE_FALSE(strict);
  CHECK(strict.error().code == ErrorCode::kUsage);
}

TEST_CASE("foreign rules are not checked against our events") {
  const TemporaryFolder folder;
  folder.write("a.yml",
               "title: T\nlogsource: {product: windows, category: process_creation}\ndetection:\n"
               "  s: {CommandLine|contains: x}\n  condition: s\n");
  LoadOptions options = only(folder.path());
  CHECK(load_rules(options).diagnostics.has_errors());
  options.check = SchemaCheck::kForeign;
  const LoadedRules loaded = load_rules(options);
  REQUIRE_FALSE(loaded.diagnostics.has_errors());
  Matcher matcher(loaded.set);
  FlatEvent event;
  REQUIRE(event.load(R"({"CommandLine": "a X b"})"));
  CHECK(matcher.match(event).size() == 1);
}

TEST_CASE("placeholders come from the folder, and the site replaces them by name") {
  const TemporaryFolder folder;
  folder.write("placeholders.yml", "placeholders:\n  hosts: [a, b]\n  none: []\n");
  folder.write("a.yml",
               "title: T\nlogsource: {product: evcharging, category: ocpp}\ndetection:\n"
               "  s: {ocpp.id|expand: '%hosts%'}\n  t: {ocpp.id|expand: '%none%'}\n"
               "  condition: s or t\n");
  LoadOptions options = only(folder.path());
  const LoadedRules shipped = load_rules(options);
  INFO(render_text(shipped.diagnostics));
  REQUIRE(shipped.set.size() == 1);
  Diagnostics diagnostics;
  folder.write("site/config.yaml", "other: [1]\nplaceholders:\n  hosts: [c]\n");
  read_placeholders(folder.path() + "/site/config.yaml", options.placeholders, diagnostics);
  CHECK(diagnostics.all().empty());
  options.paths = {folder.path() + "/a.yml", folder.path() + "/placeholders.yml"};
  CHECK(codes(load_rules(options).diagnostics).front() == "CW1408");
  std::filesystem::remove_all(folder.path() + "/site");
  options.paths = {folder.path()};
  const LoadedRules site = load_rules(options);
  REQUIRE(site.set.size() == 1);
  CHECK(site.set.hash() != shipped.set.hash());
  CHECK(site.set.hash() == load_rules(options).set.hash());
  FlatEvent event;
  const auto matches = [&](const RuleSet& set, const char* id) {
    REQUIRE(event.load(std::string(R"({"event.category": "ocpp", "ocpp.id": ")") + id + "\"}"));
    return !Matcher(set).match(event).empty();
  };
  CHECK(matches(shipped.set, "a"));
  CHECK_FALSE(matches(site.set, "a"));
  CHECK(matches(site.set, "c"));
}

TEST_CASE("placeholders that are no lists of texts are refused") {
  const TemporaryFolder folder;
  folder.write("a.yml", "placeholders:\n  one: text\n  two: [[1]]\n  three: [1, a]\n");
  folder.write("b.yml", "placeholders: [1]\n");
  PlaceholderMap map;
  Diagnostics diagnostics;
  read_placeholders(folder.path() + "/a.yml", map, diagnostics);
  read_placeholders(folder.path() + "/b.yml", map, diagnostics);
  read_placeholders(folder.path() + "/none.yml", map, diagnostics);
  CHECK(codes(diagnostics) ==
        std::vector<std::string_view>{"CW1701", "CW1701", "CW1701", "CW1001"});
  CHECK(map.size() == 1);
}

TEST_CASE("examples are run, and those that fail are problems") {
  const TemporaryFolder folder;
  folder.write("a.yml", rule("a",
                             "examples:\n"
                             "  match:\n"
                             "    - {event.category: ocpp, ocpp.action: Reset}\n"
                             "    - {event.category: ocpp, ocpp.action: Authorize}\n"
                             "    - {event.category: http, ocpp.action: Reset}\n"
                             "  no_match:\n"
                             "    - {event.category: ocpp, ocpp.action: Authorize}\n"
                             "    - {event.category: ocpp, ocpp.action: Reset}\n"));
  const LoadedRules loaded = load_rules(only(folder.path()));
  REQUIRE(loaded.diagnostics.all().empty());
  Diagnostics diagnostics;
  run_examples(loaded, diagnostics);
  REQUIRE(diagnostics.all().size() == 3);
  for (const Diagnostic& problem : diagnostics.all()) {
    CHECK(problem.problem == Problem::kExampleFailed);
  }
  CHECK(diagnostics.all()[0].position.line == 10);
  CHECK(diagnostics.all()[1].position.line == 11);
  CHECK(diagnostics.all()[1].hint == "its event.category is not that of the logsource");
  CHECK(diagnostics.all()[2].position.line == 14);
}

TEST_CASE("a path that is not there is unreadable") {
  const LoadedRules loaded = load_rules(only("/nonexistent/rules"));
  CHECK(loaded.unreadable);
  CHECK(codes(loaded.diagnostics) == std::vector<std::string_view>{"CW1001"});
  CHECK(load_rule_set(only("/nonexistent/rules")).error().code == ErrorCode::kUnreadable);
}

TEST_CASE("more files than the limit are refused") {
  const TemporaryFolder folder;
  for (int i = 0; i < 4; ++i) {
    folder.write(std::to_string(i) + ".yml", rule("r" + std::to_string(i)));
  }
  LoadOptions options = only(folder.path());
  options.files_max = 4;
  CHECK(load_rules(options).diagnostics.all().empty());
  options.files_max = 3;
  CHECK(codes(load_rules(options).diagnostics) == std::vector<std::string_view>{"CW1011"});
}
