// Random rules on random events: the engine, its dispatch and the live path must say what the slow
// evaluator says.

#include "rules/engine/testing/oracle.h"

#include <memory>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "collector/event/defs/ocpp_events.h"
#include "collector/event/event.h"
#include "collector/event/ocpp_actions.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/engine/testing/random.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

constexpr const char* kFields[] = {"ocpp.action",     "ocpp.type",        "ocpp.version",
                                   "ocpp.size_bytes", "ocpp.payload.a",   "ocpp.payload.b",
                                   "ocpp.request.a",  "ocpp.error_code",  "ocpp.payload.c.d",
                                   "event.name",      "ocpp.known_action"};
constexpr const char* kWords[] = {"Reset", "Authorize", "call",         "result",
                                  "1.6",   "aB",        "abc",          "12",
                                  "7",     "",          "ocpp.message", "UpdateFirmware"};
constexpr const char* kPatterns[] = {"a*", "*b*", "?b", "*", "re*t", "*e*e*", "b", "res", "1?"};
constexpr const char* kActions[] = {"Reset", "Authorize", "UpdateFirmware", "Nonsense", "RESET"};
constexpr const char* kTypes[] = {"call", "result", "error", "send"};
constexpr const char* kModifiers[] = {
    "",       "",     "|contains",     "|startswith",  "|endswith",
    "|cased", "|neq", "|contains|neq", "|contains|all"};

std::string random_value(Random& random) {
  if (random.one_in(8)) return std::to_string(random.below(20));
  return fmt::format("'{}'", random.one_in(2) ? random.pick(kWords) : random.pick(kPatterns));
}

std::string random_entry(Random& random, const std::string& field) {
  switch (random.below(8)) {
    case 0:
      return fmt::format("'{}': null", field);
    case 1:
      return fmt::format("'{}|exists': {}", field, random.one_in(2));
    case 2:
      return fmt::format("'{}|{}': {}", field, random.one_in(2) ? "gt" : "lte", random.below(20));
    case 3:
      return fmt::format("'{}': {}", field, random.one_in(2) ? "true" : "false");
    default:
      break;
  }
  const std::string modifier = random.pick(kModifiers);
  std::string values = random_value(random);
  if (random.one_in(2) || modifier == "|contains|all") {
    values = fmt::format("[{}, {}, {}]", values, random_value(random), random_value(random));
  }
  return fmt::format("'{}{}': {}", field, modifier, values);
}

std::string random_map(Random& random) {
  std::string out = "{";
  std::vector<std::string> used;
  for (std::size_t i = 0; i <= random.below(3); ++i) {
    const std::string field = random.pick(kFields);
    if (std::find(used.begin(), used.end(), field) != used.end()) continue;
    used.push_back(field);
    out += (out.size() > 1 ? ", " : "") + random_entry(random, field);
  }
  return out + "}";
}

std::string random_condition(Random& random, std::size_t depth) {
  static constexpr const char* kLeaves[] = {"s0", "s1", "s2", "s3", "1 of s*", "all of s*"};
  if (depth == 0 || random.one_in(3)) return random.pick(kLeaves);
  const std::string left = random_condition(random, depth - 1);
  if (random.one_in(4)) return "not (" + left + ")";
  const char* word = random.one_in(2) ? " and " : " or ";
  return "(" + left + ")" + word + "(" + random_condition(random, depth - 1) + ")";
}

std::string random_rule(Random& random) {
  std::string detection;
  for (int i = 0; i < 4; ++i) {
    detection += fmt::format("  s{}: ", i);
    if (random.one_in(10)) {
      detection += "['" + std::string(random.pick(kWords)) + "x', 'ab']";
    } else if (random.one_in(3)) {
      detection += "[" + random_map(random) + ", " + random_map(random) + "]";
    } else {
      detection += random_map(random);
    }
    detection += '\n';
  }
  // What the dispatch looks for: a selection about the action or the type that must, or must not,
  // hold.
  detection += random.one_in(2) ? fmt::format("  head: {{ocpp.action: [{}, {}]}}\n",
                                              random.pick(kActions), random.pick(kActions))
                                : fmt::format("  head: {{ocpp.type: {}}}\n", random.pick(kTypes));
  const char* head = random.one_in(3) ? "head and " : random.one_in(2) ? "not head and " : "";
  // The last condition names every selection and is never true alone.
  detection +=
      fmt::format("  condition: [\"{}({})\", \"head and s0 and s1 and s2 and s3 and not s0\"]\n",
                  head, random_condition(random, 3));
  return rule_of(detection, random.one_in(2) ? "ocpp" : "");
}

// The same message as a plain event for the oracle, as flat JSON, and live.
struct Message {
  PlainEvent plain;
  std::string payload;
  std::string request;
  std::string action;
  std::string type;
  std::string flat;
};

std::string json_of(const PlainValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<long>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return "\"" + *text + "\"";
  return "null";
}

PlainValue random_plain(Random& random) {
  switch (random.below(6)) {
    case 0:
      return PlainNull{};
    case 1:
      return random.one_in(2);
    case 2:
      return static_cast<long>(random.below(20));
    default:
      return std::string(random.pick(kWords));
  }
}

