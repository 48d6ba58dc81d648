#pragma once
// What the subcommands of `rules` share: loading rules as the options say, and finding one.

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "rules/engine/rule_loader.h"
#include "rules/engine/rule_set.h"

namespace chargewarden {

enum class OutputFormat : unsigned char { kText, kJson };

struct RulesOptions {
  std::vector<std::string> paths;  // Folders or files of rules.
  std::string config;              // File with `placeholders`; empty: none.
  SchemaCheck check = SchemaCheck::kOurs;
};

// Which rules; a condition that is empty takes all.
struct RulesFilter {
  std::string level;
  std::string tag;
  std::string theme;
  std::string min_level;
};

// Rules of the options' paths with the placeholders of its configuration.
LoadedRules load_for_command(const RulesOptions& options);

// For commands that need good rules: false after reporting what is wrong with them.
bool are_usable(const LoadedRules& loaded, std::ostream& err);

// The id; without one the name, without that the title.
std::string_view label_of(const RuleInfo& info);

// For people: the name; without one the id, without that the title.
std::string_view display_name(const RuleInfo& info);

bool passes(const RuleInfo& info, const RulesFilter& filter);

// The rule, correlation or filter with that name, id or title; null after saying what is near.
const LoadedRule* find_rule(const LoadedRules& loaded, const std::string& name, std::ostream& err);

// Says on `err` what went wrong, safe for terminals; the exit status that goes with it.
int report_error(const Error& error, std::ostream& err);

// The exit status, or that of a failed write when not everything could be written.
int finish(std::ostream& out, int status);

}  // namespace chargewarden
