#include "analyzer/app/config.h"

#include <catch2/catch.hpp>

#include "tests/support/files.h"

using namespace chargewarden;
using harness::TemporaryFolder;

namespace {

std::string error_of(const Expected<Config>& config) {
  return config.has_value() ? "" : config.error().message;
}

}  // namespace

TEST_CASE("a configuration is read whole") {
  const TemporaryFolder folder;
  const std::string key = folder.write("key", std::string(32, 'k'));
  const auto config = read_config(folder.write(
      "c.yml",
      "rules: [a, b]\nplaceholders:\n  hosts: [x, 'y']\n  none: []\nprivacy:\n  key_file: " + key +
          "\n"));
  REQUIRE(config.has_value());
  CHECK(config.value().rules == std::vector<std::string>{"a", "b"});
  CHECK(config.value().placeholders.at("hosts") == std::vector<std::string>{"x", "y"});
  CHECK(config.value().placeholders.at("none").empty());
  REQUIRE(config.value().privacy_key.has_value());
  CHECK(config.value().privacy_key->at(31) == 'k');
  CHECK(read_config(folder.write("empty.yml", "")).has_value());
}

TEST_CASE("what is wrong with a configuration is said with its line") {
  const TemporaryFolder folder;
  CHECK_THAT(error_of(read_config(folder.write("a.yml", "rules: []\nrulez: []\n"))),
             Catch::Contains("a.yml:2: unknown key \"rulez\""));
  CHECK_THAT(error_of(read_config(folder.write("b.yml", "rules: x\n"))),
             Catch::Contains("b.yml:1: \"rules\" must be a list"));
  CHECK_THAT(error_of(read_config(folder.write("c.yml", "a: [\n"))), Catch::Contains("not YAML"));
  CHECK_THAT(error_of(read_config(folder.write("d.yml", "privacy: {key_file: /no/such}\n"))),
             Catch::Contains("cannot open key file \"/no/such\""));
  CHECK_THAT(error_of(read_config(folder.write(
                 "e.yml", "privacy: {key_file: " + folder.write("short", "abc") + "}\n"))),
             Catch::Contains("must hold 32 bytes and holds 3"));
  CHECK_THAT(error_of(read_config("/no/such/file.yml")),
             Catch::Contains("cannot open configuration \"/no/such/file.yml\""));
}

TEST_CASE("a configuration beyond the limit is refused") {
  const TemporaryFolder folder;
  CHECK_THAT(error_of(read_config(folder.write("big.yml", std::string((4U << 20U) + 1, '#')))),
             Catch::Contains("is larger than"));
}

TEST_CASE("windows and the inventory of a configuration are read") {
  const TemporaryFolder folder;
  const std::string inventory = folder.write("i.yml", "stations: [{id: CS-1}]\n");
  const auto config = read_config(folder.write(
      "c.yml",
      "inventory: " + inventory +
          "\nmaintenance:\n"
          "  - {days: [thu], from: \"01:00\", to: \"05:00\", utc_offset: \"+01:00\"}\n"
          "  - {from: 2026-03-01T22:00:00Z, to: 2026-03-02T00:00:00Z, stations: [\"DE-*\"]}\n"
          "closed:\n  - {days: [sun], from: \"00:00\", to: \"24:00\"}\n"));
  INFO(error_of(config));
  REQUIRE(config.has_value());
  const auto site = read_site(config.value());
  REQUIRE(site.has_value());
  CHECK_FALSE(site.value().empty());
  CHECK(site.value().inventory.find("CS-1") != nullptr);
  constexpr std::int64_t kHourNs = 3'600'000'000'000;
  CHECK(site.value().maintenance.judge("CS-1", 0) == WindowAnswer::kInside);  // A Thursday.
  CHECK(site.value().maintenance.judge("CS-1", 4 * kHourNs) == WindowAnswer::kOutside);
  CHECK(site.value().closed.judge("CS-1", 0) == WindowAnswer::kOutside);
  CHECK(read_site(Config()).value().empty());
  CHECK(read_site(read_config(folder.write("e.yml", "maintenance:\nclosed: []\n")).value())
            .value()
            .empty());
}

TEST_CASE("what is wrong with a window is said with its line") {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& text) {
    return error_of(read_config(folder.write("w.yml", text)));
  };
  CHECK_THAT(error("maintenance: x\n"), Catch::Contains("w.yml:1: \"maintenance\" must be a list"));
  CHECK_THAT(error("closed:\n  - mon\n"), Catch::Contains("w.yml:2: each of \"closed\" must be"));
  CHECK_THAT(error("closed:\n  - {from: '1', till: '2'}\n"),
             Catch::Contains("w.yml:2: unknown key \"till\" in \"closed\"; known are days"));
  CHECK_THAT(error("closed: [{days: [mon], to: '02:00'}]\n"), Catch::Contains("has no \"from\""));
  CHECK_THAT(error("closed: [{days: [], from: '01:00', to: '02:00'}]\n"),
             Catch::Contains("\"days\" is empty"));
  CHECK_THAT(error("closed: [{days: [mon], from: '01:00', to: '02:00', stations: []}]\n"),
             Catch::Contains("\"stations\" is empty"));
  CHECK_THAT(error("closed: [{from: '01:00', to: '02:00'}]\n"), Catch::Contains("is no time"));
  CHECK_THAT(error("closed: [{from: '2026-03-01T22:00:00Z', to: '2026-03-02T22:00:00Z', "
                   "utc_offset: '+01:00'}]\n"),
             Catch::Contains("\"utc_offset\" needs \"days\""));
  CHECK_THAT(error("closed: [{from: a, from: b, to: c}]\n"), Catch::Contains("stands twice"));
  CHECK_THAT(error("rules: []\nrules: []\n"),
             Catch::Contains("w.yml:2: the key \"rules\" stands twice"));
  CHECK_THAT(error("inventory: [a]\n"), Catch::Contains("\"inventory\" must be a text"));
}
