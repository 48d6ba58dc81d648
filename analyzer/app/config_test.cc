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
