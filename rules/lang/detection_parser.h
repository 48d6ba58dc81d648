#pragma once
// Parses the section `detection` of a rule: selections, keywords, conditions (Sigma 2.1,
// "Detection"); and the same of a filter. Part of parse_rule().

#include <string_view>

#include "rules/lang/diagnostics.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/source_file.h"
#include "rules/lang/yaml_node.h"

namespace chargewarden {

// Fills selections and conditions of `out`, and reports what is wrong. `other_key` of the section
// is no selection: a filter has `rules`.
void parse_detection(const YamlNode& detection, const SourceFile& file, RuleDocument& out,
                     Diagnostics& diagnostics, std::string_view other_key = {});

}  // namespace chargewarden
