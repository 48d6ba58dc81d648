#include "rules/correlation/testing/correlation_oracle.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <set>

namespace chargewarden::testing {

namespace {

bool is_number_type(CorrelationType type) {
  return type == CorrelationType::kValueSum || type == CorrelationType::kValueAvg ||
         type == CorrelationType::kValuePercentile;
}

bool is_rule_type(CorrelationType type) {
  return type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
}

bool bound_is_met(const CorrelationBound& bound, double value) {
  const bool less = value < bound.value;
  const bool greater = value > bound.value;
  switch (bound.comparison) {
    case Comparison::kLess:
      return less;
    case Comparison::kLessEqual:
      return !greater;
    case Comparison::kGreater:
      return greater;
    case Comparison::kGreaterEqual:
      return !less;
    case Comparison::kEqual:
      return !less && !greater;
    case Comparison::kNotEqual:
      return less || greater;
  }
  return false;
}

// Numbers of these tests have at most one decimal.
long long tenths(const std::string& text) {
  return std::llround(std::strtod(text.c_str(), nullptr) * 10);
}

std::string with_commas(const std::vector<std::string>& texts) {
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) out += (i == 0 ? "" : ",") + texts[i];
  return out;
}

// A field that the event does not have is empty.
std::vector<std::string> field(const Fields& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::vector<std::string>() : found->second;
}

}  // namespace

CorrelationOracle::CorrelationOracle(std::vector<CorrelationDef> defs, std::uint32_t rule_count,
                                     std::int64_t lateness_ns)
    : defs_(std::move(defs)),
      rule_count_(rule_count),
      lateness_ns_(lateness_ns),
      groups_(defs_.size()) {}

bool CorrelationOracle::at_once(std::uint32_t correlation) const {
  const CorrelationDef& def = defs_[correlation];
  for (const auto& node : def.expression) {
    if (node.kind == CorrelationExpr::Kind::kNot) return false;
  }
  if (!def.expression.empty()) return true;
  for (const auto& bound : def.bounds) {
    if (bound.comparison != Comparison::kGreater && bound.comparison != Comparison::kGreaterEqual) {
      return false;
    }
  }
  return true;
}

std::int64_t CorrelationOracle::lateness(std::uint32_t correlation) const {
  std::int64_t found = lateness_ns_;
  for (const auto& input : defs_[correlation].inputs) {
    if (input.rule < rule_count_) continue;
    const std::uint32_t below = input.rule - rule_count_;
    const std::int64_t waits = at_once(below) ? 0 : defs_[below].timespan_ns;
    found = std::max(found, lateness(below) + waits);
  }
  return found;
}

double CorrelationOracle::value_of(const CorrelationDef& def,
                                   const std::vector<Kept>& window) const {
  std::set<std::string> texts;
  std::set<std::uint32_t> inputs;
  std::vector<long long> numbers;
  long long sum = 0;
  for (const Kept& kept : window) {
    texts.insert(kept.value);
    inputs.insert(kept.input);
    if (!is_number_type(def.type)) continue;
    numbers.push_back(tenths(kept.value));
    sum += numbers.back();
  }
  std::sort(numbers.begin(), numbers.end());
  std::vector<int> chains(window.size(), 1);  // The longest that ends there.
  std::size_t rank = 1;
  switch (def.type) {
    case CorrelationType::kEventCount:
      return static_cast<double>(window.size());
    case CorrelationType::kValueCount:
      return static_cast<double>(texts.size());
    case CorrelationType::kTemporal:
      return static_cast<double>(inputs.size());
    case CorrelationType::kValueSum:
      return static_cast<double>(sum) / 10;
    case CorrelationType::kValueAvg:
      return static_cast<double>(sum) / (10 * static_cast<double>(window.size()));
    case CorrelationType::kValuePercentile:
      while (static_cast<double>(rank) * 100 <
             def.percentile * static_cast<double>(window.size())) {
        ++rank;
      }
      return static_cast<double>(numbers[rank - 1]) / 10;
    case CorrelationType::kTemporalOrdered:
      break;
  }
  // By position in the list first: whatever may stand before an entry is then known.
  for (std::uint32_t input = 0; input < def.inputs.size(); ++input) {
    for (std::size_t i = 0; i < window.size(); ++i) {
      if (window[i].input != input) continue;
      for (std::size_t j = 0; j < window.size(); ++j) {
        const bool in_time =
            window[j].time_ns < window[i].time_ns ||
            (window[j].time_ns == window[i].time_ns && window[j].sequence <= window[i].sequence);
        if (window[j].input < input && in_time) chains[i] = std::max(chains[i], chains[j] + 1);
      }
    }
  }
  return chains.empty() ? 0 : *std::max_element(chains.begin(), chains.end());
}

