#pragma once
// Parses the section `correlation` of a document (Sigma 2.1, "Correlation Rules"). Part of
// parse_rule(). What names mean is decided later, when all documents are there.

#include <cstdint>
#include <optional>
#include <string_view>

#include "rules/lang/diagnostics.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/source_file.h"
#include "rules/lang/yaml_node.h"

namespace chargewarden {

// Longest timespan: ten years, so that sums of times never overflow.
// Test: correlation_parser_test.cc "a timespan is a positive number and a unit".
inline constexpr std::int64_t kTimespanMaxS = std::int64_t{10} * 366 * 86'400;

// Number and one of s, m, h, d, w, as nanoseconds; nullopt for anything else, zero, and beyond
// kTimespanMaxS.
std::optional<std::int64_t> parse_timespan_ns(std::string_view text) noexcept;

// Words of Sigma for the types, in the order of CorrelationType.
std::string_view to_string(CorrelationType type) noexcept;

// Fills `out.correlation` and reports what is wrong.
void parse_correlation(const YamlNode& section, const SourceFile& file, RuleDocument& out,
                       Diagnostics& diagnostics);

}  // namespace chargewarden
