#include "rules/engine/explain.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "collector/base/text.h"
#include "collector/event/schema.h"
#include "rules/engine/compiled_rules.h"
#include "rules/engine/value_reading.h"
#include "rules/lang/match_item.h"
#include "rules/lang/suggest.h"

namespace chargewarden {

namespace {

// Action whose answer's free text is personal as a whole (OCPP 2.0.1, K.2.52).
constexpr std::string_view kCustomerDataAction = "NotifyCustomerInformation";

constexpr std::string_view kBlankCharacters = " \t\r\n";

// Most names that are given as near.
constexpr std::size_t kNearMax = 3;

std::span<const Value> elements(const Value& value) {
  if (value.kind() == ValueKind::kList) return value.as_list();
  return {&value, value.is_absent() ? std::size_t{0} : std::size_t{1}};
}

template <typename Condition>
bool any_element(const Value& value, Condition condition) {
  const auto all = elements(value);
  return std::any_of(all.begin(), all.end(), condition);
}

bool is_boolean(const Value& value) {
  return value.kind() == ValueKind::kBool ||
         (value.kind() == ValueKind::kText &&
          (iequals_ascii(value.as_text(), "true") || iequals_ascii(value.as_text(), "false")));
}

bool is_reference(TestKind kind) {
  return kind == TestKind::kFieldEquals || kind == TestKind::kFieldContains ||
         kind == TestKind::kFieldStarts || kind == TestKind::kFieldEnds;
}

// The last of the names that dots join.
std::string_view last_name(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

// The same for names that are spelled or nested alike: FirmwareLocation, firmware.location.
std::string spelling_of(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '.' || c == '_' || c == '-' || c == ' ') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

// At most kShownValueMax bytes, without half a character at the end.
std::string cut(std::string_view text) {
  if (text.size() <= kShownValueMax) return std::string(text);
  std::size_t end = kShownValueMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "...";
}

// What the redactor has made before, so that it is not made into something else.
bool is_redacted(std::string_view text) {
  return text == kSecretMark ||
         (text.size() == 17 && text[0] == '~' &&
          text.find_first_not_of("0123456789abcdef", 1) == std::string::npos);
}

std::string text_of(const Pattern& pattern) {
  std::string out;
  for (const PatternToken& token : pattern) {
    if (token.kind == TokenKind::kAnyRun) out += '*';
    if (token.kind == TokenKind::kAnyOne) out += '?';
    out += token.text;
  }
  return out;
}

// The item without regard to case.
MatchItem without_case(MatchItem item) {
  item.cased = false;
  for (ValueTest& test : item.groups.front()) {
    if (test.kind == TestKind::kRegex) test.text.insert(0, "(?i)");
  }
  return item;
}

// The item without the blanks around its texts; wildcards at their ends stay.
MatchItem without_blanks(MatchItem item) {
  const auto is_literal = [](const PatternToken& token) {
    return token.kind == TokenKind::kLiteral;
  };
  for (ValueTest& test : item.groups.front()) {
    Pattern& pattern = test.pattern;
    const auto first = std::find_if(pattern.begin(), pattern.end(), is_literal);
    if (first == pattern.end()) continue;
    first->text.erase(
        0, std::min(first->text.find_first_not_of(kBlankCharacters), first->text.size()));
    std::string& last = std::find_if(pattern.rbegin(), pattern.rend(), is_literal)->text;
    last.erase(last.find_last_not_of(kBlankCharacters) + 1);
  }
  return item;
}

// Of the reasons against several values the one that tells most: the enumeration is in that order.
Reason most_telling(const std::vector<ValueExplanation>& values) {
  Reason best = Reason::kOtherValue;
  for (const ValueExplanation& value : values) {
    if (!value.holds) best = std::min(best, value.reason);
  }
  return best;
}

}  // namespace

std::string_view to_string(Reason reason) {
  static constexpr std::array<std::string_view, 18> kNames{
      "holds",         "case",           "blanks",     "number_as_text", "not_a_number",
      "not_a_boolean", "not_an_address", "not_a_time", "other_family",   "other_field_absent",
      "null",          "no_value",       "absent",     "present",        "empty_placeholder",
      "other_value",   "part_missing",   "excluded"};
  return kNames[static_cast<std::size_t>(reason)];
}

// An event whose texts have no blanks around them. Views of the texts of the real one.
class Explainer::Trimmed final : public FieldSource {
 public:
  explicit Trimmed(FieldSource& source) : source_(source) {}

  Value value(FieldIndex field) override {
    const Value value = source_.value(field);
    if (value.kind() != ValueKind::kList) return trimmed(value);
    std::vector<Value>& list = lists_[field];
    list.clear();
    for (const Value& element : value.as_list()) list.push_back(trimmed(element));
    return Value::list(list);
  }

