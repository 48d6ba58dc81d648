#pragma once
// Parses a YAML document into a RuleDocument: keys, their types, selections, conditions; a
// detection rule, a correlation or a filter.

#include <optional>
#include <span>
#include <string_view>

#include "rules/lang/diagnostics.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/source_file.h"
#include "rules/lang/yaml_reader.h"

namespace chargewarden {

// Lengths that Sigma 2.1 allows, characters. Test: rule_parser_test.cc "each problem has its code".
inline constexpr std::size_t kRuleTitleMax = 256;
inline constexpr std::size_t kRuleNameMax = 256;
inline constexpr std::size_t kDescriptionMax = 65'535;

// Reports every problem of the document. nullopt when there is no rule in it at all; a rule with
// errors is returned as far as it was read, so that the next step can report its problems too.
std::optional<RuleDocument> parse_rule(YamlDocument document, const SourceFile& file,
                                       Diagnostics& diagnostics);

// The words that a rule may use, for whoever describes the language: keys of the document, values
// of `status`, and of `type` in `related`.
std::span<const std::string_view> rule_keys();
std::span<const std::string_view> rule_statuses();
std::span<const std::string_view> rule_relations();

}  // namespace chargewarden
