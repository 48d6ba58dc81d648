#include "rules/lang/match_item.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "rules/lang/suggest.h"

namespace chargewarden {

namespace {

enum class Modifier : std::uint8_t {
  kContains,
  kStartswith,
  kEndswith,
  kAll,
  kRe,
  kFlagI,
  kFlagM,
  kFlagS,
  kCidr,
  kExists,
  kGt,
  kGte,
  kLt,
  kLte,
  kNeq,
  kCased,
  kExpand,
  kFieldref,
  kWindash,
  kBase64,
  kBase64offset,
  kWide,
  kUtf16be,
  kUtf16,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kYear,
};

struct ModifierDef {
  std::string_view name;
  Modifier modifier;
};

constexpr auto kModifiers = std::to_array<ModifierDef>({
    {"contains", Modifier::kContains},
    {"startswith", Modifier::kStartswith},
    {"endswith", Modifier::kEndswith},
    {"all", Modifier::kAll},
    {"re", Modifier::kRe},
    {"i", Modifier::kFlagI},
    {"m", Modifier::kFlagM},
    {"s", Modifier::kFlagS},
    {"cidr", Modifier::kCidr},
    {"exists", Modifier::kExists},
    {"gt", Modifier::kGt},
    {"gte", Modifier::kGte},
    {"lt", Modifier::kLt},
    {"lte", Modifier::kLte},
    {"neq", Modifier::kNeq},
    {"cased", Modifier::kCased},
    {"expand", Modifier::kExpand},
    {"fieldref", Modifier::kFieldref},
    {"windash", Modifier::kWindash},
    {"base64", Modifier::kBase64},
    {"base64offset", Modifier::kBase64offset},
    {"wide", Modifier::kWide},
    {"utf16le", Modifier::kWide},
    {"utf16be", Modifier::kUtf16be},
    {"utf16", Modifier::kUtf16},
    {"minute", Modifier::kMinute},
    {"hour", Modifier::kHour},
    {"day", Modifier::kDay},
    {"week", Modifier::kWeek},
    {"month", Modifier::kMonth},
    {"year", Modifier::kYear},
});

constexpr std::string_view kRegexMetaHint =
    "regular expressions are searched for anywhere; use ^ and $ to bind them";

// What kind of values the item has; decided by its first modifier.
enum class Mode : std::uint8_t { kText, kRegex, kCidr, kExists, kCompare, kFieldref, kTimePart };

struct PlacedModifier {
  Modifier modifier;
  std::string_view name;
  Position position;
};

class ItemBuilder {
 public:
  ItemBuilder(const DetectionItem& item, const PlaceholderMap& placeholders, const SourceFile& file,
              Diagnostics& diagnostics)
      : item_(item), placeholders_(placeholders), file_(file), diagnostics_(diagnostics) {}

  std::optional<MatchItem> run() {
    out_.field = item_.field;
    out_.position = item_.position;
    read_modifiers();
    if (!failed_) check_combination();
    if (failed_) return std::nullopt;
    for (const RuleValue& value : item_.values) add_value(value);
    if (failed_) return std::nullopt;
    return std::move(out_);
  }

 private:
  void report(Problem problem, Position position, std::string message, std::string hint = {}) {
    failed_ = true;
    diagnostics_.add(problem, file_, position, std::move(message), std::move(hint));
  }

  void read_modifiers() {
    std::vector<std::string_view> names;
    names.reserve(kModifiers.size());
    for (const ModifierDef& def : kModifiers) names.push_back(def.name);
    for (const PlacedText& written : item_.modifiers) {
      const auto* const def =
          std::find_if(kModifiers.begin(), kModifiers.end(),
                       [&](const ModifierDef& known) { return known.name == written.text; });
      if (def == kModifiers.end()) {
        report(Problem::kUnknownModifier, written.position,
               fmt::format("there is no modifier \"{}\"", written.text),
               did_you_mean(written.text, names));
      } else if (has(def->modifier)) {
        report(Problem::kModifierCombination, written.position,
               fmt::format("the modifier \"{}\" stands twice", written.text), "remove one");
      } else {
        chain_.push_back({def->modifier, written.text, written.position});
      }
    }
  }

