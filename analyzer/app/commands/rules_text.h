#pragma once
// Texts that the subcommands of `rules` print.

#include <string>
#include <vector>

#include "rules/engine/rule_loader.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

// A rule in plain words.
std::string describe_rule(const RuleDocument& document);

// One line a rule, in columns.
std::string rules_table(const std::vector<const RuleInfo*>& rules);
std::string rules_json(const std::vector<const RuleInfo*>& rules);

// Reference of all events and fields.
std::string fields_markdown();
std::string fields_json();

}  // namespace chargewarden
