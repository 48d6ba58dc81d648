// Sets of many random rules on random events, so that gates are in use: what the engine says with
// them, what each rule says alone, and what the slow evaluator says must be the same.

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "rules/engine/compiled_rules.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/engine/testing/oracle.h"
#include "rules/engine/testing/random.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

constexpr const char* kFields[] = {"Image", "CommandLine", "a", "a.b", "n", "ip", "flag"};

// Pieces of texts: some hold others, in either case, and beyond ASCII.
constexpr const char* kPieces[] = {"cmd.exe",      "CMD.EXE",
                                   "\\cmd",        "a",
                                   "ab",           "abc",
                                   "ABCDEF",       "xyz",
                                   " -enc",        "/enc",
                                   "12",           "7",
                                   "true",         "\u00C4\u00D6",
                                   "\u00E4\u00F6", "x\u0416\u042Fy",
                                   "\u0436\u044F", "\u0391\u03A9\u0401",
                                   "needle",       "NeeDle",
                                   "-enc ab",      "\u2013enc"};
constexpr const char* kShort[] = {"a", "b", "xy", "1", "\u0436", "E", "dle", "enc"};
constexpr const char* kPatterns[] = {"*cmd*exe", "a?c*",  "?",  "*",     "a*",      "*\u0436?y",
                                     "*needle",  "ab*ef", "1?", "*e*e*", "?\u042F*"};
constexpr const char* kRegexes[] = {
    "abc",      "ABC|xyz",      "[0-9]+",   "^a.*f$",  "needle|[0-9]{2}", "(cmd)+", "^$",
    "enc ?ab?", "(abc|x)yz|12", "[A-Z]{6}", "cmd.exe", "(ne)?e",          "^-enc"};
constexpr const char* kAddresses[] = {"10.0.0.1", "10.200.3.4", "192.168.1.9", "172.16.0.1",
                                      "10.0.0"};
constexpr const char* kNetworks[] = {"10.0.0.0/8", "10.0.0.0/30", "192.168.0.0/16",
                                     "172.16.0.1/32"};
constexpr const char* kChains[] = {"",
                                   "",
                                   "|contains",
                                   "|contains",
                                   "|startswith",
                                   "|endswith",
                                   "|cased",
                                   "|neq",
                                   "|contains|neq",
                                   "|endswith",
                                   "|contains|cased",
                                   "|startswith|cased",
                                   "|endswith|neq"};

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

std::string random_value(Random& random) {
  switch (random.below(8)) {
    case 0:
      return std::to_string(random.below(15));
    case 1:
      return quoted(random.pick(kPatterns));
    case 2:
      return quoted(random.pick(kShort));
    case 3:
      return quoted(random.one_in(4) ? ""
                                     : std::string(random.pick(kPieces)) + random.pick(kPieces));
    default:
      return quoted(random.pick(kPieces));
  }
}

std::string list_of(Random& random, std::size_t least) {
  std::string out = "[" + random_value(random);
  for (std::size_t i = 1; i < least + random.below(4); ++i) out += ", " + random_value(random);
  return out + "]";
}

std::string random_entry(Random& random, const std::string& field) {
  switch (random.below(16)) {
    case 0:
      return quoted(field) + ": null";
    case 1:
      return fmt::format("'{}|exists': {}", field, random.one_in(2));
    case 2: {
      static constexpr const char* kOrders[] = {"gt", "gte", "lt", "lte"};
      return fmt::format("'{}|{}': {}", field, random.pick(kOrders), random.below(15));
    }
    case 3:
      return fmt::format("'{}': {}", field, random.one_in(2));
    case 4:
    case 5:
      return fmt::format("'{}|re{}{}': {}", field, random.one_in(3) ? "|i" : "",
                         random.one_in(5) ? "|neq" : "", quoted(random.pick(kRegexes)));
    case 6:
      return fmt::format("'{}|cidr': {}", random.one_in(2) ? "ip" : field, random.pick(kNetworks));
    case 7:
      return fmt::format("'{}|fieldref{}': {}", field, random.one_in(2) ? "|contains" : "",
                         random.pick(kFields));
    case 8:
      return fmt::format("'{}|contains|windash': ['-x', '-enc']", field);
    case 9:
    case 10:
    case 11:
      return fmt::format("'{}|contains|all{}': {}", field, random.one_in(4) ? "|neq" : "",
                         list_of(random, 2));
    default:
      return fmt::format("'{}{}': {}", field, random.pick(kChains),
                         random.one_in(2) ? random_value(random) : list_of(random, 1));
  }
}

std::string random_map(Random& random) {
  std::string out = "{";
  std::vector<std::string> used;
  for (std::size_t i = 0; i <= random.below(3); ++i) {
    const std::string entry = random_entry(random, random.pick(kFields));
    const std::string key = entry.substr(0, entry.find(':'));
    if (std::find(used.begin(), used.end(), key) != used.end()) continue;
    used.push_back(key);
    out += (out.size() > 1 ? ", " : "") + entry;
  }
  return out + "}";
}

