#pragma once
// Checks a rule against the vocabulary of events: logsource, names of fields, types of values.

#include <vector>

#include "rules/lang/diagnostics.h"
#include "rules/lang/match_item.h"
#include "rules/lang/rule_document.h"

namespace chargewarden {

// The product of all our logsources.
inline constexpr std::string_view kProduct = "evcharging";

// Reports what is wrong with the logsource. False when the category is not known, so that fields
// cannot be checked.
bool check_logsource(const Logsource& logsource, const SourceFile& file, Diagnostics& diagnostics);

// Reports fields that no event of the category has ("" is every category), and values that can
// never be in them.
void check_item(const MatchItem& item, std::string_view category, const SourceFile& file,
                Diagnostics& diagnostics);

// Reports a field that no event of the category has.
void check_rule_field(std::string_view name, Position position, std::string_view category,
                      const SourceFile& file, Diagnostics& diagnostics);

}  // namespace chargewarden
