#pragma once
// CompiledRules: what a RuleSet holds and a Matcher runs. Built once, then immutable and shared.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "collector/base/json_document.h"
#include "collector/event/schema.h"
#include "rules/engine/dispatch.h"
#include "rules/engine/field_table.h"
#include "rules/engine/gate_index.h"
#include "rules/engine/leaf.h"
#include "rules/engine/program.h"
#include "rules/lang/value_transform.h"
#include "rules/model/correlation.h"
#include "rules/model/filter_use.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

struct CompiledRule {
  RuleInfo info;
  std::string category;  // Of the logsource; empty: any event.
  Program program;
  ExprList tree;                    // Kept for the analysis of what it may match.
  std::vector<FieldIndex> fields;   // That it, its filters and its correlations read, sorted.
  std::uint32_t filters_begin = 0;  // Its part of CompiledRules::filter_uses.
  std::uint32_t filters_count = 0;
};

struct CompiledFilter {
  RuleInfo info;
  Program program;
  std::vector<FieldIndex> fields;
};

// Where an event keeps a field.
struct FieldBinding {
  enum class Kind : std::uint8_t { kAbsent, kSlot, kPayload, kRequest, kKeywords };

  Kind kind = Kind::kAbsent;
  Slot slot = 0;
};

struct CompiledRules {
  std::vector<CompiledRule> rules;
  std::vector<CompiledFilter> filters;
  std::vector<FilterUse> filter_uses;  // By rule, then by filter.
  std::vector<CorrelationDef> correlations;
  std::vector<RuleInfo> correlation_infos;
  std::vector<bool> raises_alert;  // By rule, correlations behind the detection rules.
  std::vector<Leaf> leaves;
  std::vector<std::uint32_t> leaf_costs;  // Rough nanoseconds: only their order matters.
  std::vector<bool> leaf_is_shared;       // Used more than once: its answer is worth keeping.
  FieldTable fields;
  std::vector<JsonPath> paths;  // By field: its path in payload or request, or an empty one.
  std::vector<std::vector<FieldBinding>> bindings;  // By event, then by field.
  Dispatch dispatch;
  GateIndex gates;
  std::vector<std::uint64_t> wanted_slots;  // By event: one bit for each slot that a rule reads.
  PlaceholderMap placeholders;              // That the rules were given.
  bool checks_logsource = true;
  std::string hash;
};

}  // namespace chargewarden
