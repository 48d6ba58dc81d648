// The two ends of the way: reading captures and packets, and matching and keeping what was found.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "alerts/audit/audit_store.h"
#include "alerts/dispatch/alert_folder.h"
#include "analyzer/app/paths.h"
#include "collector/capture/capture_source.h"
#include "collector/capture/memory_input.h"
#include "collector/event/defs/ocpp_events.h"
#include "collector/wire/packet/flow_hash.h"
#include "collector/wire/packet/packet_decoder.h"
#include "rules/engine/matcher.h"
#include "rules/engine/rule_loader.h"
#include "tests/bench/feed.h"

namespace chargewarden::bench {
namespace {

constexpr std::size_t kPackets = 20'000;

// Appends an integer, little endian as the header of the file says.
void append_le(std::vector<std::uint8_t>& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i)
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// A capture of Ethernet, IPv4 and TCP packets with messages as their payload.
std::vector<std::uint8_t> capture() {
  std::vector<std::uint8_t> out;
  append_le(out, 0xa1b2c3d4, 4);
  append_le(out, 2, 2);
  append_le(out, 4, 2);
  append_le(out, 0, 8);
  append_le(out, 262'144, 4);
  append_le(out, 1, 4);
  Feed feed;
  for (std::size_t i = 0; i < kPackets; ++i) {
    const std::string_view payload = feed.next();
    const std::size_t ip_len = 40 + payload.size();
    append_le(out, 1'795'305'600 + i / 1000, 4);
    append_le(out, i % 1000, 4);
    append_le(out, 14 + ip_len, 4);
    append_le(out, 14 + ip_len, 4);
    out.insert(out.end(), {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0});
    out.insert(out.end(), {0x45,
                           0,
                           static_cast<std::uint8_t>(ip_len >> 8U),
                           static_cast<std::uint8_t>(ip_len & 0xffU),
                           0,
                           0,
                           0x40,
                           0,
                           64,
                           6,
                           0,
                           0,
                           10,
                           1,
                           0,
                           static_cast<std::uint8_t>(i % 200),
                           10,
                           0,
                           0,
                           1});
    out.insert(out.end(),
               {0xc0, 0, 0x23, 0x28, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 1, 0, 0, 0, 0, 0});
    out.insert(out.end(), payload.begin(), payload.end());
  }
  return out;
}

void read_capture(benchmark::State& state) {
  const std::vector<std::uint8_t> bytes = capture();
  PacketBatch batch;
  std::size_t packets = 0;
  for (auto _ : state) {
    auto source = CaptureSource::from_input(std::make_unique<MemoryInput>(bytes), "bench.pcap");
    while (source.has_value()) {
      const auto more = source.value()->read(batch, 2048);
      if (!more.has_value() || !more.value()) break;
      packets += batch.packets.size();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(packets));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

void decode_packet(benchmark::State& state) {
  auto source = CaptureSource::from_input(std::make_unique<MemoryInput>(capture()), "bench.pcap");
  PacketBatch batch;
  if (!source.has_value() || !source.value()->read(batch, 512).has_value()) return;
  PacketDecoder decoder;
  const FlowHasher flow_hash(HashKey{1, 2});
  FragmentStore store;
  Segment segment;
  Datagram datagram;
  std::size_t at = 0;
  for (auto _ : state) {
    const Packet& packet = batch.packets[at++ % batch.packets.size()];
    benchmark::DoNotOptimize(decoder.decode(packet, store, segment, datagram));
    benchmark::DoNotOptimize(symmetric_flow_hash(segment.key));
    benchmark::DoNotOptimize(flow_hash(segment.key));
  }
  state.SetItemsProcessed(state.iterations());
}

// One message of an action against the shipped rules.
void match_catalog(benchmark::State& state, const char* action, const char* payload) {
  LoadOptions options;
  options.paths = {catalog_dir()};
  const auto rules = load_rule_set(options);
  if (!rules.has_value()) return state.SkipWithError("the catalogue does not load");
  Matcher matcher(rules.value());
  JsonDocument document;
  if (document.load_copy(payload) != JsonStatus::kOk) return state.SkipWithError("no JSON");
  Event event(ocpp::kMessage, kTimeNs, {"wire", "bench.pcap", 1});
  event.set_station("CP-000001");
  event.set_action(ocpp::action_id(action));
  event.set_text(ocpp::kAction, action);
  event.set_text(ocpp::kVersion, "1.6");
  event.set_text(ocpp::kType, "call");
  event.set_text(ocpp::kDirection, "station_to_csms");
  event.set_payload(&document, nullptr);
  for (auto _ : state) benchmark::DoNotOptimize(matcher.match(event));
  state.SetItemsProcessed(state.iterations());
}

// A message of the generator as the decoder hands it to the rules.
struct SaidMessage {
  SaidMessage(const Exchange& exchange, bool answer, const SaidMessage* call)
      : event(ocpp::kMessage, kTimeNs, {"wire", "bench.pcap", 1}), action(exchange.action) {
    const std::string& text = answer ? exchange.answer : exchange.call;
    const std::size_t begin = text.find('{');
    (void)payload.load_copy(std::string_view(text).substr(begin, text.rfind('}') + 1 - begin));
    event.set_station("CP-000001");
    event.set_action(ocpp::action_id(action));
    event.set_text(ocpp::kAction, action);
    event.set_text(ocpp::kVersion, "1.6");
    event.set_text(ocpp::kType, answer ? "result" : "call");
    event.set_text(ocpp::kDirection, (exchange.caller == End::kClient) != answer
                                         ? "station_to_csms"
                                         : "csms_to_station");
    event.set_payload(&payload, call != nullptr ? &call->payload : nullptr);
  }

  Event event;
  std::string action;
  JsonDocument payload;
};

// What a station and its backend say in the course of sessions, against the shipped rules.
void match_mix(benchmark::State& state) {
  constexpr std::size_t kExchanges = 2'000;
  LoadOptions options;
  options.paths = {catalog_dir()};
  const auto rules = load_rule_set(options);
  if (!rules.has_value()) return state.SkipWithError("the catalogue does not load");
  Matcher matcher(rules.value());
  Random random(1);
  Station station(random, 1, Version::k16);
  std::vector<std::unique_ptr<SaidMessage>> messages;
  Exchange exchange;
  for (std::size_t i = 0; i < kExchanges; ++i) {
    station.next(kTimeNs + static_cast<std::int64_t>(i) * 10'000'000'000, exchange);
    messages.push_back(std::make_unique<SaidMessage>(exchange, false, nullptr));
    const SaidMessage* call = messages.back().get();
    messages.push_back(std::make_unique<SaidMessage>(exchange, true, call));
  }
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(matcher.match(messages[at]->event));
    if (++at == messages.size()) at = 0;
  }
  state.SetItemsProcessed(state.iterations());
}

class NoAlerts final : public AlertOut {
 public:
  void on_alert(Alert alert) override { benchmark::DoNotOptimize(&alert); }
};

void fold_repeat(benchmark::State& state) {
  NoAlerts out;
  AlertFolder folder(out);
  RuleInfo rule;
  rule.name = "bench";
  const Origin origin{"wire", "bench.pcap", 1};
  for (auto _ : state) {
    if (folder.touch(rule, "CP-000001", "10.1.0.1", "10.0.0.1", kTimeNs, origin)) {
      Finding finding;
      finding.rule = &rule;
      finding.station_id = "CP-000001";
      finding.time_ns = kTimeNs;
      folder.create(std::move(finding));
    }
  }
  state.SetItemsProcessed(state.iterations());
}

// Durable at the end of each thousand, as the writer groups them.
void store_thousand(benchmark::State& state) {
  constexpr std::size_t kRecords = 1000;
  const auto folder =
      std::filesystem::temp_directory_path() / ("cw-bench-" + std::to_string(getpid()));
  auto store = AuditStore::open(folder.string());
  if (!store.has_value()) return state.SkipWithError("no store");
  ActionRecord record;
  record.time_ns = kTimeNs;
  record.station = "CP-000001";
  record.direction = "csms_to_station";
  record.action = "Reset";
  record.outcome = "Accepted";
  record.origin = "wire:bench.pcap#1";
  for (auto _ : state) {
    for (std::size_t i = 0; i < kRecords; ++i) {
      benchmark::DoNotOptimize(store.value()->append(record).has_value());
    }
    benchmark::DoNotOptimize(store.value()->commit().has_value());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRecords));
  store.value().reset();
  std::filesystem::remove_all(folder);
}

BENCHMARK(read_capture);
BENCHMARK(decode_packet);
BENCHMARK_CAPTURE(match_catalog, heartbeat, "Heartbeat", "{}");
BENCHMARK_CAPTURE(match_catalog, status, "StatusNotification",
                  R"({"connectorId":1,"errorCode":"NoError","status":"Available"})");
BENCHMARK_CAPTURE(
    match_catalog, firmware, "UpdateFirmware",
    R"({"location":"https://fw.example.net/x.bin","retrieveDate":"2026-11-22T12:00:00Z"})");
BENCHMARK(match_mix);
BENCHMARK(fold_repeat);
BENCHMARK(store_thousand)->UseRealTime();

}  // namespace
}  // namespace chargewarden::bench
