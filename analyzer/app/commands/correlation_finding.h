#pragma once
// What a correlation found, as a finding: its group in words, and an event that tells of it.

#include <span>
#include <string>
#include <vector>

#include "alerts/model/finding.h"
#include "rules/correlation/correlator.h"
#include "rules/model/correlation.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

// "source.ip 10.0.0.1, station.id CP-1"; "all events" without a group-by.
std::string group_text(const CorrelationDef& def, const CorrelationHit& hit);

// The finding of a kFire. `packets` are those of hit.tags, oldest first, and `origins` their names.
// Station and addresses are those of the group, where it has them; the event names the group's
// members as group-by does.
Finding correlation_finding(const CorrelationDef& def, const RuleInfo& rule,
                            const CorrelationHit& hit, std::span<const PacketRef> packets,
                            const std::vector<std::string>& origins);

}  // namespace chargewarden
