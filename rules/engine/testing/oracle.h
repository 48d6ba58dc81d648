#pragma once
// For tests: a second evaluator, slow and obvious, to compare the engine with.
//
// It works on the parsed rule and on a plain event, with regular expressions and recursion where
// the engine has programs and tables, and shares no code with it but the parser. Only what the
// random rules of the tests use is known here; case is folded for ASCII and for the letters of
// Latin-1, Greek and Cyrillic that come in plain pairs.

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <regex>
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
      if (has(item, "fieldref") ? reference_holds(item, value, element, event)
                                : element_holds(item, value, element)) {
        return true;
      }
    }
    return false;
  }

  static bool reference_holds(const DetectionItem& item, const RuleValue& value,
                              const PlainValue& element, const PlainEvent& event) {
    const auto other = event.find(value.text);
    if (other == event.end() || std::holds_alternative<PlainNull>(element)) return false;
    for (const PlainValue& wanted : other->second) {
      if (std::holds_alternative<PlainNull>(wanted)) continue;
      const std::string text = lower(to_text(element));
      const std::string part = lower(to_text(wanted));
      if (has(item, "contains") ? text.find(part) != std::string::npos : text == part) return true;
    }
    return false;
  }

  // IPv4 only: the first bits of both addresses are the same.
  static bool in_network(const std::string& network, const PlainValue& element) {
    const auto* text = std::get_if<std::string>(&element);
    const std::size_t slash = network.find('/');
    std::string wanted;
    std::string given;
    if (text == nullptr || !address_bits(*text, given)) return false;
    if (!address_bits(network.substr(0, slash), wanted)) return false;
    const std::size_t bits = std::stoul(network.substr(slash + 1));
    return given.compare(0, bits, wanted, 0, bits) == 0;
  }

  // 32 characters 0 and 1.
  static bool address_bits(const std::string& text, std::string& out) {
    static const std::regex form("([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})");
    std::smatch parts;
    if (!std::regex_match(text, parts, form)) return false;
    for (std::size_t i = 1; i <= 4; ++i) {
      const unsigned long part = std::stoul(parts[i]);
      if (part > 255) return false;
      for (int bit = 7; bit >= 0; --bit) out += (part >> bit & 1U) != 0 ? '1' : '0';
    }
    return true;
  }

  // The value is one option: its dash may be written in five ways.
  static bool dash_holds(const DetectionItem& item, const RuleValue& value,
                         const PlainValue& element) {
    DetectionItem plain = item;
    std::erase_if(plain.modifiers, [](const PlacedText& m) { return m.text == "windash"; });
    for (const char* dash : {"-", "/", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95"}) {
      RuleValue form = value;
      form.text = dash + value.text.substr(1);
      if (element_holds(plain, form, element)) return true;
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
    if (has(item, "cidr")) return in_network(value.text, element);
    if (has(item, "windash")) return dash_holds(item, value, element);
    const std::string text = to_text(element);
    if (has(item, "re")) {
      const auto flags =
          has(item, "i") ? std::regex::ECMAScript | std::regex::icase : std::regex::ECMAScript;
      return std::regex_search(text, std::regex(value.text, flags));
    }
    if (value.kind == RuleValueKind::kBool) {
      return !std::holds_alternative<long>(element) && lower(text) == lower(value.text);
    }
    static const std::regex number_form("[0-9]+(\\.[0-9]+)?");
    const bool is_number =
        !std::holds_alternative<bool>(element) && std::regex_match(text, number_form);
    const double number = is_number ? std::strtod(text.c_str(), nullptr) : 0;
    const double wanted = std::strtod(value.text.c_str(), nullptr);
    if (has(item, "gt")) return is_number && number > wanted;
    if (has(item, "lt")) return is_number && number < wanted;
    if (has(item, "gte")) return is_number && number >= wanted;
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
    for (char& c : text) {
      if (static_cast<unsigned char>(c) < 0x80) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
    }
    static const std::map<std::string, std::string> pairs{
        {"\u00C4", "\u00E4"}, {"\u00D6", "\u00F6"}, {"\u0391", "\u03B1"}, {"\u03A9", "\u03C9"},
        {"\u0416", "\u0436"}, {"\u042F", "\u044F"}, {"\u0401", "\u0451"}};
    for (const auto& [upper, small] : pairs) {
      for (std::size_t at = text.find(upper); at != std::string::npos; at = text.find(upper)) {
        text.replace(at, upper.size(), small);
      }
    }
    return text;
  }

  // Bytes of the character at `t`.
  static std::size_t width(const std::string& text, std::size_t t) {
    std::size_t out = 1;
    while (t + out < text.size() && (static_cast<unsigned char>(text[t + out]) & 0xC0U) == 0x80U) {
      ++out;
    }
    return out;
  }

  static bool glob(const std::string& pattern, const std::string& text, std::size_t p,
                   std::size_t t) {
    if (p == pattern.size()) return t == text.size();
    if (pattern[p] == '*') {
      return glob(pattern, text, p + 1, t) || (t < text.size() && glob(pattern, text, p, t + 1));
    }
    if (t == text.size()) return false;
    if (pattern[p] == '?') return glob(pattern, text, p + 1, t + width(text, t));
    return pattern[p] == text[t] && glob(pattern, text, p + 1, t + 1);
  }
};

}  // namespace chargewarden::testing
