#pragma once
// Explainer: why a rule matches an event, or why not, down to each value of the rule.
//
// Every yes and no comes from the engine's own leaves, so it never differs from what a Matcher
// says; only the reasons are worked out here. For people at a prompt: entries are compiled anew for
// each event. Values of the event are shown as the redactor lets them be shown, those of the rule
// as they stand in its file. Not shared between threads; set and redactor must outlive it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/event/redactor.h"
#include "rules/engine/field_table.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/engine/rule_set.h"
#include "rules/lang/rule_document.h"

namespace chargewarden {

// Most values of one field that are shown, and most forms of a placeholder: more do not help.
// Test: explain_test.cc "what is shown of an event is bounded".
inline constexpr std::size_t kShownValuesMax = 8;

// Longest value that is shown, bytes before quoting; what is longer is cut and ends in "...".
// Test: as above.
inline constexpr std::size_t kShownValueMax = 200;

// Most names of an event that are compared with a name that it does not have: OCPP's largest
// messages have some hundred. Test: as above.
inline constexpr std::size_t kComparedNamesMax = 1'000;

// Why a value of a rule, or an entry, holds or does not.
enum class Reason : std::uint8_t {
  kHolds,
  kCase,              // The value differs only in case.
  kBlanks,            // Only in blanks around it.
  kNumberAsText,      // The same number, but the rule compares its text: '5.0' and 5.
  kNotANumber,        // The rule wants a number.
  kNotABoolean,       // The rule wants true or false.
  kNotAnAddress,      // The rule wants an IP address.
  kNotATime,          // The rule wants a part of a time.
  kOtherFamily,       // IPv4 and IPv6 never match each other.
  kOtherFieldAbsent,  // `fieldref`: the event does not have the other field.
  kNull,              // The field is null.
  kNoValue,           // An object, or a list without elements: nothing to compare.
  kAbsent,            // The event does not have the field.
  kPresent,           // It has, and the rule wants it not to, or wants null.
  kEmptyPlaceholder,  // The site's list is empty, which matches nothing.
  kOtherValue,        // Any other value.
  kPartMissing,       // `all`: some of the values hold, not every one.
  kExcluded,          // `neq`: the value is one of those that the entry excludes.
};

// As JSON spells it, such as "other_value".
std::string_view to_string(Reason reason);

// One value of a rule's entry.
struct ValueExplanation {
  std::string wanted;  // As in the rule: 'text', 5, true, null.
  bool holds = false;
  Reason reason = Reason::kHolds;
  std::vector<std::string> forms;       // What a placeholder stands for; at most kShownValuesMax.
  std::vector<std::string> other_seen;  // `fieldref`: values of the other field, as JSON.
};

struct EntryExplanation {
  std::string field;      // Empty: keywords.
  std::string modifiers;  // "contains|all".
  Position position;      // In the rule's file.
  bool holds = false;
  bool all = false;
  bool negated = false;  // `neq`: `values` tell what is excluded.
  Reason reason = Reason::kHolds;
  std::vector<std::string> seen;  // The event's values as JSON; at most kShownValuesMax.
  std::size_t seen_count = 0;
  std::vector<std::string> near;  // Of an absent field: names that may be meant, best first.
  std::vector<ValueExplanation> values;
};

struct SelectionExplanation {
  std::string name;
  bool holds = false;
  std::vector<std::vector<EntryExplanation>> maps;  // One of them must hold as a whole.
};

// A part of a condition; of `1 of x*` the children are the selections that it means.
struct PartExplanation {
  std::string text;
  bool holds = false;
  std::vector<PartExplanation> children;
};

struct RuleExplanation {
  bool matches = false;
  bool logsource_fits = false;
  std::string wanted_category;              // Empty: any.
  std::string seen_category;                // Empty: the event has none.
  std::vector<PartExplanation> conditions;  // Any of them must hold.
  std::vector<SelectionExplanation> selections;
};

class Explainer {
 public:
  Explainer(const RuleSet& rules, const Redactor& redactor);

  // `document` and `file` must be those from which rule number `rule` of the set was made.
  RuleExplanation explain(std::uint32_t rule, const RuleDocument& document, const SourceFile& file,
                          const FlatEvent& event);

 private:
  class Trimmed;

  EntryExplanation explain_entry(const DetectionItem& item);
  ValueExplanation explain_value(const MatchItem& item, const RuleValue& value, std::size_t index);
  PartExplanation explain_part(const ParsedCondition& condition, Condition& tree,
                               ConditionIndex part, ConditionIndex resolved,
                               const std::vector<SelectionExplanation>& selections);
  Reason reason_against(const MatchItem& one, std::string_view wanted);
  Reason reason_by_kind(const ValueTest& test, const Value& value, std::string_view wanted) const;
  [[nodiscard]] FieldIndex index_of(std::string_view field) const;
  bool holds(const MatchItem& item, FieldSource& source);
  [[nodiscard]] MemberKind member_kind(std::string_view field) const;
  [[nodiscard]] std::string shown(const Value& value, MemberKind kind) const;
  [[nodiscard]] std::vector<std::string> shown_values(std::string_view field, const Value& value,
                                                      std::size_t& count) const;
  [[nodiscard]] std::vector<std::string> names_near(std::string_view field) const;

  const CompiledRules& rules_;
  const Redactor& redactor_;
  Matcher matcher_;
  FieldTable fields_;  // Those of the set, by the same numbers.
  // Of the event at hand:
  const FlatEvent* event_ = nullptr;
  const SourceFile* file_ = nullptr;
  FieldSource* source_ = nullptr;
};

}  // namespace chargewarden
