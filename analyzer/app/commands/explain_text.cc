#include "analyzer/app/commands/explain_text.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "alerts/model/json_writer.h"
#include "alerts/model/text_form.h"
#include "analyzer/app/commands/rules_loading.h"

namespace chargewarden {

namespace {

// Values of a rule that one sentence names; a list may have thousands.
constexpr std::size_t kNamedMax = 5;

// The modifier that asks for a field and not for its value.
constexpr std::string_view kExists = "exists";

std::string_view yes_no(bool holds) {
  return holds ? "yes" : "no ";
}

void add_line(std::string& out, const std::string& line) {
  append_terminal_safe(out, line);
  out += '\n';
}

// "a, b and 3 more", of the texts that `text_of` gives for what `wanted` picks.
template <typename List, typename Picks, typename TextOf>
std::string name_some(const List& list, Picks picks, TextOf text_of, std::string_view last_word) {
  std::vector<std::string> named;
  std::size_t count = 0;
  for (const auto& one : list) {
    if (!picks(one)) continue;
    if (count++ < kNamedMax) named.push_back(text_of(one));
  }
  if (count > kNamedMax) {
    return fmt::format("{} {} {} more", fmt::join(named, ", "), last_word, count - kNamedMax);
  }
  std::string out;
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (i > 0) out += i + 1 == named.size() ? fmt::format(" {} ", last_word) : ", ";
    out += named[i];
  }
  return out;
}

std::string wanted_text(const ValueExplanation& value) {
  if (value.forms.empty()) return value.wanted;
  return fmt::format("{} ({}{})", value.wanted, fmt::join(value.forms, ", "),
                     value.forms.size() == kShownValuesMax ? ", ..." : "");
}

std::string wanted_of(const EntryExplanation& entry, bool holding) {
  return name_some(
      entry.values, [holding](const ValueExplanation& value) { return value.holds == holding; },
      wanted_text, entry.all ? "and" : "or");
}

std::string seen_of(const EntryExplanation& entry) {
  if (entry.seen_count == 0) return entry.field.empty() ? "the event" : "an empty list";
  if (entry.seen_count == 1) return entry.seen.front();
  const std::size_t more = entry.seen_count - entry.seen.size();
  return fmt::format("[{}{}]", fmt::join(entry.seen, ", "),
                     more > 0 ? fmt::format(", and {} more", more) : "");
}

// The first value that has the reason of the whole entry.
const ValueExplanation& telling(const EntryExplanation& entry) {
  const auto found = std::find_if(
      entry.values.begin(), entry.values.end(),
      [&](const ValueExplanation& value) { return !value.holds && value.reason == entry.reason; });
  return found == entry.values.end() ? entry.values.front() : *found;
}

std::string holding_sentence(const EntryExplanation& entry) {
  const bool absent = !entry.field.empty() && entry.seen_count == 0;
  if (entry.negated) {
    return fmt::format("{} is not {}", absent ? "the field is absent, and so" : seen_of(entry),
                       wanted_of(entry, false));
  }
  if (entry.field.empty()) return fmt::format("found {}", wanted_of(entry, true));
  if (entry.modifiers == kExists) {
    return absent ? "the event does not have it, as it should be"
                  : fmt::format("the event has it: {}", seen_of(entry));
  }
  if (absent) return fmt::format("the field is absent, as {} asks", wanted_of(entry, true));
  return fmt::format("{} fits {}", seen_of(entry), wanted_of(entry, true));
}

std::string absent_sentence(const EntryExplanation& entry) {
  if (entry.near.empty()) return "the event has no such field";
  return fmt::format("the event has no such field; it has {}", fmt::join(entry.near, ", "));
}

std::string other_sentence(const EntryExplanation& entry, const ValueExplanation& value) {
  if (entry.field.empty()) {
    return fmt::format("no text of the event holds {}", wanted_of(entry, false));
  }
  if (!value.other_seen.empty()) {
    return fmt::format("{} does not fit the field {}, which is {}", seen_of(entry), value.wanted,
                       fmt::join(value.other_seen, ", "));
  }
  return fmt::format("{} does not fit {}", seen_of(entry), wanted_of(entry, false));
}

std::string sentence_of(const EntryExplanation& entry) {
  const std::string seen = seen_of(entry);
  const ValueExplanation& value = telling(entry);
  switch (entry.reason) {
    case Reason::kHolds:
      return holding_sentence(entry);
    case Reason::kCase:
      return fmt::format("{} differs from {} only in case", seen, value.wanted);
    case Reason::kBlanks:
      return fmt::format("{} differs from {} only in blanks around it", seen, value.wanted);
    case Reason::kNumberAsText:
      return fmt::format("{} is the same number as {}, but texts are compared: remove the quotes",
                         seen, value.wanted);
    case Reason::kNotANumber:
      return fmt::format("{} is not a number, and {} is wanted", seen, value.wanted);
    case Reason::kNotABoolean:
      return fmt::format("{} is neither true nor false, and {} is wanted", seen, value.wanted);
    case Reason::kNotAnAddress:
      return fmt::format("{} is not an IP address", seen);
    case Reason::kNotATime:
      return fmt::format("{} is not a time", seen);
    case Reason::kOtherFamily:
      return fmt::format("{} and {} are not both IPv4 or both IPv6", seen, value.wanted);
    case Reason::kOtherFieldAbsent:
      return fmt::format("the event has no field {} to compare {} with", value.wanted, seen);
    case Reason::kNull:
      return fmt::format("the field is null, and {} is wanted", wanted_of(entry, false));
    case Reason::kNoValue:
      return "the field is an object or an empty list, which has no value to compare";
    case Reason::kAbsent:
      return absent_sentence(entry);
    case Reason::kPresent:
      return entry.modifiers == kExists ? fmt::format("the event has it: {}", seen)
                                        : fmt::format("{} is not {}", seen, value.wanted);
    case Reason::kEmptyPlaceholder:
      return fmt::format("the list of {} is empty, which matches nothing", value.wanted);
    case Reason::kOtherValue:
      return other_sentence(entry, value);
    case Reason::kPartMissing:
      return fmt::format("{} lacks {}", seen, wanted_of(entry, false));
    case Reason::kExcluded:
      return fmt::format("{} is excluded by {}", seen, wanted_of(entry, true));
  }
  return {};
}

void add_entry(const EntryExplanation& entry, std::string_view indent, std::string& out) {
  const std::string key = entry.field + (entry.modifiers.empty() ? "" : "|" + entry.modifiers);
  add_line(out, fmt::format("{}{} {}: {}", indent, yes_no(entry.holds),
                            key.empty() ? "any text" : key, sentence_of(entry)));
}

void add_selection(const SelectionExplanation& selection, std::string& out) {
  add_line(out, fmt::format("  {} {}", yes_no(selection.holds), selection.name));
  const bool choice = selection.maps.size() > 1;
  for (std::size_t i = 0; i < selection.maps.size(); ++i) {
    const auto& map = selection.maps[i];
    if (choice) {
      const bool holds =
          std::all_of(map.begin(), map.end(), [](const auto& entry) { return entry.holds; });
      add_line(out, fmt::format("      {} {} {} of {}", yes_no(holds), i == 0 ? "either" : "or",
                                i + 1, selection.maps.size()));
    }
    for (const EntryExplanation& entry : map) {
      add_entry(entry, choice ? "          " : "      ", out);
    }
  }
}

// NOLINTNEXTLINE(misc-no-recursion): conditions are nested at most kConditionDepthMax deep.
void add_part(const PartExplanation& part, std::size_t depth, std::string& out) {
  add_line(out, fmt::format("  {} {:{}}{}", yes_no(part.holds), "", depth * 2, part.text));
  for (const PartExplanation& child : part.children) add_part(child, depth + 1, out);
}

std::string logsource_text(const RuleExplanation& told) {
  if (told.wanted_category.empty()) return "any category";
  if (told.logsource_fits) return fmt::format("category {}", told.wanted_category);
  return fmt::format("category {} is wanted, and {}", told.wanted_category,
                     told.seen_category.empty()
                         ? "the event has no event.category"
                         : fmt::format("event.category is {}", told.seen_category));
}

void text_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.begin_list(key);
  for (const std::string& text : texts) json.text(text);
  json.end_list();
}

