#include "analyzer/detectors/metering/cost_watch.h"

#include <array>
#include <cmath>

#include "analyzer/detectors/session_subject.h"
#include "collector/event/defs/metering_events.h"

namespace chargewarden::session {

namespace {

using F = FactField;

// Costs are rounded to a hundredth here and to more digits there; in currencies with large figures
// by a share.
constexpr double kFellMin = 0.02;
constexpr double kFellMinShare = 0.01;

}  // namespace

void CostWatch::on_cost(const Fact& fact, const World& world, Reporter& reporter) {
  const auto cost = fact.real(F::kTotalCost);
  if (!cost || !std::isfinite(*cost)) return;
  const SessionIndex index = world.sessions().find(*world.station(), fact.text(F::kTransaction));
  if (index == kNoSession) return;
  const Session& session = world.session(index);
  Cost& known = costs_.at(index, session);
  const double fell = known.latest - *cost;
  if (fell >= kFellMin && fell >= known.latest * kFellMinShare) {
    const std::array<std::uint64_t, 2> tags = {known.tag, reporter.tag()};
    Event event = reporter.make(kCostFell);
    set_subject(session, event);
    event.set(kCostBefore, Value::real(known.latest));
    event.set(kCostNow, Value::real(*cost));
    event.set_bool(kCostEnded, !session.open);
    event.set_packets(tags);
    reporter.emit(event);
  }
  known.latest = *cost;
  known.tag = reporter.tag();
  const bool took_nothing = !session.open && session.meter_start_wh && session.meter_stop_wh &&
                            *session.meter_start_wh == *session.meter_stop_wh;
  if (!took_nothing || known.told || *cost < kFellMin) return;
  known.told = true;
  const std::array<std::uint64_t, 3> tags = {session.start_tag, session.stop_tag, reporter.tag()};
  Event event = reporter.make(kCostForNothing);
  set_subject(session, event);
  event.set(kNothingCost, Value::real(*cost));
  event.set_int(kNothingS, (session.ended_ns - session.started_ns) / 1'000'000'000);
  event.set_packets(tags);
  reporter.emit(event);
}

}  // namespace chargewarden::session
