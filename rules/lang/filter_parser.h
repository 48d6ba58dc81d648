#pragma once
// Parses the section `filter` of a document (Sigma 2.1, "Filters"). Part of parse_rule(). Which
// rules are meant is decided later, when all documents are there.
//
// A filter adds its condition to the named rules: a match counts when the rule and the filter hold.
// A filter that excludes therefore says `not selection`.

#include "rules/lang/diagnostics.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/source_file.h"
#include "rules/lang/yaml_node.h"

namespace chargewarden {

// Fills filter, selections and conditions of `out`, and reports what is wrong.
void parse_filter(const YamlNode& section, const SourceFile& file, RuleDocument& out,
                  Diagnostics& diagnostics);

}  // namespace chargewarden