// Values that are JSON already.
void json_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& values) {
  json.raw(key, fmt::format("[{}]", fmt::join(values, ",")));
}

void add_boolean(JsonWriter& json, std::string_view key, bool value) {
  json.raw(key, value ? "true" : "false");
}

void add_value_json(const ValueExplanation& value, JsonWriter& json) {
  json.begin_object();
  json.text("wanted", value.wanted);
  add_boolean(json, "holds", value.holds);
  json.text("reason", to_string(value.reason));
  if (!value.forms.empty()) text_list(json, "forms", value.forms);
  if (!value.other_seen.empty()) json_list(json, "other_seen", value.other_seen);
  json.end_object();
}

void add_entry_json(const EntryExplanation& entry, JsonWriter& json) {
  json.begin_object();
  json.text("field", entry.field);
  json.text("modifiers", entry.modifiers);
  json.number("line", entry.position.line);
  add_boolean(json, "holds", entry.holds);
  json.text("reason", to_string(entry.reason));
  json.text("text", sentence_of(entry));
  json_list(json, "seen", entry.seen);
  json.number("seen_count", entry.seen_count);
  text_list(json, "near", entry.near);
  json.begin_list("values");
  for (const ValueExplanation& value : entry.values) add_value_json(value, json);
  json.end_list();
  json.end_object();
}

