#pragma once
// The published form of an alert: OCSF Detection Finding, class 2004, one JSON object.
//
// Valid in releases 1.3.0 to 1.8.0 at once: it holds what any of them requires and nothing that one
// of them lacks (alerts/model/SCHEMA.md says member by member what is there). The bytes depend on
// the arguments alone.

#include <string>
#include <vector>

#include "alerts/model/alert.h"

namespace chargewarden {

// The release that metadata.version names.
inline constexpr std::string_view kOcsfVersion = "1.6.0";

// What all alerts of a run have in common.
struct Publisher {
  std::string version;       // Of Chargewarden.
  std::string ruleset_hash;  // Of the rules that were loaded, hex.
  // Names of the inputs, by PacketRef::input(). Packets of an input without a name are left out.
  std::vector<std::string> inputs = {};
};

// Appends the object, without line feed, at most kAlertMax bytes.
void render_ocsf(const Alert& alert, const Publisher& publisher, std::string& out);

}  // namespace chargewarden
