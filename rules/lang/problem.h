#pragma once
// The problems that a rule can have, each with a stable code.
//
// People look codes up (rules/AUTHORING.md) and scripts filter by them: a code is never given to
// something else, and a new problem gets a new number.

#include <cstdint>
#include <span>
#include <string_view>

namespace chargewarden {

// A warning is shown and counted, and the rule is used; an error refuses the whole set.
enum class Severity : std::uint8_t { kWarning, kError };

enum class Problem : std::uint8_t {
  kUnreadableFile,
  kFileTooLong,
  kNotUtf8,
  kYamlSyntax,
  kAlias,
  kTooDeep,
  kTooManyNodes,
  kDuplicateKey,
  kBadKey,
  kBadTag,
  kTooManyRules,
  kNotAMap,
  kMissingKey,
  kWrongType,
  kUnknownKey,
  kBadId,
  kDuplicateId,
  kDuplicateName,
  kBadLevel,
  kBadStatus,
  kBadDate,
  kBadRuleTag,
  kTooLong,
  kKindMixed,
  kBadRelated,
  kDuplicateEntry,
  kBadLogsource,
  kUnknownProduct,
  kUnknownCategory,
  kServiceNotUsed,
  kNoSelection,
  kBadSelection,
  kEmptyList,
  kNullInList,
  kUnknownField,
  kFieldType,
  kTimeframe,
  kTooManyValues,
  kBadSelectionName,
  kAmbiguousScalar,
  kUnknownModifier,
  kModifierCombination,
  kModifierValue,
  kBadRegex,
  kBadCidr,
  kAllNeedsList,
  kUnresolvedPlaceholder,
  kWildcardNotAllowed,
  kTooManyExpansions,
  kConditionSyntax,
  kUnknownSelection,
  kPatternMatchesNothing,
  kUnusedSelection,
  kAggregation,
  kConditionTooLong,
  kKeywordCase,
  kBadExample,
  kExampleFailed,
  kBadPlaceholders,
  kUnknownRule,
  kBadReference,
  kFilterNotCovered,
  kFilterWithoutNot,
  kBadCorrelationType,
  kBadTimespan,
  kBadCorrelationCondition,
  kNeverTrue,
  kBadAlias,
  kCorrelationCycle,
  kCorrelationField,
  kUnknownSectionKey,
};

struct ProblemDef {
  Problem problem;
  std::string_view code;
  Severity severity;
  std::string_view text;  // What it is, in a few words; for the list of codes.
};

// All problems in the order of the enumeration.
std::span<const ProblemDef> all_problems();

const ProblemDef& problem_def(Problem problem);

}  // namespace chargewarden
