#pragma once
// Turns the correlations of a rule set into definitions: names of rules become numbers, aliases the
// fields that they stand for. Part of building a set, when all of its documents are known.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rules/engine/name_table.h"
#include "rules/engine/rule_set.h"
#include "rules/lang/diagnostics.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/source_file.h"
#include "rules/model/correlation.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

// A correlation that was read, and where it stands.
struct ReadCorrelation {
  RuleInfo info;
  bool has_level = false;
  CorrelationSection section;
  const SourceFile* file = nullptr;  // Outlives the building of the set.
};

// What the linker needs to know of a detection rule.
struct LinkedRule {
  Level level = Level::kMedium;
  std::string category;
};

struct LinkedCorrelations {
  std::vector<CorrelationDef> defs;
  std::vector<RuleInfo> infos;     // With the level of what they refer to, where they have none.
  std::vector<bool> raises_alert;  // By rule in the common numbering.
};

// Reports names that mean nothing, fields that events do not have, circles, and chains that are too
// long. With problems there are no correlations at all: they belong together.
LinkedCorrelations link_correlations(std::span<const ReadCorrelation> read, const NameTable& names,
                                     std::span<const LinkedRule> rules, SchemaCheck check,
                                     Diagnostics& diagnostics);

}  // namespace chargewarden
