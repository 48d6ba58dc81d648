#pragma once
// What the sensor could not see or had to leave out, as events: rules judge the sensor too.

#include <functional>
#include <string>
#include <vector>

#include "analyzer/pipeline/pipeline.h"

namespace chargewarden {

// One event for each problem and each limit that was hit, at the time of the last packet or record.
void report_sensor(const PipelineResult& result, const Origin& origin,
                   const std::function<void(const Event&)>& emit);

// What became of new rules.
void report_rules(const RulesOffer& offer, std::int64_t time_ns, const Origin& origin,
                  const std::function<void(const Event&)>& emit);

}  // namespace chargewarden
