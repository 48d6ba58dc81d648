#pragma once
// What detectors of sessions ask of a session, and write into each event about one.

#include <string_view>

#include "analyzer/detectors/detector.h"
#include "analyzer/state/session.h"
#include "collector/event/event.h"

namespace chargewarden::session {

bool is_2x(const Session& session);

// Tokens are compared without regard to case (OCPP 1.6, 7.28; 2.0.1 part 2, IdTokenType).
bool same_token(std::string_view a, std::string_view b);

// Sets connector, transaction and token.
void set_subject(const Session& session, Event& event);

// A figure to a tenth of its unit: more is not told by anybody, and noise of the arithmetic.
Value amount(double value);

// The station with its latest connection, for events that no message of its own leads to.
Subject subject_of(const Station& station, const World& world);

}  // namespace chargewarden::session
