#pragma once
// CorrelationDef: what a Sigma correlation asks for, with every name resolved (Sigma 2.1,
// "Correlation Rules"; the choices where that is silent are in rules/AUTHORING.md).
//
// Pure data, immutable once loaded, owned by the rule set. Rules and correlations share one
// numbering: detection rules come first, in the order of the set, then correlations.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chargewarden {

enum class CorrelationType : std::uint8_t {
  kEventCount,
  kValueCount,
  kTemporal,
  kTemporalOrdered,
  kValueSum,
  kValueAvg,
  kValuePercentile,
};

enum class Comparison : std::uint8_t {
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual
};

// One criterion of a condition; several hold together (`gt: 100` and `lte: 200`).
struct CorrelationBound {
  Comparison comparison = Comparison::kGreaterEqual;
  double value = 0;
};

// A condition over the names of the referenced rules (`a and not b`), children before parents, the
// root last. Only for the temporal types.
struct CorrelationExpr {
  enum class Kind : std::uint8_t { kRule, kAnd, kOr, kNot };

  Kind kind = Kind::kRule;
  std::uint32_t rule = 0;  // Position in CorrelationDef::inputs.
  std::vector<std::uint32_t> children;
};

// A referenced rule, and where its events hold what the correlation reads.
struct CorrelationInput {
  std::uint32_t rule = 0;                 // In the common numbering.
  std::vector<std::string> group_fields;  // One for each member of group_by, aliases resolved.
  std::vector<std::string> value_fields;  // One for each member of value_names, aliases resolved.
};

struct CorrelationDef {
  CorrelationType type = CorrelationType::kEventCount;
  std::vector<CorrelationInput> inputs;  // In the order of `rules`; each rule once.
  std::int64_t timespan_ns = 0;          // Above 0.
  std::vector<std::string> group_by;     // As written; empty: one group for everything.
  std::vector<std::string> value_names;  // `condition.field`; several only for value_count.
  // At least one, unless `expression` is given. A temporal type without a condition has
  // kGreaterEqual with the number of inputs.
  std::vector<CorrelationBound> bounds;
  std::vector<CorrelationExpr> expression;
  double percentile = 50;  // 0 to 100, of kValuePercentile.
};

}  // namespace chargewarden
