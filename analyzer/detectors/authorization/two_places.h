#pragma once
// One token in two places at once (threat SA-03). Part of the authorization detector.
//
// Of two sessions, the earlier one must be alive for certain after the later one began. That it has
// not ended by then is not enough: its end may be in the queue of a station that has lost its link,
// and a driver whose station has failed goes to the next.

#include "analyzer/detectors/authorization/token_book.h"
#include "analyzer/detectors/detector.h"

namespace chargewarden::session {

// The session has shown life by the fact, or told its end: did a later one run with its token?
void compare_uses(const Fact& fact, SessionIndex index, bool ended, TokenBook& book,
                  const World& world, Reporter& reporter);

}  // namespace chargewarden::session