// NOLINTNEXTLINE(misc-no-recursion): as add_part().
void add_part_json(const PartExplanation& part, JsonWriter& json) {
  json.begin_object();
  json.text("text", part.text);
  add_boolean(json, "holds", part.holds);
  json.begin_list("parts");
  for (const PartExplanation& child : part.children) add_part_json(child, json);
  json.end_list();
  json.end_object();
}

void add_selection_json(const SelectionExplanation& selection, JsonWriter& json) {
  json.begin_object();
  json.text("name", selection.name);
  add_boolean(json, "holds", selection.holds);
  json.begin_list("maps");
  for (const auto& map : selection.maps) {
    json.begin_list();
    for (const EntryExplanation& entry : map) add_entry_json(entry, json);
    json.end_list();
  }
  json.end_list();
  json.end_object();
}

}  // namespace

void append_explanation_text(const RuleInfo& rule, const ExplainedEvent& event,
                             const RuleExplanation& told, std::string& out) {
  std::string what = event.name.empty() ? "" : fmt::format(", {}", event.name);
  if (!event.origin.empty()) what += fmt::format(", {}", event.origin);
  add_line(out, fmt::format("Event {} (line {}{}): {} {}", event.number, event.line, what,
                            display_name(rule), told.matches ? "matches" : "does not match"));
  for (const std::string& filter : event.suppressed_by) {
    add_line(out, fmt::format("but the filter {} suppresses the match: see `rules show`", filter));
  }
  out += "\nlogsource\n";
  add_line(out, fmt::format("  {} {}", yes_no(told.logsource_fits), logsource_text(told)));
  out += told.conditions.size() > 1 ? "\ncondition, any of these\n" : "\ncondition\n";
  for (const PartExplanation& part : told.conditions) add_part(part, 0, out);
  out += "\nselections\n";
  for (const SelectionExplanation& selection : told.selections) add_selection(selection, out);
}

void append_explanation_json(const RuleInfo& rule, const ExplainedEvent& event,
                             const RuleExplanation& told, std::string& out) {
  JsonWriter json(out);
  json.begin_object();
  json.number("event", event.number);
  json.number("line", event.line);
  json.text_if("event_name", event.name);
  json.text_if("origin", event.origin);
  json.begin_object("rule");
  json.text("id", rule.id);
  json.text("name", rule.name);
  json.text("title", rule.title);
  json.end_object();
  add_boolean(json, "matches", told.matches);
  json.begin_list("suppressed_by");
  for (const std::string& filter : event.suppressed_by) json.text(filter);
  json.end_list();
  json.begin_object("logsource");
  add_boolean(json, "fits", told.logsource_fits);
  json.text("wanted", told.wanted_category);
  json.text("seen", told.seen_category);
  json.end_object();
  json.begin_list("conditions");
  for (const PartExplanation& part : told.conditions) add_part_json(part, json);
  json.end_list();
  json.begin_list("selections");
  for (const SelectionExplanation& selection : told.selections) {
    add_selection_json(selection, json);
  }
  json.end_list();
  json.end_object();
  out += '\n';
}

}  // namespace chargewarden
