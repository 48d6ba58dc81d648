#include "rules/engine/field_table.h"

#include <string>

#include <catch2/catch.hpp>

using namespace chargewarden;

TEST_CASE("names of fields are numbered in the order of their coming, and found again") {
  FieldTable table;
  CHECK(table.size() == 1);
  CHECK(table.intern("") == kKeywordField);
  std::vector<std::string> names;
  for (int i = 0; i < 5'000; ++i) {
    // Of every length, also those that differ only in their middle.
    names.push_back(std::string(static_cast<std::size_t>(i % 40), 'a') + std::to_string(i) +
                    std::string(static_cast<std::size_t>(i % 11), 'b'));
    CHECK(table.intern(names.back()) == static_cast<FieldIndex>(i + 1));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const FieldIndex* found = table.find(names[i]);
    REQUIRE(found != nullptr);
    CHECK(*found == i + 1);
    CHECK(table.name(*found) == names[i]);
    CHECK(table.intern(names[i]) == i + 1);
    CHECK(table.find(names[i] + "x") == nullptr);
  }
  CHECK(table.size() == names.size() + 1);
}
