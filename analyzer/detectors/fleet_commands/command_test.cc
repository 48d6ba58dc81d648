#include "analyzer/detectors/fleet_commands/command.h"

#include <catch2/catch.hpp>

#include "analyzer/facts/fact_buffer.h"

namespace chargewarden::fleet_commands {

namespace {

struct Step {
  std::int64_t start_s;
  double limit;
  std::int64_t phases = 0;
};

// The command that a profile of these periods is.
std::string_view profile(std::string_view unit, std::vector<Step> steps, bool takes_more = false) {
  FactBuffer buffer;
  FactHead head;
  head.kind = FactKind::kMessage;
  head.sender = Side::kServer;
  head.action = ocpp::action_id("SetChargingProfile");
  buffer.begin(head, "CP1");
  for (const Step& step : steps) {
    buffer.add_number(FactField::kItem, 0);
    buffer.add_number(FactField::kPeriodStartS, step.start_s);
    if (step.phases != 0) buffer.add_number(FactField::kPhases, step.phases);
    buffer.add_real(FactField::kLimit, step.limit);
  }
  // The unit may stand behind the periods.
  if (!unit.empty()) buffer.add_text(FactField::kLimitUnit, unit);
  buffer.commit();
  const auto command = command_of(buffer.read(0), takes_more);
  return command ? kCommandNames[static_cast<std::size_t>(*command)] : "none";
}

}  // namespace

TEST_CASE("a limit is judged by what a vehicle needs and what a connector carries") {
  CHECK(profile("A", {{0, 0}}) == "limit_to_nothing");
  CHECK(profile("A", {{0, 5.9}}) == "limit_to_nothing");
  CHECK(profile("A", {{0, 6}}) == "limit");
  CHECK(profile("A", {{0, 63}}) == "limit");
  CHECK(profile("A", {{0, 80}}) == "limit_beyond_rating");
  CHECK(profile("A", {{0, 80, 1}}) == "limit");
  CHECK(profile("W", {{0, 0}}) == "limit_to_nothing");
  CHECK(profile("W", {{0, 1300}}) == "limit_to_nothing");
  CHECK(profile("W", {{0, 1380}}) == "limit");
  CHECK(profile("W", {{0, 22000}}) == "limit");
  CHECK(profile("w", {{0, 350000}}) == "limit_beyond_rating");
  CHECK(profile("W", {{0, 350000}}, true) == "limit");
}

TEST_CASE("of a schedule the begin says whether a vehicle charges, the whole what it may take") {
  CHECK(profile("A", {{0, 16}, {3600, 0}}) == "limit");
  CHECK(profile("A", {{0, 0}, {3600, 16}}) == "limit_to_nothing");
  CHECK(profile("A", {{3600, 16}, {0, 0}}) == "limit_to_nothing");
  CHECK(profile("A", {{0, 16}, {60, 125}}) == "limit_beyond_rating");
}

TEST_CASE("a limit that cannot be read, or to discharge, is ordinary") {
  CHECK(profile("A", {}) == "limit");
  CHECK(profile("W", {{0, -7000}}) == "limit");
}

}  // namespace chargewarden::fleet_commands