  [[nodiscard]] bool has(Modifier modifier) const {
    return std::any_of(chain_.begin(), chain_.end(), [modifier](const PlacedModifier& placed) {
      return placed.modifier == modifier;
    });
  }

  static Mode mode_of(Modifier modifier) {
    switch (modifier) {
      case Modifier::kRe:
        return Mode::kRegex;
      case Modifier::kCidr:
        return Mode::kCidr;
      case Modifier::kExists:
        return Mode::kExists;
      case Modifier::kGt:
      case Modifier::kGte:
      case Modifier::kLt:
      case Modifier::kLte:
        return Mode::kCompare;
      case Modifier::kFieldref:
        return Mode::kFieldref;
      case Modifier::kMinute:
      case Modifier::kHour:
      case Modifier::kDay:
      case Modifier::kWeek:
      case Modifier::kMonth:
      case Modifier::kYear:
        return Mode::kTimePart;
      default:
        return Mode::kText;
    }
  }

  // Whether the modifier may follow in an item of this mode.
  static bool goes_with(Mode mode, Modifier modifier) {
    if (modifier == Modifier::kNeq || modifier == Modifier::kAll) return mode != Mode::kExists;
    switch (mode) {
      case Mode::kText:
        return modifier != Modifier::kFlagI && modifier != Modifier::kFlagM &&
               modifier != Modifier::kFlagS && mode_of(modifier) == Mode::kText;
      case Mode::kRegex:
        return modifier == Modifier::kFlagI || modifier == Modifier::kFlagM ||
               modifier == Modifier::kFlagS || modifier == Modifier::kExpand ||
               modifier == Modifier::kContains || modifier == Modifier::kStartswith ||
               modifier == Modifier::kEndswith;
      case Mode::kTimePart:
        return mode_of(modifier) == Mode::kCompare;
      case Mode::kFieldref:
        return modifier == Modifier::kContains || modifier == Modifier::kStartswith ||
               modifier == Modifier::kEndswith || modifier == Modifier::kCased;
      case Mode::kCidr:
        return modifier == Modifier::kExpand;
      case Mode::kExists:
      case Mode::kCompare:
        return false;
    }
    return false;
  }

  void check_combination() {
    out_.all = has(Modifier::kAll);
    out_.negate = has(Modifier::kNeq);
    out_.cased = has(Modifier::kCased);
    mode_ = chain_.empty() ? Mode::kText : mode_of(chain_.front().modifier);
    bool compares = mode_ == Mode::kCompare;
    for (std::size_t i = mode_ == Mode::kText ? 0 : 1; i < chain_.size(); ++i) {
      const bool again = compares && mode_of(chain_[i].modifier) == Mode::kCompare;
      compares = compares || mode_of(chain_[i].modifier) == Mode::kCompare;
      if (!again && goes_with(mode_, chain_[i].modifier)) continue;
      report(Problem::kModifierCombination, chain_[i].position,
             i == 0
                 ? fmt::format("\"{}\" cannot stand alone", chain_[i].name)
                 : fmt::format("\"{}\" cannot follow \"{}\"", chain_[i].name, chain_[i - 1].name),
             hint_for(chain_[i].modifier));
      return;
    }
    if (item_.field.empty() && mode_ != Mode::kText && mode_ != Mode::kRegex) {
      report(Problem::kModifierCombination, chain_.front().position,
             fmt::format("\"{}\" needs a field", chain_.front().name), "write the field before it");
    }
    if (out_.all && item_.values.size() < 2) {
      report(Problem::kAllNeedsList, item_.position, "`all` needs a list of at least two values",
             "remove `all`, or add values");
    }
    if (mode_ == Mode::kExists && item_.is_list) {
      report(Problem::kModifierValue, item_.position, "`exists` takes true or false, no list");
    }
  }

  static std::string hint_for(Modifier modifier) {
    switch (modifier) {
      case Modifier::kFlagI:
      case Modifier::kFlagM:
      case Modifier::kFlagS:
        return "flags stand right after `re`";
      case Modifier::kRe:
        return std::string(kRegexMetaHint);
      default:
        return "cidr, re, exists, fieldref and comparisons stand first and go with few others";
    }
  }

