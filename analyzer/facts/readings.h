#pragma once
// Meter readings of OCPP messages in one form, whatever version sent them: numbers in the unit of
// their measurand, with the defaults of the standard filled in (OCPP 1.6, 7.33 and 7.43 to 7.47;
// OCPP 2.0.1 part 2, SampledValueType and UnitOfMeasureType).

#include "analyzer/facts/fact_buffer.h"
#include "collector/base/json_document.h"

namespace chargewarden {

// Adds the readings of the MeterValue list that starts at the token. Text is unescaped into the
// arena.
void add_readings(const JsonWalk& walk, std::size_t token, ValueArena& arena, FactBuffer& out);

}  // namespace chargewarden
