#include "rules/lang/detection_parser.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace chargewarden {

namespace {

class DetectionParser {
 public:
  DetectionParser(const SourceFile& file, RuleDocument& out, Diagnostics& diagnostics)
      : file_(file), out_(out), diagnostics_(diagnostics) {}

  void run(const YamlNode& detection, std::string_view other_key) {
    if (detection.kind != YamlKind::kMap) {
      report(Problem::kWrongType, detection.position,
             other_key.empty() ? "`detection` must be a map" : "`filter` must be a map",
             "write selections and a condition below it");
      return;
    }
    for (const YamlEntry& entry : detection.entries) {
      if (entry.key == "condition" || (!other_key.empty() && entry.key == other_key)) continue;
      if (entry.key == "timeframe") {
        report(Problem::kTimeframe, entry.position, "`timeframe` belongs to Sigma version 1",
               "use a correlation with `timespan`");
        continue;
      }
      selection(entry);
    }
    if (out_.selections.empty()) {
      report(Problem::kNoSelection, detection.position, "there is no selection",
             "add a map such as `selection:` with fields and values");
      return;
    }
    conditions(detection);
  }

 private:
  void report(Problem problem, Position position, std::string message, std::string hint = {}) {
    diagnostics_.add(problem, file_, position, std::move(message), std::move(hint));
  }

  void selection(const YamlEntry& entry) {
    if (!is_selection_name(entry.key)) {
      report(Problem::kBadSelectionName, entry.position,
             fmt::format("\"{}\" cannot be a selection's name", entry.key),
             "use letters, digits, _ and -, and none of the words of conditions");
      return;
    }
    if (out_.selections.size() >= kSelectionsMax) {
      if (out_.selections.size() == kSelectionsMax && !reported_count_) {
        reported_count_ = true;
        report(Problem::kTooManyValues, entry.position,
               fmt::format("the rule has more than {} selections", kSelectionsMax));
      }
      return;
    }
    Selection out{.name = entry.key, .position = entry.position, .maps = {}};
    const YamlNode& value = entry.value;
    switch (value.kind) {
      case YamlKind::kMap:
        add_map(value, out);
        break;
      case YamlKind::kList:
        add_list(value, out);
        break;
      case YamlKind::kScalar:
      case YamlKind::kNull:
        add_keywords(value, {&value}, out);
        break;
    }
    // Also kept when it is wrong: the condition that names it is not to blame.
    out_.selections.push_back(std::move(out));
  }

  // A list of maps: any of them. A list of plain values: keywords. Both: each item for itself.
  void add_list(const YamlNode& list, Selection& out) {
    if (list.items.empty()) {
      report(Problem::kEmptyList, list.position, "the selection is an empty list",
             "remove it, or add a map or a keyword");
    }
    std::vector<const YamlNode*> keywords;
    for (const YamlNode& item : list.items) {
      switch (item.kind) {
        case YamlKind::kMap:
          add_map(item, out);
          break;
        case YamlKind::kList:
          report(Problem::kBadSelection, item.position, "a list stands inside a list",
                 "a selection is a map, a list of maps, or a list of keywords");
          break;
        case YamlKind::kScalar:
        case YamlKind::kNull:
          keywords.push_back(&item);
          break;
      }
    }
    if (!keywords.empty()) add_keywords(list, keywords, out);
  }

  void add_keywords(const YamlNode& place, const std::vector<const YamlNode*>& nodes,
                    Selection& out) {
    DetectionItem item;
    item.position = place.position;
    item.is_list = place.kind == YamlKind::kList;
    for (const YamlNode* node : nodes) {
      if (node->kind == YamlKind::kNull) {
        report(Problem::kBadSelection, node->position, "null cannot be a keyword",
               "write a map `field: null` to ask for an absent field");
        continue;
      }
      if (!add_value(*node, item)) break;
    }
    DetectionMap map;
    map.items.push_back(std::move(item));
    out.maps.push_back(std::move(map));
  }

  void add_map(const YamlNode& map, Selection& out) {
    if (map.entries.empty()) {
      report(Problem::kEmptyList, map.position, "the selection is an empty map",
             "add a field with a value");
    }
    if (map.entries.size() > kItemsMax || out.maps.size() >= kItemsMax) {
      report(Problem::kTooManyValues, map.position,
             fmt::format("the selection has more than {} maps or fields", kItemsMax));
      return;
    }
    DetectionMap result;
    for (const YamlEntry& entry : map.entries) {
      DetectionItem item;
      parse_key(entry, item);
      parse_values(entry, item);
      result.items.push_back(std::move(item));
    }
    out.maps.push_back(std::move(result));
  }

