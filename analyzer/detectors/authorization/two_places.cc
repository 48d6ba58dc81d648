#include "analyzer/detectors/authorization/two_places.h"

#include <algorithm>
#include <array>
#include <optional>

#include "analyzer/detectors/session_subject.h"
#include "collector/event/defs/session_events.h"

namespace chargewarden::session {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// Two sessions of one token overlap when the earlier one shows life this long after the later one
// began: messages are under way for some seconds, and nobody gets from one cable to the next in
// that time.
constexpr std::int64_t kOverlapMinNs = 5 * kNsPerSecond;

std::optional<std::int64_t> alive_stamp(const Fact& fact, const Session& session, bool ended) {
  if (ended) {
    if (session.station_ended_ns == 0) return std::nullopt;
    return session.station_ended_ns;
  }
  std::optional<std::int64_t> latest = fact.number(F::kTimestamp);
  for (const Reading& reading : fact.readings()) {
    if (reading.time_ns != 0) latest = std::max(latest.value_or(0), reading.time_ns);
  }
  return latest;
}

void tell_two_places(const TokenUse& earlier, const TokenUse& later, std::int64_t alive,
                     const std::vector<TokenUse>& uses, const World& world, Reporter& reporter) {
  const Session& first = world.session(earlier.session);
  const Session& second = world.session(later.session);
  const Station& place = world.station(later.station);
  const std::int64_t until = later.ended_ns != 0 ? std::min(alive, later.ended_ns) : alive;
  const auto running = std::count_if(uses.begin(), uses.end(), [&](const TokenUse& use) {
    return use.ended_ns == 0 || use.ended_ns >= later.started_ns;
  });
  const std::array<std::uint64_t, 3> tags = {first.start_tag, second.start_tag, reporter.tag()};
  Event event = reporter.make(kTwoPlaces, subject_of(place, world));
  set_subject(second, event);
  event.set_text(kOtherStation, world.station(earlier.station).id);
  if (first.connector >= 0) event.set_int(kOtherConnector, first.connector);
  event.set_bool(kSameStation, earlier.station == later.station);
  event.set_int(kOverlapS, (until - later.started_ns) / kNsPerSecond);
  event.set_int(kPlaces, static_cast<std::int64_t>(running));
  event.set_bool(kByRemote, earlier.by_remote || later.by_remote);
  if (!second.token_type.empty()) event.set_text(kTokenType, second.token_type);
  event.set_packets(tags);
  reporter.emit(event);
}

}  // namespace

void compare_uses(const Fact& fact, SessionIndex index, bool ended, TokenBook& book,
                  const World& world, Reporter& reporter) {
  const Session& session = world.session(index);
  if (session.token.empty()) return;
  TokenEntry* entry = book.find(session.token, fact.time_ns());
  if (entry == nullptr) return;
  // When it was alive, by the clock of the capture: what was queued is older than it comes.
  std::int64_t alive = fact.time_ns();
  const Station& station = world.station(session.station);
  const auto stamp = alive_stamp(fact, session, ended);
  if (stamp && station.clock_lag_ns) alive = std::min(alive, *stamp + *station.clock_lag_ns);
  TokenUse* own = nullptr;
  for (TokenUse& use : entry->uses) {
    if (use.session == index && use.generation == session.generation) own = &use;
  }
  if (own == nullptr) return;
  for (TokenUse& use : entry->uses) {
    const bool later = &use != own && use.started_ns > own->started_ns;
    if (!later || use.told || alive - use.started_ns < kOverlapMinNs) continue;
    const Session& other = world.session(use.session);
    if (other.generation != use.generation) continue;
    if (use.station == own->station && other.connector == session.connector) continue;
    use.told = true;
    tell_two_places(*own, use, alive, entry->uses, world, reporter);
  }
  if (ended) own->ended_ns = alive;
}

}  // namespace chargewarden::session
