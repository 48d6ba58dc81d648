#pragma once
// What a run has seen, as its stop record keeps it.

#include "alerts/audit/record.h"
#include "analyzer/pipeline/pipeline.h"

namespace chargewarden {

// Events by name and OCPP messages by version, action and type, without those that did not occur.
// Names are views of static tables.
Observation observation_of(const PipelineResult& result);

}  // namespace chargewarden
