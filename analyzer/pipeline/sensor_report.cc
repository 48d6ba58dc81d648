#include "analyzer/pipeline/sensor_report.h"

#include <array>
#include <utility>

#include "collector/event/defs/sensor_events.h"

namespace chargewarden {

void report_sensor(const PipelineResult& result, const Origin& origin,
                   const std::function<void(const Event&)>& emit) {
  const DecodeCounters& packets = result.packets_by_outcome;
  std::uint64_t undecodable = packets.unsupported_other + packets.of(DecodeOutcome::kMalformed) +
                              packets.of(DecodeOutcome::kTooDeep);
  for (const auto& [type, count] : packets.unsupported_links) undecodable += count;
  const auto problems = std::to_array<std::pair<std::string_view, std::uint64_t>>({
      {"truncated_packets", packets.payloads_cut + packets.of(DecodeOutcome::kTruncated)},
      {"undecodable_packets", undecodable},
      {"clock_backwards", result.clock_backwards},
      {"capture_cut", result.problems.size()},
      {"unparsed_lines", result.logs.unparsed},
  });
  for (const auto& [problem, count] : problems) {
    if (count == 0) continue;
    Event event(sensor::kBlind, result.last_time_ns, origin);
    event.set_text(sensor::kProblem, problem);
    event.set_int(sensor::kProblemCount, static_cast<std::int64_t>(count));
    emit(event);
  }
  const auto limit_hit = [&](std::string_view name, std::uint64_t count) {
    if (count == 0) return;
    Event event(sensor::kLimitHit, result.last_time_ns, origin);
    event.set_text(sensor::kLimit, name);
    event.set_int(sensor::kLimitCount, static_cast<std::int64_t>(count));
    emit(event);
  };
  for (std::size_t i = 0; i < kLimitNames.size(); ++i) {
    limit_hit(kLimitNames[i], result.decode.limits.count(static_cast<Limit>(i)));
  }
  limit_hit("correlation_groups", result.correlation.groups_evicted);
  limit_hit("correlation_entries", result.correlation.entries_dropped);
  limit_hit("correlation_lateness", result.correlation.late);
  limit_hit("correlation_clock_set_back", result.correlation.clock_set_back);
  for (const auto& [name, count] : result.detection_dropped) limit_hit(name, count);
}

void report_rules(const RulesOffer& offer, std::int64_t time_ns, const Origin& origin,
                  const std::function<void(const Event&)>& emit) {
  const bool loaded = offer.rules != nullptr;
  Event event(loaded ? sensor::kRulesLoaded : sensor::kRulesRefused, time_ns, origin);
  if (loaded) event.set_text(sensor::kRulesHash, offer.rules->hash());
  event.set_int(sensor::kRulesCount,
                static_cast<std::int64_t>(loaded ? offer.rules->size() : offer.problems));
  emit(event);
}

}  // namespace chargewarden
