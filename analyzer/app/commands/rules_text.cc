#include "analyzer/app/commands/rules_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "alerts/model/text_form.h"
#include "analyzer/app/commands/rules_loading.h"
#include "collector/base/text.h"
#include "collector/event/schema.h"
#include "rules/engine/flat_event.h"

namespace chargewarden {

namespace {

// Width of running text, characters: without a terminal, and at least and at most on one.
constexpr std::size_t kTextWidth = 80;
constexpr std::size_t kTextWidthMin = 40;
constexpr std::size_t kTextWidthMax = 100;

std::size_t text_width(TableForm form) {
  return form.columns == 0 ? kTextWidth : std::clamp(form.columns, kTextWidthMin, kTextWidthMax);
}

// The words of the text in lines; `first` stands before the first one, blanks before the others.
void append_wrapped(std::string& out, std::string_view text, std::string_view first,
                    std::size_t width) {
  std::string before(first);
  for (const std::string& line : wrap_words(text, width - first.size())) {
    out += before + line + '\n';
    before.assign(first.size(), ' ');
  }
}

void append_section(std::string& out, std::string_view title, std::string_view text,
                    std::size_t width) {
  if (text.empty()) return;
  out += fmt::format("\n{}\n", title);
  append_wrapped(out, text, "  ", width);
}

void append_list(std::string& out, std::string_view title, const std::vector<std::string>& items,
                 std::size_t width) {
  if (items.empty()) return;
  out += fmt::format("\n{}\n", title);
  for (const std::string& item : items) append_wrapped(out, item, "  - ", width);
}

// Rules may come from anywhere: nothing in them may act upon the terminal.
std::string terminal_safe_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    append_terminal_safe(out, text.substr(0, end));
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void append_item(std::string& out, const DetectionItem& item, std::string_view before) {
  std::string what = item.field.empty() ? "any text of the event" : item.field;
  bool all = false;
  for (const PlacedText& modifier : item.modifiers) {
    all = all || modifier.text == "all";
    what += ' ';
    what += modifier.text;
  }
  if (item.modifiers.empty()) what += item.field.empty() ? " contains" : " is";
  std::string values;
  for (const RuleValue& value : item.values) {
    if (!values.empty()) values += all ? " and " : " or ";
    values += display_text(value);
  }
  out += fmt::format("    {}{}: {}\n", before, what, values);
}

void append_selection(std::string& out, const Selection& selection) {
  out += fmt::format("  {}\n", selection.name);
  for (std::size_t i = 0; i < selection.maps.size(); ++i) {
    const std::vector<DetectionItem>& items = selection.maps[i].items;
    for (std::size_t j = 0; j < items.size(); ++j) {
      append_item(out, items[j], j > 0 ? "and " : i > 0 ? "or  " : "    ");
    }
  }
}

// The document in its file, up to the marker that ends it.
void append_source(std::string& out, const LoadedRule& rule) {
  const SourceFile& file = *rule.file;
  std::vector<std::string_view> lines;
  const auto last =
      static_cast<std::uint32_t>(std::count(file.text().begin(), file.text().end(), '\n') + 1);
  for (std::uint32_t at = rule.document.position.line; at <= last; ++at) {
    const std::string_view line = file.line(at);
    if (line.starts_with("---") || line.starts_with("...")) break;
    lines.push_back(line);
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  out += "\nAs it is written\n";
  for (const std::string_view line : lines) {
    out += line.empty() ? "\n" : fmt::format("  {}\n", line);
  }
}

// As flat JSON, so that they can be given to `rules explain`.
void append_examples(std::string& out, const std::vector<RuleExample>& examples) {
  for (const bool expected : {true, false}) {
    bool first = true;
    for (const RuleExample& example : examples) {
      if (example.expected != expected) continue;
      if (first) out += expected ? "\nExamples that match\n" : "\nExamples that do not match\n";
      first = false;
      out += fmt::format("  {}\n", to_json(example.event));
    }
  }
}

void append_json_list(std::string& out, const std::vector<std::string>& items) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    append_json_string(out, items[i]);
  }
  out += ']';
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
  if (out.back() != '{') out += ", ";
  append_json_string(out, key);
  out += ": ";
  append_json_string(out, value);
}

std::string_view type_name(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return "boolean";
    case FieldType::kInt:
      return "integer";
    case FieldType::kReal:
      return "number";
    case FieldType::kText:
      return "text";
    case FieldType::kTextList:
      return "list of texts";
  }
  return "";
}

