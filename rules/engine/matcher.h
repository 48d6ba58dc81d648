#pragma once
// Matcher: asks a rule set which rules match an event.
//
// One per thread; the set must outlive it. Each field is fetched at most once per event, and only
// when a rule asks. After the first events nothing is allocated.

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "collector/base/json_document.h"
#include "collector/event/event.h"
#include "rules/engine/compiled_rules.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/leaf.h"
#include "rules/engine/rule_set.h"

namespace chargewarden {

class Matcher final : private FieldSource {
 public:
  explicit Matcher(const RuleSet& rules);

  // Indexes of the rules that match and that no filter suppresses, ascending. Valid until the next
  // call.
  std::span<const std::uint32_t> match(const Event& event);
  std::span<const std::uint32_t> match(const FlatEvent& event);

  // Whether one rule matches, whatever its logsource and filters say.
  bool matches(std::uint32_t rule, const FlatEvent& event);

  // Whether the rule is for events of this category.
  [[nodiscard]] bool in_logsource(std::uint32_t rule, const FlatEvent& event) const;

  // The texts of a field of the event that was matched last, one for each element; for what is read
  // of a match. Valid until the next call. `field` is one of the set's (RuleSet::find_field).
  std::span<const TextForm> texts_of(FieldIndex field) { return raw_texts(field); }

  // Matches that filters have suppressed so far, in the order of RuleSet::filter_uses(). A match
  // that several filters suppress counts for each of them.
  [[nodiscard]] std::span<const std::uint64_t> suppressed() const noexcept { return suppressed_; }

  // The event as leaves see it, for explanations; valid until the next call of any of these.
  FieldSource& fields_of(const FlatEvent& event);

 private:
  // How far the text forms of a cell have been made.
  enum class Forms : std::uint8_t { kNone, kRaw, kFolded };

  struct Cell {
    std::uint64_t epoch = 0;
    Value value;
    Forms forms = Forms::kNone;
    std::uint32_t forms_begin = 0;
    std::uint32_t forms_count = 0;
  };

  Value value(FieldIndex field) override;
  std::span<const TextForm> raw_texts(FieldIndex field) override;
  std::span<const TextForm> folded_texts(FieldIndex field) override;

  void begin_event();
  Cell& cell(FieldIndex field);
  Value fetch(FieldIndex field);
  Value event_keywords();
  void take_entries(const FlatEvent& event);
  void take_prefixes(std::string_view path);
  void take_entry(FieldIndex field, std::size_t& at);
  Value list_of(std::span<const Value> values);
  TextForm raw_form(const Value& value);
  bool ask(LeafIndex leaf);
  bool run(std::uint32_t rule);
  bool passes_filters(std::uint32_t rule);
  void match_awake(std::span<const Candidate> candidates);

  const CompiledRules& rules_;
  std::uint64_t epoch_ = 0;
  const Event* event_ = nullptr;  // Null while a flat event is matched.
  const std::vector<FieldBinding>* bindings_ = nullptr;
  const EventDef* last_def_ = nullptr;
  std::size_t last_index_ = 0;
  Slot type_slot_ = 0;
  Slot rare_slot_ = 0;  // 0: the event has no such field.
  // Fewest candidates of a live event for which the gates are asked first.
  std::size_t gated_min_ = std::numeric_limits<std::size_t>::max();
  std::vector<Cell> cells_;
  std::vector<TextForm> forms_;
  std::vector<std::uint64_t> answers_;  // Of shared leaves: epoch * 2 + answer.
  std::vector<std::uint32_t> matches_;
  std::vector<std::uint64_t> suppressed_;
  AwakeRules awake_;
  std::vector<Value> found_;  // Scratch for lists.

  struct FlatField {
    FieldIndex field;
    bool flat;
    Value value;
  };

  std::vector<FlatField> flat_fields_;
  ValueArena arena_;
};

}  // namespace chargewarden
