#pragma once
// For tests: a rule set from YAML text, without files.

#include <memory>
#include <string>

#include "rules/engine/rule_set.h"
#include "rules/lang/rule_parser.h"
#include "rules/lang/yaml_reader.h"

namespace chargewarden::testing {

struct RulesFromText {
  explicit RulesFromText(const std::string& text, SchemaCheck check = SchemaCheck::kForeign,
                         const PlaceholderMap& placeholders = {})
      : file("test.yml", text) {
    RuleSetBuilder builder(placeholders, check);
    for (YamlDocument& document : read_yaml(file, diagnostics)) {
      auto rule = parse_rule(std::move(document), file, diagnostics);
      if (rule && builder.add(*rule, file, diagnostics)) documents.push_back(std::move(*rule));
    }
    set = std::make_unique<RuleSet>(builder.build(diagnostics));
  }

  SourceFile file;
  Diagnostics diagnostics;
  std::vector<RuleDocument> documents;
  std::unique_ptr<RuleSet> set;
};

// A whole rule around the section `detection`, whose lines are indented by two.
inline std::string rule_of(const std::string& detection, const std::string& category = {}) {
  const std::string logsource = category.empty()
                                    ? "{product: evcharging}"
                                    : "{product: evcharging, category: " + category + "}";
  return "title: T\nlogsource: " + logsource + "\ndetection:\n" + detection;
}

}  // namespace chargewarden::testing
