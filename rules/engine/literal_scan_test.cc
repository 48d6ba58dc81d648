#include "rules/engine/literal_scan.h"

#include <algorithm>
#include <random>
#include <set>

#include <catch2/catch.hpp>

using namespace chargewarden;

namespace {

std::set<std::uint32_t> found_in(const LiteralScan& scan, std::string_view text) {
  std::set<std::uint32_t> out;
  scan.run(text, [&](std::uint32_t literal) { out.insert(literal); });
  return out;
}

// The same without tables.
std::set<std::uint32_t> expected_in(const std::vector<ScanLiteral>& literals,
                                    const std::string& text) {
  std::set<std::uint32_t> out;
  for (std::uint32_t i = 0; i < literals.size(); ++i) {
    const ScanLiteral& literal = literals[i];
    bool stands = text.find(literal.text) != std::string::npos;
    if (literal.begins) stands = text.compare(0, literal.text.size(), literal.text) == 0;
    if (literal.ends) {
      stands =
          text.size() >= literal.text.size() &&
          text.compare(text.size() - literal.text.size(), std::string::npos, literal.text) == 0;
    }
    if (stands) out.insert(i);
  }
  return out;
}

}  // namespace

TEST_CASE("literals of every length are found wherever they stand") {
  const LiteralScan scan({{"a", false, false},
                          {"bc", false, false},
                          {"def", false, false},
                          {"ghij", false, false},
                          {"ghijk", false, false},
                          {"hijklmnop", false, false}});
  CHECK(found_in(scan, "a") == std::set<std::uint32_t>{0});
  CHECK(found_in(scan, "xbcx") == std::set<std::uint32_t>{1});
  CHECK(found_in(scan, "xdef") == std::set<std::uint32_t>{2});
  CHECK(found_in(scan, "ghij") == std::set<std::uint32_t>{3});
  CHECK(found_in(scan, "xxghijklmnop") == std::set<std::uint32_t>{3, 4, 5});
  CHECK(found_in(scan, "").empty());
  CHECK(found_in(scan, "ghi").empty());
}

TEST_CASE("an anchored literal is found only at its end of the text") {
  const LiteralScan scan({{"abcd", true, false},
                          {"abcd", false, true},
                          {"ab", true, false},
                          {"cd", false, true},
                          {"x", true, false},
                          {"x", false, true}});
  CHECK(found_in(scan, "abcd") == std::set<std::uint32_t>{0, 1, 2, 3});
  CHECK(found_in(scan, "abcdx") == std::set<std::uint32_t>{0, 2, 5});
  CHECK(found_in(scan, "xabcd") == std::set<std::uint32_t>{1, 3, 4});
  CHECK(found_in(scan, "-abcd-").empty());
}

TEST_CASE("a scan finds what a search for each literal finds") {
  std::mt19937 random(7);
  const auto text_of = [&](std::size_t size) {
    std::string out;
    while (out.size() < size) out += "abc\xC3\xA9"[random() % 5];
    return out;
  };
  std::size_t places = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<ScanLiteral> literals;
    const std::size_t count = 1 + random() % 400;
    for (std::size_t i = 0; i < count; ++i) {
      literals.push_back({text_of(1 + random() % 12), random() % 6 == 0, false});
      literals.back().ends = !literals.back().begins && random() % 6 == 0;
    }
    const LiteralScan scan(literals);
    for (int i = 0; i < 40; ++i) {
      const std::string text = text_of(random() % 60);
      const auto expected = expected_in(literals, text);
      REQUIRE(found_in(scan, text) == expected);
      places += expected.size();
    }
  }
  CHECK(places > 10'000);
}
