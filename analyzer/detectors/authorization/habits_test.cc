#include "analyzer/detectors/authorization/habits.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace chargewarden;
using namespace chargewarden::session;

TEST_CASE("an exception is one in ten, of enough") {
  CHECK_FALSE(Habit{2, 0}.usually_authorised(3));
  CHECK(Habit{3, 0}.usually_authorised(3));
  CHECK_FALSE(Habit{9, 1}.usually_authorised(3));
  CHECK(Habit{10, 1}.usually_authorised(3));
}

TEST_CASE("the table of fleets is bounded") {
  Habits habits(HashKey{});
  for (std::size_t i = 0; i <= kFleetsMax; ++i)
    habits.fleet("csms", false, "V", fmt::format("{}", i)).bare = 7;
  CHECK(habits.dropped() == 1);
  CHECK(habits.fleet("csms", false, "V", "1").bare == 7);
  CHECK(habits.fleet("csms", true, "V", "1").bare == 0);
  CHECK(habits.fleet("csms", false, "V", "0").bare == 0);
}