bool CorrelationOracle::node_is_true(const CorrelationDef& def, std::size_t node,
                                     const std::vector<Kept>& window) const {
  const CorrelationExpr& asked = def.expression[node];
  const auto child = [&](std::uint32_t at) { return node_is_true(def, at, window); };
  switch (asked.kind) {
    case CorrelationExpr::Kind::kRule:
      return std::any_of(window.begin(), window.end(),
                         [&](const Kept& kept) { return kept.input == asked.rule; });
    case CorrelationExpr::Kind::kAnd:
      return std::all_of(asked.children.begin(), asked.children.end(), child);
    case CorrelationExpr::Kind::kOr:
      return std::any_of(asked.children.begin(), asked.children.end(), child);
    case CorrelationExpr::Kind::kNot:
      return !child(asked.children[0]);
  }
  return false;
}

bool CorrelationOracle::is_true(const CorrelationDef& def, const std::vector<Kept>& window) const {
  if (window.empty()) return false;
  if (!def.expression.empty()) return node_is_true(def, def.expression.size() - 1, window);
  const double value = value_of(def, window);
  return std::all_of(def.bounds.begin(), def.bounds.end(),
                     [&](const auto& bound) { return bound_is_met(bound, value); });
}

// Of the first `count` entries those in (time - timespan, time].
std::vector<CorrelationOracle::Kept> CorrelationOracle::window_at(const CorrelationDef& def,
                                                                  const Group& group,
                                                                  std::size_t count,
                                                                  std::int64_t time_ns) const {
  std::vector<Kept> window;
  for (std::size_t i = 0; i < count; ++i) {
    if (group.kept[i].time_ns > time_ns - def.timespan_ns) window.push_back(group.kept[i]);
  }
  return window;
}

std::vector<RecordedHit> CorrelationOracle::match(const TestMatch& match) {
  move_to(match.time_ns);
  if (match.time_ns >= now_ns_ - lateness_ns_) {
    const std::uint64_t tag = match.sequence + TestCorrelator::kTagOffset;
    process({match.rule, {match.time_ns, match.sequence, tag, 0, ""}, match.fields});
  }
  return std::exchange(hits_, {});
}

std::vector<RecordedHit> CorrelationOracle::advance(std::int64_t time_ns) {
  move_to(time_ns);
  return std::exchange(hits_, {});
}

void CorrelationOracle::move_to(std::int64_t time_ns) {
  if (time_ns <= now_ns_) return;
  close_until(time_ns);
  now_ns_ = time_ns;
}

std::vector<RecordedHit> CorrelationOracle::finish() {
  close_until(INT64_MAX);
  return std::exchange(hits_, {});
}

void CorrelationOracle::process(Event event) {
  std::vector<Event> waiting{std::move(event)};
  while (!waiting.empty()) {
    const Event first = waiting.front();
    waiting.erase(waiting.begin());
    for (std::uint32_t i = 0; i < defs_.size(); ++i) {
      for (std::uint32_t input = 0; input < defs_[i].inputs.size(); ++input) {
        if (defs_[i].inputs[input].rule == first.rule) take(i, input, first, waiting);
      }
    }
  }
}

void CorrelationOracle::take(std::uint32_t correlation, std::uint32_t input, const Event& event,
                             std::vector<Event>& next) {
  const CorrelationDef& def = defs_[correlation];
  std::vector<std::string> key;
  for (const auto& name : def.inputs[input].group_fields) {
    const auto texts = field(event.fields, name);
    if (texts.empty()) return;
    key.push_back(with_commas(texts));
  }
  std::vector<std::string> values;
  const auto& value_fields = def.inputs[input].value_fields;
  if (is_rule_type(def.type) || def.type == CorrelationType::kEventCount) {
    values.emplace_back();
  } else if (value_fields.size() == 1) {
    values = field(event.fields, value_fields[0]);
  } else {
    std::string tuple;
    for (const auto& name : value_fields) {
      const auto texts = field(event.fields, name);
      if (texts.empty()) return;
      tuple += with_commas(texts) + "|";
    }
    values.push_back(tuple);
  }
  std::vector<Kept> added;
  for (const std::string& value : values) {
    // What is not a number begins with a letter in these tests.
    if (is_number_type(def.type) && std::isalpha(static_cast<unsigned char>(value[0])) != 0) {
      continue;
    }
    added.push_back(event.what);
    added.back().input = input;
    added.back().value = value;
  }
  if (added.empty()) return;
  const auto found = groups_[correlation].try_emplace(key).first;
  if (found->second.kept.empty()) found->second.number = numbers_++;
  judge(correlation, key, found->second, added, next);
}

