#include "analyzer/pipeline/correlation_stage.h"

#include <algorithm>
#include <span>

#include "analyzer/pipeline/field_texts.h"
#include "collector/event/redactor.h"

namespace chargewarden {

namespace {

class NoHits final : public CorrelationHits {
 public:
  void on_hit(const CorrelationHit& /*hit*/) override {}
};

bool groups_by(const RuleSet& rules, std::uint32_t rule, const std::string& field) {
  for (const CorrelationDef& def : rules.correlations()) {
    for (const CorrelationInput& input : def.inputs) {
      const auto& fields = input.group_fields;
      if (input.rule == rule && std::find(fields.begin(), fields.end(), field) != fields.end()) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

CorrelationFields::CorrelationFields(const RuleSet& rules)
    : fields_(rules.rule_count()), wanted_(rules.rule_count(), false) {
  if (rules.correlations().empty()) return;
  NoHits none;
  const Correlator correlator(rules.correlations(), rules.rule_count(), none);
  for (std::uint32_t rule = 0; rule < rules.rule_count(); ++rule) {
    wanted_[rule] = correlator.wants(rule);
    for (const std::string& name : correlator.fields_of(rule)) {
      Field field;
      field.index = rules.find_field(name).value_or(kKeywordField);
      field.shown = groups_by(rules, rule, name);
      field.hides = Redactor::hides_field(name);
      fields_[rule].push_back(field);
    }
  }
}

CorrelationStage::CorrelationStage(const RuleSet& rules, CorrelationHits& out,
                                   const HashKey& hash_key)
    : correlator_(rules.correlations(), rules.rule_count(), out, {}, hash_key) {}

void CorrelationStage::on_match(const Note& note, const Outbox& outbox, std::size_t shard) {
  if (note.order != last_order_ || note.event != last_event_ || shard != last_shard_) {
    ++sequence_;
    last_order_ = note.order;
    last_event_ = note.event;
    last_shard_ = shard;
  }
  texts_.clear();
  counts_.clear();
  values_.clear();
  PackedReader reader(outbox.view(note.values));
  const std::size_t fields = correlator_.fields_of(note.rule).size();
  for (std::size_t i = 0; i < fields; ++i) {
    counts_.push_back(reader.number());
    for (std::uint32_t j = 0; j < counts_.back(); ++j) texts_.push_back(reader.text());
  }
  std::size_t at = 0;
  for (const std::uint32_t count : counts_) {
    values_.push_back(std::span<const std::string_view>(texts_).subspan(at, count));
    at += count;
  }
  correlator_.on_match({.rule = note.rule,
                        .time_ns = note.time_ns,
                        .sequence = sequence_,
                        .tag = pack_tag({note.source, note.packet_number}),
                        .values = values_});
}

}  // namespace chargewarden
