#pragma once
// The JSON form of an event: one flat object, field names as rules see them, redacted.

#include <string>

#include "collector/event/event.h"
#include "collector/event/redactor.h"

namespace chargewarden {

// Appends the object, without line feed. Fields that are absent are left out. Members of payload
// and request appear under their dotted paths; where a path crosses lists, its values form a JSON
// list.
void render_flat_json(const Event& event, const Redactor& redactor, std::string& out);

}  // namespace chargewarden
