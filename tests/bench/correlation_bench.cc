// What a match costs that is correlated, with 100,000 groups alive, and what a group costs.
//
// `group_bytes` is what the tables of the correlator hold for a group, `rss_group_bytes` by how
// much the process grew.

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "rules/correlation/correlator.h"
#include "tests/bench/random.h"

namespace chargewarden::bench {
namespace {

constexpr std::size_t kGroups = 100'000;
constexpr std::int64_t kMinuteNs = 60'000'000'000;

class CountedHits : public CorrelationHits {
 public:
  void on_hit(const CorrelationHit& hit) override { benchmark::DoNotOptimize(hit.group.data()); }
};

// Resident memory of this process, from /proc/self/statm (proc(5)).
std::size_t resident_bytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

CorrelationDef def_of(CorrelationType type, double at_least) {
  CorrelationDef def;
  def.type = type;
  def.group_by = {"station"};
  if (type == CorrelationType::kValueCount) def.value_names = {"id"};
  const std::uint32_t rules = type == CorrelationType::kTemporalOrdered ? 3 : 1;
  for (std::uint32_t i = 0; i < rules; ++i) def.inputs.push_back({i, {"station"}, def.value_names});
  def.timespan_ns = kMinuteNs;
  def.bounds = {{CorrelationBound{Comparison::kGreaterEqual, at_least}}};
  return def;
}

// Matches of stations picked evenly; a window holds three matches of each.
void correlate(benchmark::State& state, CorrelationType type, double at_least) {
  std::vector<std::string> stations;
  for (std::size_t i = 0; i < kGroups; ++i) stations.push_back("CP-" + std::to_string(100'000 + i));
  std::array<std::string, 64> ids;
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = "TAG" + std::to_string(i);
  const std::vector<CorrelationDef> defs = {def_of(type, at_least)};
  CountedHits out;
  const std::size_t before = resident_bytes();
  Correlator correlator(defs, 3, out);
  Random random(1);
  std::uint64_t sequence = 0;
  std::int64_t time_ns = 0;
  const auto send = [&] {
    const std::string_view station = stations[random.below(kGroups)];
    const std::string_view id = ids[random.below(ids.size())];
    const std::array<FieldTexts, 2> values = {FieldTexts(&station, 1), FieldTexts(&id, 1)};
    const std::uint32_t rule =
        type == CorrelationType::kTemporalOrdered ? static_cast<std::uint32_t>(random.below(3)) : 0;
    time_ns += kMinuteNs / (3 * static_cast<std::int64_t>(kGroups));
    correlator.on_match({rule, time_ns, ++sequence, sequence, values});
  };
  for (std::size_t i = 0; i < 6 * kGroups; ++i) send();
  const CorrelatorUsage usage = correlator.usage();
  const auto groups = static_cast<double>(usage.groups);
  state.counters["groups"] = groups;
  state.counters["entries_per_group"] = static_cast<double>(usage.entries) / groups;
  state.counters["group_bytes"] = static_cast<double>(usage.bytes) / groups;
  state.counters["rss_group_bytes"] = static_cast<double>(resident_bytes() - before) / groups;
  for (auto _ : state) send();
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(correlate, event_count, CorrelationType::kEventCount, 5);
BENCHMARK_CAPTURE(correlate, value_count, CorrelationType::kValueCount, 5);
BENCHMARK_CAPTURE(correlate, temporal_ordered, CorrelationType::kTemporalOrdered, 3);

}  // namespace
}  // namespace chargewarden::bench
