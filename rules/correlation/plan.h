#pragma once
// CorrelationPlan: what is worked out about the correlations once, before the first match: who
// refers to whom, which fields a match must bring, how each one is judged. Immutable once built.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rules/model/correlation.h"

namespace chargewarden {

// That a correlation refers to a rule, and where what is handed in with a match of the rule holds
// what the correlation reads.
struct CorrelationUse {
  std::uint32_t correlation = 0;
  std::uint32_t input = 0;               // Position in CorrelationDef::inputs.
  std::vector<std::uint32_t> group_at;   // One for each member of group_by; kNoIndex: nowhere.
  std::vector<std::uint32_t> values_at;  // The same for value_names.
};

struct CorrelationPlan {
  const CorrelationDef* def = nullptr;
  bool at_once = false;

  // How old an event of an input can be when it arrives: the lateness of matches, or what an input
  // that is a correlation itself waits before it is judged.
  std::int64_t lateness_ns = 0;
  std::int64_t kept_ns = 0;  // timespan + lateness: the age at which an entry has no more use.

  // Judged at once: all bounds in one, the strongest.
  CorrelationBound threshold;

  // temporal_ordered judged at once: rules that a chain must have, at least 1, and how many of the
  // list it may leave out. A length above the number of inputs is never reached.
  std::size_t chain_length = 0;
  std::size_t chain_skips = 0;
};

class CorrelationPlans {
 public:
  // The defs must outlive the plans. References that close a cycle or lead nowhere are not
  // followed, and neither are inputs whose fields are not those of the correlation, nor any of a
  // correlation other than temporal that has an expression; the loader refuses them all.
  CorrelationPlans(std::span<const CorrelationDef> defs, std::uint32_t rule_count,
                   std::int64_t lateness_ns);

  [[nodiscard]] const CorrelationPlan& operator[](std::uint32_t correlation) const noexcept {
    return plans_[correlation];
  }

  [[nodiscard]] std::size_t size() const noexcept { return plans_.size(); }

  // In the common numbering of rules; nothing for unknown ones.
  [[nodiscard]] std::span<const CorrelationUse> uses_of(std::uint32_t rule) const noexcept;

  // Of a detection rule: what its matches must bring. Of a correlation: its group_by.
  [[nodiscard]] std::span<const std::string> fields_of(std::uint32_t rule) const noexcept;

 private:
  void link(std::uint32_t correlation, std::uint32_t rule_count);

  std::vector<CorrelationPlan> plans_;
  std::vector<std::vector<CorrelationUse>> uses_;
  std::vector<std::vector<std::string>> fields_;
};

// Whether the bound holds for the value.
bool meets(const CorrelationBound& bound, double value) noexcept;

// Whether a condition over rules holds when those are there for which `present` is not 0.
bool holds(std::span<const CorrelationExpr> expression, std::span<const std::int64_t> present,
           std::vector<char>& scratch);

}  // namespace chargewarden
