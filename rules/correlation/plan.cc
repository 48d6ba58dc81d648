#include "rules/correlation/plan.h"

#include <algorithm>
#include <cmath>

#include "rules/correlation/event_time.h"
#include "rules/correlation/pool.h"

namespace chargewarden {

namespace {

bool is_lower(const CorrelationBound& bound) {
  return bound.comparison == Comparison::kGreater || bound.comparison == Comparison::kGreaterEqual;
}

// Whether a further match can only help the condition.
bool only_grows(const CorrelationDef& def) {
  if (!def.expression.empty()) {
    return std::none_of(def.expression.begin(), def.expression.end(),
                        [](const auto& node) { return node.kind == CorrelationExpr::Kind::kNot; });
  }
  return !def.bounds.empty() && std::all_of(def.bounds.begin(), def.bounds.end(), is_lower);
}

// What stands for all of them: the highest, and of equals the one that asks for more.
CorrelationBound strongest(const std::vector<CorrelationBound>& bounds) {
  CorrelationBound found = bounds.front();
  for (const CorrelationBound& bound : bounds) {
    const bool stricter = bound.comparison == Comparison::kGreater;
    if (bound.value > found.value || (bound.value == found.value && stricter)) found = bound;
  }
  return found;
}

// The smallest whole number from 1 to `above_all` that is enough.
std::size_t length_for(const CorrelationBound& bound, std::size_t above_all) {
  std::size_t length = 1;
  while (length < above_all && !meets(bound, static_cast<double>(length))) ++length;
  return length;
}

// Correlations in an order in which inputs come first; those of a cycle are left out.
std::vector<std::uint32_t> inputs_first(std::span<const CorrelationDef> defs,
                                        std::uint32_t rule_count) {
  std::vector<std::uint32_t> order;
  std::vector<char> done(defs.size(), 0);
  const auto ready = [&](const CorrelationInput& input) {
    if (input.rule < rule_count) return true;
    const std::size_t correlation = input.rule - rule_count;
    return correlation >= defs.size() || done[correlation] != 0;
  };
  for (bool more = true; more;) {
    more = false;
    for (std::uint32_t i = 0; i < defs.size(); ++i) {
      const auto& inputs = defs[i].inputs;
      if (done[i] != 0 || !std::all_of(inputs.begin(), inputs.end(), ready)) continue;
      done[i] = 1;
      order.push_back(i);
      more = true;
    }
  }
  return order;
}

// Where the field stands in the list, to which it is added when `may_add`.
std::uint32_t place_of(const std::string& field, std::vector<std::string>& fields, bool may_add) {
  const auto found = std::find(fields.begin(), fields.end(), field);
  if (found == fields.end() && !may_add) return kNoIndex;
  const auto place = static_cast<std::uint32_t>(found - fields.begin());
  if (found == fields.end()) fields.push_back(field);
  return place;
}

}  // namespace

CorrelationPlans::CorrelationPlans(std::span<const CorrelationDef> defs, std::uint32_t rule_count,
                                   std::int64_t lateness_ns)
    : plans_(defs.size()), uses_(rule_count + defs.size()), fields_(rule_count + defs.size()) {
  for (std::uint32_t i = 0; i < defs.size(); ++i) {
    const CorrelationDef& def = defs[i];
    CorrelationPlan& plan = plans_[i];
    plan.def = &def;
    plan.at_once = only_grows(def);
    if (plan.at_once && def.expression.empty()) plan.threshold = strongest(def.bounds);
    const std::size_t inputs = def.inputs.size();
    plan.chain_length = length_for(plan.threshold, inputs + 1);
    plan.chain_skips = inputs - std::min(inputs, plan.chain_length);
    fields_[rule_count + i] = def.group_by;
  }
  for (const std::uint32_t i : inputs_first(defs, rule_count)) {
    CorrelationPlan& plan = plans_[i];
    plan.lateness_ns = lateness_ns;
    for (const CorrelationInput& input : defs[i].inputs) {
      if (input.rule < rule_count || input.rule - rule_count >= defs.size()) continue;
      const CorrelationPlan& below = plans_[input.rule - rule_count];
      plan.lateness_ns =
          std::max(plan.lateness_ns, below.at_once ? below.lateness_ns : below.kept_ns);
    }
    plan.kept_ns = time_plus(defs[i].timespan_ns, plan.lateness_ns);
    link(i, rule_count);
  }
}

void CorrelationPlans::link(std::uint32_t correlation, std::uint32_t rule_count) {
  const CorrelationDef& def = *plans_[correlation].def;
  if (def.type != CorrelationType::kTemporal && !def.expression.empty()) return;
  for (std::uint32_t i = 0; i < def.inputs.size(); ++i) {
    const CorrelationInput& input = def.inputs[i];
    if (input.rule >= uses_.size() || input.group_fields.size() != def.group_by.size() ||
        input.value_fields.size() != def.value_names.size()) {
      continue;
    }
    CorrelationUse use{correlation, i, {}, {}};
    const bool may_add = input.rule < rule_count;
    auto& fields = fields_[input.rule];
    for (const auto& field : input.group_fields) {
      use.group_at.push_back(place_of(field, fields, may_add));
    }
    for (const auto& field : input.value_fields) {
      use.values_at.push_back(place_of(field, fields, may_add));
    }
    uses_[input.rule].push_back(std::move(use));
  }
}

std::span<const CorrelationUse> CorrelationPlans::uses_of(std::uint32_t rule) const noexcept {
  if (rule >= uses_.size()) return {};
  return uses_[rule];
}

std::span<const std::string> CorrelationPlans::fields_of(std::uint32_t rule) const noexcept {
  if (rule >= fields_.size()) return {};
  return fields_[rule];
}

bool meets(const CorrelationBound& bound, double value) noexcept {
  switch (bound.comparison) {
    case Comparison::kLess:
      return value < bound.value;
    case Comparison::kLessEqual:
      return value <= bound.value;
    case Comparison::kGreater:
      return value > bound.value;
    case Comparison::kGreaterEqual:
      return value >= bound.value;
    case Comparison::kEqual:
      return value == bound.value;
    case Comparison::kNotEqual:
      return value != bound.value;
  }
  return false;
}

bool holds(std::span<const CorrelationExpr> expression, std::span<const std::int64_t> present,
           std::vector<char>& scratch) {
  using Kind = CorrelationExpr::Kind;
  scratch.clear();
  for (const CorrelationExpr& node : expression) {
    const auto is_true = [&](std::uint32_t child) {
      return child < scratch.size() && scratch[child] != 0;
    };
    const auto& children = node.children;
    bool result = false;
    switch (node.kind) {
      case Kind::kRule:
        result = node.rule < present.size() && present[node.rule] != 0;
        break;
      case Kind::kAnd:
        result = std::all_of(children.begin(), children.end(), is_true);
        break;
      case Kind::kOr:
        result = std::any_of(children.begin(), children.end(), is_true);
        break;
      case Kind::kNot:
        result = !children.empty() && !is_true(children.front());
        break;
    }
    scratch.push_back(result ? 1 : 0);
  }
  return !scratch.empty() && scratch.back() != 0;
}

}  // namespace chargewarden
