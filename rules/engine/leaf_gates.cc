// What a leaf tells about the events that can answer it: see witness.h.
//
// Every kind of test is named here; one that is not known gives no gate, which is always right.

#include <utility>

#include "collector/base/text.h"
#include "rules/engine/case_fold.h"
#include "rules/engine/leaf.h"

namespace chargewarden {

namespace {

Witness presence_of(FieldIndex field) {
  return {.kind = WitnessKind::kPresent, .field = field, .text = {}};
}

double as_double(const Number& number) {
  // Numbers that compare as equal give the same: a fraction that equals an integer is exactly it.
  return number.is_integer ? static_cast<double>(number.integer) : number.real;
}

}  // namespace

std::vector<Gate> Leaf::gates(bool answer) const {
  std::vector<Gate> out;
  if (answer == negate_) {
    // No test of an `or` may hold. Most of them do not hold when the field is absent, which tells
    // nothing; these two need the field.
    if (all_ || field_ == kKeywordField) return out;
    for (const Group& group : groups_) {
      for (const Test& test : group.tests) {
        const bool needs_field =
            test.kind == TestKind::kNull || (test.kind == TestKind::kExists && !test.boolean);
        if (needs_field) out.push_back({presence_of(field_)});
      }
    }
    return out;
  }
  Gate any;
  for (const Group& group : groups_) {
    std::optional<Gate> gate = gate_of(group);
    if (all_) {
      if (gate) out.push_back(std::move(*gate));
    } else if (gate) {
      any.insert(any.end(), gate->begin(), gate->end());
    } else {
      return out;
    }
  }
  if (!all_) out.push_back(std::move(any));
  return out;
}

std::optional<Gate> Leaf::gate_of(const Group& group) const {
  Gate out;
  for (const std::string& text : group.exact) {
    out.push_back({.kind = WitnessKind::kExact, .field = field_, .text = text});
  }
  for (const Test& test : group.tests) {
    std::optional<Gate> gate = gate_of(test);
    if (!gate) return std::nullopt;
    out.insert(out.end(), gate->begin(), gate->end());
  }
  return out;
}

std::optional<Gate> Leaf::gate_of(const Test& test) const {
  const Gate present{presence_of(field_)};
  switch (test.kind) {
    case TestKind::kPattern:
      return gate_of(texts_[test.index]);
    case TestKind::kRegex: {
      const Regex& regex = regexes_[test.index];
      Gate out;
      for (std::string& literal : regex.required_literals()) {
        out.push_back({.kind = WitnessKind::kLiteral, .field = field_, .text = std::move(literal)});
      }
      if (!out.empty()) return out;
      return Gate{{.kind = WitnessKind::kRegex, .field = field_, .text = regex.pattern()}};
    }
    case TestKind::kNumber:
      return Gate{{.kind = WitnessKind::kNumber,
                   .field = field_,
                   .text = {},
                   .number = as_double(test.number)}};
    case TestKind::kBool:
      // The text of a boolean is one of these words.
      return Gate{
          {.kind = WitnessKind::kExact, .field = field_, .text = test.boolean ? "true" : "false"}};
    case TestKind::kLess:
    case TestKind::kLessEqual:
    case TestKind::kGreater:
    case TestKind::kGreaterEqual:
    case TestKind::kCidr:
    case TestKind::kFieldEquals:
    case TestKind::kFieldContains:
    case TestKind::kFieldStarts:
    case TestKind::kFieldEnds:
      if (field_ == kKeywordField) return std::nullopt;
      return present;
    case TestKind::kExists:
      if (!test.boolean || field_ == kKeywordField) return std::nullopt;
      return present;
    default:  // kNull, which wants nothing, and kinds of which nothing can be said in advance.
      return std::nullopt;
  }
}

std::optional<Gate> Leaf::gate_of(const TextMatch& text) const {
  const std::string literal =
      text.cased() ? fold_case(text.longest_literal()) : std::string(text.longest_literal());
  if (text.shape() == TextMatch::Shape::kExact) {
    return Gate{{.kind = WitnessKind::kExact, .field = field_, .text = literal}};
  }
  // Part of a text folds to part of the folded text only where characters are whole.
  if (literal.empty() || (text.cased() && !is_valid_utf8(text.longest_literal()))) {
    if (field_ == kKeywordField) return std::nullopt;
    return Gate{presence_of(field_)};
  }
  return Gate{{.kind = WitnessKind::kLiteral,
               .field = field_,
               .text = literal,
               .begins = text.shape() == TextMatch::Shape::kPrefix,
               .ends = text.shape() == TextMatch::Shape::kSuffix}};
}

}  // namespace chargewarden
