#include "rules/engine/dispatch.h"

#include <string>

#include <catch2/catch.hpp>

#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/http_events.h"
#include "collector/event/defs/ocpp_events.h"
#include "rules/engine/matcher.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

RulesFromText one_rule(const std::string& detection, const std::string& category = "ocpp") {
  return RulesFromText(rule_of(detection, category), SchemaCheck::kOurs);
}

}  // namespace

TEST_CASE("a rule is asked only about the actions and types that it needs") {
  struct Row {
    const char* detection;
    bool reset_call;
    bool reset_result;
    bool authorize_call;
    bool unknown;
  };

  const Row rows[] = {
      {"  s: {ocpp.action: Reset}\n  condition: s", true, true, false, true},
      {"  s: {ocpp.action: reset, ocpp.type: call}\n  condition: s", true, false, false, true},
      {"  s: {ocpp.action: [Reset, Authorize], ocpp.type: result}\n  condition: s", false, true,
       false, false},
      {"  s: {ocpp.action|startswith: Res}\n  condition: s", true, true, false, true},
      {"  s: {ocpp.action|re: '^A'}\n  condition: s", false, false, true, true},
      {"  s: {ocpp.action: Reset}\n  condition: not s", false, false, true, true},
      {"  s: {ocpp.action|neq: Reset}\n  condition: s", false, false, true, true},
      {"  s: {ocpp.action: Reset}\n  t: {ocpp.type: call}\n  condition: s or t", true, true, true,
       true},
      {"  s: {ocpp.action: Reset}\n  t: {ocpp.type: call}\n  condition: s and not t", false, true,
       false, false},
      {"  s: {ocpp.payload.a: x}\n  condition: s", true, true, true, true},
      {"  s: {ocpp.action: null}\n  condition: s", false, false, false, true},
      {"  s: {event.name: ocpp.anomaly}\n  condition: s", false, false, false, false},
      {"  s: [word]\n  condition: s", true, true, true, true},
  };
  const ocpp::ActionId reset = ocpp::action_id("Reset");
  const ocpp::ActionId authorize = ocpp::action_id("Authorize");
  REQUIRE(reset != ocpp::kUnknownAction);
  for (const Row& row : rows) {
    CAPTURE(row.detection);
    const RulesFromText rules = one_rule(row.detection);
    INFO(render_text(rules.diagnostics));
    REQUIRE(rules.set->size() == 1);
    const RuleSet& set = *rules.set;
    CHECK(set.may_match(ocpp::kMessage, reset, MessageType::kCall) == row.reset_call);
    CHECK(set.may_match(ocpp::kMessage, reset, MessageType::kResult) == row.reset_result);
    CHECK(set.may_match(ocpp::kMessage, authorize, MessageType::kCall) == row.authorize_call);
    CHECK(set.may_match(ocpp::kMessage, ocpp::kUnknownAction, MessageType::kCall) == row.unknown);
  }
}

TEST_CASE("events whose fields a rule cannot find are not its business") {
  const RulesFromText rules = one_rule("  s: {http.status: 401}\n  condition: s", "http");
  REQUIRE(rules.set->size() == 1);
  CHECK(rules.set->wants_event(http::kUpgradeRefused));
  CHECK(rules.set->wants_event(http::kTransaction));
  CHECK_FALSE(rules.set->wants_event(http::kAnomaly));
  CHECK_FALSE(rules.set->wants_event(ocpp::kMessage));
  CHECK(rules.set->wants_field(http::kTransaction, http::kTransactionStatus.slot));
  CHECK_FALSE(rules.set->wants_field(http::kTransaction, http::kTransactionPath.slot));
  CHECK_FALSE(rules.set->wants_field(http::kAnomaly, http::kAnomalyKind.slot));
  const RulesFromText absent = one_rule("  s: {http.status: null}\n  condition: s", "http");
  CHECK(absent.set->wants_event(http::kAnomaly));
  const RulesFromText every = one_rule("  s: {source.ip: 10.0.0.1}\n  condition: s", "");
  CHECK(every.set->wants_event(connection::kOpened));
}

TEST_CASE("calls are kept only for answers that a rule wants to compare") {
  const RulesFromText rules = one_rule(
      "  s: {ocpp.action: ChangeConfiguration, ocpp.type: result, ocpp.request.key: x}\n"
      "  condition: s");
  CHECK(rules.set->wants_request(ocpp::action_id("ChangeConfiguration")));
  CHECK_FALSE(rules.set->wants_request(ocpp::action_id("Reset")));
  const RulesFromText calls =
      one_rule("  s: {ocpp.action: Reset, ocpp.type: call, ocpp.payload.key: x}\n  condition: s");
  CHECK_FALSE(calls.set->wants_request(ocpp::action_id("Reset")));
}

TEST_CASE("a field that is dear to compute is wanted only where a rule reads it") {
  const RulesFromText rules =
      one_rule("  s: {ocpp.action: DataTransfer, ocpp.sensitive: card_number}\n  condition: s");
  const Slot slot = ocpp::kSensitive.slot;
  CHECK(rules.set->wants_field(ocpp::kMessage, slot));
  CHECK(rules.set->wants_field(ocpp::kMessage, slot, ocpp::action_id("DataTransfer"),
                               MessageType::kCall));
  CHECK_FALSE(rules.set->wants_field(ocpp::kMessage, slot, ocpp::action_id("Heartbeat"),
                                     MessageType::kCall));
}

TEST_CASE("types of messages have their numbers") {
  CHECK(message_type("call") == MessageType::kCall);
  CHECK(message_type("result_error") == MessageType::kResultError);
  CHECK(message_type("send") == MessageType::kSend);
  CHECK(message_type("CALL") == MessageType::kOther);
  CHECK(message_type("") == MessageType::kOther);
  CHECK(to_string(MessageType::kError) == "error");
}

TEST_CASE("a rule that needs the rare field is asked only about messages that have it") {
  const auto rules =
      one_rule("  s: {event.name: ocpp.message, ocpp.sensitive: card_number}\n  condition: s");
  const auto id = ocpp::action_id("MeterValues");
  CHECK(rules.set->may_match(ocpp::kMessage, id, MessageType::kCall, RareField::kPerhaps));
  CHECK_FALSE(rules.set->may_match(ocpp::kMessage, id, MessageType::kCall, RareField::kAbsent));
  const auto without = one_rule(
      "  s: {event.name: ocpp.message}\n  f: {ocpp.sensitive: card_number}\n"
      "  condition: s and not f");
  CHECK(without.set->may_match(ocpp::kMessage, id, MessageType::kCall, RareField::kAbsent));
}
