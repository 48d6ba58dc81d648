#pragma once
// MassCommands: the same command to many stations of a fleet (threats AV-06, AV-07, FW-10, SA-08,
// SA-21, SG-02, SG-04, SG-05).
//
// The share counts beside the number: in a fleet of 10,000 five resets a minute are ordinary, in a
// depot of six stations all six within seconds are not. Rules decide; this counts.

#include <memory>
#include <string_view>
#include <vector>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/fleet_commands/command.h"
#include "analyzer/detectors/station_window.h"
#include "analyzer/detectors/window.h"

namespace chargewarden::fleet_commands {

class MassCommands {
 public:
  explicit MassCommands(const HashKey& key) : key_(key) {}

  // The station of the fact is told to do the command. `in_session`: it meets a running session.
  void add(const Fact& fact, const World& world, Command command, bool in_session,
           Reporter& reporter);

  void forget(StationIndex station) { marks_.forget(station); }

 private:
  static constexpr std::size_t kWindows = 2;

  // Different tokens that are told apart: enough to tell one from many.
  // Test: fleet_commands_detector_test.cc "tokens are told apart up to a limit".
  static constexpr std::size_t kTokensMax = 16;

  // A command in one window of a fleet. What is beside the window is of the present story: since
  // the window was empty.
  struct Story {
    explicit Story(std::int64_t span_ns) : window(span_ns) {}

    StationWindow window;
    std::size_t fleet = 0;  // Its largest size meanwhile: commands may make stations disconnect.
    std::int64_t sessions = 0;
    double limit_min_w = 0;
    double limit_max_w = 0;
    bool has_limit = false;
    DistinctSet tokens{kTokensMax};
  };

  using Stories = std::array<std::unique_ptr<Story>, kWindows * kCommands>;

  struct Marks {
    FleetIndex fleet = kNoFleet;
    std::array<StationWindow::Mark, kWindows * kCommands> marks{};
  };

  Story& story_of(FleetIndex fleet, std::size_t place, std::int64_t span_ns);
  void note(const Fact& fact, Story& story, Command command);
  void tell(const Fact& fact, const World& world, Command command, std::size_t window,
            const Story& story, Reporter& reporter);

  HashKey key_;
  std::vector<std::unique_ptr<Stories>> fleets_;
  ByStation<Marks> marks_;
};

}  // namespace chargewarden::fleet_commands
