#include "analyzer/app/commands/rules_schema.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "collector/event/ocpp_actions.h"
#include "collector/event/schema.h"
#include "rules/engine/rule_checker.h"
#include "rules/lang/match_item.h"
#include "rules/lang/rule_parser.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

namespace {

using Json = nlohmann::ordered_json;

Json text(std::string_view description) {
  return {{"type", "string"}, {"minLength", 1}, {"description", description}};
}

Json text_list(std::string_view description) {
  return {{"type", "array"}, {"items", {{"type", "string"}}}, {"description", description}};
}

Json reference(std::string_view name) {
  return {{"$ref", fmt::format("#/definitions/{}", name)}};
}

Json limited(Json schema, std::size_t length) {
  schema["maxLength"] = length;
  return schema;
}

Json pattern(Json schema, std::string_view expression) {
  schema["pattern"] = expression;
  return schema;
}

Json one_of(std::span<const std::string_view> words, std::string_view description) {
  return {{"enum", words}, {"description", description}};
}

// The name as a regular expression that matches just it.
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '.') out += '\\';
    out += c;
  }
  return out;
}

std::vector<std::string_view> levels() {
  std::vector<std::string_view> out;
  for (const Level level :
       {Level::kInformational, Level::kLow, Level::kMedium, Level::kHigh, Level::kCritical}) {
    out.push_back(to_string(level));
  }
  return out;
}

std::vector<std::string_view> categories() {
  std::vector<std::string_view> out;
  for (const EventDef* def : all_events()) {
    if (std::find(out.begin(), out.end(), def->category) == out.end()) out.push_back(def->category);
  }
  return out;
}

