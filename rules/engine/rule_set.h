#pragma once
// RuleSet: detection rules, filters and correlations compiled for matching.
//
// Immutable; share it between threads through shared ownership and give each thread a Matcher. A
// reload builds another set. Detection rules are numbered from 0 in the order of their files'
// paths; correlations go on behind them.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/event/ocpp_actions.h"
#include "collector/event/schema.h"
#include "rules/engine/dispatch.h"
#include "rules/engine/leaf.h"
#include "rules/lang/diagnostics.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/value_transform.h"
#include "rules/model/correlation.h"
#include "rules/model/filter_use.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

struct CompiledRules;

class RuleSet {
 public:
  RuleSet(RuleSet&&) noexcept;
  RuleSet& operator=(RuleSet&&) noexcept;
  ~RuleSet();

  // Detection rules and correlations.
  [[nodiscard]] std::size_t size() const noexcept;

  // Detection rules alone.
  [[nodiscard]] std::uint32_t rule_count() const noexcept;

  // `index` must be below size().
  [[nodiscard]] const RuleInfo& info(std::size_t index) const;

  // The one with this number is rule rule_count() + number.
  [[nodiscard]] std::span<const CorrelationDef> correlations() const noexcept;

  // False for a rule that only feeds correlations.
  [[nodiscard]] bool raises_alert(std::size_t index) const;

  // Rules with a filter on them; Matcher::suppressed() counts in this order.
  [[nodiscard]] std::span<const FilterUse> filter_uses() const noexcept;
  [[nodiscard]] std::size_t filter_count() const noexcept;
  [[nodiscard]] const RuleInfo& filter_info(std::size_t filter) const;

  // For Matcher::texts_of(); nullopt when nothing of the set reads the field.
  [[nodiscard]] std::optional<FieldIndex> find_field(std::string_view name) const;

  // SHA-256, hex, of the rules' hashes in order and of the placeholders that they were given: the
  // same hash decides the same way.
  [[nodiscard]] const std::string& hash() const noexcept;

  // Whether any rule can match events of this kind.
  [[nodiscard]] bool wants_event(const EventDef& def) const;

  // The same for messages of an action and type; for other events as wants_event().
  [[nodiscard]] bool may_match(const EventDef& def, ocpp::ActionId action, MessageType type,
                               RareField rare = RareField::kPerhaps) const;

  // Whether a rule that can match answers of the action reads ocpp.request.*: the call must be
  // kept until then.
  [[nodiscard]] bool wants_request(ocpp::ActionId action) const;

  // Whether a rule that can match the event reads the field: others need not be computed.
  [[nodiscard]] bool wants_field(const EventDef& def, Slot slot) const;

  // The same, for messages of an action and type only.
  [[nodiscard]] bool wants_field(const EventDef& def, Slot slot, ocpp::ActionId action,
                                 MessageType type) const;

  [[nodiscard]] const CompiledRules& compiled() const noexcept { return *rules_; }

 private:
  friend class RuleSetBuilder;

  explicit RuleSet(std::unique_ptr<const CompiledRules> rules);

  std::unique_ptr<const CompiledRules> rules_;
};

// Whether logsource and fields are checked against the vocabulary of events.
enum class SchemaCheck : std::uint8_t { kOurs, kForeign };

// Takes documents one by one; problems are reported to the diagnostics of each call. Source files
// must outlive the builder.
class RuleSetBuilder {
 public:
  RuleSetBuilder(PlaceholderMap placeholders, SchemaCheck check);
  RuleSetBuilder(const RuleSetBuilder&) = delete;
  RuleSetBuilder& operator=(const RuleSetBuilder&) = delete;
  ~RuleSetBuilder();

  // False when the rule has errors and was left out.
  bool add(const RuleDocument& document, const SourceFile& file, Diagnostics& diagnostics);

  // The set of all rules that were added. Reports filters and correlations that name what is not
  // there, or not so; they are left out. To be called once.
  RuleSet build(Diagnostics& diagnostics);

 private:
  class Impl;

  std::unique_ptr<Impl> impl_;
};

}  // namespace chargewarden
