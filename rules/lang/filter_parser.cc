#include "rules/lang/filter_parser.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "rules/lang/detection_parser.h"

namespace chargewarden {

namespace {

constexpr std::string_view kRulesKey = "rules";
constexpr std::string_view kAny = "any";

void read_rules(const YamlNode& section, const SourceFile& file, FilterSection& out,
                Diagnostics& diagnostics) {
  const YamlNode* node = section.find(kRulesKey);
  if (node == nullptr) {
    diagnostics.add(Problem::kMissingKey, file, section.position, "the filter has no `rules`",
                    "add the list of ids or names, or `rules: any` for the whole logsource");
    return;
  }
  if (node->kind == YamlKind::kScalar && node->text == kAny) {
    out.any = true;
    return;
  }
  if (node->kind != YamlKind::kList || node->items.empty()) {
    diagnostics.add(Problem::kWrongType, file, node->position,
                    "`rules` must be a list that names a rule",
                    "write one id or name a line, each after a dash, or `rules: any`");
    return;
  }
  for (const YamlNode& item : node->items) {
    const auto same = [&](const PlacedText& known) { return known.text == item.text; };
    if (item.kind != YamlKind::kScalar || item.text.empty()) {
      diagnostics.add(Problem::kWrongType, file, item.position,
                      "an entry of `rules` must be a text");
    } else if (std::any_of(out.rules.begin(), out.rules.end(), same)) {
      diagnostics.add(Problem::kDuplicateEntry, file, item.position,
                      fmt::format("`rules` has \"{}\" twice", item.text), "remove one");
    } else if (out.rules.size() >= kReferencesMax) {
      diagnostics.add(Problem::kTooManyValues, file, item.position,
                      fmt::format("`rules` has more than {} entries", kReferencesMax));
      return;
    } else {
      out.rules.push_back({item.text, item.position});
    }
  }
}

// Whether any part of the condition excludes.
bool says_not(const RuleDocument& document) {
  for (const ParsedCondition& condition : document.conditions) {
    for (const ConditionNode& node : condition.tree.nodes) {
      if (node.kind == ConditionKind::kNot) return true;
    }
  }
  for (const Selection& selection : document.selections) {
    for (const DetectionMap& map : selection.maps) {
      for (const DetectionItem& item : map.items) {
        for (const PlacedText& modifier : item.modifiers) {
          if (modifier.text == "neq") return true;
        }
      }
    }
  }
  return false;
}

}  // namespace

void parse_filter(const YamlNode& section, const SourceFile& file, RuleDocument& out,
                  Diagnostics& diagnostics) {
  out.filter.emplace();
  if (section.kind == YamlKind::kMap) read_rules(section, file, *out.filter, diagnostics);
  parse_detection(section, file, out, diagnostics, kRulesKey);
  if (out.conditions.empty() || says_not(out)) return;
  diagnostics.add(Problem::kFilterWithoutNot, file, out.conditions.front().text.position,
                  "the rules keep only matches that the filter describes",
                  "to leave them out, write `not` before the selection");
}

}  // namespace chargewarden