std::vector<std::string_view> actions() {
  std::vector<std::string_view> out;
  for (std::size_t id = 1; id <= ocpp::action_count(); ++id) {
    out.push_back(ocpp::action_def(static_cast<ocpp::ActionId>(id)).name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// What the fields are called and what they mean; several events may have one of the name.
std::map<std::string_view, std::string> field_texts() {
  std::map<std::string_view, std::string> out;
  const auto add = [&out](const FieldDef& field, std::string_view event) {
    std::string line = fmt::format("{}{} ({})", event.empty() ? "" : fmt::format("{}: ", event),
                                   field.text, field.source);
    std::string& all = out[field.name];
    if (all.find(line) == std::string::npos) all += (all.empty() ? "" : "\n") + line;
  };
  for (const FieldDef& field : kCommonFields) add(field, {});
  for (const EventDef* def : all_events()) {
    for (const FieldDef& field : def->fields) add(field, def->name);
  }
  return out;
}

Json field_schema(std::string_view name, std::string_view description) {
  Json out = {{"description", description}};
  if (name == "ocpp.action") {
    // Any text is allowed; the known ones are offered.
    out["anyOf"] = Json::array({Json{{"enum", actions()}}, reference("value")});
  } else if (name == "event.category") {
    out["anyOf"] = Json::array({Json{{"enum", categories()}}, reference("value")});
  } else {
    out["allOf"] = Json::array({reference("value")});
  }
  return out;
}

// One map of a selection. Names with modifiers have the meaning of the plain ones.
Json map_schema() {
  Json properties = Json::object();
  Json patterns = Json::object();
  for (const auto& [name, description] : field_texts()) {
    properties[std::string(name)] = reference(fmt::format("fields/{}", name));
    patterns[fmt::format("^{}\\|", escaped(name))] = reference(fmt::format("fields/{}", name));
  }
  for (const std::string_view prefix : {kPayloadPrefix, kRequestPrefix}) {
    patterns[fmt::format("^{}[^|]+(\\||$)", escaped(prefix))] =
        reference(fmt::format("fields/{}*", prefix));
  }
  patterns["^\\|"] = reference("value");
  patterns["\\|exists$"] = {{"type", "boolean"}};
  patterns["\\|(gt|gte|lt|lte)(\\||$)"] = reference("numbers");
  return {{"type", "object"},
          {"minProperties", 1},
          {"properties", properties},
          {"patternProperties", patterns},
          {"propertyNames",
           {{"pattern", fmt::format("^[^|]*(\\|({}))*$", fmt::join(modifier_names(), "|"))}}},
          {"additionalProperties", false}};
}

Json definitions() {
  Json fields = Json::object();
  for (const auto& [name, description] : field_texts()) {
    fields[std::string(name)] = field_schema(name, description);
  }
  fields[fmt::format("{}*", kPayloadPrefix)] =
      field_schema(kPayloadPrefix,
                   "Member of an OCPP message's payload, by its own spelling; lists are entered. "
                   "(OCPP schemas)");
  fields[fmt::format("{}*", kRequestPrefix)] =
      field_schema(kRequestPrefix, "On an answer: member of the call's payload. (OCPP schemas)");
  const Json plain = Json::array({"string", "number", "boolean"});
  const Json number_list = {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 1}};
  const Json values = {{"type", "array"}, {"items", {{"type", plain}}}, {"minItems", 1}};
  const Json maps = {
      {"type", "array"},
      {"minItems", 1},
      {"items", {{"anyOf", Json::array({reference("map"), Json{{"type", plain}}})}}}};
  return {
      {"value",
       {{"anyOf", Json::array({Json{{"type", Json::array({"string", "number", "boolean", "null"})}},
                               values})}}},
      {"numbers", {{"anyOf", Json::array({Json{{"type", "number"}}, number_list})}}},
      {"fields", fields},
      {"map", map_schema()},
      {"selection",
       {{"description",
         "A map: every entry must hold. A list of maps: one of them must. Texts: keywords."},
        {"anyOf", Json::array({reference("map"), maps, Json{{"type", plain}}})}}},
      {"condition",
       {{"description",
         "and, or, not, parentheses, 1 of x*, all of x*, 1 of them, all of them; a list of "
         "conditions is their \"or\"."},
        {"anyOf", Json::array({Json{{"type", "string"}}, Json{{"type", "array"},
                                                              {"items", {{"type", "string"}}},
                                                              {"minItems", 1}}})}}},
      {"event", {{"type", "object"}, {"description", "Fields of an event."}}},
  };
}

Json detection_schema() {
  return {{"type", "object"},
          {"description", "Selections, and the condition that joins them."},
          {"required", Json::array({"condition"})},
          {"minProperties", 2},
          {"properties", {{"condition", reference("condition")}, {"timeframe", false}}},
          {"propertyNames", {{"pattern", "^[A-Za-z0-9_-]+$"}}},
          {"additionalProperties", reference("selection")}};
}

Json filter_schema() {
  Json out = detection_schema();
  out["description"] = "Selections that are joined to the condition of other rules.";
  out["required"] = Json::array({"rules", "condition"});
  out["minProperties"] = 3;
  out["properties"]["rules"] = {
      {"description", "Ids or names of the rules that it applies to; any: all of the logsource."},
      {"anyOf", Json::array({Json{{"const", "any"}}, text_list("Ids or names of rules.")})}};
  return out;
}

// `type` of a correlation: what its condition must have.
Json correlation_need(const std::vector<std::string_view>& types, Json then) {
  return {{"if", {{"properties", {{"type", {{"enum", types}}}}}, {"required", {"type"}}}},
          {"then", std::move(then)}};
}

Json correlation_condition() {
  Json bounds = {{"type", "object"},
                 {"description", "Bounds that hold together, such as gte: 5."},
                 {"minProperties", 1},
                 {"additionalProperties", false}};
  for (const char* bound : {"gt", "gte", "lt", "lte", "eq", "neq"}) {
    bounds["properties"][bound] = {{"type", "number"}};
  }
  bounds["properties"]["percentile"] = {{"type", "number"}, {"minimum", 0}, {"maximum", 100}};
  bounds["properties"]["field"] = {
      {"description", "Field whose values are counted, added up or averaged."},
      {"anyOf", Json::array({text("Name of a field."), text_list("Names of fields.")})}};
  return {{"anyOf", Json::array({bounds, text("Of temporal types: names of the rules, joined by "
                                              "and, or, not.")})}};
}

Json correlation_schema() {
  const Json field_needed = {
      {"required", {"condition"}},
      {"properties", {{"condition", {{"type", "object"}, {"required", {"field"}}}}}}};
  const Json bounds_needed = {{"required", {"condition"}},
                              {"properties", {{"condition", {{"type", "object"}}}}}};
  const std::vector<std::string_view> types = {"event_count",      "value_count", "temporal",
                                               "temporal_ordered", "value_sum",   "value_avg",
                                               "value_percentile"};
  Json rules = text_list("Names or ids of the rules whose matches are correlated.");
  rules["minItems"] = 1;
  return {
      {"type", "object"},
      {"description", "Events of other rules, brought together."},
      {"required", Json::array({"type", "rules", "timespan"})},
      {"additionalProperties", false},
      {"properties",
       {{"type", one_of(types, "What is counted or measured.")},
        {"rules", rules},
        {"group-by", text_list("Fields whose values make a group; each is judged alone.")},
        {"timespan",
         pattern(text("How far apart, such as 30s, 5m, 1h or 1d."), "^[1-9][0-9]*[smhdw]$")},
        {"condition", correlation_condition()},
        {"aliases",
         {{"type", "object"},
          {"description", "Names for fields that are called differently in each rule."},
          {"additionalProperties",
           {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}}}}},
        {"generate",
         {{"type", "boolean"}, {"description", "Whether the rules alert themselves too."}}}}},
      {"allOf",
       Json::array({correlation_need({"event_count"}, bounds_needed),
                    correlation_need({"value_count", "value_sum", "value_avg", "value_percentile"},
                                     field_needed)})}};
}

Json logsource_schema() {
  return {{"type", "object"},
          {"description", "Which events the rule looks at."},
          {"required", Json::array({"product"})},
          {"properties",
           {{"product", {{"const", kProduct}}},
            {"category", one_of(categories(), "Category of the events; without it all.")},
            {"definition", text("For readers.")}}},
          {"additionalProperties", false}};
}

Json related_schema() {
  return {{"type", "array"},
          {"description", "Other rules that this one has to do with."},
          {"items",
           {{"type", "object"},
            {"required", Json::array({"id", "type"})},
            {"properties",
             {{"id", {{"type", "string"}}}, {"type", one_of(rule_relations(), "How.")}}}}}};
}

Json examples_schema() {
  const Json events = {{"type", "array"}, {"items", {{"type", Json::array({"object", "array"})}}}};
  return {{"type", "object"},
          {"description", "Events by which `rules check` tries the rule."},
          {"properties", {{"match", events}, {"no_match", events}}},
          {"additionalProperties", false}};
}

// What may stand under the key.
Json key_schema(std::string_view key) {
  static const std::string_view kDate = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";
  static const std::string_view kUuid =
      "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";
  static const std::map<std::string_view, Json> kKnown = {
      {"title", limited(text("What it finds, in a few words."), kRuleTitleMax)},
      {"id", pattern(text("UUID, from uuidgen; it never changes."), kUuid)},
      {"related", related_schema()},
      {"name",
       limited(text("Unique, like the file; alerts and correlations use it."), kRuleNameMax)},
      {"taxonomy", text("Names that the rule uses.")},
      {"status", one_of(rule_statuses(), "How well tried it is.")},
      {"description", limited(text("What it means, in plain words."), kDescriptionMax)},
      {"response", limited(text("What to do now, for operations."), kDescriptionMax)},
      {"license", text("SPDX identifier.")},
      {"author", text("Who wrote it.")},
      {"date", pattern(text("YYYY-MM-DD."), kDate)},
      {"modified", pattern(text("YYYY-MM-DD."), kDate)},
      {"references", text_list("Standards and articles that it comes from.")},
      {"logsource", logsource_schema()},
      {"detection", detection_schema()},
      {"fields", text_list("Fields that an analyst wants to see.")},
      {"falsepositives", text_list("When it may be harmless.")},
      {"level", one_of(levels(), "How bad it is.")},
      {"tags",
       {{"type", "array"},
        {"description", "ATT&CK techniques, controls, chargewarden.posture."},
        {"items", {{"type", "string"}, {"pattern", "^[a-z0-9_-]+\\.[a-z0-9._-]+$"}}}}},
      {"scope", text_list("Hosts or services that it is meant for.")},
      {"examples", examples_schema()},
      {"filter", filter_schema()},
      {"generate",
       {{"type", "boolean"}, {"description", "Whether the rules of a correlation alert too."}}},
      {"correlation", correlation_schema()},
  };
  const auto found = kKnown.find(key);
  return found == kKnown.end() ? Json{{"description", "See rules/AUTHORING.md."}} : found->second;
}

// Which keys go together: a document is one of the three kinds.
Json kinds_schema() {
  const Json events = {{"type", "array"}, {"items", reference("event")}};
  const Json detection = {
      {"required", Json::array({"logsource", "detection"})},
      {"properties", {{"examples", {{"properties", {{"match", events}, {"no_match", events}}}}}}}};
  const Json filter = {{"required", Json::array({"logsource", "filter"})},
                       {"properties", {{"detection", false}}}};
  const Json correlation = {
      {"properties", {{"detection", false}, {"filter", false}, {"logsource", false}}}};
  const Json else_filter = {
      {"if", {{"required", Json::array({"filter"})}}}, {"then", filter}, {"else", detection}};
  return {{"if", {{"required", Json::array({"correlation"})}}},
          {"then", correlation},
          {"else", else_filter}};
}

}  // namespace

std::string rules_schema() {
  Json properties = Json::object();
  for (const std::string_view key : rule_keys()) properties[std::string(key)] = key_schema(key);
  const Json out = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                    {"title", "Chargewarden rules"},
                    {"description",
                     "Sigma 2.1 as Chargewarden loads it: detection rules, filters, correlations. "
                     "Made by `chargewarden rules fields --format schema`."},
                    {"type", "object"},
                    {"required", Json::array({"title"})},
                    {"properties", properties},
                    {"additionalProperties", false},
                    {"allOf", Json::array({kinds_schema()})},
                    {"definitions", definitions()}};
  return out.dump(1) + "\n";
}

}  // namespace chargewarden
