// Grid: steps in the power that all stations of a backend draw together (threat SG-04).
//
// Power is what the sessions report. Reports come when they come, so a step is judged over a
// minute; a session that ends tells at once. What a session drew before its first report that is
// seen is not known: it moves past and present alike.

#include <algorithm>
#include <array>
#include <cmath>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/station_window.h"
#include "collector/event/defs/grid_events.h"

namespace chargewarden::grid {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// The reserve that answers a sudden change of load must be there within 30 s and holds until slower
// ones take over (EU 2017/1485, article 154): what changes within a minute falls upon it.
constexpr std::int64_t kStepNs = 60 * kNsPerSecond;
constexpr std::int64_t kBuckets = 12;
constexpr std::int64_t kBucketNs = kStepNs / kBuckets;

// From where on a step is told: a large site, and at least half of what was drawn. Fewer stations
// than these are chance.
constexpr double kStepMinW = 100'000;
constexpr double kShareMin = 0.5;
constexpr std::uint32_t kStationsMin = 5;

// More than a charging station carries is a faulty reading (megawatt charging: 3.75 MW).
constexpr double kPowerMaxW = 3'750'000;

// The load of a fleet: now, and as it was at the begin of each of the latest buckets.
struct Load {
  StationWindow stations{kStepNs};
  std::int64_t bucket = 0;
  std::array<double, static_cast<std::size_t>(kBuckets) + 1> past_w{};
  double now_w = 0;
  std::int64_t told_ns = 0;
};

struct Known {
  FleetIndex fleet = kNoFleet;
  StationWindow::Mark mark = 0;
  double power_w = 0;
};

class GridDetector final : public Detector {
 public:
  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.actions = {"MeterValues", "StartTransaction", "StopTransaction", "TransactionEvent"};
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { known_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    const SessionStep step = world.step();
    if (world.station() == nullptr || step.session == kNoSession) return;
    const bool changes = step.kind == SessionStepKind::kUpdate ||
                         step.kind == SessionStepKind::kEnd || step.kind == SessionStepKind::kStart;
    if (!changes) return;
    const FleetIndex fleet = world.link()->fleet;
    Known& known = known_.at(world.station_index());
    if (known.fleet != fleet) leave(known);
    known.fleet = fleet;
    const double power_w = power_of(world);
    // Of a session that was met while it ran, the first report says what was there before, too.
    const bool is_new = step.kind == SessionStepKind::kUpdate && known.power_w == 0 &&
                        !world.session(step.session).begin_seen;
    const double change_w = power_w - known.power_w;
    if (change_w == 0) return;
    known.power_w = power_w;
    Load& load = load_of(fleet);
    advance(load, fact.time_ns());
    load.now_w += change_w;
    if (is_new) {
      for (double& each : load.past_w) each += change_w;
      return;
    }
    load.stations.add(fact.time_ns(), known.mark, reporter.tag());
    judge(fact, world, load, reporter);
  }

  void on_station_forgotten(StationIndex station) override {
    if (Known* known = known_.find(station)) leave(*known);
    known_.forget(station);
  }

 private:
  Load& load_of(FleetIndex fleet) {
    if (fleet >= loads_.size()) loads_.resize(fleet + std::size_t{1});
    return loads_[fleet];
  }

  // The station is not heard any more: its load was there, and is not known now.
  void leave(Known& known) {
    if (known.fleet == kNoFleet) return;
    Load& load = load_of(known.fleet);
    load.now_w -= known.power_w;
    for (double& each : load.past_w) each -= known.power_w;
    known = {};
  }

  static double power_of(const World& world) {
    double sum = 0;
    for (const SessionIndex each : world.station()->sessions) {
      const double power_w = world.session(each).power_w.value_or(0);
      if (power_w > 0 && power_w <= kPowerMaxW) sum += power_w;
    }
    return sum;
  }

  static void advance(Load& load, std::int64_t now_ns) {
    const std::int64_t bucket = now_ns / kBucketNs;
    const std::int64_t ahead = std::min(bucket - load.bucket, kBuckets + 1);
    for (std::int64_t i = 0; i < ahead; ++i) {
      std::rotate(load.past_w.begin(), load.past_w.begin() + 1, load.past_w.end());
      load.past_w.back() = load.now_w;
    }
    load.bucket = std::max(load.bucket, bucket);
  }

  void judge(const Fact& fact, const World& world, Load& load, Reporter& reporter) {
    const std::int64_t now = fact.time_ns();
    if (load.told_ns != 0 && now - load.told_ns < kStepNs && now >= load.told_ns) return;
    const double before_w = load.past_w.front();
    const double step_w = std::fabs(load.now_w - before_w);
    const double larger_w = std::max(load.now_w, before_w);
    if (step_w < kStepMinW || step_w < kShareMin * larger_w) return;
    if (load.stations.stations() < kStationsMin) return;
    load.told_ns = now;
    FlowInfo flow;
    Event event = reporter.make(kPowerStep, {});
    set_backend(event, world.fleet(world.link()->fleet), flow);
    event.set(kBeforeW, Value::real(before_w));
    event.set(kAfterW, Value::real(load.now_w));
    event.set(kStepW, Value::real(step_w));
    event.set_int(kStepPercent, std::lround(100 * step_w / larger_w));
    event.set_bool(kIsDrop, load.now_w < before_w);
    event.set_int(kStepStations, load.stations.stations());
    event.set_packets(load.stations.packets().tags());
    reporter.emit(event);
  }

  ByStation<Known> known_;
  std::vector<Load> loads_;  // By fleet.
};

constexpr auto kEvents = std::to_array<const EventDef*>({&kPowerStep});

std::unique_ptr<Detector> create(const DetectorContext& /*context*/) {
  return std::make_unique<GridDetector>();
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"grid", kEvents, create};

}  // namespace chargewarden::grid
