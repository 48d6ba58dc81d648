#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "alerts/model/json_writer.h"
#include "alerts/model/text_form.h"
#include "analyzer/app/commands/coverage_report.h"
#include "analyzer/app/commands/rules_loading.h"

namespace chargewarden {

namespace {

constexpr std::size_t kColumnsMax = 100;

// Stations that the text names; JSON has all.
constexpr std::size_t kEncryptedNamedMax = 5;

struct StateDef {
  CoverageState state;
  std::string_view word;   // In text.
  std::string_view key;    // In JSON.
  std::string_view title;  // Of its table.
};

constexpr auto kStates = std::to_array<StateDef>({
    {CoverageState::kFired, "fired", "fired", "Fired"},
    {CoverageState::kCouldFire, "could fire", "could_fire", "Could fire, and never did"},
    {CoverageState::kNotObservable, "not observable", "not_observable", "Not observable"},
});

const StateDef& def_of(CoverageState state) {
  return kStates[static_cast<std::size_t>(state)];
}

// Events outside of what TLS hides.
bool is_outside_tls(std::string_view category) {
  return category == "connection" || category == "tls" || category == "certificate" ||
         category == "sensor";
}

std::string encrypted_text(const Sightings& sightings) {
  const auto& names = sightings.only_encrypted;
  if (names.size() > kEncryptedNamedMax) {
    return fmt::format("; {} stations are only seen encrypted (TLS without keys)", names.size());
  }
  if (!names.empty()) {
    return fmt::format("; {} {} only seen encrypted (TLS without keys)", fmt::join(names, ", "),
                       names.size() == 1 ? "is" : "are");
  }
  if (sightings.encrypted_connections == 0) return {};
  return fmt::format("; {} connection{} encrypted (TLS without keys)",
                     sightings.encrypted_connections,
                     sightings.encrypted_connections == 1 ? " was" : "s were");
}

// For a table: without the fraction of the second.
std::string seconds_of(std::int64_t time_ns) {
  return to_rfc3339(time_ns).substr(0, 19) + "Z";
}

// Header and cells of a table, behind level and rule.
std::vector<std::string> header_of(CoverageState state, bool of_trail) {
  switch (state) {
    case CoverageState::kFired:
      return {of_trail ? "ALERTS" : "MATCHES", "FIRST", "LAST"};
    case CoverageState::kCouldFire:
      return {"EVENTS THAT IT LOOKED AT"};
    case CoverageState::kNotObservable:
      return {"WHY"};
  }
  return {};
}

std::vector<std::string> cells_of(const RuleCoverage& rule) {
  switch (rule.state) {
    case CoverageState::kFired:
      return {std::to_string(rule.fired.count), seconds_of(rule.fired.first_ns),
              seconds_of(rule.fired.last_ns)};
    case CoverageState::kCouldFire:
      return {std::to_string(rule.looked_at)};
    case CoverageState::kNotObservable:
      return {rule.why};
  }
  return {};
}

std::size_t count_of(const CoverageReport& report, CoverageState state) {
  return static_cast<std::size_t>(
      std::count_if(report.rules.begin(), report.rules.end(),
                    [state](const RuleCoverage& rule) { return rule.state == state; }));
}

// Whole percent, rounded half up.
std::size_t share_of(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : (part * 200 + whole) / (2 * whole);
}

std::string summary_of(const CoverageReport& report) {
  const std::size_t all = report.rules.size();
  std::string out = fmt::format("{} rule{}", all, all == 1 ? "" : "s");
  for (const StateDef& def : kStates) {
    const std::size_t count = count_of(report, def.state);
    out += fmt::format("{} {} {} ({} %)", def.state == CoverageState::kFired ? ":" : ",", count,
                       def.word, share_of(count, all));
  }
  return out + "\n";
}

void add_rule_json(const RuleCoverage& rule, bool of_trail, JsonWriter& json) {
  json.begin_object();
  json.text("id", rule.rule->id);
  json.text("name", rule.rule->name);
  json.text("title", rule.rule->title);
  json.text("level", to_string(rule.rule->level));
  json.text("theme", rule.rule->theme);
  json.text("state", def_of(rule.state).key);
  json.number(of_trail ? "alerts" : "matches", rule.fired.count);
  if (rule.fired.count > 0) {
    json.text("first", to_rfc3339(rule.fired.first_ns));
    json.text("last", to_rfc3339(rule.fired.last_ns));
  }
  json.number("looked_at", rule.looked_at);
  json.text_if("why", rule.why);
  json.end_object();
}

void text_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.begin_list(key);
  for (const std::string& text : texts) json.text(text);
  json.end_list();
}

// A correlation sees through the rules that it refers to: of temporal types it needs all of them,
// else one. NOLINTNEXTLINE(misc-no-recursion): kCorrelationDepthMax bounds it.
Observability judge(const RuleSet& rules, std::uint32_t rule, const Sightings& sightings) {
  static const std::vector<FieldIndex> kNobodyWatched;
  if (rule < rules.rule_count()) {
    const auto& missing = sightings.missing.empty() ? kNobodyWatched : sightings.missing[rule];
    return judge_rule(rules, rule, sightings.observed, missing);
  }
  const CorrelationDef& def = rules.correlations()[rule - rules.rule_count()];
  const bool needs_all = def.expression.empty() && (def.type == CorrelationType::kTemporal ||
                                                    def.type == CorrelationType::kTemporalOrdered);
  Observability out;
  std::size_t blind = 0;
  for (const CorrelationInput& input : def.inputs) {
    const Observability seen = judge(rules, input.rule, sightings);
    out.looked_at += seen.looked_at;
    if (seen.blind.empty()) continue;
    if (blind++ == 0) {
      out.blind = fmt::format("the rule {} could not match: {}", label_of(rules.info(input.rule)),
                              seen.blind);
    }
  }
  if (needs_all ? blind == 0 : blind < def.inputs.size()) out.blind.clear();
  return out;
}

}  // namespace

