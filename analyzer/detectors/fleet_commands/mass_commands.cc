#include "analyzer/detectors/fleet_commands/mass_commands.h"

#include <algorithm>

#include "collector/event/defs/grid_events.h"

namespace chargewarden::fleet_commands {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// Two windows: a minute, in which a script reaches every station of a site and a person some; and a
// quarter of an hour, in which somebody stays below what a minute shows. Longer ones would hold
// whatever an operator does in a shift.
constexpr std::array<std::int64_t, 2> kWindowsNs = {60 * kNsPerSecond, 900 * kNsPerSecond};

// Fewer stations than these are a person at work, unless they are the whole fleet. Of one or two
// stations "all" says nothing.
constexpr std::uint32_t kStationsFloor = 5;
constexpr std::uint32_t kWholeFleetFloor = 3;

std::uint32_t floor_of(std::size_t fleet) {
  const bool small = fleet >= kWholeFleetFloor && fleet < kStationsFloor;
  return small ? static_cast<std::uint32_t>(fleet) : kStationsFloor;
}

}  // namespace

MassCommands::Story& MassCommands::story_of(FleetIndex fleet, std::size_t place,
                                            std::int64_t span_ns) {
  if (fleet >= fleets_.size()) fleets_.resize(fleet + std::size_t{1});
  auto& stories = fleets_[fleet];
  if (stories == nullptr) stories = std::make_unique<Stories>();
  auto& story = (*stories)[place];
  if (story == nullptr) story = std::make_unique<Story>(span_ns);
  return *story;
}

void MassCommands::add(const Fact& fact, const World& world, Command command, bool in_session,
                       Reporter& reporter) {
  const FleetIndex fleet = world.link()->fleet;
  Marks& marks = marks_.at(world.station_index());
  if (marks.fleet != fleet) marks = {fleet, {}};
  const std::int64_t now = fact.time_ns();
  std::uint32_t in_a_minute = 0;
  for (std::size_t window = 0; window < kWindows; ++window) {
    const std::size_t place = window * kCommands + static_cast<std::size_t>(command);
    Story& story = story_of(fleet, place, kWindowsNs[window]);
    if (story.window.stations(now) == 0) {
      story.fleet = 0;
      story.sessions = 0;
      story.has_limit = false;
      story.tokens.clear();
    }
    const std::uint32_t stations = story.window.add(now, marks.marks[place], reporter.tag());
    story.fleet = std::max<std::size_t>({story.fleet, world.fleet(fleet).connected, stations});
    if (in_session) ++story.sessions;
    note(fact, story, command);
    // What happened within a minute is not told again as something slow.
    const bool slower = window == 0 || stations > in_a_minute;
    if (window == 0) in_a_minute = stations;
    if (slower && story.window.should_tell(floor_of(story.fleet), story.fleet)) {
      tell(fact, world, command, window, story, reporter);
    }
  }
}

void MassCommands::note(const Fact& fact, Story& story, Command command) {
  if (command == Command::kRemoteStart || command == Command::kReserve) {
    SipHash13 hash(key_);
    hash.add(fact.text(F::kToken));
    story.tokens.add(hash.finish());
    return;
  }
  if (command != Command::kLimitToNothing && command != Command::kLimitBeyondRating) return;
  const std::optional<Limits> limits = limits_of(fact);
  if (!limits) return;
  story.limit_min_w = story.has_limit ? std::min(story.limit_min_w, limits->min_w) : limits->min_w;
  story.limit_max_w = story.has_limit ? std::max(story.limit_max_w, limits->max_w) : limits->max_w;
  story.has_limit = true;
}

void MassCommands::tell(const Fact& fact, const World& world, Command command, std::size_t window,
                        const Story& story, Reporter& reporter) {
  const std::int64_t now = fact.time_ns();
  const std::uint32_t stations = story.window.stations();
  FlowInfo flow;
  Event event = reporter.make(grid::kMassCommand, {});
  set_backend(event, world.fleet(world.link()->fleet), flow);
  event.set_text(grid::kCommand, kCommandNames[static_cast<std::size_t>(command)]);
  event.set_int(grid::kStations, stations);
  event.set_int(grid::kFleet, static_cast<std::int64_t>(story.fleet));
  event.set_int(grid::kShare, static_cast<std::int64_t>(stations * std::size_t{100} / story.fleet));
  event.set_int(grid::kWindowS, kWindowsNs[window] / kNsPerSecond);
  event.set_int(grid::kSpanMs, story.window.span_ns(now) / kNsPerMs);
  event.set_int(grid::kCommands, static_cast<std::int64_t>(story.window.times()));
  event.set_int(grid::kSessions, story.sessions);
  if (story.has_limit) {
    event.set(grid::kLowestLimit, Value::real(story.limit_min_w));
    event.set(grid::kHighestLimit, Value::real(story.limit_max_w));
  }
  if (story.tokens.size() > 0) {
    event.set_int(grid::kTokens, static_cast<std::int64_t>(story.tokens.size()));
  }
  event.set_packets(story.window.packets().tags());
  reporter.emit(event);
}

}  // namespace chargewarden::fleet_commands