  void add_value(const RuleValue& value) {
    group_.clear();
    switch (mode_) {
      case Mode::kText:
        add_plain(value);
        break;
      case Mode::kRegex:
        add_regex(value);
        break;
      case Mode::kCidr:
        add_cidr(value);
        break;
      case Mode::kExists:
        if (value.kind != RuleValueKind::kBool) {
          report(Problem::kModifierValue, value.position, "`exists` takes true or false",
                 "write it without quotes");
        }
        add_test(TestKind::kExists, value).boolean = value.boolean;
        break;
      case Mode::kCompare:
        if (needs_number(value)) {
          add_test(compare_kind(chain_.front().modifier), value).number = value.number;
        }
        break;
      case Mode::kTimePart:
        add_time_part(value);
        break;
      case Mode::kFieldref:
        add_fieldref(value);
        break;
    }
    out_.groups.push_back(std::move(group_));
    group_ = {};
  }

  ValueTest& add_test(TestKind kind, const RuleValue& value) {
    ValueTest test;
    test.kind = kind;
    test.position = value.position;
    group_.push_back(std::move(test));
    return group_.back();
  }

  bool needs_number(const RuleValue& value) {
    if (value.kind == RuleValueKind::kNumber) return true;
    report(Problem::kModifierValue, value.position,
           fmt::format("`{}` needs a number", chain_.front().name),
           "write a plain number, without quotes");
    return false;
  }

  // kNumber for what is no comparison.
  static TestKind compare_kind(Modifier modifier) {
    switch (modifier) {
      case Modifier::kGt:
        return TestKind::kGreater;
      case Modifier::kGte:
        return TestKind::kGreaterEqual;
      case Modifier::kLt:
        return TestKind::kLess;
      case Modifier::kLte:
        return TestKind::kLessEqual;
      default:
        return TestKind::kNumber;
    }
  }

  static TimePart time_part_of(Modifier modifier) {
    const auto offset = static_cast<unsigned>(modifier) - static_cast<unsigned>(Modifier::kMinute);
    return static_cast<TimePart>(offset);
  }

  void add_time_part(const RuleValue& value) {
    if (!needs_number(value)) return;
    const TimePart part = time_part_of(chain_.front().modifier);
    TestKind comparison = TestKind::kNumber;
    for (const PlacedModifier& placed : chain_) {
      const TestKind kind = compare_kind(placed.modifier);
      if (kind != TestKind::kNumber) comparison = kind;
    }
    const TimePartRange range = time_part_range(part);
    const bool outside = compare(value.number, Number::of(range.min)) < 0 ||
                         compare(value.number, Number::of(range.max)) > 0;
    if (comparison == TestKind::kNumber && (outside || !value.number.is_integer)) {
      report(Problem::kModifierValue, value.position,
             fmt::format("`{}` is never {}", chain_.front().name, value.text),
             fmt::format("write a whole number from {} to {}", range.min, range.max));
      return;
    }
    ValueTest& test = add_test(TestKind::kTimePart, value);
    test.number = value.number;
    test.part = part;
    test.comparison = comparison;
  }

  [[nodiscard]] bool changes_text() const {
    return std::any_of(chain_.begin(), chain_.end(), [](const PlacedModifier& placed) {
      return placed.modifier != Modifier::kAll && placed.modifier != Modifier::kNeq &&
             placed.modifier != Modifier::kCased;
    });
  }

  void add_plain(const RuleValue& value) {
    const bool as_text =
        value.kind == RuleValueKind::kText ||
        (value.kind == RuleValueKind::kNumber && (changes_text() || item_.field.empty()));
    if (as_text) {
      add_patterns(value);
      return;
    }
    if (item_.field.empty() || (changes_text() && value.kind != RuleValueKind::kNumber)) {
      report(Problem::kModifierValue, value.position, "this value must be a text",
             "null and booleans compare with a whole field; quote the value if it is text");
      return;
    }
    switch (value.kind) {
      case RuleValueKind::kNull:
        add_test(TestKind::kNull, value);
        break;
      case RuleValueKind::kBool:
        add_test(TestKind::kBool, value).boolean = value.boolean;
        break;
      case RuleValueKind::kNumber:
      case RuleValueKind::kText:
        add_test(TestKind::kNumber, value).number = value.number;
        break;
    }
  }