void append_field_rows(std::string& out, std::span<const FieldDef> fields) {
  out += "| field | type | source | meaning |\n| --- | --- | --- | --- |\n";
  for (const FieldDef& field : fields) {
    const std::string unit = field.unit.empty() ? "" : fmt::format(", {}", field.unit);
    out += fmt::format("| `{}` | {}{} | {} | {}{} |\n", field.name, type_name(field.type), unit,
                       field.source, field.text,
                       field.privacy == Privacy::kPersonal ? " Personal data." : "");
  }
}

void append_fields_json(std::string& out, std::span<const FieldDef> fields) {
  out += '[';
  for (std::size_t i = 0; i < fields.size(); ++i) {
    out += i > 0 ? ",\n    {" : "\n    {";
    append_member(out, "name", fields[i].name);
    append_member(out, "type", type_name(fields[i].type));
    append_member(out, "unit", fields[i].unit);
    append_member(out, "source", fields[i].source);
    append_member(out, "text", fields[i].text);
    out += fmt::format(", \"personal\": {}}}", fields[i].privacy == Privacy::kPersonal);
  }
  out += ']';
}

std::string_view kind_text(const RuleDocument& document) {
  if (document.correlation) return "correlation";
  return document.filter ? "filter" : "";
}

std::string_view level_text(const RuleDocument& document) {
  if (document.filter) return {};
  if (document.correlation && !document.has_level) return "the highest of what it refers to";
  return to_string(document.info.level);
}

void append_detection(std::string& out, const RuleDocument& document) {
  if (document.filter) {
    out += "\nIt applies to\n";
    if (document.filter->any) out += "  every rule of its logsource\n";
    for (const PlacedText& rule : document.filter->rules) out += fmt::format("  {}\n", rule.text);
  }
  out += document.filter ? "\nand keeps their matches when\n" : "\nIt matches when\n";
  for (std::size_t i = 0; i < document.conditions.size(); ++i) {
    out +=
        fmt::format("  {}{}\n", i > 0 ? "or " : "", print_condition(document.conditions[i].tree));
  }
  out += "\nwhere\n";
  for (const Selection& selection : document.selections) append_selection(out, selection);
}

std::string joined(const std::vector<PlacedText>& texts) {
  std::string out;
  for (const PlacedText& text : texts) out += (out.empty() ? "" : ", ") + text.text;
  return out;
}

// What a correlation asks, as one sentence: "the number of matches of a, b".
std::string measure_text(const CorrelationSection& section) {
  const std::string rules = joined(section.rules);
  const std::string fields = joined(section.value_names);
  switch (section.type) {
    case CorrelationType::kEventCount:
      return "the number of matches of " + rules;
    case CorrelationType::kValueCount:
      return fmt::format("the number of different values of {} in matches of {}", fields, rules);
    case CorrelationType::kTemporal:
      return fmt::format("how many of {} match", rules);
    case CorrelationType::kTemporalOrdered:
      return fmt::format("how many of {} match in this order", rules);
    case CorrelationType::kValueSum:
      return fmt::format("the sum of {} in matches of {}", fields, rules);
    case CorrelationType::kValueAvg:
      return fmt::format("the mean of {} in matches of {}", fields, rules);
    case CorrelationType::kValuePercentile:
      return fmt::format("percentile {} of {} in matches of {}", section.percentile, fields, rules);
  }
  return {};
}

std::string bounds_text(const CorrelationSection& section) {
  static constexpr std::array<std::string_view, 6> kWords{"below",    "at most", "above",
                                                          "at least", "exactly", "not"};
  std::string out;
  for (const CorrelationBound& bound : section.bounds) {
    out += fmt::format("{}{} {}", out.empty() ? "" : " and ",
                       kWords[static_cast<std::size_t>(bound.comparison)], bound.value);
  }
  return out;
}

void append_correlation(std::string& out, const CorrelationSection& section) {
  constexpr std::int64_t kNsPerS = 1'000'000'000;
  out += fmt::format("\nIt fires when, within {} seconds", section.timespan_ns / kNsPerS);
  if (!section.group_by.empty()) {
    out += fmt::format(" and for one {}", joined(section.group_by));
  }
  if (section.expression) {
    out += fmt::format(",\n  {} match\n", print_condition(section.expression->tree));
  } else {
    out += fmt::format(",\n  {} is {}\n", measure_text(section), bounds_text(section));
  }
  for (const CorrelationSection::Alias& alias : section.aliases) {
    for (const CorrelationSection::AliasSource& source : alias.sources) {
      out += fmt::format("  where {} of {} is {}\n", alias.name.text, source.rule.text,
                         source.field.text);
    }
  }
  if (section.generate) out += "  (its rules raise alerts of their own, too)\n";
}

}  // namespace

