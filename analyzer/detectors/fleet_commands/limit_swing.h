#pragma once
// LimitSwings: charging limits of a station that go up and down by large steps (threat SG-03).
// Control that follows a solar plant changes often, but by little; clouds make a few large steps.

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/fleet_commands/command.h"
#include "analyzer/detectors/repeat_count.h"

namespace chargewarden::fleet_commands {

class LimitSwings {
 public:
  // The station of the fact is given a command; others than limits are passed over.
  void add(const Fact& fact, const World& world, Command command, Reporter& reporter);

  void forget(StationIndex station) { stations_.forget(station); }

 private:
  // Limits of a station that are followed, by connector, purpose and stack level: two connectors
  // with a default and one of the session each.
  // Test: fleet_commands_detector_test.cc "limits of more places than are followed begin anew".
  static constexpr std::size_t kPlacesMax = 4;

  struct Place {
    bool used = false;
    std::int32_t connector = -1;
    std::int32_t stack_level = 0;
    char purpose = 0;  // Its seventh letter, in which the purposes differ.
    std::int8_t direction = 0;
    double last_w = 0;
  };

  struct Limits {
    std::array<Place, kPlacesMax> places;
    std::size_t next = 0;
    RepeatCount reversals;
  };

  static Place& place_of(const Fact& fact, Limits& limits);

  ByStation<Limits> stations_;
};

}  // namespace chargewarden::fleet_commands
