#include "analyzer/pipeline/sensor_report.h"

#include <array>
#include <utility>

#include "collector/event/defs/sensor_events.h"

namespace chargewarden {

void report_sensor(const PipelineResult& result, const std::string& source,
                   const std::function<void(const Event&)>& emit) {
  const Origin origin{"wire", source, result.packets};
  const DecodeCounters& packets = result.packets_by_outcome;
  std::uint64_t undecodable = packets.unsupported_other + packets.of(DecodeOutcome::kMalformed) +
                              packets.of(DecodeOutcome::kTooDeep);
  for (const auto& [type, count] : packets.unsupported_links) undecodable += count;
  const auto problems = std::to_array<std::pair<std::string_view, std::uint64_t>>({
      {"truncated_packets", packets.payloads_cut + packets.of(DecodeOutcome::kTruncated)},
      {"undecodable_packets", undecodable},
      {"clock_backwards", result.clock_backwards},
      {"capture_cut", result.problems.size()},
  });
  for (const auto& [problem, count] : problems) {
    if (count == 0) continue;
    Event event(sensor::kBlind, result.last_time_ns, origin);
    event.set_text(sensor::kProblem, problem);
    event.set_int(sensor::kProblemCount, static_cast<std::int64_t>(count));
    emit(event);
  }
  for (std::size_t i = 0; i < kLimitNames.size(); ++i) {
    const std::uint64_t count = result.decode.limits.count(static_cast<Limit>(i));
    if (count == 0) continue;
    Event event(sensor::kLimitHit, result.last_time_ns, origin);
    event.set_text(sensor::kLimit, kLimitNames[i]);
    event.set_int(sensor::kLimitCount, static_cast<std::int64_t>(count));
    emit(event);
  }
}

}  // namespace chargewarden