std::string describe_rule(const LoadedRule& rule, TableForm form) {
  const std::size_t width = text_width(form);
  const RuleDocument& document = rule.document;
  const RuleInfo& info = document.info;
  std::string out = fmt::format("{}\n\n", info.title);
  std::vector<TableRow> rows;
  const auto row = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) rows.push_back({{std::string(key), std::string(value)}});
  };
  row("name", info.name);
  row("id", info.id);
  row("kind", kind_text(document));
  row("level", level_text(document));
  row("status", info.status);
  row("theme", info.theme);
  if (!document.correlation) {
    row("looks at", document.logsource.category.empty() ? "events of every category"
                                                        : document.logsource.category + " events");
  }
  row("alerts", info.posture ? "once per station, until the condition changes" : "");
  row("author", info.author);
  row("date", info.date);
  row("file", fmt::format("{}:{}", info.path, document.position.line));
  out += render_table(rows, {});
  append_section(out, "What it means", info.description, width);
  append_section(out, "What to do", info.response, width);
  append_list(out, "When it may be harmless", info.falsepositives, width);
  append_list(out, "Tags", info.tags, width);
  append_list(out, "References", info.references, width);
  if (document.correlation) {
    append_correlation(out, *document.correlation);
  } else {
    append_detection(out, document);
  }
  append_examples(out, document.examples);
  append_source(out, rule);
  return terminal_safe_lines(out);
}

std::string rules_table(const std::vector<const RuleInfo*>& rules, TableForm form) {
  std::vector<TableRow> rows{{{"LEVEL", "THEME", "NAME", "TITLE"}}};
  for (const RuleInfo* rule : rules) {
    rows.push_back({.cells = {std::string(to_string(rule->level)), rule->theme,
                              std::string(display_name(*rule)), rule->title},
                    .colour = colour_of(rule->level)});
  }
  return render_table(rows, form);
}

std::string rules_json(const std::vector<const RuleInfo*>& rules) {
  std::string out = "[";
  for (const RuleInfo* rule : rules) {
    out += out.size() > 1 ? ",\n  {" : "\n  {";
    append_member(out, "id", rule->id);
    append_member(out, "name", rule->name);
    append_member(out, "title", rule->title);
    append_member(out, "level", to_string(rule->level));
    append_member(out, "status", rule->status);
    append_member(out, "theme", rule->theme);
    out += fmt::format(", \"posture\": {}, \"tags\": ", rule->posture);
    append_json_list(out, rule->tags);
    append_member(out, "path", rule->path);
    append_member(out, "hash", rule->hash);
    out += '}';
  }
  out += rules.empty() ? "]\n" : "\n]\n";
  return out;
}

std::string fields_markdown() {
  std::string out =
      "# Events and their fields\n\n"
      "What rules can ask for. The logsource of a rule is `product: evcharging` and a category.\n\n"
      "## Every event\n\n";
  append_field_rows(out, kCommonFields);
  for (const EventDef* def : all_events()) {
    out += fmt::format("\n## {}\n\nCategory `{}`. {}\n\n", def->name, def->category, def->text);
    append_field_rows(out, def->fields);
    if (def->payload == Payload::kOcpp) {
      out += fmt::format(
          "| `{}*` | as in the message | OCPP schemas | Members of the message's payload, by their "
          "own spelling; lists are entered. |\n"
          "| `{}*` | as in the message | OCPP schemas | On an answer: members of the call's "
          "payload. |\n",
          kPayloadPrefix, kRequestPrefix);
    }
  }
  return out;
}

std::string fields_json() {
  std::string out = "{\"common\": ";
  append_fields_json(out, kCommonFields);
  out += ",\n \"events\": [";
  const char* separator = "\n  {";
  for (const EventDef* def : all_events()) {
    out += separator;
    separator = ",\n  {";
    append_member(out, "name", def->name);
    append_member(out, "category", def->category);
    append_member(out, "text", def->text);
    out += fmt::format(", \"payload\": {}, \"fields\": ", def->payload == Payload::kOcpp);
    append_fields_json(out, def->fields);
    out += '}';
  }
  out += "\n]}\n";
  return out;
}

}  // namespace chargewarden
