#pragma once
// Loads rules from folders: every *.yml and *.yaml below them, in the order of their paths.
//
// A file placeholders.yml at the top of a folder is no rule; it holds default values for
// %placeholders%.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "collector/base/expected.h"
#include "rules/engine/rule_set.h"
#include "rules/lang/diagnostics.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/value_transform.h"

namespace chargewarden {

// Most files, and most rules: 25 times the largest public collection.
// Test: rule_loader_test.cc "more files than the limit are refused".
inline constexpr std::size_t kRuleFilesMax = 100'000;

inline constexpr std::string_view kPlaceholdersFile = "placeholders.yml";

struct LoadOptions {
  std::vector<std::string> paths;  // Folders or single files.
  PlaceholderMap placeholders;     // Of the site; they replace a folder's own by name.
  SchemaCheck check = SchemaCheck::kOurs;
  std::size_t files_max = kRuleFilesMax;
  bool examples = true;  // Half of the text of the rules; who only matches does not need them.
};

struct LoadedRule {
  RuleDocument document;
  const SourceFile* file;
};

// Everything that was read. Rules with errors are not in `set`; a program that enforces rules must
// not start when there are errors (see load_rule_set()).
struct LoadedRules {
  RuleSet set;
  Diagnostics diagnostics;
  std::vector<LoadedRule> rules;  // Detection rules of the set, by index.
  // Those that were read without errors; in the set only when every name in them is known.
  std::vector<LoadedRule> correlations;
  std::vector<LoadedRule> filters;
  std::vector<std::unique_ptr<SourceFile>> files;
  std::size_t document_count = 0;  // Rules that were found, good or bad.
  bool unreadable = false;         // A path could not be read at all.
};

LoadedRules load_rules(const LoadOptions& options);

// The set, or an error that holds every problem as text. Examples are not read.
Expected<RuleSet> load_rule_set(const LoadOptions& options);

// Adds the lists below `placeholders:` of a YAML file to the map, replacing by name. Other keys of
// the file are ignored: it may be the whole configuration.
void read_placeholders(const std::string& path, PlaceholderMap& out, Diagnostics& diagnostics);

// Runs the examples of every rule and reports those that do not do what they say.
void run_examples(const LoadedRules& loaded, Diagnostics& diagnostics);

}  // namespace chargewarden
