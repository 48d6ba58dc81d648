// What single stages cost, with Google Benchmark: time per call, and bytes or items per second.
//
// One function per stage. Run: stage_bench --benchmark_filter=json

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "collector/base/json_document.h"
#include "collector/base/text.h"
#include "collector/event/defs/ocpp_events.h"
#include "collector/event/event.h"
#include "tests/bench/feed.h"

namespace chargewarden::bench {
namespace {

void json_load(benchmark::State& state) {
  JsonDocument document;
  Feed feed;
  for (auto _ : state) benchmark::DoNotOptimize(document.load(feed.next()));
  count(state, feed.bytes());
}

// Before the payload of a call stand the tokens [ 2 , id , action ,
constexpr std::size_t kPayloadToken = 7;

void json_load_and_find(benchmark::State& state) {
  const JsonPath path("meterValue.sampledValue.value");
  JsonDocument document;
  ValueArena arena;
  Feed feed(Which::kCalls);
  for (auto _ : state) {
    arena.clear();
    document.load(feed.next());
    document.set_root(kPayloadToken);
    benchmark::DoNotOptimize(document.find(path, arena));
  }
  count(state, feed.bytes());
}

void utf8_check(benchmark::State& state) {
  Feed feed;
  for (auto _ : state) benchmark::DoNotOptimize(is_valid_utf8(feed.next()));
  count(state, feed.bytes());
}

void json_escape(benchmark::State& state) {
  Feed feed;
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_json_string(out, feed.next());
    benchmark::DoNotOptimize(out.data());
  }
  count(state, feed.bytes());
}

void time_to_text(benchmark::State& state) {
  std::array<char, kRfc3339Len> text{};
  std::int64_t time_ns = kTimeNs;
  for (auto _ : state) benchmark::DoNotOptimize(format_rfc3339(time_ns += 1'000'003, text).data());
  state.SetItemsProcessed(state.iterations());
}

void event_build(benchmark::State& state) {
  const Origin origin{"wire", "bench.pcap", 1};
  const FlowInfo flow;
  for (auto _ : state) {
    Event event(ocpp::kMessage, kTimeNs, origin);
    event.set_flow(flow, Side::kClient);
    event.set_station("CP-000001");
    event.set_text(ocpp::kVersion, "1.6");
    event.set_text(ocpp::kType, "call");
    event.set_text(ocpp::kAction, "MeterValues");
    event.set_action(1);
    benchmark::DoNotOptimize(event);
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(utf8_check);
BENCHMARK(json_load);
BENCHMARK(json_load_and_find);
BENCHMARK(json_escape);
BENCHMARK(time_to_text);
BENCHMARK(event_build);

}  // namespace
}  // namespace chargewarden::bench

BENCHMARK_MAIN();
