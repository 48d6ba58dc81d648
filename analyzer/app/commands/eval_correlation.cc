#include "analyzer/app/commands/eval_correlation.h"

#include <utility>

#include "rules/engine/value_reading.h"

namespace chargewarden {

namespace {

// Ours, that of Elastic, and what Windows, syslog and other programs write.
std::vector<std::string> usual_time_fields() {
  return {"event.time", "@timestamp", "timestamp",    "Timestamp", "time",
          "_time",      "ts",         "UtcTime",      "EventTime", "TimeCreated",
          "SystemTime", "eventTime",  "event.created"};
}

}  // namespace

EvalCorrelation::EvalCorrelation(const RuleSet& rules, std::string time_field, EvalHits& hits)
    : rules_(rules),
      hits_(hits),
      time_fields_(time_field.empty() ? usual_time_fields()
                                      : std::vector<std::string>{std::move(time_field)}),
      correlator_(rules.correlations(), rules.rule_count(), *this),
      fields_(rules.rule_count()) {
  for (std::uint32_t rule = 0; rule < rules.rule_count(); ++rule) {
    for (const std::string& name : correlator_.fields_of(rule)) {
      fields_[rule].push_back(rules.find_field(name).value_or(kKeywordField));
    }
  }
}

void EvalCorrelation::on_event(std::uint64_t number, const FlatEvent& event,
                               std::span<const std::uint32_t> matches, Matcher& matcher) {
  if (rules_.correlations().empty()) return;
  const auto time_ns = time_of_ns(event);
  if (time_ns) correlator_.advance(*time_ns);
  for (const std::uint32_t rule : matches) {
    if (!correlator_.wants(rule)) continue;
    if (time_ns) {
      correlate(rule, number, *time_ns, matcher);
    } else {
      ++without_time_;
    }
  }
}

void EvalCorrelation::finish() {
  correlator_.finish();
}

std::optional<std::int64_t> EvalCorrelation::time_of_ns(const FlatEvent& event) {
  for (std::string& name : time_fields_) {
    for (const FlatEvent::Entry& entry : event.entries()) {
      if (entry.path != name) continue;
      const auto time_ns = chargewarden::time_of_ns(entry.value);
      if (!time_ns) continue;
      // Events of one stream are alike: the next one is asked for this field first.
      std::swap(name, time_fields_.front());
      return time_ns;
    }
  }
  return std::nullopt;
}

void EvalCorrelation::correlate(std::uint32_t rule, std::uint64_t number, std::int64_t time_ns,
                                Matcher& matcher) {
  texts_.clear();
  counts_.clear();
  values_.clear();
  for (const FieldIndex field : fields_[rule]) {
    const std::size_t before = texts_.size();
    for (const TextForm& form : matcher.texts_of(field)) {
      if (form.is_text) texts_.push_back(form.raw);
    }
    counts_.push_back(texts_.size() - before);
  }
  std::size_t at = 0;
  for (const std::size_t count : counts_) {
    values_.push_back(std::span<const std::string_view>(texts_).subspan(at, count));
    at += count;
  }
  correlator_.on_match(
      {.rule = rule, .time_ns = time_ns, .sequence = number + 1, .tag = number, .values = values_});
}

void EvalCorrelation::on_hit(const CorrelationHit& hit) {
  const std::uint32_t rule = rules_.rule_count() + hit.correlation;
  if (hit.kind != CorrelationHitKind::kFire || !rules_.raises_alert(rule)) return;
  hits_.on_correlation(hit.sequence - 1, rule);
}

}  // namespace chargewarden