  void add_patterns(const RuleValue& value) {
    const auto reading =
        has(Modifier::kExpand) ? Placeholders::kRecognised : Placeholders::kLiteral;
    std::vector<Pattern> forms{parse_pattern(value.text, reading)};
    for (const PlacedModifier& placed : chain_) {
      if (!transform(placed, value, forms)) return;
    }
    for (Pattern& form : forms) {
      // Keywords are looked for anywhere in a value.
      if (item_.field.empty()) form = with_wildcards(std::move(form), true, true);
      add_test(TestKind::kPattern, value).pattern = std::move(form);
    }
  }

  bool transform(const PlacedModifier& placed, const RuleValue& value,
                 std::vector<Pattern>& forms) {
    switch (placed.modifier) {
      case Modifier::kContains:
        return each(forms,
                    [](Pattern form) { return with_wildcards(std::move(form), true, true); });
      case Modifier::kStartswith:
        return each(forms,
                    [](Pattern form) { return with_wildcards(std::move(form), false, true); });
      case Modifier::kEndswith:
        return each(forms,
                    [](Pattern form) { return with_wildcards(std::move(form), true, false); });
      case Modifier::kWide:
        return each(forms, [](const Pattern& form) { return to_utf16(form, Utf16::kLittle); });
      case Modifier::kUtf16be:
        return each(forms, [](const Pattern& form) { return to_utf16(form, Utf16::kBig); });
      case Modifier::kUtf16:
        return each(forms,
                    [](const Pattern& form) { return to_utf16(form, Utf16::kMarkedLittle); });
      case Modifier::kBase64:
        return no_wildcards(placed, value, forms) &&
               each(forms, [](const Pattern& form) { return to_base64_pattern(form); });
      case Modifier::kBase64offset:
        return no_wildcards(placed, value, forms) && spread(value, forms, [](const Pattern& form) {
                 return std::optional(base64_offset_forms(form));
               });
      case Modifier::kWindash:
        return spread(value, forms, windash_forms);
      case Modifier::kExpand:
        return expand(value, forms);
      default:
        return true;
    }
  }

  void report_too_many(const RuleValue& value) {
    report(Problem::kTooManyExpansions, value.position,
           fmt::format("the value expands to more than {} forms", kFormsMax),
           "split it into several values");
  }

  template <typename Change>
  static bool each(std::vector<Pattern>& forms, Change change) {
    for (Pattern& form : forms) form = change(std::move(form));
    return true;
  }

  template <typename Spread>
  bool spread(const RuleValue& value, std::vector<Pattern>& forms, Spread change) {
    std::vector<Pattern> out;
    for (const Pattern& form : forms) {
      std::optional<std::vector<Pattern>> more = change(form);
      if (!more || out.size() + more->size() > kFormsMax) {
        report_too_many(value);
        return false;
      }
      for (Pattern& pattern : *more) out.push_back(std::move(pattern));
    }
    forms = std::move(out);
    return true;
  }

  bool no_wildcards(const PlacedModifier& placed, const RuleValue& value,
                    const std::vector<Pattern>& forms) {
    for (const Pattern& form : forms) {
      if (!has_wildcard(form) && placeholders_of(form).empty()) continue;
      report(Problem::kWildcardNotAllowed, value.position,
             fmt::format("`{}` cannot encode a wildcard or placeholder", placed.name),
             "escape * and ? with a backslash, and put contains or expand in its place");
      return false;
    }
    return true;
  }

  // Reports placeholders that have no values.
  bool all_known(const RuleValue& value, const std::vector<Pattern>& forms) {
    std::vector<std::string_view> known;
    for (const auto& [name, values] : placeholders_) known.emplace_back(name);
    bool found = true;
    for (const Pattern& form : forms) {
      const auto names = placeholders_of(form);
      if (names.empty()) {
        found = false;
        report(Problem::kUnresolvedPlaceholder, value.position,
               "`expand` needs a placeholder in the value", "write it as %name%");
      }
      for (const std::string_view name : names) {
        if (placeholders_.find(name) != placeholders_.end()) continue;
        found = false;
        report(Problem::kUnresolvedPlaceholder, value.position,
               fmt::format("the placeholder \"%{}%\" has no values", name),
               did_you_mean(name, known,
                            "define it under `placeholders` in the configuration or in "
                            "placeholders.yml; an empty list matches nothing"));
      }
    }
    return found;
  }

