#pragma once
// For tests: a second evaluator, slow and obvious, to compare the engine with.
//
// It works on the parsed rule and on a plain event, with regular expressions and recursion where
// the engine has programs and tables, and shares no code with it but the parser. Only what the
// random rules of oracle_test.cc use is known here, and texts are ASCII.

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "rules/lang/rule_document.h"

namespace chargewarden::testing {

struct PlainNull {};

using PlainValue = std::variant<PlainNull, bool, long, std::string>;
using PlainEvent = std::map<std::string, std::vector<PlainValue>>;  // A field is a list of values.

class Oracle {
 public:
  static bool matches(const RuleDocument& rule, const PlainEvent& event) {
    for (const ParsedCondition& condition : rule.conditions) {
      if (evaluate(rule, condition.tree, condition.tree.root, event)) return true;
    }
    return false;
  }

 private:
  static bool evaluate(const RuleDocument& rule, const Condition& tree, ConditionIndex index,
                       const PlainEvent& event) {
    const ConditionNode& node = tree.nodes[index];
    const auto child = [&](ConditionIndex i) { return evaluate(rule, tree, i, event); };
    switch (node.kind) {
      case ConditionKind::kAnd:
        return std::all_of(node.children.begin(), node.children.end(), child);
      case ConditionKind::kOr:
        return std::any_of(node.children.begin(), node.children.end(), child);
      case ConditionKind::kNot:
        return !child(node.children[0]);
      case ConditionKind::kIdentifier:
      case ConditionKind::kOneOf:
      case ConditionKind::kAllOf:
        break;
    }
    std::size_t meant = 0;
    std::size_t holding = 0;
    for (const Selection& selection : rule.selections) {
      if (!names(node, selection.name)) continue;
      ++meant;
      holding += holds(selection, event) ? 1U : 0U;
    }
    return node.kind == ConditionKind::kAllOf ? holding == meant : holding > 0;
  }

  static bool names(const ConditionNode& node, const std::string& selection) {
    if (node.kind == ConditionKind::kIdentifier) return node.name == selection;
    if (node.name == "them") return selection[0] != '_';
    return (selection[0] != '_' || node.name[0] == '_') && glob(node.name, selection, 0, 0);
  }

  static bool holds(const Selection& selection, const PlainEvent& event) {
    for (const DetectionMap& map : selection.maps) {
      bool all = true;
      for (const DetectionItem& item : map.items) all = all && holds(item, event);
      if (all) return true;
    }
    return false;
  }

  static bool has(const DetectionItem& item, const std::string& modifier) {
    return std::any_of(item.modifiers.begin(), item.modifiers.end(),
                       [&](const PlacedText& placed) { return placed.text == modifier; });
  }

  static bool holds(const DetectionItem& item, const PlainEvent& event) {
    const bool all = has(item, "all");
    bool result = all;
    for (const RuleValue& value : item.values) {
      const bool one = holds(item, value, event);
      result = all ? result && one : result || one;
    }
    return has(item, "neq") ? !result : result;
  }

  static bool holds(const DetectionItem& item, const RuleValue& value, const PlainEvent& event) {
    if (item.field.empty()) return holds_keyword(value, event);
    const auto found = event.find(item.field);
    const bool present = found != event.end();
    if (has(item, "exists")) return present == value.boolean;
    if (value.kind == RuleValueKind::kNull && !present) return true;
    if (!present) return false;
    for (const PlainValue& element : found->second) {
      if (element_holds(item, value, element)) return true;
    }
    return false;
  }

  static bool holds_keyword(const RuleValue& value, const PlainEvent& event) {
    for (const auto& [name, elements] : event) {
      for (const PlainValue& element : elements) {
        const auto* text = std::get_if<std::string>(&element);
        if (text != nullptr && glob("*" + lower(value.text) + "*", lower(*text), 0, 0)) return true;
      }
    }
    return false;
  }

  static bool element_holds(const DetectionItem& item, const RuleValue& value,
                            const PlainValue& element) {
    if (value.kind == RuleValueKind::kNull) return std::holds_alternative<PlainNull>(element);
    if (std::holds_alternative<PlainNull>(element)) return false;
    const std::string text = to_text(element);
    if (value.kind == RuleValueKind::kBool) {
      return !std::holds_alternative<long>(element) && lower(text) == lower(value.text);
    }
    const bool is_number = !std::holds_alternative<bool>(element) && !text.empty() &&
                           text.find_first_not_of("0123456789.") == std::string::npos;
    const double number = is_number ? std::strtod(text.c_str(), nullptr) : 0;
    const double wanted = std::strtod(value.text.c_str(), nullptr);
    if (has(item, "gt")) return is_number && number > wanted;
    if (has(item, "lte")) return is_number && number <= wanted;
    const bool changes = has(item, "contains") || has(item, "startswith") || has(item, "endswith");
    if (value.kind == RuleValueKind::kNumber && !changes)
      return is_number && !(number < wanted) && !(number > wanted);
    std::string pattern = value.text;
    if (has(item, "contains") || has(item, "endswith")) pattern = "*" + pattern;
    if (has(item, "contains") || has(item, "startswith")) pattern += "*";
    return has(item, "cased") ? glob(pattern, text, 0, 0) : glob(lower(pattern), lower(text), 0, 0);
  }

  static std::string to_text(const PlainValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* number = std::get_if<long>(&value)) return std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return {};
  }

  static std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  }

  static bool glob(const std::string& pattern, const std::string& text, std::size_t p,
                   std::size_t t) {
    if (p == pattern.size()) return t == text.size();
    if (pattern[p] == '*') {
      return glob(pattern, text, p + 1, t) || (t < text.size() && glob(pattern, text, p, t + 1));
    }
    if (t == text.size()) return false;
    return (pattern[p] == '?' || pattern[p] == text[t]) && glob(pattern, text, p + 1, t + 1);
  }
};

}  // namespace chargewarden::testing
