#include "rules/lang/problem.h"

#include <array>
#include <cstddef>

namespace chargewarden {

namespace {

constexpr auto kError = Severity::kError;
constexpr auto kWarning = Severity::kWarning;

constexpr auto kProblems = std::to_array<ProblemDef>({
    {Problem::kUnreadableFile, "CW1001", kError, "the file or folder cannot be read"},
    {Problem::kFileTooLong, "CW1002", kError, "the file or document is too long"},
    {Problem::kNotUtf8, "CW1003", kError, "the file is not UTF-8"},
    {Problem::kYamlSyntax, "CW1004", kError, "the text is not YAML"},
    {Problem::kAlias, "CW1005", kError, "YAML aliases are not accepted"},
    {Problem::kTooDeep, "CW1006", kError, "the document is nested too deep"},
    {Problem::kTooManyNodes, "CW1007", kError, "the document has too many values"},
    {Problem::kDuplicateKey, "CW1008", kError, "a key stands twice in one map"},
    {Problem::kBadKey, "CW1009", kError, "a key is not plain text"},
    {Problem::kBadTag, "CW1010", kError, "a YAML tag is not accepted"},
    {Problem::kTooManyRules, "CW1011", kError, "there are too many files or rules"},
    {Problem::kNotAMap, "CW1101", kError, "the document is not a map"},
    {Problem::kMissingKey, "CW1102", kError, "a required key is missing"},
    {Problem::kWrongType, "CW1103", kError, "a key has a value of the wrong type"},
    {Problem::kUnknownKey, "CW1104", kWarning, "a key is not known"},
    {Problem::kBadId, "CW1105", kError, "the id is not a UUID"},
    {Problem::kDuplicateId, "CW1106", kError, "two rules have the same id"},
    {Problem::kDuplicateName, "CW1107", kError, "two rules have the same name"},
    {Problem::kBadLevel, "CW1108", kError, "the level is not one of Sigma's"},
    {Problem::kBadStatus, "CW1109", kError, "the status is not one of Sigma's"},
    {Problem::kBadDate, "CW1110", kError, "a date is not YYYY-MM-DD"},
    {Problem::kBadRuleTag, "CW1111", kError, "a tag is not namespace.value in lower case"},
    {Problem::kTooLong, "CW1112", kError, "a text is longer than Sigma allows"},
    {Problem::kKindMixed, "CW1115", kError, "a document has sections of several kinds of rules"},
    {Problem::kBadRelated, "CW1114", kError, "an entry of `related` is wrong"},
    {Problem::kDuplicateEntry, "CW1116", kError, "a list has the same entry twice"},
    {Problem::kBadLogsource, "CW1201", kError, "the logsource is empty or not a map of texts"},
    {Problem::kUnknownProduct, "CW1202", kError, "the logsource's product is not evcharging"},
    {Problem::kUnknownCategory, "CW1203", kError, "the logsource's category does not exist"},
    {Problem::kServiceNotUsed, "CW1204", kError, "the logsource's service is not used"},
    {Problem::kNoSelection, "CW1301", kError, "the detection has no selection"},
    {Problem::kBadSelection, "CW1302", kError, "a selection has a shape that Sigma does not know"},
    {Problem::kEmptyList, "CW1303", kError, "a list or map is empty"},
    {Problem::kNullInList, "CW1304", kError, "null stands in a list of values"},
    {Problem::kUnknownField, "CW1305", kError, "no event of the logsource has the field"},
    {Problem::kFieldType, "CW1306", kError, "the value does not fit the field's type"},
    {Problem::kTimeframe, "CW1307", kError, "`timeframe` belongs to Sigma version 1"},
    {Problem::kTooManyValues, "CW1308", kError, "there are too many selections, items or values"},
    {Problem::kBadSelectionName, "CW1309", kError, "a selection's name cannot be used"},
    {Problem::kAmbiguousScalar, "CW1310", kError, "YAML versions read an unquoted value otherwise"},
    {Problem::kUnknownModifier, "CW1401", kError, "the modifier does not exist"},
    {Problem::kModifierCombination, "CW1403", kError, "the modifiers do not go together"},
    {Problem::kModifierValue, "CW1404", kError, "the value does not fit the modifier"},
    {Problem::kBadRegex, "CW1405", kError, "the regular expression is not valid"},
    {Problem::kBadCidr, "CW1406", kError, "the network is not valid"},
    {Problem::kAllNeedsList, "CW1407", kError, "`all` needs a list of values"},
    {Problem::kUnresolvedPlaceholder, "CW1408", kError, "a placeholder has no values"},
    {Problem::kWildcardNotAllowed, "CW1409", kError, "a wildcard stands where none is possible"},
    {Problem::kTooManyExpansions, "CW1410", kError, "a value expands to too many forms"},
    {Problem::kConditionSyntax, "CW1501", kError, "the condition cannot be read"},
    {Problem::kUnknownSelection, "CW1502", kError, "the condition names an unknown selection"},
    {Problem::kPatternMatchesNothing, "CW1503", kError, "a pattern matches no selection"},
    {Problem::kUnusedSelection, "CW1504", kError, "no condition uses the selection"},
    {Problem::kAggregation, "CW1505", kError, "aggregations belong to Sigma version 1"},
    {Problem::kConditionTooLong, "CW1506", kError, "the condition is too long or too deep"},
    {Problem::kKeywordCase, "CW1507", kError, "and, or, not, of and them are lower case"},
    {Problem::kBadExample, "CW1601", kError, "an example is not a map of fields"},
    {Problem::kExampleFailed, "CW1602", kError, "an example does not do what it says"},
    {Problem::kBadPlaceholders, "CW1701", kError, "the placeholders are not lists of texts"},
    {Problem::kUnknownRule, "CW1801", kError, "a rule is named that does not exist"},
    {Problem::kBadReference, "CW1802", kError, "the named rule is of a kind that cannot be meant"},
    {Problem::kFilterNotCovered, "CW1803", kWarning, "the filter does not apply to a named rule"},
    {Problem::kFilterWithoutNot, "CW1804", kWarning, "the filter keeps what it describes"},
    {Problem::kBadCorrelationType, "CW1901", kError, "the type of the correlation does not exist"},
    {Problem::kBadTimespan, "CW1902", kError, "the timespan is not a positive length of time"},
    {Problem::kBadCorrelationCondition, "CW1903", kError, "the correlation's condition is wrong"},
    {Problem::kNeverTrue, "CW1904", kError, "the correlation's condition can never hold"},
    {Problem::kBadAlias, "CW1905", kError, "an alias is wrong"},
    {Problem::kCorrelationCycle, "CW1906", kError, "correlations refer to each other in a circle"},
    {Problem::kCorrelationField, "CW1907", kError, "a named rule's events do not have the field"},
    {Problem::kUnknownSectionKey, "CW1908", kError, "a key of the section is not known"},
});

consteval bool in_order() {
  for (std::size_t i = 0; i < kProblems.size(); ++i) {
    if (static_cast<std::size_t>(kProblems[i].problem) != i) return false;
  }
  return kProblems.back().problem == Problem::kUnknownSectionKey;
}

static_assert(in_order(), "the table has one line per problem, in the order of the enumeration");

}  // namespace

std::span<const ProblemDef> all_problems() {
  return kProblems;
}

const ProblemDef& problem_def(Problem problem) {
  return kProblems[static_cast<std::size_t>(problem)];
}

}  // namespace chargewarden
