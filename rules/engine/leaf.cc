#include "rules/engine/leaf.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "collector/base/text.h"
#include "rules/engine/case_fold.h"

namespace chargewarden {

namespace {

std::span<const Value> elements(const Value& value) {
  if (value.kind() == ValueKind::kList) return value.as_list();
  return {&value, value.is_absent() ? std::size_t{0} : std::size_t{1}};
}

bool number_matches(TestKind kind, const Number& wanted, const Value& value) {
  const std::optional<Number> number = number_of(value);
  if (!number) return false;
  const int order = compare(*number, wanted);
  switch (kind) {
    case TestKind::kLess:
      return order < 0;
    case TestKind::kLessEqual:
      return order <= 0;
    case TestKind::kGreater:
      return order > 0;
    case TestKind::kGreaterEqual:
      return order >= 0;
    default:
      return order == 0;
  }
}

bool bool_matches(bool wanted, const Value& value) {
  if (value.kind() == ValueKind::kBool) return value.as_bool() == wanted;
  return value.kind() == ValueKind::kText &&
         iequals_ascii(value.as_text(), wanted ? "true" : "false");
}

bool cidr_matches(const IpNetwork& network, const Value& value) {
  if (value.kind() != ValueKind::kText) return false;
  const auto address = IpAddress::parse(value.as_text());
  return address && network.contains(*address);
}

// Up to this many texts are compared without folding the event's: most differ in the first
// characters. Longer lists are searched in the folded text.
constexpr std::size_t kUnfoldedMax = 4;

char fold_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Whether the text folds to the needle. ASCII is folded on the way; only a text that has agreed up
// to a character beyond ASCII is folded from there.
bool equals_folded(std::string_view text, std::string_view needle) {
  std::size_t i = 0;
  for (; i < text.size() && static_cast<unsigned char>(text[i]) < 0x80; ++i) {
    if (i >= needle.size() || fold_ascii(text[i]) != needle[i]) return false;
  }
  if (i == text.size()) return i == needle.size();
  needle.remove_prefix(std::min(i, needle.size()));
  // A character at a time: at most four bytes, and what they fold to.
  while (i < text.size()) {
    std::size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U &&
           end - i < 4) {
      ++end;
    }
    std::array<char, 4 * kFoldGrowthMax> folded;
    const std::size_t len = fold_case(text.substr(i, end - i), folded.data());
    if (!needle.starts_with({folded.data(), len})) return false;
    needle.remove_prefix(len);
    i = end;
  }
  return needle.empty();
}

bool equals_any(std::string_view text, const std::vector<std::string>& needles) {
  return std::any_of(needles.begin(), needles.end(),
                     [&](const std::string& needle) { return equals_folded(text, needle); });
}

bool reference_holds(TestKind kind, std::string_view text, std::string_view other) {
  switch (kind) {
    case TestKind::kFieldContains:
      return text.find(other) != std::string_view::npos;
    case TestKind::kFieldStarts:
      return text.starts_with(other);
    case TestKind::kFieldEnds:
      return text.ends_with(other);
    default:
      return text == other;
  }
}

}  // namespace

