#pragma once
// RuleDocument: a detection rule as it stands in its file, parsed but not checked against events.
//
// Produced by parse_rule(), read by the checker and the compiler. Owns everything.

#include <string>
#include <vector>

#include "rules/lang/condition.h"
#include "rules/lang/rule_value.h"
#include "rules/lang/source_file.h"
#include "rules/lang/yaml_node.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

// Most selections of a rule, items of a selection, and values of an item: the largest public list
// has 2,800 values. Test: rule_parser_test.cc "too many selections or values are refused".
inline constexpr std::size_t kSelectionsMax = 256;
inline constexpr std::size_t kItemsMax = 1'024;
inline constexpr std::size_t kValuesMax = 20'000;

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

struct RuleDocument {
  bool complete = false;  // Read without errors; others are looked at only for more problems.
  RuleInfo info;
  Position position;     // Of the document.
  Position id_position;  // Line 0 when there is no id.
  Position name_position;
  Logsource logsource;
  std::vector<Selection> selections;
  std::vector<ParsedCondition> conditions;  // Any of them must hold.
  std::vector<RuleExample> examples;
};

}  // namespace chargewarden