// Adds the member to the plain event, and gives it as JSON.
std::string add_member(Random& random, Message& message, const std::string& field) {
  std::vector<PlainValue> values{random_plain(random)};
  const bool list = random.one_in(3);
  if (list) values.push_back(random_plain(random));
  std::string json = json_of(values[0]);
  if (list) json = "[" + json + "," + json_of(values[1]) + "]";
  message.plain[field] = values;
  return json;
}

Message random_message(Random& random) {
  Message out;
  out.action = random.one_in(8) ? "" : random.pick(kActions);
  out.type = random.one_in(8) ? "" : random.pick(kTypes);
  if (!out.action.empty()) out.plain["ocpp.action"] = {out.action};
  if (!out.type.empty()) out.plain["ocpp.type"] = {out.type};
  out.plain["event.name"] = {std::string("ocpp.message")};
  out.plain["event.category"] = {std::string("ocpp")};
  out.plain["event.time"] = {std::string("1970-01-01T00:00:00.000000000Z")};
  out.plain["event.origin"] = {std::string("wire:f#1")};
  if (random.one_in(2)) out.plain["ocpp.size_bytes"] = {static_cast<long>(random.below(20))};
  out.payload = "{\"a\":" + add_member(random, out, "ocpp.payload.a");
  if (random.one_in(2)) out.payload += ",\"b\":" + add_member(random, out, "ocpp.payload.b");
  if (random.one_in(2)) {
    out.payload += ",\"c\":{\"d\":" + add_member(random, out, "ocpp.payload.c.d") + "}";
  }
  out.payload += "}";
  if (random.one_in(2)) out.request = "{\"a\":" + add_member(random, out, "ocpp.request.a") + "}";
  for (const auto& [name, values] : out.plain) {
    std::string json = json_of(values[0]);
    if (values.size() > 1) json = "[" + json + "," + json_of(values[1]) + "]";
    out.flat += (out.flat.empty() ? "{\"" : ",\"") + name + "\":" + json;
  }
  out.flat += "}";
  return out;
}

std::vector<std::uint32_t> match_live(Matcher& matcher, const RuleSet& set,
                                      const Message& message) {
  JsonDocument payload;
  JsonDocument request;
  REQUIRE(payload.load_copy(message.payload) == JsonStatus::kOk);
  Origin origin;
  origin.source = "f";
  origin.number = 1;
  Event event(ocpp::kMessage, 0, origin);
  if (!message.action.empty()) {
    event.set_text(ocpp::kAction, message.action);
    event.set_action(ocpp::action_id(message.action));
  }
  if (!message.type.empty()) event.set_text(ocpp::kType, message.type);
  const auto size = message.plain.find("ocpp.size_bytes");
  if (size != message.plain.end()) {
    event.set_int(ocpp::kSizeBytes, std::get<long>(size->second[0]));
  }
  const bool answers = !message.request.empty();
  if (answers) REQUIRE(request.load_copy(message.request) == JsonStatus::kOk);
  event.set_payload(&payload, answers ? &request : nullptr);
  const auto found = matcher.match(event);
  if (!set.may_match(event.def(), event.action(), message_type(message.type))) {
    CHECK(found.empty());
  }
  return {found.begin(), found.end()};
}

}  // namespace

TEST_CASE("the engine agrees with the slow evaluator on random rules and events") {
  Random random(20260102);
  // Enough that gates are in use for live events too.
  constexpr std::size_t kRules = 100;
  std::size_t matched = 0;
  std::size_t compared = 0;
  std::size_t passed_over = 0;
  for (int round = 0; round < 25; ++round) {
    std::string text;
    for (std::size_t i = 0; i < kRules; ++i) text += "---\n" + random_rule(random);
    const RulesFromText rules(text, SchemaCheck::kForeign);
    INFO(render_text(rules.diagnostics));
    REQUIRE(rules.documents.size() == kRules);
    Matcher matcher(*rules.set);
    FlatEvent flat;
    for (int i = 0; i < 60; ++i) {
      const Message message = random_message(random);
      std::vector<std::uint32_t> expected;
      for (std::uint32_t rule = 0; rule < rules.documents.size(); ++rule) {
        if (Oracle::matches(rules.documents[rule], message.plain)) expected.push_back(rule);
      }
      CAPTURE(round, message.flat);
      REQUIRE(flat.load(message.flat));
      const auto by_flat = matcher.match(flat);
      REQUIRE(std::vector<std::uint32_t>(by_flat.begin(), by_flat.end()) == expected);
      REQUIRE(match_live(matcher, *rules.set, message) == expected);
      matched += expected.size();
      compared += rules.documents.size();
      const auto candidates = rules.set->compiled().dispatch.candidates(
          event_index(ocpp::kMessage), ocpp::action_id(message.action), message_type(message.type));
      passed_over += rules.documents.size() - candidates.size();
    }
  }
  // Neither always nor never, and the dispatch does leave rules out.
  CHECK(matched > compared / 20);
  CHECK(matched < compared * 19 / 20);
  CHECK(passed_over > compared / 10);
}
