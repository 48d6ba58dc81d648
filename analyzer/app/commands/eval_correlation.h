#pragma once
// EvalCorrelation: the correlations of `rules eval`. Takes the matches of one event after the
// other, and gives the lines of what fires.
//
// Foreign events say their time in many ways: the first of the usual fields that holds one is
// taken, or the field that the user names. A match of an event without a time is not correlated,
// and counted. A correlation is reported with the number of the last event that it is made of.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/correlation/correlator.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/engine/rule_set.h"

namespace chargewarden {

// Where a hit is reported.
class EvalHits {
 public:
  virtual ~EvalHits() = default;
  virtual void on_correlation(std::uint64_t event, std::uint32_t rule) = 0;
};

class EvalCorrelation final : private CorrelationHits {
 public:
  // `time_field` empty: the usual ones. All references must outlive it.
  EvalCorrelation(const RuleSet& rules, std::string time_field, EvalHits& hits);

  // The event with this number, counted from 0, and the rules that match it. `matcher` has matched
  // it last.
  void on_event(std::uint64_t number, const FlatEvent& event,
                std::span<const std::uint32_t> matches, Matcher& matcher);

  // The input has ended.
  void finish();

  // Matches that no correlation saw, because their event has no time.
  [[nodiscard]] std::uint64_t without_time() const noexcept { return without_time_; }

 private:
  void on_hit(const CorrelationHit& hit) override;
  std::optional<std::int64_t> time_of_ns(const FlatEvent& event);
  void correlate(std::uint32_t rule, std::uint64_t number, std::int64_t time_ns, Matcher& matcher);

  const RuleSet& rules_;
  EvalHits& hits_;
  std::vector<std::string> time_fields_;
  Correlator correlator_;
  std::vector<std::vector<FieldIndex>> fields_;  // By rule: as Correlator::fields_of().
  std::vector<std::string_view> texts_;          // Reused for each match, as is what follows.
  std::vector<std::size_t> counts_;
  std::vector<FieldTexts> values_;
  std::uint64_t without_time_ = 0;
};

}  // namespace chargewarden
