#include "rules/engine/coverage.h"

#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/http_events.h"
#include "collector/event/defs/ocpp_events.h"
#include "collector/event/defs/tls_events.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

RulesFromText one_rule(const std::string& detection, const std::string& category = "ocpp") {
  RulesFromText out(rule_of(detection, category), SchemaCheck::kOurs);
  INFO(detection << render_text(out.diagnostics));
  REQUIRE(out.set->size() == 1);
  return out;
}

void see_message(CoverageCounter& counter, std::string_view action, std::string_view type,
                 std::string_view payload = "{}") {
  JsonDocument document;
  REQUIRE(document.load_copy(payload) == JsonStatus::kOk);
  Event event(ocpp::kMessage, 0, Origin{});
  if (!action.empty()) event.set_text(ocpp::kAction, action);
  event.set_action(ocpp::action_id(action));
  event.set_text(ocpp::kType, type);
  event.set_payload(&document, nullptr);
  counter.see(event);
}

std::string needed(const std::string& detection) {
  const RulesFromText rules = one_rule(detection);
  std::string out;
  for (const FieldIndex field : needed_fields(rules.set->compiled(), 0)) {
    out += rules.set->compiled().fields.name(field) + " ";
  }
  return out;
}

Observability judge(const RulesFromText& rules, const CoverageCounter& counter) {
  return judge_rule(*rules.set, 0, counter.observed(), counter.missing(0));
}

}  // namespace

TEST_CASE("a rule needs the fields without which it cannot match") {
  const std::string a = "ocpp.payload.a";
  const std::string b = "ocpp.payload.b";
  CHECK(needed("  s: {" + a + ": x, " + b + ": y}\n  condition: s\n") == a + " " + b + " ");
  CHECK(needed("  s: {" + a + ": x}\n  t: {" + b + ": y}\n  condition: s or t\n").empty());
  CHECK(needed("  s: {" + a + ": x}\n  t: {" + b + ": y}\n  condition: s and not t\n") == a + " ");
  CHECK(needed("  s: {" + a + ": x}\n  t: {" + a + ": y}\n  condition: s or t\n") == a + " ");
  CHECK(needed("  s: {" + a + ": null}\n  condition: s\n").empty());
  CHECK(needed("  s: {" + a + "|neq: x}\n  condition: s\n").empty());
  CHECK(needed("  s: {" + a + "|exists: false}\n  condition: not s\n") == a + " ");
  CHECK(needed("  s: {" + a + "|fieldref: " + b + "}\n  condition: s\n") == a + " " + b + " ");
  CHECK(needed("  s: {ocpp.sensitive: vin}\n  condition: s\n").empty());
  CHECK(needed("  s: [word]\n  condition: s\n").empty());
}

TEST_CASE("a rule that nothing was seen for is told why") {
  struct Row {
    const char* detection;
    const char* category;
    const char* blind;
  };

  const Row rows[] = {
      {"  s: {ocpp.action: Reset, ocpp.type: call}\n  condition: s\n", "ocpp",
       "no Reset call was seen"},
      {"  s: {ocpp.action: [Reset, UpdateFirmware]}\n  condition: s\n", "ocpp",
       "no Reset or UpdateFirmware message was seen"},
      {"  s: {ocpp.action|startswith: Get, ocpp.type: result}\n  condition: s\n", "ocpp", "others"},
      {"  s: {ocpp.type: [error, result_error]}\n  condition: s\n", "ocpp",
       "no OCPP error or result_error was seen"},
      {"  s: {event.name: ocpp.anomaly}\n  condition: s\n", "ocpp", ""},
      {"  s: {event.name: http.anomaly}\n  condition: s\n", "http",
       "no event of category http was seen"},
      {"  s: {http.status: 401}\n  condition: s\n", "http", "no event of category http was seen"},
      {"  s: {connection.duration_ms|gt: 5}\n  condition: s\n", "connection",
       "no connection.closed or connection.progress event was seen"},
      {"  s: {ocpp.known_action: false, ocpp.type: send}\n  condition: s\n", "ocpp",
       "no OCPP send was seen"},
      {"  s: {ocpp.payload.x: 1, ocpp.type: call}\n  condition: s\n", "ocpp",
       "the field ocpp.payload.x never occurred"},
      {"  s: {ocpp.action: Heartbeat}\n  condition: s\n", "ocpp", ""},
      {"  s: {ocpp.payload.a: 2}\n  condition: s\n", "ocpp", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.detection);
    const RulesFromText rules = one_rule(row.detection, row.category);
    CoverageCounter counter(*rules.set);
    see_message(counter, "Heartbeat", "call", R"({"a": 1})");
    counter.see(Event(connection::kOpened, 0, Origin{}));
    const Observability seen = judge(rules, counter);
    CAPTURE(seen.blind);
    if (std::string_view(row.blind) == "others") {
      CHECK(seen.blind.starts_with("no result of Get"));
      CHECK(seen.blind.ends_with(" others was seen"));
    } else {
      CHECK(seen.blind == row.blind);
    }
  }
}

TEST_CASE("a rule is asked about the events that it looks at, and no others") {
  const RulesFromText rules =
      one_rule("  s: {ocpp.action: Reset, ocpp.payload.type: Hard}\n  condition: s\n");
  CoverageCounter counter(*rules.set);
  see_message(counter, "Heartbeat", "call", R"({"type": "Hard"})");
  see_message(counter, "Reset", "call");
  see_message(counter, "Reset", "call");
  CHECK(judge(rules, counter).looked_at == 2);
  CHECK(judge(rules, counter).blind == "the field ocpp.payload.type never occurred");
  see_message(counter, "Reset", "call", R"({"type": "Soft"})");
  CHECK(judge(rules, counter).looked_at == 3);
  CHECK(judge(rules, counter).blind.empty());
}