std::string random_selection(Random& random) {
  if (random.one_in(10)) {
    return fmt::format("['{}x', '{}']", random.pick(kShort), random.pick(kPieces));
  }
  if (random.one_in(12)) {
    return fmt::format("{{'|all': ['{}', '{}']}}", random.pick(kPieces), random.pick(kShort));
  }
  if (random.one_in(4)) return "[" + random_map(random) + ", " + random_map(random) + "]";
  return random_map(random);
}

std::string random_condition(Random& random, std::size_t depth) {
  static constexpr const char* kNames[] = {"s0", "s1",      "s2",        "f0",
                                           "f1", "1 of f*", "all of s*", "1 of them"};
  if (depth == 0 || random.one_in(3)) return random.pick(kNames);
  const std::string left = random_condition(random, depth - 1);
  if (random.one_in(4)) return "not (" + left + ")";
  return fmt::format("({}) {} ({})", left, random.one_in(3) ? "or" : "and",
                     random_condition(random, depth - 1));
}

std::string random_rule(Random& random) {
  std::string detection;
  for (const char* name : {"s0", "s1", "s2", "f0", "f1"}) {
    detection += fmt::format("  {}: {}\n", name, random_selection(random));
  }
  static constexpr const char* kUsual[] = {"s0 and s1 and not 1 of f*", "all of s* and not f0",
                                           "s0 and not f0", "s0 or (s1 and not f1)",
                                           "1 of s* and not f1"};
  const std::string condition =
      random.one_in(2) ? random.pick(kUsual) : random_condition(random, 3);
  // The last one names every selection and is never true.
  detection += fmt::format("  condition: [\"{}\", \"s0 and s1 and s2 and f0 and f1 and not s0\"]\n",
                           condition);
  return rule_of(detection);
}

PlainValue random_plain(Random& random) {
  switch (random.below(12)) {
    case 0:
      return PlainNull{};
    case 1:
      return random.one_in(2);
    case 2:
      return static_cast<long>(random.below(15));
    case 3:
      return random.pick(kAddresses);
    case 4:
      return std::string();
    case 5:
      return random.pick(kShort);
    default:
      break;
  }
  std::string text;
  for (std::size_t i = 0; i <= random.below(4); ++i) text += random.pick(kPieces);
  return text;
}

std::string json_of(const PlainValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<long>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) {
    std::string out = "\"";
    for (const char c : *text) out += c == '\\' ? std::string("\\\\") : std::string(1, c);
    return out + "\"";
  }
  return "null";
}

struct RandomEvent {
  PlainEvent plain;
  std::string json;
};

RandomEvent random_event(Random& random) {
  RandomEvent out;
  for (const char* field : kFields) {
    if (random.one_in(3)) continue;
    std::vector<PlainValue> values{random_plain(random)};
    const bool is_list = random.one_in(4);
    while (is_list && values.size() < 4 && !random.one_in(3))
      values.push_back(random_plain(random));
    std::string json;
    for (const PlainValue& value : values) json += (json.empty() ? "" : ",") + json_of(value);
    out.json += fmt::format("{}\"{}\":{}{}{}", out.json.empty() ? "{" : ",", field,
                            is_list ? "[" : "", json, is_list ? "]" : "");
    out.plain[field] = values;
  }
  out.json += out.json.empty() ? "{}" : "}";
  return out;
}

}  // namespace

TEST_CASE("many rules at once say what each says alone and what the slow evaluator says") {
  Random random(20260314);
  std::size_t matched = 0;
  std::size_t compared = 0;
  std::size_t without_gate = 0;
  std::size_t rule_count = 0;
  for (int round = 0; round < 120; ++round) {
    const std::size_t wanted = 5 + random.below(36);
    std::string text;
    for (std::size_t i = 0; i < wanted; ++i) text += "---\n" + random_rule(random);
    const RulesFromText rules(text);
    INFO(render_text(rules.diagnostics));
    REQUIRE(rules.documents.size() == wanted);
    Matcher matcher(*rules.set);
    FlatEvent flat;
    for (int i = 0; i < 60; ++i) {
      const RandomEvent event = random_event(random);
      CAPTURE(round, event.json);
      REQUIRE(flat.load(event.json));
      const auto found = matcher.match(flat);
      const std::vector<std::uint32_t> together(found.begin(), found.end());
      std::vector<std::uint32_t> alone;
      std::vector<std::uint32_t> expected;
      for (std::uint32_t rule = 0; rule < wanted; ++rule) {
        if (matcher.matches(rule, flat)) alone.push_back(rule);
        if (Oracle::matches(rules.documents[rule], event.plain)) expected.push_back(rule);
      }
      REQUIRE(alone == expected);
      REQUIRE(together == expected);
      matched += expected.size();
      compared += wanted;
    }
    if (!rules.set->compiled().gates.empty()) {
      without_gate += rules.set->compiled().gates.always_count();
      rule_count += wanted;
    }
  }
  // Neither always nor never, and many rules do have gates.
  CHECK(matched > compared / 50);
  CHECK(matched < compared * 49 / 50);
  CHECK(without_gate < rule_count * 3 / 4);
  CHECK(without_gate > 0);
}