RuleCoverage cover(const RuleSet& rules, std::uint32_t rule, const Sightings& sightings) {
  RuleCoverage out;
  out.rule = &rules.info(rule);
  out.fired = sightings.fired[rule];
  const Observability seen = judge(rules, rule, sightings);
  out.looked_at = seen.looked_at;
  if (out.fired.count > 0) {
    out.state = CoverageState::kFired;
  } else if (!sightings.counted) {
    out.state = CoverageState::kNotObservable;
    out.why = "no run kept count of what it saw";
  } else if (!seen.blind.empty()) {
    out.state = CoverageState::kNotObservable;
    out.why = seen.blind;
    const bool correlation = rule >= rules.rule_count();
    if (!correlation && seen.looked_at == 0 &&
        !is_outside_tls(rules.compiled().rules[rule].category)) {
      out.why += encrypted_text(sightings);
    }
  }
  return out;
}

std::string coverage_table(const CoverageReport& report, TableForm form) {
  form.columns = form.columns == 0 ? kColumnsMax : std::min(form.columns, kColumnsMax);
  std::string out;
  for (const StateDef& def : kStates) {
    std::vector<TableRow> rows;
    const auto add = [&rows](std::string_view level, const std::string& rule,
                             std::vector<std::string> cells, std::string_view colour) {
      cells.insert(cells.begin(), {std::string(level), rule});
      rows.push_back({.cells = std::move(cells), .colour = colour});
    };
    add("LEVEL", "RULE", header_of(def.state, report.of_trail), {});
    for (const RuleCoverage& rule : report.rules) {
      if (rule.state != def.state) continue;
      add(to_string(rule.rule->level), std::string(display_name(*rule.rule)), cells_of(rule),
          colour_of(rule.rule->level));
    }
    if (rows.size() > 1) out += fmt::format("{}\n{}\n", def.title, render_table(rows, form));
  }
  out += summary_of(report);
  const auto& names = report.only_encrypted;
  std::vector<std::string> notes = report.notes;
  if (!names.empty()) {
    const std::vector<std::string> named(
        names.begin(), std::next(names.begin(), static_cast<std::ptrdiff_t>(
                                                    std::min(names.size(), kEncryptedNamedMax))));
    notes.push_back(fmt::format(
        "only seen encrypted (TLS without keys): {}{}", fmt::join(named, ", "),
        names.size() > named.size() ? fmt::format(" and {} more", names.size() - named.size())
                                    : ""));
  }
  for (const std::string& note : notes) {
    std::string safe;
    append_terminal_safe(safe, note);
    std::string_view before = "- ";
    for (const std::string& line : wrap_words(safe, form.columns - before.size())) {
      out += fmt::format("{}{}\n", before, line);
      before = "  ";
    }
  }
  return out;
}

std::string coverage_json(const CoverageReport& report) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.text("source", report.of_trail ? "audit" : "capture");
  text_list(json, "inputs", report.inputs);
  json.begin_object("summary");
  json.number("rules", report.rules.size());
  for (const StateDef& def : kStates) json.number(def.key, count_of(report, def.state));
  json.end_object();
  json.begin_list("rules");
  for (const RuleCoverage& rule : report.rules) add_rule_json(rule, report.of_trail, json);
  json.end_list();
  text_list(json, "only_encrypted", report.only_encrypted);
  text_list(json, "notes", report.notes);
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace chargewarden