  bool expand(const RuleValue& value, std::vector<Pattern>& forms) {
    return all_known(value, forms) && spread(value, forms, [this](const Pattern& form) {
             return expand_placeholders(form, placeholders_);
           });
  }

  void add_regex(const RuleValue& value) {
    if (value.kind != RuleValueKind::kText && value.kind != RuleValueKind::kNumber) {
      report(Problem::kModifierValue, value.position, "`re` needs a text", "quote it");
      return;
    }
    std::string flags;
    if (has(Modifier::kFlagI)) flags += 'i';
    if (has(Modifier::kFlagM)) flags += 'm';
    if (has(Modifier::kFlagS)) flags += 's';
    std::vector<std::string> expressions{value.text};
    if (has(Modifier::kExpand) && !expand_regex(value, expressions)) return;
    for (std::string& expression : expressions) {
      // An expression is searched for anywhere: `contains` adds nothing to that.
      if (has(Modifier::kStartswith)) expression = fmt::format("\\A(?:{})", expression);
      if (has(Modifier::kEndswith)) expression = fmt::format("(?:{})\\z", expression);
      add_test(TestKind::kRegex, value).text =
          flags.empty() ? expression : fmt::format("(?{}){}", flags, expression);
    }
  }

  bool expand_regex(const RuleValue& value, std::vector<std::string>& expressions) {
    const Pattern pieces = split_placeholders(value.text);
    if (!all_known(value, {pieces})) return false;
    auto expanded = expand_regex_placeholders(pieces, placeholders_);
    if (!expanded) {
      report_too_many(value);
      return false;
    }
    expressions = std::move(*expanded);
    return true;
  }

  void add_cidr(const RuleValue& value) {
    std::vector<std::string> texts{value.text};
    if (has(Modifier::kExpand)) {
      std::vector<Pattern> forms{parse_pattern(value.text, Placeholders::kRecognised)};
      if (!expand(value, forms)) return;
      texts.clear();
      for (const Pattern& form : forms) texts.push_back(literal_of(form));
    }
    for (const std::string& text : texts) {
      const auto network =
          value.kind == RuleValueKind::kText ? IpNetwork::parse(text) : std::optional<IpNetwork>();
      if (!network) {
        report(Problem::kBadCidr, value.position, fmt::format("\"{}\" is not a network", text),
               "write address/length with all bits behind the length zero, such as 10.0.0.0/8");
        return;
      }
      add_test(TestKind::kCidr, value).network = *network;
    }
  }

  void add_fieldref(const RuleValue& value) {
    const Pattern name = parse_pattern(value.text, Placeholders::kLiteral);
    if (value.kind != RuleValueKind::kText || value.text.empty()) {
      report(Problem::kModifierValue, value.position, "`fieldref` needs the name of a field");
      return;
    }
    if (has_wildcard(name)) {
      report(Problem::kWildcardNotAllowed, value.position,
             "the name of a field cannot hold wildcards");
      return;
    }
    TestKind kind = TestKind::kFieldEquals;
    if (has(Modifier::kContains)) kind = TestKind::kFieldContains;
    if (has(Modifier::kStartswith)) kind = TestKind::kFieldStarts;
    if (has(Modifier::kEndswith)) kind = TestKind::kFieldEnds;
    add_test(kind, value).text = literal_of(name);
  }

  const DetectionItem& item_;
  const PlaceholderMap& placeholders_;
  const SourceFile& file_;
  Diagnostics& diagnostics_;
  std::vector<PlacedModifier> chain_;
  Mode mode_ = Mode::kText;
  ValueGroup group_;
  MatchItem out_;
  bool failed_ = false;
};

}  // namespace

std::optional<MatchItem> make_match_item(const DetectionItem& item,
                                         const PlaceholderMap& placeholders, const SourceFile& file,
                                         Diagnostics& diagnostics) {
  return ItemBuilder(item, placeholders, file, diagnostics).run();
}

std::vector<std::string_view> modifier_names() {
  std::vector<std::string_view> out;
  out.reserve(kModifiers.size());
  for (const ModifierDef& def : kModifiers) out.push_back(def.name);
  return out;
}

}  // namespace chargewarden
