#include "rules/engine/rule_set.h"

#include <algorithm>
#include <utility>

#include "rules/engine/compiled_rules.h"

namespace chargewarden {

RuleSet::RuleSet(std::unique_ptr<const CompiledRules> rules) : rules_(std::move(rules)) {}

RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;

std::size_t RuleSet::size() const noexcept {
  return rules_->rules.size() + rules_->correlations.size();
}

std::uint32_t RuleSet::rule_count() const noexcept {
  return static_cast<std::uint32_t>(rules_->rules.size());
}

const RuleInfo& RuleSet::info(std::size_t index) const {
  const std::size_t rules = rules_->rules.size();
  return index < rules ? rules_->rules[index].info : rules_->correlation_infos[index - rules];
}

std::span<const CorrelationDef> RuleSet::correlations() const noexcept {
  return rules_->correlations;
}

bool RuleSet::raises_alert(std::size_t index) const {
  return rules_->raises_alert[index];
}

std::span<const FilterUse> RuleSet::filter_uses() const noexcept {
  return rules_->filter_uses;
}

std::size_t RuleSet::filter_count() const noexcept {
  return rules_->filters.size();
}

const RuleInfo& RuleSet::filter_info(std::size_t filter) const {
  return rules_->filters[filter].info;
}

std::optional<FieldIndex> RuleSet::find_field(std::string_view name) const {
  const FieldIndex* found = rules_->fields.find(name);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

const std::string& RuleSet::hash() const noexcept {
  return rules_->hash;
}

bool RuleSet::wants_event(const EventDef& def) const {
  return rules_->dispatch.wants(event_index(def));
}

bool RuleSet::may_match(const EventDef& def, ocpp::ActionId action, MessageType type,
                        RareField rare) const {
  return !rules_->dispatch.candidates(event_index(def), action, type, rare).empty();
}

bool RuleSet::wants_request(ocpp::ActionId action) const {
  const auto reads_request = [this](FieldIndex field) {
    return field == kKeywordField || rules_->fields.name(field).starts_with(kRequestPrefix);
  };
  for (std::size_t event = 0; event < all_events().size(); ++event) {
    if (all_events()[event]->payload != Payload::kOcpp) continue;
    for (const MessageType type : {MessageType::kResult, MessageType::kError,
                                   MessageType::kResultError, MessageType::kOther}) {
      for (const Candidate& candidate : rules_->dispatch.candidates(event, action, type)) {
        const std::vector<FieldIndex>& fields = rules_->rules[candidate.rule].fields;
        if (std::any_of(fields.begin(), fields.end(), reads_request)) return true;
      }
    }
  }
  return false;
}

bool RuleSet::wants_field(const EventDef& def, Slot slot) const {
  return (rules_->wanted_slots[event_index(def)] >> slot & 1U) != 0;
}

bool RuleSet::wants_field(const EventDef& def, Slot slot, ocpp::ActionId action,
                          MessageType type) const {
  if (!wants_field(def, slot)) return false;
  const std::size_t event = event_index(def);
  const std::vector<FieldBinding>& bindings = rules_->bindings[event];
  for (const Candidate& candidate : rules_->dispatch.candidates(event, action, type)) {
    for (const FieldIndex field : rules_->rules[candidate.rule].fields) {
      const FieldBinding binding = bindings[field];
      if (field == kKeywordField ||
          (binding.kind == FieldBinding::Kind::kSlot && binding.slot == slot)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace chargewarden
