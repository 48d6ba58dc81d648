#pragma once
// CorrelationStage: hands the matches of all shards to the correlator, in the order of the packets.
//
// Belongs to the thread that merges the outboxes. What shards hand over is redacted already where
// it may be shown.

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyzer/facts/packet_tag.h"
#include "analyzer/pipeline/outbox.h"
#include "rules/correlation/correlator.h"
#include "rules/engine/rule_set.h"

namespace chargewarden {

// Which fields of a rule's events its matches must bring, and whether they may be shown. One for
// all shards, immutable.
class CorrelationFields {
 public:
  struct Field {
    FieldIndex index = 0;
    // Somebody groups by it, so that alerts show it. What this is made of is told by the name.
    bool shown = false;
    bool hides = false;  // Shown as a pseudonym: personal, or perhaps a secret.
  };

  explicit CorrelationFields(const RuleSet& rules);

  // Empty when no correlation refers to the rule, or when it needs no field; see wants().
  [[nodiscard]] const std::vector<Field>& of(std::uint32_t rule) const { return fields_[rule]; }

  [[nodiscard]] bool wants(std::uint32_t rule) const { return wanted_[rule]; }

 private:
  std::vector<std::vector<Field>> fields_;
  std::vector<bool> wanted_;
};

class CorrelationStage {
 public:
  // `rules` and `out` must outlive it.
  CorrelationStage(const RuleSet& rules, CorrelationHits& out, const HashKey& hash_key);

  // A match with Note::values. `shard` and Note::event tell events of one packet apart.
  void on_match(const Note& note, const Outbox& outbox, std::size_t shard);

  void advance(std::int64_t time_ns) { correlator_.advance(time_ns); }

  void finish() { correlator_.finish(); }

  [[nodiscard]] const CorrelatorCounters& counters() const noexcept {
    return correlator_.counters();
  }

 private:
  Correlator correlator_;
  std::uint64_t sequence_ = 0;
  std::uint64_t last_order_ = 0;
  std::uint64_t last_event_ = 0;
  std::size_t last_shard_ = 0;
  std::vector<std::string_view> texts_;  // Reused for each match, as is what follows.
  std::vector<std::uint32_t> counts_;
  std::vector<FieldTexts> values_;
};

}  // namespace chargewarden