TEST_CASE("an answer whose call was not seen is no observation of every action") {
  const RulesFromText rules = one_rule("  s: {ocpp.action: Reset}\n  condition: s\n");
  CoverageCounter counter(*rules.set);
  see_message(counter, "", "result");
  see_message(counter, "Nonsense", "call");
  CHECK(judge(rules, counter).looked_at == 0);
  const RulesFromText others = one_rule("  s: {ocpp.action: Reset}\n  condition: not s\n");
  CoverageCounter of_others(*others.set);
  see_message(of_others, "", "result");
  CHECK(judge(others, of_others).looked_at == 1);
}

TEST_CASE("that the sensor found nothing counts as soon as it could have") {
  struct Row {
    const char* event;
    const char* category;
    std::uint64_t before;
    std::uint64_t after;
  };

  for (const Row& row :
       {Row{"ocpp.anomaly", "ocpp", 0, 2}, Row{"websocket.anomaly", "websocket", 0, 2},
        Row{"ocpp.unanswered_call", "ocpp", 0, 2}, Row{"connection.gap", "connection", 1, 1},
        Row{"sensor.blind", "sensor", 1, 3}, Row{"http.anomaly", "http", 0, 0}}) {
    CAPTURE(row.event);
    const RulesFromText rules =
        one_rule(fmt::format("  s: {{event.name: {}}}\n  condition: s\n", row.event), row.category);
    CoverageCounter counter(*rules.set);
    counter.see(Event(connection::kOpened, 0, Origin{}));
    CHECK(judge(rules, counter).looked_at == row.before);
    see_message(counter, "Heartbeat", "call");
    see_message(counter, "Heartbeat", "result");
    CHECK(judge(rules, counter).looked_at == row.after);
    CHECK(judge(rules, counter).blind.empty() == (row.after > 0));
  }
}

TEST_CASE("counters of several shards add up") {
  const RulesFromText rules =
      one_rule("  s: {ocpp.payload.a: 1, ocpp.payload.b: 1}\n  condition: s\n");
  CoverageCounter one(*rules.set);
  CoverageCounter two(*rules.set);
  see_message(one, "Reset", "call", R"({"a": 1})");
  see_message(two, "Reset", "call", R"({"b": 1})");
  CHECK(judge(rules, one).blind == "the field ocpp.payload.b never occurred");
  one.add(two);
  CHECK(judge(rules, one).looked_at == 2);
  CHECK(judge(rules, one).blind.empty());
}

TEST_CASE("events without their action count for whoever may match them") {
  ObservedEvents observed;
  observed.add_unsorted(event_index(ocpp::kUnanswered), 7);
  observed.add_unsorted(event_index(ocpp::kMessage), 2);
  CHECK(observed.total(event_index(ocpp::kUnanswered)) == 7);
  const RulesFromText rules = one_rule("  s: {ocpp.action: Reset}\n  condition: s\n");
  CHECK(judge_rule(*rules.set, 0, observed, {}).looked_at == 2);
  const RulesFromText findings =
      one_rule("  s: {event.name: ocpp.unanswered_call, ocpp.action: Reset}\n  condition: s\n");
  CHECK(judge_rule(*findings.set, 0, observed, {}).looked_at == 7);
}

TEST_CASE("an anomaly is no observation of the messages that a rule waits for") {
  const RulesFromText rules = one_rule("  s: {ocpp.action: ClearCache}\n  condition: s\n");
  CoverageCounter counter(*rules.set);
  see_message(counter, "Heartbeat", "call");
  Event anomaly(ocpp::kAnomaly, 0, Origin{});
  anomaly.set_text(ocpp::kAnomalyAction, "MakeCoffee");
  counter.see(anomaly);
  CHECK(judge(rules, counter).blind == "no ClearCache message was seen");
}

namespace {

void see_peer(CoverageCounter& counter, const EventDef& def, const std::string& ip) {
  FlowInfo flow;
  flow.client_ip_text = ip;
  Event event(def, 0, Origin{});
  event.set_flow(flow, Side::kClient);
  counter.see(event);
}

}  // namespace

TEST_CASE("who is only seen encrypted is named") {
  const RulesFromText rules = one_rule("  s: {ocpp.action: Reset}\n  condition: s\n");
  CoverageCounter counter(*rules.set);
  see_peer(counter, tls::kSeen, "10.0.0.1");
  see_peer(counter, tls::kSeen, "10.0.0.2");
  see_peer(counter, connection::kOpened, "10.0.0.1");
  CHECK(counter.only_encrypted() == std::vector<std::string>{"10.0.0.1", "10.0.0.2"});
  see_peer(counter, http::kUpgrade, "10.0.0.2");
  CHECK(counter.only_encrypted() == std::vector<std::string>{"10.0.0.1"});
}

TEST_CASE("peers beyond the limit are counted") {
  const RulesFromText rules = one_rule("  s: {ocpp.action: Reset}\n  condition: s\n");
  CoverageCounter counter(*rules.set);
  for (std::size_t i = 0; i < kCoveragePeersMax; ++i) {
    see_peer(counter, tls::kSeen, fmt::format("peer {}", i));
  }
  CHECK(counter.peers_left_out() == 0);
  see_peer(counter, tls::kSeen, "peer 0");
  CHECK(counter.peers_left_out() == 0);
  see_peer(counter, tls::kSeen, "one more");
  CHECK(counter.peers_left_out() == 1);
  CHECK(counter.only_encrypted().size() == kCoveragePeersMax);
}
