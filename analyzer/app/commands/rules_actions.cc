#include "analyzer/app/commands/rules_actions.h"

#include <algorithm>
#include <istream>
#include <optional>
#include <ostream>
#include <string_view>

#include <fmt/format.h>

#include "analyzer/app/commands/rules_schema.h"
#include "analyzer/app/commands/rules_text.h"
#include "analyzer/app/exit_status.h"
#include "collector/base/text.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/engine/rule_loader.h"

namespace chargewarden {

namespace {

std::string plural(std::size_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace

int rules_check(const RulesOptions& options, OutputFormat format, std::ostream& out,
                std::ostream& err) {
  LoadedRules loaded = load_for_command(options);
  run_examples(loaded, loaded.diagnostics);
  loaded.diagnostics.sort();
  const std::size_t problems = loaded.diagnostics.error_count();
  if (format == OutputFormat::kJson) {
    out << render_json(loaded.diagnostics);
  } else {
    out << render_text(loaded.diagnostics);
    if (const std::size_t warnings = loaded.diagnostics.warning_count(); warnings > 0) {
      out << plural(warnings, "warning") << '\n';
    }
    out << plural(loaded.document_count, "rule") << ", " << plural(problems, "problem") << '\n';
  }
  if (loaded.unreadable) {
    err << "chargewarden: not everything could be read\n";
    return finish(out, kExitUsage);
  }
  return finish(out, problems == 0 ? kExitDone : kExitFindings);
}

int rules_list(const RulesOptions& options, const RulesFilter& filter, OutputFormat format,
               TableForm form, std::ostream& out, std::ostream& err) {
  const LoadedRules loaded = load_for_command(options);
  if (!are_usable(loaded, err)) return kExitUsage;
  std::vector<const RuleInfo*> rules;
  for (std::size_t i = 0; i < loaded.set.size(); ++i) {
    if (passes(loaded.set.info(i), filter)) rules.push_back(&loaded.set.info(i));
  }
  out << (format == OutputFormat::kJson ? rules_json(rules) : rules_table(rules, form));
  return finish(out, kExitDone);
}

int rules_show(const RulesOptions& options, const std::string& name, TableForm form,
               std::ostream& out, std::ostream& err) {
  const LoadedRules loaded = load_for_command(options);
  if (!are_usable(loaded, err)) return kExitUsage;
  const LoadedRule* rule = find_rule(loaded, name, err);
  if (rule == nullptr) return kExitUsage;
  out << describe_rule(*rule, form);
  return finish(out, kExitDone);
}

int rules_fields(FieldsFormat format, std::ostream& out) {
  switch (format) {
    case FieldsFormat::kMarkdown:
      out << fields_markdown();
      break;
    case FieldsFormat::kJson:
      out << fields_json();
      break;
    case FieldsFormat::kSchema:
      out << rules_schema();
      break;
  }
  return finish(out, kExitDone);
}

}  // namespace chargewarden
