// The hot paths of rules allocate nothing once they have met what they meet again.
//
// A program of its own, because it counts every allocation of the process.

#include <array>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "collector/event/defs/ocpp_events.h"
#include "rules/correlation/correlator.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/engine/testing/rules_from_text.h"

namespace {

std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  void* const out = std::malloc(size == 0 ? 1 : size);
  if (out == nullptr) std::abort();
  return out;
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}

void* operator new[](std::size_t size) {
  return counted(size);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete[](void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

void operator delete[](void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

// A set of every kind of leaf, large enough for the index to be asked.
std::string many_rules() {
  std::string out;
  for (int i = 0; i < 100; ++i) {
    out += fmt::format(
        "title: T{0}\nlogsource: {{product: p}}\ndetection:\n"
        "  text: {{CommandLine|contains|all: ['needle{0}', 'x']}}\n"
        "  end: {{Image|endswith: ['\\tool{0}.exe', '\\other{0}.exe']}}\n"
        "  number: {{Id: {0}}}\n"
        "  expression: {{CommandLine|re: 'needle{0}\\s+-[a-z]'}}\n"
        "  network: {{Ip|cidr: 10.{0}.0.0/16}}\n"
        "  time: {{Time|hour|gte: 22}}\n"
        "  words: ['secret{0}']\n"
        "  gone: {{Nothing: null}}\n"
        "  condition: (text or end or number or expression or network or words) and not time and "
        "gone\n---\n",
        i);
  }
  return out;
}

std::vector<std::string> events() {
  std::vector<std::string> out;
  for (int i = 0; i < 50; ++i) {
    out.push_back(fmt::format(
        R"({{"Image": "C:\\Tools\\tool{0}.exe", "CommandLine": "tool needle{1} -a Ä secret{0}",)"
        R"( "Id": {0}, "Ip": "10.{1}.1.1", "Time": "2026-11-22 {2:02}:00:00", "List": [1, "a"],)"
        R"( "Nested": {{"Deep": {{"Name": "value{0}"}}}}}})",
        i, (i * 7) % 100, i % 24));
  }
  return out;
}

}  // namespace

TEST_CASE("matching flat events allocates nothing once warm") {
  const RulesFromText rules(many_rules());
  INFO(render_text(rules.diagnostics));
  REQUIRE(rules.diagnostics.all().empty());
  Matcher matcher(*rules.set);
  FlatEvent event;
  std::array<std::size_t, 2> matches{};
  std::array<std::size_t, 2> counts{};
  const std::vector<std::string> all = events();
  for (std::size_t round = 0; round < matches.size(); ++round) {
    const std::size_t before = allocations;
    for (const std::string& text : all) {
      if (!event.load(text)) std::abort();
      matches[round] += matcher.match(event).size();
    }
    counts[round] = allocations - before;
  }
  CHECK(matches[0] > 50);
  CHECK(matches[1] == matches[0]);
  CHECK(counts[0] > 0);  // They are counted.
  CHECK(counts[1] == 0);
}

TEST_CASE("matching live events allocates nothing once warm") {
  const RulesFromText rules(
      rule_of("  s: {ocpp.action: Reset, ocpp.payload.type|contains: ard}\n  condition: s\n",
              "ocpp"),
      SchemaCheck::kOurs);
  REQUIRE(rules.diagnostics.all().empty());
  Matcher matcher(*rules.set);
  JsonDocument payload;
  REQUIRE(payload.load_copy(R"({"type": "Hard"})") == JsonStatus::kOk);
  std::size_t counted_in_second = 0;
  for (int round = 0; round < 2; ++round) {
    const std::size_t before = allocations;
    Event event(ocpp::kMessage, 1'700'000'000'000'000'000, {"wire", "a.pcap", 1});
    event.set_station("CP-1");
    event.set_action(ocpp::action_id("Reset"));
    event.set_text(ocpp::kAction, "Reset");
    event.set_text(ocpp::kType, "call");
    event.set_payload(&payload, nullptr);
    if (matcher.match(event).size() != 1) std::abort();
    counted_in_second = allocations - before;
  }
  CHECK(counted_in_second == 0);
}

namespace {

class CountedHits final : public CorrelationHits {
 public:
  void on_hit(const CorrelationHit& /*hit*/) override { ++hits; }

  std::size_t hits = 0;
};

}  // namespace

TEST_CASE("correlating allocates nothing once warm, for any type") {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::vector<CorrelationDef> defs;
  for (const CorrelationType type :
       {CorrelationType::kEventCount, CorrelationType::kValueCount, CorrelationType::kTemporal,
        CorrelationType::kTemporalOrdered, CorrelationType::kValueSum, CorrelationType::kValueAvg,
        CorrelationType::kValuePercentile}) {
    CorrelationDef def;
    def.type = type;
    def.timespan_ns = 60 * kSecond;
    def.group_by = {"station"};
    const bool temporal =
        type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
    const bool valued = !temporal && type != CorrelationType::kEventCount;
    if (valued) def.value_names = {"value"};
    for (std::uint32_t rule = 0; rule < 2; ++rule) {
      def.inputs.push_back({rule, {"station"}, def.value_names});
    }
    def.bounds = {{Comparison::kGreaterEqual, temporal ? 2.0 : 3.0}};
    defs.push_back(def);
  }
  CountedHits hits;
  Correlator correlator(defs, 2, hits);
  std::vector<std::string> stations;
  for (int i = 0; i < 200; ++i) stations.push_back(fmt::format("CP-{}", i));
  std::uint64_t sequence = 0;
  const auto round = [&](std::int64_t start_ns) {
    for (int i = 0; i < 20'000; ++i) {
      const std::string_view station = stations[static_cast<std::size_t>(i) % stations.size()];
      const std::string_view value = i % 3 == 0 ? "1.5" : "20";
      const std::array<FieldTexts, 2> fields{FieldTexts(&station, 1), FieldTexts(&value, 1)};
      const auto rule = static_cast<std::uint32_t>(i / 200 % 2);
      // The names come in an order that the correlator tells.
      const bool value_first = correlator.fields_of(rule)[0] == "value";
      const std::array<FieldTexts, 2> turned{fields[1], fields[0]};
      correlator.on_match({.rule = rule,
                           .time_ns = start_ns + i * (kSecond / 50),
                           .sequence = ++sequence,
                           .tag = sequence,
                           .values = value_first ? turned : fields});
    }
  };
  round(1'700'000'000 * kSecond);
  const std::size_t before = allocations;
  const std::size_t hits_before = hits.hits;
  round(1'700'001'000 * kSecond);
  CHECK(hits.hits > hits_before);
  CHECK(allocations - before == 0);
}