  std::span<const TextForm> raw_texts(FieldIndex field) override {
    return trimmed(source_.raw_texts(field), raw_[field]);
  }

  std::span<const TextForm> folded_texts(FieldIndex field) override {
    return trimmed(source_.folded_texts(field), folded_[field]);
  }

 private:
  static Value trimmed(const Value& value) {
    return value.kind() == ValueKind::kText ? Value::text(chargewarden::trimmed(value.as_text()))
                                            : value;
  }

  static std::span<const TextForm> trimmed(std::span<const TextForm> forms,
                                           std::vector<TextForm>& out) {
    out.assign(forms.begin(), forms.end());
    for (TextForm& form : out) {
      form.raw = chargewarden::trimmed(form.raw);
      form.folded = chargewarden::trimmed(form.folded);
    }
    return out;
  }

  FieldSource& source_;
  std::map<FieldIndex, std::vector<Value>> lists_;
  std::map<FieldIndex, std::vector<TextForm>> raw_;
  std::map<FieldIndex, std::vector<TextForm>> folded_;
};

Explainer::Explainer(const RuleSet& rules, const Redactor& redactor)
    : rules_(rules.compiled()),
      redactor_(redactor),
      matcher_(rules),
      fields_(rules.compiled().fields) {}

RuleExplanation Explainer::explain(std::uint32_t rule, const RuleDocument& document,
                                   const SourceFile& file, const FlatEvent& event) {
  event_ = &event;
  file_ = &file;
  source_ = &matcher_.fields_of(event);
  RuleExplanation out;
  out.wanted_category = rules_.rules[rule].category;
  out.seen_category = event.text_of("event.category");
  out.logsource_fits = !rules_.checks_logsource || out.wanted_category.empty() ||
                       out.wanted_category == out.seen_category;
  for (const Selection& selection : document.selections) {
    SelectionExplanation& told = out.selections.emplace_back();
    told.name = selection.name;
    for (const DetectionMap& map : selection.maps) {
      auto& entries = told.maps.emplace_back();
      for (const DetectionItem& item : map.items) entries.push_back(explain_entry(item));
      told.holds = told.holds || std::all_of(entries.begin(), entries.end(),
                                             [](const auto& entry) { return entry.holds; });
    }
  }
  bool any = false;
  for (const ParsedCondition& condition : document.conditions) {
    Condition tree = condition.tree;
    out.conditions.push_back(
        explain_part(condition, tree, tree.root, condition.resolved.root, out.selections));
    any = any || out.conditions.back().holds;
  }
  out.matches = any && out.logsource_fits;
  return out;
}

// The parts of a condition and of its resolved form stand under the same parents in the same order;
// only a quantifier has got the selections that it means as children.
// NOLINTNEXTLINE(misc-no-recursion): the parser's kConditionDepthMax bounds it.
PartExplanation Explainer::explain_part(const ParsedCondition& condition, Condition& tree,
                                        ConditionIndex part, ConditionIndex resolved,
                                        const std::vector<SelectionExplanation>& selections) {
  PartExplanation out;
  tree.root = part;
  out.text = print_condition(tree);
  const ResolvedNode& node = condition.resolved.nodes[resolved];
  if (node.kind == ConditionKind::kIdentifier) {
    out.holds = selections[node.selection].holds;
    return out;
  }
  const std::vector<ConditionIndex>& parts = tree.nodes[part].children;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (parts.empty()) {
      const auto& meant = selections[condition.resolved.nodes[node.children[i]].selection];
      out.children.push_back({meant.name, meant.holds, {}});
    } else {
      out.children.push_back(explain_part(condition, tree, parts[i], node.children[i], selections));
    }
  }
  const auto child_holds = [](const PartExplanation& child) { return child.holds; };
  if (node.kind == ConditionKind::kNot) {
    out.holds = !out.children.front().holds;
  } else if (node.kind == ConditionKind::kAnd) {
    out.holds = std::all_of(out.children.begin(), out.children.end(), child_holds);
  } else {
    out.holds = std::any_of(out.children.begin(), out.children.end(), child_holds);
  }
  return out;
}

EntryExplanation Explainer::explain_entry(const DetectionItem& item) {
  EntryExplanation out;
  out.field = item.field;
  out.position = item.position;
  for (const PlacedText& modifier : item.modifiers) {
    out.modifiers += (out.modifiers.empty() ? "" : "|") + modifier.text;
  }
  Diagnostics none;  // The item was accepted when the rule was loaded.
  const auto match = make_match_item(item, rules_.placeholders, *file_, none);
  if (!match) return out;
  out.all = match->all;
  out.negated = match->negate;
  out.holds = holds(*match, *source_);
  const Value value = item.field.empty() ? Value() : source_->value(index_of(item.field));
  out.seen = shown_values(item.field, value, out.seen_count);
  bool some = false;
  for (std::size_t i = 0; i < item.values.size(); ++i) {
    out.values.push_back(explain_value(*match, item.values[i], i));
    some = some || out.values.back().holds;
  }
  if (out.holds) {
    out.reason = Reason::kHolds;
  } else if (out.negated) {
    out.reason = Reason::kExcluded;
  } else {
    out.reason = out.all && some ? Reason::kPartMissing : most_telling(out.values);
  }
  if (out.reason == Reason::kAbsent) out.near = names_near(item.field);
  return out;
}

ValueExplanation Explainer::explain_value(const MatchItem& item, const RuleValue& value,
                                          std::size_t index) {
  MatchItem one{.field = item.field,
                .position = item.position,
                .all = false,
                .negate = false,
                .cased = item.cased,
                .groups = {item.groups[index]}};
  ValueExplanation out;
  out.wanted = display_text(value);
  out.holds = holds(one, *source_);
  if (!out.holds) out.reason = reason_against(one, value.text);
  const ValueGroup& group = one.groups.front();
  const bool expanded = value.text.find('%') != std::string::npos;
  for (const ValueTest& test : group) {
    if (!expanded || test.kind != TestKind::kPattern || out.forms.size() == kShownValuesMax) break;
    out.forms.push_back(cut(text_of(test.pattern)));
  }
  if (!group.empty() && is_reference(group.front().kind)) {
    std::size_t count = 0;
    const std::string& other = group.front().text;
    out.other_seen = shown_values(other, source_->value(index_of(other)), count);
  }
  return out;
}

Reason Explainer::reason_against(const MatchItem& one, std::string_view wanted) {
  if (one.groups.front().empty()) return Reason::kEmptyPlaceholder;
  const ValueTest& test = one.groups.front().front();
  const Value value = source_->value(index_of(one.field));
  if (value.is_absent()) return Reason::kAbsent;
  if (test.kind == TestKind::kExists || test.kind == TestKind::kNull) return Reason::kPresent;
  const auto has_value = [](const Value& element) {
    return element.kind() != ValueKind::kNull && element.kind() != ValueKind::kObject;
  };
  if (!one.field.empty() && !any_element(value, has_value)) {
    const bool null =
        any_element(value, [](const Value& element) { return element.kind() == ValueKind::kNull; });
    return null ? Reason::kNull : Reason::kNoValue;
  }
  if (is_reference(test.kind) && source_->value(index_of(test.text)).is_absent()) {
    return Reason::kOtherFieldAbsent;
  }
  if (holds(without_case(one), *source_)) return Reason::kCase;
  Trimmed trimmed(*source_);
  if (holds(without_blanks(one), trimmed)) return Reason::kBlanks;
  return reason_by_kind(test, value, wanted);
}

Reason Explainer::reason_by_kind(const ValueTest& test, const Value& value,
                                 std::string_view wanted) const {
  switch (test.kind) {
    case TestKind::kNumber:
    case TestKind::kLess:
    case TestKind::kLessEqual:
    case TestKind::kGreater:
    case TestKind::kGreaterEqual:
      return any_element(value, [](const Value& element) { return number_of(element).has_value(); })
                 ? Reason::kOtherValue
                 : Reason::kNotANumber;
    case TestKind::kBool:
      return any_element(value, is_boolean) ? Reason::kOtherValue : Reason::kNotABoolean;
    case TestKind::kPattern: {
      const auto number =
          has_wildcard(test.pattern) ? std::nullopt : parse_number(literal_of(test.pattern));
      const bool same = number && any_element(value, [&](const Value& element) {
                          const auto seen = number_of(element);
                          return seen && compare(*seen, *number) == 0;
                        });
      return same ? Reason::kNumberAsText : Reason::kOtherValue;
    }
    case TestKind::kCidr: {
      bool address = false;
      bool family = false;
      for (const Value& element : elements(value)) {
        if (element.kind() != ValueKind::kText) continue;
        const auto parsed = IpAddress::parse(element.as_text());
        address = address || parsed.has_value();
        family = family || (parsed && parsed->is_v4() == (wanted.find(':') == std::string::npos));
      }
      if (!address) return Reason::kNotAnAddress;
      return family ? Reason::kOtherValue : Reason::kOtherFamily;
    }
    case TestKind::kTimePart:
      return any_element(value,
                         [](const Value& element) { return time_of_ns(element).has_value(); })
                 ? Reason::kOtherValue
                 : Reason::kNotATime;
    case TestKind::kNull:
    case TestKind::kExists:
    case TestKind::kRegex:
    case TestKind::kFieldEquals:
    case TestKind::kFieldContains:
    case TestKind::kFieldStarts:
    case TestKind::kFieldEnds:
      return Reason::kOtherValue;
  }
  return Reason::kOtherValue;
}

// Every field that a rule of the set names has a number.
FieldIndex Explainer::index_of(std::string_view field) const {
  const FieldIndex* index = fields_.find(field);
  return index == nullptr ? kKeywordField : *index;
}

bool Explainer::holds(const MatchItem& item, FieldSource& source) {
  const auto look_up = [](void* table, std::string_view name) {
    return static_cast<FieldTable*>(table)->intern(name);
  };
  Diagnostics none;
  const auto leaf = Leaf::compile(item, index_of(item.field), look_up, &fields_, *file_, none);
  return leaf && leaf->matches(source);
}

// As strict as the redaction of events (collector/event/render_json.h), and stricter where a flat
// event no longer tells which value belongs to which name.
MemberKind Explainer::member_kind(std::string_view field) const {
  for (const EventDef* def : all_events()) {
    for (std::size_t slot = 0; slot < slot_count(*def); ++slot) {
      const FieldDef& known = field_of(*def, static_cast<Slot>(slot));
      if (known.name == field && known.privacy == Privacy::kPersonal) return MemberKind::kPersonal;
    }
  }
  const std::string_view name = last_name(field);
  if (field.ends_with(".vpn.key")) return MemberKind::kSecret;
  if (name == "data" && event_->text_of("ocpp.action") == kCustomerDataAction) {
    return MemberKind::kPersonal;
  }
  if (name == "value" || name == "attributeValue" || name == "actualValue") {
    for (const FlatEvent::Entry& entry : event_->entries()) {
      const bool names_setting =
          last_name(entry.path) == "key" || entry.path.ends_with("variable.name");
      if (names_setting && entry.value.kind() == ValueKind::kText &&
          Redactor::is_secret_setting(entry.value.as_text())) {
        return MemberKind::kSecret;
      }
    }
  }
  return Redactor::member_kind(name);
}

std::string Explainer::shown(const Value& value, MemberKind kind) const {
  std::string text;
  switch (value.kind()) {
    case ValueKind::kAbsent:
    case ValueKind::kList:
    case ValueKind::kNull:
      return "null";
    case ValueKind::kObject:
      return "{}";
    case ValueKind::kBool:
      return value.as_bool() ? "true" : "false";
    case ValueKind::kInt:
      text = fmt::format("{}", value.as_int());
      break;
    case ValueKind::kReal:
      text = fmt::format("{}", value.as_real());
      break;
    case ValueKind::kText:
      text = value.as_text();
      break;
  }
  if (value.kind() != ValueKind::kText && kind == MemberKind::kPlain) return text;
  if (!text.empty() && !is_redacted(text)) {
    if (kind == MemberKind::kSecret) text = kSecretMark;
    if (kind == MemberKind::kPersonal) text = redactor_.pseudonym(text);
    if (kind == MemberKind::kPlain) text = redactor_.clean(text);
  }
  std::string out;
  append_json_string(out, cut(text));
  return out;
}

std::vector<std::string> Explainer::shown_values(std::string_view field, const Value& value,
                                                 std::size_t& count) const {
  const auto all = elements(value);
  count = all.size();
  const MemberKind kind = count == 0 ? MemberKind::kPlain : member_kind(field);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(count, kShownValuesMax); ++i) {
    out.push_back(shown(all[i], kind));
  }
  return out;
}

// First names that are spelled or nested differently, then the same last name elsewhere, then what
// a typing mistake may have been meant to be.
std::vector<std::string> Explainer::names_near(std::string_view field) const {
  std::vector<std::string_view> names;
  for (const FlatEvent::Entry& entry : event_->entries()) {
    if (names.size() == kComparedNamesMax) break;
    if (std::find(names.begin(), names.end(), entry.path) == names.end()) {
      names.push_back(entry.path);
    }
  }
  std::vector<std::string> out;
  const auto add = [&out](std::string_view name) {
    if (out.size() < kNearMax && std::find(out.begin(), out.end(), name) == out.end()) {
      out.emplace_back(name);
    }
  };
  const std::string spelling = spelling_of(field);
  for (const std::string_view name : names) {
    if (spelling_of(name) == spelling) add(name);
  }
  for (const std::string_view name : names) {
    if (iequals_ascii(last_name(name), last_name(field))) add(name);
  }
  if (const std::string_view name = nearest(field, names); !name.empty()) add(name);
  return out;
}

}  // namespace chargewarden
