#pragma once
// The condition of a rule as a tree (Sigma 2.1, "Conditions").
//
//   condition  = and-term { "or" and-term }
//   and-term   = not-term { "and" not-term }
//   not-term   = { "not" } primary
//   primary    = "(" condition ")" | quantifier "of" ( "them" | pattern ) | identifier
//   quantifier = "1" | "all"
//   identifier = letters, digits, "_" and "-"
//   pattern    = identifier that may hold "*"
//
// Keywords are lower case. The tree knows nothing of selections; resolve() brings them together.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/lang/diagnostics.h"
#include "rules/lang/source_file.h"

namespace chargewarden {

// Longest condition, bytes; the longest public one has 900.
// Test: condition_test.cc "a condition beyond the limits is refused".
inline constexpr std::size_t kConditionMax = 16 * 1024;

// Deepest nesting of parentheses; public rules use 4. Test: as above.
inline constexpr std::size_t kConditionDepthMax = 64;

enum class ConditionKind : std::uint8_t { kAnd, kOr, kNot, kIdentifier, kOneOf, kAllOf };

// Index of a node in its tree.
using ConditionIndex = std::uint32_t;

struct ConditionNode {
  ConditionKind kind;
  std::string name;  // Identifier, pattern, or "them".
  std::vector<ConditionIndex> children;
  std::size_t offset = 0;  // In the condition's text, bytes.
};

struct Condition {
  std::vector<ConditionNode> nodes;
  ConditionIndex root = 0;
};

// Where a condition stands, for messages: an offset becomes a column when the text is one line.
struct ConditionText {
  std::string text;
  Position position;    // Of the YAML value.
  bool quoted = false;  // The text begins one byte later.
};

// nullopt after reporting one problem.
std::optional<Condition> parse_condition(const ConditionText& text, const SourceFile& file,
                                         Diagnostics& diagnostics);

// Canonical text: one space between words, parentheses only where precedence asks for them.
std::string print_condition(const Condition& condition);

// A condition with patterns and quantifiers written out: leaves are indexes of selections.
struct ResolvedNode {
  ConditionKind kind;  // kAnd, kOr, kNot or kIdentifier.
  std::vector<ConditionIndex> children;
  std::uint32_t selection = 0;
};

struct ResolvedCondition {
  std::vector<ResolvedNode> nodes;
  ConditionIndex root = 0;
};

// Replaces names by indexes into `selections`, sets used[i] for each that is meant, and reports
// unknown names and patterns that match nothing. `1 of them` and patterns leave out names that
// begin with "_", unless the pattern begins with it.
std::optional<ResolvedCondition> resolve_condition(const Condition& condition,
                                                   const ConditionText& text,
                                                   std::span<const std::string_view> selections,
                                                   std::vector<bool>& used, const SourceFile& file,
                                                   Diagnostics& diagnostics);

// Whether the text can be named in a condition.
bool is_selection_name(std::string_view text) noexcept;

}  // namespace chargewarden
