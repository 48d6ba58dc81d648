// A card at two sites sooner than anybody could drive from one to the other (threat SA-04): one of
// the two is a copy.
//
// A card is at a station when the CSMS accepts it there: in an Authorize, or at the start of a
// session. By the capture's clock, so what a station had queued says nothing; nor does a token that
// the CSMS itself sent to a station, which stands for an app. Where stations are is in the
// inventory; without it there is nothing to tell.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/session_subject.h"
#include "collector/base/text.h"
#include "collector/event/defs/session_events.h"

namespace chargewarden::session {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr double kSecondsPerHour = 3'600;

// What is told, for rules to judge: as the crow flies nobody gets from charger to charger faster
// but on a motorway without a limit. Roads are a fifth to a third longer than the straight line.
constexpr double kTellFromKmh = 100;

// Sites of inventories are as exact as an address, and clocks of two sensors differ by some
// seconds: nearer than this, the speed would say more about them.
constexpr double kDistanceMinKm = 10;

// Half of the earth at kTellFromKmh: nothing later can be too early.
constexpr std::int64_t kSightingKnownNs = 9LL * 24 * 3'600 * kNsPerSecond;

// A remote start is used up within minutes; apps are used again on the same day.
constexpr std::int64_t kRemoteNs = 24LL * 3'600 * kNsPerSecond;

// Tokens whose place is known: drivers of a large operator in that time. What was not seen for
// longest goes. Test: travel_detector_test.cc "the table of cards with a place is bounded".
constexpr std::size_t kTokensMax = 50'000;

// Stations where the token was, in the time that counts as now: many are a token that is shared.
// Test: travel_detector_test.cc "the stations of a token are bounded".
constexpr std::size_t kPlacesMax = 8;
constexpr std::int64_t kPlacesNs = 24LL * 3'600 * kNsPerSecond;

struct Actions {
  ocpp::ActionId authorize = ocpp::action_id("Authorize");
  ocpp::ActionId remote_start = ocpp::action_id("RemoteStartTransaction");
  ocpp::ActionId request_start = ocpp::action_id("RequestStartTransaction");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

// Messages are under way for some seconds; what is older has waited for a connection.
constexpr std::int64_t kLateNs = 60 * kNsPerSecond;

// Whether the start is older than its message, also where the clock of the station is not known.
bool was_queued(const Session& session, const Station& station) {
  if (session.offline) return true;
  if (session.station_started_ns == 0) return false;
  const std::int64_t lag_ns = station.clock_lag_ns.value_or(0);
  return session.started_ns - session.station_started_ns - lag_ns > kLateNs;
}

struct Sighting {
  const ListedStation* station = nullptr;
  std::int64_t time_ns = 0;
  std::uint64_t tag = 0;
};

struct Sightings {
  std::vector<Sighting> places;   // One for each station, the latest last.
  std::int64_t commanded_ns = 0;  // Latest remote start of the token; 0: none.
};

class TravelDetector final : public Detector {
 public:
  explicit TravelDetector(const DetectorContext& context)
      : inventory_(&context.site.inventory),
        tokens_(context.hash_key, kTokensMax, kSightingKnownNs) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    if (!inventory_->has_places()) return out;
    out.actions = {"Authorize", "StartTransaction", "TransactionEvent", "RemoteStartTransaction",
                   "RequestStartTransaction"};
    return out;
  }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr || world.is_echo()) return;
    const Actions& known = actions();
    if (fact.is_call(known.remote_start) || fact.is_call(known.request_start)) {
      const std::string_view token = fact.text(F::kToken);
      if (!token.empty()) at(token, fact.time_ns()).commanded_ns = fact.time_ns();
      return;
    }
    const SessionStep& step = world.step();
    if (fact.is_result(known.authorize)) {
      look_at(fact.text(F::kToken), nullptr, fact, world, reporter);
    } else if (step.kind == SessionStepKind::kAnswer && step.session != kNoSession) {
      const Session& session = world.session(step.session);
      if (!was_queued(session, *world.station()))
        look_at(session.token, &session, fact, world, reporter);
    }
  }

  [[nodiscard]] std::uint64_t dropped() const override { return tokens_.dropped(); }

 private:
  // Case does not matter in tokens.
  Sightings& at(std::string_view token, std::int64_t now_ns) {
    return tokens_.at(lower_ascii(token), now_ns);
  }

  void look_at(std::string_view token, const Session* session, const Fact& fact, const World& world,
               Reporter& reporter) {
    const ListedStation* here = inventory_->find(world.station()->id);
    if (token.empty() || here == nullptr || !here->place) return;
    if (fact.text(F::kTokenStatus) != "Accepted") return;
    const std::int64_t now = fact.time_ns();
    Sightings& seen = at(token, now);
    if (seen.commanded_ns != 0 && now - seen.commanded_ns <= kRemoteNs) return;
    const auto is_old = [&](const Sighting& each) { return now - each.time_ns > kPlacesNs; };
    // The latest stays, however old: it is where the card comes from.
    while (seen.places.size() > 1 && is_old(seen.places.front())) {
      seen.places.erase(seen.places.begin());
    }
    std::erase_if(seen.places, [&](const Sighting& each) {
      return each.station == here && &each != &seen.places.back();
    });
    if (!seen.places.empty() && seen.places.back().station != here) {
      judge(seen, *here, token, session, world, reporter);
    }
    note(seen, {here, now, reporter.tag()});
  }

  static void note(Sightings& seen, const Sighting& sighting) {
    if (!seen.places.empty() && seen.places.back().station == sighting.station) {
      seen.places.pop_back();
    }
    if (seen.places.size() >= kPlacesMax) seen.places.erase(seen.places.begin());
    seen.places.push_back(sighting);
  }

  static void judge(const Sightings& seen, const ListedStation& here, std::string_view token,
                    const Session* session, const World& world, Reporter& reporter) {
    const Sighting& before = seen.places.back();
    const double distance = distance_km(*before.station->place, *here.place);
    const std::int64_t elapsed_ns = std::max(world.now_ns() - before.time_ns, kNsPerSecond);
    const double hours = static_cast<double>(elapsed_ns) / kNsPerSecond / kSecondsPerHour;
    if (distance < kDistanceMinKm || distance / hours < kTellFromKmh) return;
    const std::array<std::uint64_t, 2> tags = {before.tag, reporter.tag()};
    Event event = reporter.make(kTravelled);
    if (session != nullptr) {
      set_subject(*session, event);
      if (!session->token_type.empty()) event.set_text(kTravelTokenType, session->token_type);
    } else {
      event.set_text(kTravelToken, token);
    }
    event.set_text(kTravelFrom, before.station->id);
    event.set(kTravelKm, amount(distance));
    event.set_int(kTravelS, elapsed_ns / kNsPerSecond);
    event.set(kTravelKmh, amount(distance / hours));
    event.set_int(kTravelPlaces, static_cast<std::int64_t>(seen.places.size() + 1));
    event.set_packets(tags);
    reporter.emit(event);
  }

  const SiteInventory* inventory_;
  ExpiringMap<Sightings> tokens_;
};

constexpr auto kEvents = std::to_array<const EventDef*>({&kTravelled});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<TravelDetector>(context);
}

}  // namespace

extern const DetectorDef kTravel;
const DetectorDef kTravel = {"travel", kEvents, create};

}  // namespace chargewarden::session
