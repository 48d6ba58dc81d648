#pragma once
// Reads the inventory: a YAML or JSON file of the operator.
//
// Strict: unknown keys, duplicates and values of a wrong form are errors, so that a typing mistake
// never switches something off quietly. Every error is one sentence with file and line.
//
//   stations:         # id; optional vendor, model, serial, firmware, security_profile, ocpp, site,
//                     # addresses, connectors (id, max_power_w, max_current_a, phases), settings
//   csms:             # host names and addresses of backends
//   advisories:       # id, vendor, model, fixed_in or versions, title
//   end_of_support:   # vendor, model, since

#include <string>
#include <string_view>

#include "analyzer/site/inventory.h"
#include "collector/base/expected.h"

namespace chargewarden {

Expected<SiteInventory> read_inventory(const std::string& path);

// Of a text; `name` stands in the messages.
Expected<SiteInventory> parse_inventory(const std::string& name, std::string_view text);

}  // namespace chargewarden
