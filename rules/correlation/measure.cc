#include "rules/correlation/measure.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "rules/model/correlation_limits.h"

namespace chargewarden {

namespace {

constexpr std::int64_t kMillion = 1'000'000;

template <typename Visit>
void for_each(const EntryStore& entries, EntryRange range, Visit&& visit) {
  EntryStore::Place place = range.first;
  for (std::size_t left = range.count; left > 0; --left) {
    visit(entries.at(place));
    if (left > 1) place = entries.next(place);
  }
}

}  // namespace

Int128 millionths(double number) noexcept {
  const double whole = std::trunc(number);
  return static_cast<Int128>(whole) * kMillion +
         std::llround((number - whole) * static_cast<double>(kMillion));
}

double quotient(Int128 sum, std::size_t count) noexcept {
  const Int128 divisor = static_cast<Int128>(count) * kMillion;
  constexpr Int128 kExact = Int128{1} << 53;  // Whole numbers that a double holds.
  if (-kExact < sum && sum < kExact) {
    return static_cast<double>(sum) / static_cast<double>(divisor);
  }
  const Int128 whole = sum / divisor;
  return static_cast<double>(whole) +
         static_cast<double>(sum - whole * divisor) / static_cast<double>(divisor);
}

std::size_t percentile_rank(double percentile, std::size_t count) noexcept {
  // 99.9 % of 1000 is 999, which doubles miss by less than this.
  constexpr double kTolerance = 1e-9;
  const double rank = std::ceil(percentile * static_cast<double>(count) / 100 - kTolerance);
  if (!(rank >= 1)) return 1;
  return std::min(count, static_cast<std::size_t>(rank));
}

bool read_number(std::string_view text, std::uint64_t& value) noexcept {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return false;
  if (!(std::abs(number) <= kCorrelationNumberMax)) return false;  // Also when it is no number.
  value = std::bit_cast<std::uint64_t>(number);
  return true;
}

double number_of(const CorrelationEntry& entry) noexcept {
  return std::bit_cast<double>(entry.value);
}

double WindowMeasure::value(const CorrelationPlan& plan, EntryRange range) {
  const CorrelationDef& def = *plan.def;
  switch (def.type) {
    case CorrelationType::kEventCount:
      return static_cast<double>(range.count);
    case CorrelationType::kValueCount:
      return distinct(range);
    case CorrelationType::kValueSum:
      return sum(range, 1);
    case CorrelationType::kValueAvg:
      return sum(range, range.count);
    case CorrelationType::kValuePercentile:
      return percentile(def.percentile, range);
    case CorrelationType::kTemporal:
      return rules(def.inputs.size(), range);
    case CorrelationType::kTemporalOrdered:
      return longest_chain(def.inputs.size(), range);
  }
  return 0;
}

bool WindowMeasure::holds(const CorrelationPlan& plan, EntryRange range, double& value) {
  const CorrelationDef& def = *plan.def;
  value = this->value(plan, range);
  if (!def.expression.empty()) {
    rules(def.inputs.size(), range);
    return chargewarden::holds(def.expression, rules_, seen_);
  }
  return !def.bounds.empty() &&
         std::all_of(def.bounds.begin(), def.bounds.end(),
                     [&](const CorrelationBound& bound) { return meets(bound, value); });
}

double WindowMeasure::distinct(EntryRange range) {
  hashes_.clear();
  for_each(entries_, range, [&](const auto& entry) { hashes_.push_back(entry.value); });
  std::sort(hashes_.begin(), hashes_.end());
  return static_cast<double>(std::unique(hashes_.begin(), hashes_.end()) - hashes_.begin());
}

double WindowMeasure::sum(EntryRange range, std::size_t divisor) const {
  Int128 total = 0;
  for_each(entries_, range, [&](const auto& entry) { total += millionths(number_of(entry)); });
  return quotient(total, divisor);
}

double WindowMeasure::percentile(double percentile, EntryRange range) {
  numbers_.clear();
  for_each(entries_, range, [&](const auto& entry) { numbers_.push_back(number_of(entry)); });
  const auto place = static_cast<std::ptrdiff_t>(percentile_rank(percentile, range.count) - 1);
  std::nth_element(numbers_.begin(), numbers_.begin() + place, numbers_.end());
  return numbers_[static_cast<std::size_t>(place)];
}

double WindowMeasure::rules(std::size_t inputs, EntryRange range) {
  rules_.assign(inputs, 0);
  for_each(entries_, range, [&](const auto& entry) { rules_[entry.value] = 1; });
  return static_cast<double>(std::count(rules_.begin(), rules_.end(), 1));
}

double WindowMeasure::longest_chain(std::size_t inputs, EntryRange range) {
  rules_.assign(inputs, 0);  // The longest chain that ends with a match of the rule.
  EntryStore::Place place = range.first;
  for (std::size_t left = range.count; left > 0;) {
    // Matches of one event are in the order of the list, whatever order they came in.
    const CorrelationEntry& event = entries_.at(place);
    seen_.assign(inputs, 0);
    for (; left > 0 && entries_.at(place).is_same_event(event); --left) {
      seen_[entries_.at(place).value] = 1;
      if (left > 1) place = entries_.next(place);
    }
    std::int64_t before = 0;
    for (std::size_t i = 0; i < inputs; ++i) {
      if (seen_[i] != 0) rules_[i] = std::max(rules_[i], before + 1);
      before = std::max(before, rules_[i]);
    }
  }
  return inputs == 0 ? 0 : static_cast<double>(*std::max_element(rules_.begin(), rules_.end()));
}

}  // namespace chargewarden
