#pragma once
// Texts that the subcommands of `rules` print.

#include <string>
#include <vector>

#include "analyzer/app/table.h"
#include "rules/engine/rule_loader.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

// A rule in plain words, its examples, and the rule as it stands in its file. Running text is
// wrapped to the width of the form; what is to be copied is not.
std::string describe_rule(const LoadedRule& rule, TableForm form);

// One line a rule, in columns.
std::string rules_table(const std::vector<const RuleInfo*>& rules, TableForm form);
std::string rules_json(const std::vector<const RuleInfo*>& rules);

// Reference of all events and fields.
std::string fields_markdown();
std::string fields_json();

}  // namespace chargewarden
