#include "analyzer/app/commands/correlation_finding.h"

#include <array>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace chargewarden;

namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;

struct Sample {
  Sample() {
    def.type = CorrelationType::kValueCount;
    def.timespan_ns = 300 * kNsPerS;
    def.group_by = {"source.ip", "station.id", "evil\"name"};
    hit.time_ns = 1'700'000'060 * kNsPerS;
    hit.first_ns = 1'700'000'000 * kNsPerS;
    hit.group = group;
    hit.value = 12;
    hit.matches = 40;
    rule.name.assign(1, 'r');
  }

  std::array<std::string_view, 3> group{"10.0.0.1", "CP-1", "a\nb"};
  CorrelationDef def;
  CorrelationHit hit;
  RuleInfo rule;
};

}  // namespace

TEST_CASE("the finding of a correlation tells its group, its value and its packets") {
  const Sample sample;
  const std::array packets{PacketRef(0, 1), PacketRef(0, 9)};
  const Finding finding =
      correlation_finding(sample.def, sample.rule, sample.hit, packets, {"wire:a#1", "wire:a#9"});
  CHECK(finding.group == "source.ip 10.0.0.1, station.id CP-1, evil\"name a\nb");
  CHECK(finding.station_id == "CP-1");
  CHECK(finding.source_ip == "10.0.0.1");
  CHECK(finding.destination_ip.empty());
  CHECK(finding.origin == "wire:a#9");
  REQUIRE(finding.packets.size() == 2);
  CHECK(finding.packets[0] == packets[0]);
  CHECK(finding.packets[1] == packets[1]);
  const auto event = nlohmann::json::parse(finding.event_json);
  CHECK(event["event.name"] == "correlation.value_count");
  CHECK(event["event.category"] == "correlation");
  CHECK(event["event.time"] == "2023-11-14T22:14:20.000000000Z");
  CHECK(event["correlation.first_time"] == "2023-11-14T22:13:20.000000000Z");
  CHECK(event["correlation.value"] == 12);
  CHECK(event["correlation.matches"] == 40);
  CHECK(event["correlation.timespan_s"] == 300);
  CHECK(event["correlation.origins"] == nlohmann::json({"wire:a#1", "wire:a#9"}));
  CHECK(event["evil\"name"] == "a\nb");
}

TEST_CASE("without a group-by a correlation is about all events") {
  Sample sample;
  sample.def.group_by.clear();
  sample.hit.group = {};
  CHECK(group_text(sample.def, sample.hit) == "all events");
  CHECK(correlation_finding(sample.def, sample.rule, sample.hit, {}, {}).station_id.empty());
}
