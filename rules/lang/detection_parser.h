#pragma once
// Parses the section `detection` of a rule: selections, keywords, conditions (Sigma 2.1,
// "Detection"). Part of parse_rule().

#include "rules/lang/diagnostics.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/source_file.h"
#include "rules/lang/yaml_node.h"

namespace chargewarden {

// Fills selections and conditions of `out`, and reports what is wrong.
void parse_detection(const YamlNode& detection, const SourceFile& file, RuleDocument& out,
                     Diagnostics& diagnostics);

}  // namespace chargewarden
