#pragma once
// The JSON schema of our dialect of Sigma, for editors: `rules fields --format schema`.
//
// Made from the tables that the loader reads (keys, statuses, modifiers, fields), so that both know
// the same words. Draft 7, which is what YAML language servers understand. It finds wrong words and
// shapes while one types; what a rule means is judged by `rules check` alone.

#include <string>

namespace chargewarden {

std::string rules_schema();

}  // namespace chargewarden
