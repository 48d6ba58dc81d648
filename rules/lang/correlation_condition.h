#pragma once
// Parses the key `condition` of a correlation: bounds on a number, or rules joined by words. Part
// of parse_correlation().

#include "rules/lang/diagnostics.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/source_file.h"
#include "rules/lang/yaml_node.h"

namespace chargewarden {

// Fills bounds, value_names, percentile or expression of `out`, whose type and rules are known, and
// reports what is wrong: also bounds that no number can be within.
void parse_correlation_condition(const YamlNode& section, const SourceFile& file,
                                 CorrelationSection& out, Diagnostics& diagnostics);

}  // namespace chargewarden
