#include "rules/lang/rule_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "collector/base/text.h"

namespace chargewarden {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_ambiguous(std::string_view text) {
  static constexpr auto kWords = std::to_array<std::string_view>({"yes", "no", "on", "off"});
  for (const std::string_view word : kWords) {
    if (iequals_ascii(text, word)) return true;
  }
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && std::all_of(text.begin(), text.end(), is_digit);
}

std::optional<Number> parse_prefixed(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 0;
  if (base == 0) return std::nullopt;
  text.remove_prefix(2);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('-')) {
    return std::nullopt;
  }
  return Number::of(value);
}

template <typename T>
int three_way(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

int compare_mixed(std::int64_t integer, double real) {
  // 2^63 is exact as a double; below it the whole part fits an integer.
  constexpr double kTwo63 = 9223372036854775808.0;
  if (real >= kTwo63) return -1;
  if (real < -kTwo63) return 1;
  const double whole = std::trunc(real);
  const int order = three_way(integer, static_cast<std::int64_t>(whole));
  return order != 0 ? order : three_way(whole, real);
}

}  // namespace

int compare(const Number& a, const Number& b) noexcept {
  if (a.is_integer && b.is_integer) return three_way(a.integer, b.integer);
  if (!a.is_integer && !b.is_integer) return three_way(a.real, b.real);
  return a.is_integer ? compare_mixed(a.integer, b.real) : -compare_mixed(b.integer, a.real);
}

std::optional<Number> parse_number(std::string_view text) noexcept {
  const char* begin = text.data();
  const char* end = begin + text.size();
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  // from_chars also takes "inf" and "nan", which are words here.
  if (text.size() <= first || !is_digit(text[first])) return std::nullopt;
  std::int64_t integer = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, integer);
      error == std::errc() && stop == end) {
    return Number::of(integer);
  }
  double real = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, real);
      error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return std::isfinite(real) ? std::optional(Number::of(real)) : std::nullopt;
}

RuleValue rule_value(const YamlNode& node, ScalarReading& reading) {
  reading = ScalarReading::kClear;
  RuleValue out;
  out.text = node.text;
  out.position = node.position;
  if (node.kind != YamlKind::kScalar) return out;
  out.kind = RuleValueKind::kText;
  if (node.quoted) return out;
  const std::string_view text = node.text;
  if (is_ambiguous(text)) reading = ScalarReading::kAmbiguous;
  if (text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" ||
      text == "FALSE") {
    out.kind = RuleValueKind::kBool;
    out.boolean = text[0] == 't' || text[0] == 'T';
    return out;
  }
  std::optional<Number> number = parse_prefixed(text);
  if (!number) number = parse_number(text.starts_with('+') ? text.substr(1) : text);
  if (number) {
    out.kind = RuleValueKind::kNumber;
    out.number = *number;
  }
  return out;
}

std::string display_text(const RuleValue& value) {
  switch (value.kind) {
    case RuleValueKind::kNull:
      return "null";
    case RuleValueKind::kBool:
      return value.boolean ? "true" : "false";
    case RuleValueKind::kNumber:
      return value.text;
    case RuleValueKind::kText:
      return "'" + value.text + "'";
  }
  return {};
}

std::optional<bool> bool_of(const YamlNode& node) {
  ScalarReading reading{};
  const RuleValue value = rule_value(node, reading);
  if (value.kind != RuleValueKind::kBool) return std::nullopt;
  return value.boolean;
}

}  // namespace chargewarden