std::optional<Number> number_of(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kInt:
      return Number::of(value.as_int());
    case ValueKind::kReal:
      return Number::of(value.as_real());
    case ValueKind::kText:
      return parse_number(value.as_text());
    case ValueKind::kAbsent:
    case ValueKind::kNull:
    case ValueKind::kBool:
    case ValueKind::kList:
    case ValueKind::kObject:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Leaf> Leaf::compile(const MatchItem& item, FieldIndex field, FieldLookup lookup,
                                  void* table, const SourceFile& file, Diagnostics& diagnostics) {
  Leaf out;
  out.field_ = field;
  out.fields_.push_back(field);
  out.all_ = item.all;
  out.negate_ = item.negate;
  out.cased_ = item.cased;
  if (field == kKeywordField) out.raise_cost(LeafCost::kExpensive);
  bool good = true;
  // Without `all` one group holds every value: the same meaning, and one search for exact texts.
  if (!item.all) out.groups_.emplace_back();
  for (const ValueGroup& values : item.groups) {
    if (item.all) out.groups_.emplace_back();
    for (const ValueTest& test : values) {
      good &= out.add_test(test, out.groups_.back(), lookup, table, file, diagnostics);
    }
  }
  if (!good) return std::nullopt;
  for (Group& group : out.groups_) {
    std::sort(group.exact.begin(), group.exact.end());
    group.exact.erase(std::unique(group.exact.begin(), group.exact.end()), group.exact.end());
  }
  return out;
}

bool Leaf::add_test(const ValueTest& test, Group& group, FieldLookup lookup, void* table,
                    const SourceFile& file, Diagnostics& diagnostics) {
  Test out{.kind = test.kind,
           .boolean = test.boolean,
           .number = test.number,
           .network = test.network,
           .other = 0,
           .index = 0};
  if (test.kind == TestKind::kPattern) {
    TextMatch text(test.pattern, cased_);
    if (text.shape() == TextMatch::Shape::kExact && !cased_) {
      raise_cost(LeafCost::kText);
      group.exact.push_back(text.needle());
      return true;
    }
    raise_cost(text.shape() == TextMatch::Shape::kContains ||
                       text.shape() == TextMatch::Shape::kGlob
                   ? LeafCost::kSearch
                   : LeafCost::kText);
    out.index = static_cast<std::uint32_t>(texts_.size());
    texts_.push_back(std::move(text));
  } else if (test.kind == TestKind::kRegex) {
    auto regex = Regex::compile(test.text);
    if (!regex) {
      diagnostics.add(Problem::kBadRegex, file, test.position,
                      fmt::format("the regular expression is not valid: {}", regex.error().message),
                      "the syntax is RE2's: no look-around and no back-references");
      return false;
    }
    raise_cost(LeafCost::kRegex);
    out.index = static_cast<std::uint32_t>(regexes_.size());
    regexes_.push_back(std::move(*regex));
  } else if (test.kind == TestKind::kFieldEquals || test.kind == TestKind::kFieldContains ||
             test.kind == TestKind::kFieldStarts || test.kind == TestKind::kFieldEnds) {
    raise_cost(LeafCost::kSearch);
    out.other = lookup(table, test.text);
    fields_.push_back(out.other);
  } else if (test.kind == TestKind::kCidr) {
    raise_cost(LeafCost::kText);
  }
  group.tests.push_back(out);
  return true;
}

bool Leaf::matches(FieldSource& source) const {
  bool result = all_;
  for (const Group& group : groups_) {
    if (group_matches(group, source) == all_) continue;
    result = !all_;
    break;
  }
  return result != negate_;
}

bool Leaf::group_matches(const Group& group, FieldSource& source) const {
  if (!group.exact.empty() && exact_matches(group, source)) return true;
  return std::any_of(group.tests.begin(), group.tests.end(),
                     [&](const Test& test) { return test_matches(test, source); });
}

bool Leaf::exact_matches(const Group& group, FieldSource& source) const {
  if (group.exact.size() <= kUnfoldedMax) {
    const Value value = source.value(field_);
    if (value.is_absent()) return false;
    if (value.kind() == ValueKind::kText) return equals_any(value.as_text(), group.exact);
    for (const TextForm& form : source.raw_texts(field_)) {
      if (form.is_text && equals_any(form.raw, group.exact)) return true;
    }
    return false;
  }
  for (const TextForm& form : source.folded_texts(field_)) {
    if (form.is_text &&
        std::binary_search(group.exact.begin(), group.exact.end(), form.folded, std::less<>())) {
      return true;
    }
  }
  return false;
}

bool Leaf::test_matches(const Test& test, FieldSource& source) const {
  switch (test.kind) {
    case TestKind::kPattern:
    case TestKind::kRegex:
      return text_matches(test, source);
    case TestKind::kFieldEquals:
    case TestKind::kFieldContains:
    case TestKind::kFieldStarts:
    case TestKind::kFieldEnds:
      return reference_matches(test, source);
    case TestKind::kExists:
      return source.value(field_).is_absent() != test.boolean;
    default:
      break;
  }
  const Value value = source.value(field_);
  if (test.kind == TestKind::kNull && value.is_absent()) return true;
  for (const Value& element : elements(value)) {
    bool holds = false;
    if (test.kind == TestKind::kNull) {
      holds = element.kind() == ValueKind::kNull;
    } else if (test.kind == TestKind::kBool) {
      holds = bool_matches(test.boolean, element);
    } else if (test.kind == TestKind::kCidr) {
      holds = cidr_matches(test.network, element);
    } else {
      holds = number_matches(test.kind, test.number, element);
    }
    if (holds) return true;
  }
  return false;
}

bool Leaf::text_matches(const Test& test, FieldSource& source) const {
  if (test.kind == TestKind::kRegex) {
    const Regex& regex = regexes_[test.index];
    for (const TextForm& form : source.raw_texts(field_)) {
      if (form.is_text && regex.search(form.raw)) return true;
    }
    return false;
  }
  const TextMatch& text = texts_[test.index];
  for (const TextForm& form : cased_ ? source.raw_texts(field_) : source.folded_texts(field_)) {
    if (form.is_text && text.matches(cased_ ? form.raw : form.folded)) return true;
  }
  return false;
}

bool Leaf::reference_matches(const Test& test, FieldSource& source) const {
  // The second call may move the first one's texts: they are asked for again element by element.
  const std::size_t count = source.folded_texts(field_).size();
  const std::size_t other_count = source.folded_texts(test.other).size();
  for (std::size_t i = 0; i < count; ++i) {
    const TextForm form = source.folded_texts(field_)[i];
    for (std::size_t j = 0; j < other_count; ++j) {
      const TextForm other = source.folded_texts(test.other)[j];
      if (!form.is_text || !other.is_text) continue;
      if (cased_ ? reference_holds(test.kind, form.raw, other.raw)
                 : reference_holds(test.kind, form.folded, other.folded)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace chargewarden
