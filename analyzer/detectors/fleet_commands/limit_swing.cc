#include "analyzer/detectors/fleet_commands/limit_swing.h"

#include <algorithm>

#include "collector/event/defs/grid_events.h"

namespace chargewarden::fleet_commands {

namespace {

using F = FactField;

// Ten to twenty minutes: load that swings slower than once in some minutes is followed by the
// control of a grid (secondary control acts within 15 minutes).
constexpr std::uint32_t kSpanMs = 600'000;
constexpr std::uint32_t kReversalsFloor = 6;

// A large step: by half of the larger value, from 32 A to 16 A say.
constexpr double kLargeStep = 0.5;

}  // namespace

LimitSwings::Place& LimitSwings::place_of(const Fact& fact, Limits& limits) {
  const std::string_view purpose = fact.text(F::kPurpose);
  Place wanted;
  wanted.used = true;
  wanted.connector = connector_of(fact);
  wanted.stack_level = static_cast<std::int32_t>(fact.number(F::kStackLevel).value_or(0));
  wanted.purpose = purpose.empty() ? '\0' : purpose[std::min<std::size_t>(6, purpose.size() - 1)];
  for (Place& place : limits.places) {
    if (place.used && place.connector == wanted.connector && place.purpose == wanted.purpose &&
        place.stack_level == wanted.stack_level) {
      return place;
    }
  }
  Place& place = limits.places[limits.next];
  limits.next = (limits.next + 1) % kPlacesMax;
  place = wanted;
  place.last_w = -1;
  return place;
}

void LimitSwings::add(const Fact& fact, const World& world, Command command, Reporter& reporter) {
  if (command != Command::kLimit && command != Command::kLimitToNothing &&
      command != Command::kLimitBeyondRating) {
    return;
  }
  const auto now_limits = limits_of(fact);
  if (!now_limits) return;
  Limits& limits = stations_.at(world.station_index());
  Place& place = place_of(fact, limits);
  const double before = place.last_w;
  const double now = now_limits->first_w;
  if (before < 0) {
    place.last_w = now;
    return;
  }
  const double step = now - before;
  if (std::max(step, -step) < kLargeStep * std::max(now, before) || step == 0) return;
  place.last_w = now;
  const std::int8_t direction = step > 0 ? 1 : -1;
  const bool turned = place.direction == -direction;
  place.direction = direction;
  if (!turned) return;
  limits.reversals.add(fact.time_ns(), kSpanMs);
  if (!limits.reversals.should_tell(kReversalsFloor)) return;
  Event event = reporter.make(grid::kLimitSwing);
  event.set_int(grid::kReversals, limits.reversals.count());
  event.set(grid::kSwingLow, Value::real(std::min(now, before)));
  event.set(grid::kSwingHigh, Value::real(std::max(now, before)));
  reporter.emit(event);
}

}  // namespace chargewarden::fleet_commands
