#include "analyzer/detectors/window.h"

#include <catch2/catch.hpp>

using namespace chargewarden;

TEST_CASE("a window counts what is within its span") {
  Window window(1'600);
  CHECK(window.add(0) == 1);
  CHECK(window.add(800, 5) == 6);
  CHECK(window.count(1'599) == 6);
  CHECK(window.count(1'600) == 5);
  CHECK(window.add(1'500) == 6);  // Time that goes back counts as now.
  CHECK(window.count(2'400) == 1);
  CHECK(window.count(100'000) == 0);
}

TEST_CASE("a bucket of a window stays at its limit") {
  Window window(1'600);
  CHECK(window.add(0, UINT64_MAX) == UINT32_MAX);
  CHECK(window.add(0) == UINT32_MAX);
  CHECK(window.add(100, 7) == UINT32_MAX + std::uint64_t{7});
  CHECK(window.count(1'600) == 7);
}
