#include "rules/lang/correlation_condition.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "rules/lang/rule_value.h"
#include "rules/lang/suggest.h"
#include "rules/model/correlation_limits.h"

namespace chargewarden {

namespace {

// In the order of Comparison.
constexpr auto kOperators =
    std::to_array<std::string_view>({"lt", "lte", "gt", "gte", "eq", "neq"});
constexpr auto kKeys =
    std::to_array<std::string_view>({"lt", "lte", "gt", "gte", "eq", "neq", "field", "percentile"});

bool is_temporal(CorrelationType type) {
  return type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
}

bool is_count(CorrelationType type) {
  return is_temporal(type) || type == CorrelationType::kEventCount ||
         type == CorrelationType::kValueCount;
}

class ConditionReader {
 public:
  ConditionReader(const SourceFile& file, CorrelationSection& out, Diagnostics& diagnostics)
      : file_(file), out_(out), diagnostics_(diagnostics) {}

  void run(const YamlNode& section) {
    const YamlNode* node = section.find("condition");
    if (node == nullptr) {
      without(section);
      return;
    }
    out_.condition_position = node->position;
    if (node->kind == YamlKind::kScalar) {
      expression(*node);
      return;
    }
    if (node->kind != YamlKind::kMap || node->entries.empty()) {
      report(Problem::kBadCorrelationCondition, node->position, "`condition` must be a map",
             "write such as `gte: 10` below it");
      return;
    }
    const std::size_t errors_before = diagnostics_.error_count();
    for (const YamlEntry& entry : node->entries) criterion(entry);
    fields(*node);
    if (diagnostics_.error_count() != errors_before) return;
    if (out_.bounds.empty() && is_temporal(out_.type)) all_rules();
    if (out_.bounds.empty()) {
      report(Problem::kBadCorrelationCondition, node->position,
             "the condition compares with nothing", "add such as `gte: 10`");
      return;
    }
    check_bounds(*node);
  }

 private:
  void report(Problem problem, Position position, std::string message, std::string hint = {}) {
    diagnostics_.add(problem, file_, position, std::move(message), std::move(hint));
  }

  void without(const YamlNode& section) {
    if (is_temporal(out_.type)) {
      all_rules();
      return;
    }
    report(Problem::kMissingKey, section.position, "the correlation has no `condition`",
           "add `condition:` and below it such as `gte: 10`");
  }

  void all_rules() {
    out_.bounds.push_back({Comparison::kGreaterEqual, static_cast<double>(out_.rules.size())});
  }

  void expression(const YamlNode& node) {
    if (out_.type != CorrelationType::kTemporal) {
      report(Problem::kBadCorrelationCondition, node.position,
             "only the type `temporal` takes a condition in words",
             "write a map such as `gte: 10`");
      return;
    }
    ParsedCondition parsed;
    parsed.text = {.text = node.text, .position = node.position, .quoted = node.quoted};
    auto tree = parse_condition(parsed.text, file_, diagnostics_);
    if (!tree) return;
    parsed.tree = std::move(*tree);
    std::vector<std::string_view> names;
    for (const PlacedText& rule : out_.rules) names.emplace_back(rule.text);
    std::vector<bool> used(names.size(), false);
    auto resolved = resolve_condition(parsed.tree, parsed.text, names, used, file_, diagnostics_);
    if (!resolved) return;
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (used[i]) continue;
      report(Problem::kUnusedSelection, out_.rules[i].position,
             fmt::format("the condition does not use the rule \"{}\"", names[i]),
             "name it in the condition, or remove it");
    }
    parsed.resolved = std::move(*resolved);
    out_.expression = std::move(parsed);
  }

  void criterion(const YamlEntry& entry) {
    if (entry.key == "field") return;
    if (entry.key == "percentile") {
      percentile(entry);
      return;
    }
    const auto* const found = std::find(kOperators.begin(), kOperators.end(), entry.key);
    if (found == kOperators.end()) {
      report(
          Problem::kUnknownSectionKey, entry.position,
          fmt::format("a correlation's condition has no key \"{}\"", entry.key),
          did_you_mean(entry.key, kKeys, fmt::format("its keys are {}", fmt::join(kKeys, ", "))));
      return;
    }
    const auto value = number(entry);
    if (!value) return;
    const bool whole = std::trunc(*value) == *value;
    if (is_count(out_.type) && (*value < 0 || !whole)) {
      report(Problem::kBadCorrelationCondition, entry.value.position,
             fmt::format("`{}` is compared with a count, which is never {}", entry.key,
                         entry.value.text),
             "write a whole number");
      return;
    }
    if (is_count(out_.type) && *value > static_cast<double>(kCorrelationThresholdMax)) {
      report(Problem::kBadCorrelationCondition, entry.value.position,
             fmt::format("a group does not count beyond {}", kCorrelationThresholdMax),
             "write a smaller number, perhaps with a shorter timespan");
      return;
    }
    out_.bounds.push_back({static_cast<Comparison>(found - kOperators.begin()), *value});
  }

