#include "analyzer/app/commands/rules_loading.h"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "alerts/model/text_form.h"
#include "analyzer/app/exit_status.h"
#include "rules/lang/suggest.h"

namespace chargewarden {

namespace {

// The level of the name; informational, which every rule reaches, for an empty one.
Level level_of(std::string_view name) {
  for (const Level level : {Level::kLow, Level::kMedium, Level::kHigh, Level::kCritical}) {
    if (to_string(level) == name) return level;
  }
  return Level::kInformational;
}

}  // namespace

LoadedRules load_for_command(const RulesOptions& options) {
  LoadOptions load_options;
  load_options.paths = options.paths;
  load_options.check = options.check;
  Diagnostics config_problems;
  if (!options.config.empty()) {
    read_placeholders(options.config, load_options.placeholders, config_problems);
  }
  LoadedRules out = load_rules(load_options);
  if (!config_problems.all().empty()) {
    for (const Diagnostic& problem : config_problems.all()) out.diagnostics.add(problem);
    out.unreadable = true;
  }
  return out;
}

bool are_usable(const LoadedRules& loaded, std::ostream& err) {
  if (!loaded.diagnostics.has_errors()) return true;
  err << render_text(loaded.diagnostics)
      << fmt::format("chargewarden: the rules have {} problems; mend them, or see `rules check`\n",
                     loaded.diagnostics.error_count());
  return false;
}

std::string_view label_of(const RuleInfo& info) {
  if (!info.id.empty()) return info.id;
  return info.name.empty() ? info.title : info.name;
}

std::string_view display_name(const RuleInfo& info) {
  if (!info.name.empty()) return info.name;
  return info.id.empty() ? info.title : info.id;
}

bool passes(const RuleInfo& info, const RulesFilter& filter) {
  return (filter.level.empty() || filter.level == to_string(info.level)) &&
         info.level >= level_of(filter.min_level) &&
         (filter.theme.empty() || filter.theme == info.theme) &&
         (filter.tag.empty() ||
          std::find(info.tags.begin(), info.tags.end(), filter.tag) != info.tags.end());
}

const LoadedRule* find_rule(const LoadedRules& loaded, const std::string& name, std::ostream& err) {
  std::vector<std::string_view> names;
  for (const auto* list : {&loaded.rules, &loaded.correlations, &loaded.filters}) {
    for (const LoadedRule& rule : *list) {
      const RuleInfo& info = rule.document.info;
      if (info.name == name || info.id == name || info.title == name) return &rule;
      names.emplace_back(label_of(info));
      if (!info.name.empty()) names.emplace_back(info.name);
    }
  }
  std::string message;
  append_terminal_safe(message, fmt::format("there is no rule \"{}\"; {}", name,
                                            did_you_mean(name, names, "`rules list` shows all")));
  err << "chargewarden: " << message << '\n';
  return nullptr;
}

int report_error(const Error& error, std::ostream& err) {
  std::string line;
  append_terminal_safe(line, error.message);
  err << "chargewarden: " << line << '\n';
  return exit_status_of(error.code);
}

int finish(std::ostream& out, int status) {
  out.flush();
  return out ? status : kExitReadWrite;
}

}  // namespace chargewarden
