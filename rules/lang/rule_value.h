#pragma once
// RuleValue: one value of a selection as YAML says it, typed by the YAML 1.2 core schema.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/lang/source_file.h"
#include "rules/lang/yaml_node.h"

namespace chargewarden {

// A number that compares by value: 5 equals 5.0, and integers keep all their digits.
struct Number {
  bool is_integer = true;
  std::int64_t integer = 0;
  double real = 0;

  static Number of(std::int64_t value) { return {true, value, 0}; }

  static Number of(double value) { return {false, 0, value}; }
};

// -1, 0 or 1. Exact, also between an integer and a fraction that cannot hold it.
int compare(const Number& a, const Number& b) noexcept;

// Decimal text: optional minus, digits, optional fraction and exponent, nothing else. Integers that
// do not fit 64 bits become the nearest fraction; what is beyond that is no number.
std::optional<Number> parse_number(std::string_view text) noexcept;

enum class RuleValueKind : std::uint8_t { kNull, kBool, kNumber, kText };

struct RuleValue {
  RuleValueKind kind = RuleValueKind::kNull;
  std::string text;  // As written, also of numbers and booleans.
  bool boolean = false;
  Number number;
  Position position;
};

// How a plain scalar is to be read.
enum class ScalarReading : std::uint8_t {
  kClear,
  // YAML 1.1 and 1.2 readers disagree: yes, no, on, off, 017.
  kAmbiguous,
};

// As people read it: texts in single quotes.
std::string display_text(const RuleValue& value);

// true or false, unquoted; nullopt for anything else.
std::optional<bool> bool_of(const YamlNode& node);

// The value of a scalar or null node; a list or map gives null.
RuleValue rule_value(const YamlNode& node, ScalarReading& reading);

}  // namespace chargewarden