  static void parse_key(const YamlEntry& entry, DetectionItem& item) {
    item.position = entry.position;
    std::string_view key = entry.key;
    std::size_t column = entry.position.column;
    const std::size_t bar = key.find('|');
    item.field = key.substr(0, bar);
    while (key.find('|') != std::string_view::npos) {
      const std::size_t at = key.find('|') + 1;
      key.remove_prefix(at);
      column += at;
      item.modifiers.push_back({std::string(key.substr(0, key.find('|'))),
                                {entry.position.line, static_cast<std::uint32_t>(column)}});
    }
  }

  void parse_values(const YamlEntry& entry, DetectionItem& item) {
    const YamlNode& value = entry.value;
    if (value.kind == YamlKind::kMap) {
      report(Problem::kBadSelection, value.position,
             fmt::format("the value of \"{}\" is a map", entry.key),
             "write nested fields with dots: `outer.inner: value`");
      return;
    }
    if (value.kind != YamlKind::kList) {
      add_value(value, item);
      return;
    }
    item.is_list = true;
    if (value.items.empty()) {
      report(Problem::kEmptyList, value.position,
             fmt::format("the list of values of \"{}\" is empty", entry.key),
             "add a value; `null` asks for an absent field");
    }
    for (const YamlNode& element : value.items) {
      if (element.kind == YamlKind::kNull) {
        report(Problem::kNullInList, element.position, "null stands in a list of values",
               "make a list of two maps: one with `field: null`");
      } else if (element.kind != YamlKind::kScalar) {
        report(Problem::kBadSelection, element.position, "a value is a list or a map",
               "values are texts, numbers and booleans");
      } else if (!add_value(element, item)) {
        break;
      }
    }
  }

  // False when the limit is reached.
  bool add_value(const YamlNode& node, DetectionItem& item) {
    if (item.values.size() >= kValuesMax) {
      report(Problem::kTooManyValues, node.position,
             fmt::format("the list has more than {} values", kValuesMax));
      return false;
    }
    ScalarReading reading{};
    item.values.push_back(rule_value(node, reading));
    if (reading == ScalarReading::kAmbiguous) {
      report(Problem::kAmbiguousScalar, node.position,
             fmt::format("\"{}\" means different things in YAML 1.1 and 1.2", node.text),
             "quote it if it is text; write true, false or a plain number otherwise");
    }
    return true;
  }

  void conditions(const YamlNode& detection) {
    const YamlNode* value = detection.find("condition");
    if (value == nullptr) {
      report(Problem::kMissingKey, detection.position, "there is no `condition`",
             "add `condition: selection`");
      return;
    }
    std::vector<std::string_view> names;
    for (const Selection& selection : out_.selections) names.emplace_back(selection.name);
    std::vector<bool> used(names.size(), false);
    bool all_read = true;
    if (value->kind == YamlKind::kList && !value->items.empty()) {
      for (const YamlNode& item : value->items) all_read &= condition(item, names, used);
    } else {
      all_read = condition(*value, names, used);
    }
    // After a syntax error nobody knows what the rest of the condition would have named.
    if (!all_read) return;
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (used[i]) continue;
      report(Problem::kUnusedSelection, out_.selections[i].position,
             fmt::format("no condition uses the selection \"{}\"", names[i]),
             "name it in the condition, or remove it");
    }
  }

  bool condition(const YamlNode& node, const std::vector<std::string_view>& names,
                 std::vector<bool>& used) {
    if (node.kind != YamlKind::kScalar) {
      report(Problem::kWrongType, node.position, "a condition must be text",
             "write `condition: selection`, or a list of such texts");
      return false;
    }
    ParsedCondition out;
    out.text = {.text = node.text, .position = node.position, .quoted = node.quoted};
    auto tree = parse_condition(out.text, file_, diagnostics_);
    if (!tree) return false;
    out.tree = std::move(*tree);
    auto resolved = resolve_condition(out.tree, out.text, names, used, file_, diagnostics_);
    if (!resolved) return false;
    out.resolved = std::move(*resolved);
    out_.conditions.push_back(std::move(out));
    return true;
  }

  const SourceFile& file_;
  RuleDocument& out_;
  Diagnostics& diagnostics_;
  bool reported_count_ = false;
};

}  // namespace

void parse_detection(const YamlNode& detection, const SourceFile& file, RuleDocument& out,
                     Diagnostics& diagnostics, std::string_view other_key) {
  DetectionParser(file, out, diagnostics).run(detection, other_key);
}

}  // namespace chargewarden
