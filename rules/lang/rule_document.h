#pragma once
// RuleDocument: a detection rule, correlation or filter as it stands in its file, parsed but not
// checked against events or other documents.
//
// Produced by parse_rule(), read by the checker and the compiler. Owns everything.

#include <optional>
#include <string>
#include <vector>

#include "rules/lang/condition.h"
#include "rules/lang/rule_value.h"
#include "rules/lang/source_file.h"
#include "rules/lang/yaml_node.h"
#include "rules/model/correlation.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

// Most selections of a rule, items of a selection, and values of an item: the largest public list
// has 2,800 values. Test: rule_parser_test.cc "too many selections or values are refused".
inline constexpr std::size_t kSelectionsMax = 256;
inline constexpr std::size_t kItemsMax = 1'024;
inline constexpr std::size_t kValuesMax = 20'000;

// Most rules that a correlation or filter names, most members of `group-by`, most aliases, most
// fields of a condition. Test: correlation_parser_test.cc "too many names are refused".
inline constexpr std::size_t kReferencesMax = 1'024;
inline constexpr std::size_t kGroupByMax = 16;

// The percentile of a value_percentile without `percentile`: the median.
inline constexpr double kDefaultPercentile = 50;

struct PlacedText {
  std::string text;
  Position position;
};

// One entry of a selection's map: `field|modifier|modifier: value or list`.
struct DetectionItem {
  std::string field;  // Empty: keywords, looked for in the whole event.
  std::vector<PlacedText> modifiers;
  std::vector<RuleValue> values;  // At least one.
  bool is_list = false;
  Position position;  // Of the key, or of the first keyword.
};

// All of its items must hold.
struct DetectionMap {
  std::vector<DetectionItem> items;
};

// One of its maps must hold.
struct Selection {
  std::string name;
  Position position;
  std::vector<DetectionMap> maps;
};

struct Logsource {
  std::string category;  // Empty: any.
  std::string product;
  std::string service;
  Position position;
  Position category_position;
  Position product_position;
  Position service_position;
};

struct RuleExample {
  YamlNode event;
  bool expected = false;  // Whether the rule must match it.
};

struct ParsedCondition {
  ConditionText text;
  Condition tree;
  ResolvedCondition resolved;  // Leaves are indexes into RuleDocument::selections.
};

// What the document is, told by the section that it has.
enum class DocumentKind : std::uint8_t { kDetection, kCorrelation, kFilter };

// The section `correlation`: names of rules and fields as written, everything else checked.
struct CorrelationSection {
  // For one rule, the field that the alias stands for.
  struct AliasSource {
    PlacedText rule;
    PlacedText field;
  };

  struct Alias {
    PlacedText name;
    std::vector<AliasSource> sources;
  };

  CorrelationType type = CorrelationType::kEventCount;
  Position type_position;
  std::vector<PlacedText> rules;  // Ids or names.
  std::vector<PlacedText> group_by;
  std::vector<Alias> aliases;
  std::int64_t timespan_ns = 0;
  std::vector<CorrelationBound> bounds;
  Position condition_position;
  std::vector<PlacedText> value_names;        // `condition.field`.
  std::optional<ParsedCondition> expression;  // Leaves are indexes into `rules`.
  double percentile = kDefaultPercentile;
  bool generate = false;
};

// The key `rules` of the section `filter`.
struct FilterSection {
  bool any = false;               // Every rule of the logsource.
  std::vector<PlacedText> rules;  // Otherwise these, by id or name.
};

struct RuleDocument {
  bool complete = false;  // Read without errors; others are looked at only for more problems.
  DocumentKind kind = DocumentKind::kDetection;
  RuleInfo info;
  bool has_level = false;
  Position position;     // Of the document.
  Position id_position;  // Line 0 when there is no id.
  Position name_position;
  Logsource logsource;                      // Of detection rules and filters.
  std::vector<Selection> selections;        // The same.
  std::vector<ParsedCondition> conditions;  // The same; any of them must hold.
  std::vector<RuleExample> examples;
  std::optional<CorrelationSection> correlation;
  std::optional<FilterSection> filter;
};

}  // namespace chargewarden
