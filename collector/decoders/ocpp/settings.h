#pragma once
// What a call of SetVariables sets (OCPP 2.0.1 part 2, B05): each variable with its own value.
//
// In the payload names and values stand in lists beside each other, and a rule that asks for both
// could take the name of one and the value of another. Here they are one text, as in
// "OCPPCommCtrlr/HeartbeatInterval=300", without instances. Of secrets only the length is told:
// "SecurityCtrlr/BasicAuthPassword (20 bytes)".

#include <span>

#include "collector/base/json_document.h"

namespace chargewarden::ocpp {

// Of the payload, which must be loaded. Memory is that of the arena.
std::span<const Value> read_settings(const JsonDocument& payload, ValueArena& arena);

}  // namespace chargewarden::ocpp