  std::optional<double> number(const YamlEntry& entry) {
    ScalarReading reading{};
    const RuleValue value = rule_value(entry.value, reading);
    if (value.kind == RuleValueKind::kNumber && reading == ScalarReading::kClear) {
      return value.number.is_integer ? static_cast<double>(value.number.integer)
                                     : value.number.real;
    }
    report(Problem::kBadCorrelationCondition, entry.value.position,
           fmt::format("`{}` needs a number", entry.key), "write it without quotes");
    return std::nullopt;
  }

  void percentile(const YamlEntry& entry) {
    const auto value = number(entry);
    if (!value) return;
    if (out_.type != CorrelationType::kValuePercentile || *value < 0 || *value > 100) {
      report(Problem::kBadCorrelationCondition, entry.position,
             "`percentile` is for the type value_percentile, from 0 to 100");
      return;
    }
    out_.percentile = *value;
  }

  void fields(const YamlNode& node) {
    const bool needs = !is_temporal(out_.type) && out_.type != CorrelationType::kEventCount;
    const YamlNode* field = node.find("field");
    if (field == nullptr) {
      if (!needs) return;
      report(Problem::kBadCorrelationCondition, node.position,
             "the condition does not say whose values it is about", "add `field:`");
      return;
    }
    if (!needs) {
      report(Problem::kBadCorrelationCondition, field->position,
             "`field` is for the types that look at values",
             "remove it, or use value_count, value_sum, value_avg or value_percentile");
      return;
    }
    if (field->kind == YamlKind::kScalar) add_field(*field);
    for (const YamlNode& item : field->items) add_field(item);
    if (field->kind == YamlKind::kMap || field->kind == YamlKind::kNull ||
        (field->kind == YamlKind::kList && field->items.empty())) {
      report(Problem::kBadCorrelationCondition, field->position, "`field` must name a field");
    }
    if (out_.value_names.size() > 1 && out_.type != CorrelationType::kValueCount) {
      report(Problem::kBadCorrelationCondition, field->position,
             "only value_count takes several fields", "name one");
    }
  }

  void add_field(const YamlNode& node) {
    const bool again = std::any_of(out_.value_names.begin(), out_.value_names.end(),
                                   [&](const PlacedText& name) { return name.text == node.text; });
    if (node.kind != YamlKind::kScalar || node.text.empty()) {
      report(Problem::kBadCorrelationCondition, node.position, "`field` must name a field");
    } else if (again) {
      report(Problem::kDuplicateEntry, node.position,
             fmt::format("`field` has \"{}\" twice", node.text), "remove one");
    } else if (out_.value_names.size() >= kGroupByMax) {
      report(Problem::kTooManyValues, node.position,
             fmt::format("`field` has more than {} entries", kGroupByMax));
    } else {
      out_.value_names.push_back({node.text, node.position});
    }
  }

  // Bounds that no number is within, and counts that no group can have.
  void check_bounds(const YamlNode& node) {
    const bool counts = is_count(out_.type);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double low = counts ? 1 : -kInfinity;
    double high = kInfinity;
    if (is_temporal(out_.type)) high = static_cast<double>(out_.rules.size());
    if (counts && !is_temporal(out_.type)) high = static_cast<double>(kCorrelationThresholdMax);
    const double step = counts ? 1 : 0;
    bool open = false;  // One of the ends is excluded.
    for (const CorrelationBound& bound : out_.bounds) {
      switch (bound.comparison) {
        case Comparison::kLess:
          high = std::min(high, bound.value - step);
          open = open || !counts;
          break;
        case Comparison::kLessEqual:
          high = std::min(high, bound.value);
          break;
        case Comparison::kGreater:
          low = std::max(low, bound.value + step);
          open = open || !counts;
          break;
        case Comparison::kGreaterEqual:
          low = std::max(low, bound.value);
          break;
        case Comparison::kEqual:
          low = std::max(low, bound.value);
          high = std::min(high, bound.value);
          break;
        case Comparison::kNotEqual:
          break;
      }
    }
    if (low < high || (low == high && !open && !excludes(low))) return;
    report(Problem::kNeverTrue, node.position, "no group can ever meet this condition",
           hint_for_never());
  }

  [[nodiscard]] bool excludes(double value) const {
    return std::any_of(out_.bounds.begin(), out_.bounds.end(), [&](const CorrelationBound& bound) {
      return bound.comparison == Comparison::kNotEqual && !(bound.value < value) &&
             !(bound.value > value);
    });
  }

  [[nodiscard]] std::string hint_for_never() const {
    if (is_temporal(out_.type)) return "the count is that of the named rules, from 1 up to all";
    if (!is_count(out_.type)) return "the bounds leave no number between them";
    return fmt::format(
        "counts are from 1 to {}: a group exists from its first event on, so that absence cannot "
        "be seen here",
        kCorrelationThresholdMax);
  }

  const SourceFile& file_;
  CorrelationSection& out_;
  Diagnostics& diagnostics_;
};

}  // namespace

void parse_correlation_condition(const YamlNode& section, const SourceFile& file,
                                 CorrelationSection& out, Diagnostics& diagnostics) {
  ConditionReader(file, out, diagnostics).run(section);
}

}  // namespace chargewarden
