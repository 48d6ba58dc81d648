#pragma once
// Which OCPP version a message belongs to, when no handshake was seen (or none named a version).

#include "collector/base/json_document.h"
#include "collector/decoders/decode_stats.h"
#include "collector/event/ocpp_actions.h"

namespace chargewarden::ocpp {

// Evidence of one call; kUnknown when it could be of several versions.
OcppVersion guess_version(ActionId action, const JsonDocument& payload, ValueArena& arena);

}  // namespace chargewarden::ocpp