void CorrelationOracle::judge(std::uint32_t correlation, const std::vector<std::string>& key,
                              Group& group, const std::vector<Kept>& added,
                              std::vector<Event>& next) {
  const CorrelationDef& def = defs_[correlation];
  const auto is_before = [](const Kept& a, const Kept& b) {
    return a.time_ns < b.time_ns || (a.time_ns == b.time_ns && a.sequence < b.sequence);
  };
  const Kept event = added.front();
  const bool late = !group.kept.empty() && is_before(event, group.kept.back());
  if (at_once(correlation) && !late && event.time_ns < group.armed_ns &&
      !is_true(def, window_at(def, group, group.kept.size(), event.time_ns))) {
    group.armed_ns = event.time_ns;
  }
  group.kept.insert(group.kept.end(), added.begin(), added.end());
  std::stable_sort(group.kept.begin(), group.kept.end(), is_before);
  if (!at_once(correlation)) return;
  RecordedHit again;
  for (std::size_t i = 0; i < group.kept.size(); ++i) {
    const Kept last = group.kept[i];
    const bool whole = i + 1 == group.kept.size() || is_before(last, group.kept[i + 1]);
    if (!whole || is_before(last, event) || last.time_ns >= event.time_ns + def.timespan_ns) {
      continue;
    }
    const std::vector<Kept> window = window_at(def, group, i + 1, last.time_ns);
    if (!is_true(def, window)) continue;
    if (last.time_ns >= group.armed_ns) {
      group.armed_ns = last.time_ns + def.timespan_ns;
      fire(correlation, key, window, next);
      return;
    }
    if (again.fire)
      again = {correlation, false, last.time_ns, last.sequence, key, 0, 0, 0, {last.tag}};
  }
  if (!again.fire) hits_.push_back(again);
}

void CorrelationOracle::fire(std::uint32_t correlation, const std::vector<std::string>& key,
                             const std::vector<Kept>& window, std::vector<Event>& next) {
  const CorrelationDef& def = defs_[correlation];
  const Kept& last = window.back();
  RecordedHit hit{correlation,
                  true,
                  last.time_ns,
                  last.sequence,
                  key,
                  value_of(def, window),
                  window.front().time_ns,
                  window.size(),
                  {}};
  std::vector<Kept> named = window;
  if (def.type == CorrelationType::kTemporalOrdered && at_once(correlation)) {
    // The latest start that still leaves a chain that is long enough.
    for (std::size_t i = 1; i < window.size(); ++i) {
      const std::vector<Kept> rest(window.begin() + static_cast<std::ptrdiff_t>(i), window.end());
      if (is_true(def, rest)) hit.first_ns = rest.front().time_ns;
    }
    named.erase(std::remove_if(named.begin(), named.end(),
                               [&](const Kept& kept) { return kept.time_ns < hit.first_ns; }),
                named.end());
  }
  std::set<std::uint32_t> inputs;
  std::vector<std::uint64_t> tags;
  for (std::size_t i = 0; i + 1 < named.size() && tags.size() < 7; ++i) {
    if (is_rule_type(def.type) && !inputs.insert(named[i].input).second) continue;
    if (tags.empty() || tags.back() != named[i].tag) tags.push_back(named[i].tag);
  }
  if (tags.empty() || tags.back() != last.tag) tags.push_back(last.tag);
  hit.tags = tags;
  hits_.push_back(hit);
  Event event{rule_count_ + correlation, last, {}};
  for (std::size_t i = 0; i < key.size(); ++i) event.fields[def.group_by[i]] = {key[i]};
  next.push_back(event);
}

void CorrelationOracle::close_until(std::int64_t time_ns) {
  while (true) {
    const Group* first = nullptr;
    const std::vector<std::string>* first_key = nullptr;
    std::uint32_t first_correlation = 0;
    std::int64_t first_due = 0;
    for (std::uint32_t i = 0; i < defs_.size(); ++i) {
      if (at_once(i)) continue;
      for (const auto& [key, group] : groups_[i]) {
        if (group.kept.empty()) continue;
        const std::int64_t due = group.kept[0].time_ns + defs_[i].timespan_ns + lateness(i);
        if (due > time_ns) continue;
        if (first != nullptr &&
            (first_due < due || (first_due == due && first->number < group.number))) {
          continue;
        }
        first = &group;
        first_key = &key;
        first_correlation = i;
        first_due = due;
      }
    }
    if (first == nullptr) return;
    now_ns_ = std::max(now_ns_, first_due);
    const CorrelationDef& def = defs_[first_correlation];
    std::vector<Kept> window;
    std::vector<Kept> rest;
    for (const Kept& kept : first->kept) {
      (kept.time_ns < first->kept[0].time_ns + def.timespan_ns ? window : rest).push_back(kept);
    }
    groups_[first_correlation][*first_key].kept = rest;
    std::vector<Event> next;
    if (is_true(def, window)) fire(first_correlation, *first_key, window, next);
    for (const Event& event : next) process(event);
  }
}

}  // namespace chargewarden::testing
