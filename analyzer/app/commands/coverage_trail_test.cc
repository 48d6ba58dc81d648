// Coverage of an audit trail: all runs together, and what they cannot tell.

#include <algorithm>

#include <catch2/catch.hpp>

#include "alerts/audit/audit_store.h"
#include "analyzer/app/commands/coverage_report.h"
#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/ocpp_events.h"
#include "rules/engine/testing/rules_from_text.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::TemporaryFolder;
using testing::RulesFromText;

namespace {

const std::string kRules =
    "---\ntitle: A\nname: reset_seen\nlogsource: {product: evcharging, category: ocpp}\n"
    "detection: {s: {ocpp.action: Reset, ocpp.type: call}, condition: s}\n"
    "---\ntitle: B\nid: 5d0b2a44-6e0e-4bb0-9a0a-0e2b8f6f4a11\n"
    "logsource: {product: evcharging, category: connection}\n"
    "detection: {s: {event.name: connection.closed}, condition: s}\n"
    "---\ntitle: C\nname: never\nlogsource: {product: evcharging, category: ocpp}\n"
    "detection: {s: {ocpp.action: ClearCache}, condition: s}\n";

class Trail {
 public:
  Trail() : rules(kRules, SchemaCheck::kOurs) {
    REQUIRE(rules.set->size() == 3);
    auto opened = AuditStore::open(folder_.below("trail"), {});
    REQUIRE(opened);
    store_ = std::move(opened).value();
  }

  void sensor(std::string_view action, std::string_view hash,
              std::optional<Observation> observed = {}) {
    SensorRecord record;
    record.action = action;
    record.ruleset_hash = hash;
    record.observed = std::move(observed);
    REQUIRE(store_->append(record));
  }

  Sightings read() {
    REQUIRE(store_->commit());
    auto out = read_trail(folder_.below("trail"), *rules.set);
    REQUIRE(out);
    return std::move(out).value();
  }

  static bool says(const Sightings& sightings, std::string_view part) {
    return std::any_of(
        sightings.notes.begin(), sightings.notes.end(),
        [part](const std::string& note) { return note.find(part) != std::string::npos; });
  }

  RulesFromText rules;

 private:
  TemporaryFolder folder_;
  std::unique_ptr<AuditStore> store_;
};

}  // namespace

TEST_CASE("what the runs of a trail saw is added up") {
  Trail trail;
  const std::string& hash = trail.rules.set->hash();
  const Observation seen{.events = {{"connection.closed", 2}, {"ocpp.message", 5}},
                         .messages = {{"1.6", "Reset", {{"call", 2}, {"result", 3}}}},
                         .unknown_action_messages = 1,
                         .encrypted_connections = 1};
  trail.sensor("start", hash);
  trail.sensor("stop", hash, seen);
  trail.sensor("start", hash);
  trail.sensor("stop", hash, seen);
  const Sightings out = trail.read();
  CHECK(out.observed.total(event_index(ocpp::kMessage)) == 12);
  CHECK(out.observed.count(event_index(ocpp::kMessage), ocpp::action_id("Reset"),
                           MessageType::kCall) == 4);
  CHECK(out.observed.total(event_index(connection::kClosed)) == 4);
  CHECK(out.encrypted_connections == 2);
  CHECK(Trail::says(out, "2 runs are in the trail"));
  for (const char* part : {"no stop", "other rules", "earlier version", "not loaded"}) {
    CHECK_FALSE(Trail::says(out, part));
  }
  CHECK(cover(*trail.rules.set, 0, out).state == CoverageState::kCouldFire);
  CHECK(cover(*trail.rules.set, 0, out).looked_at == 4);
  CHECK(cover(*trail.rules.set, 1, out).state == CoverageState::kCouldFire);
  const RuleCoverage never = cover(*trail.rules.set, 2, out);
  CHECK(never.state == CoverageState::kNotObservable);
  CHECK(never.why ==
        "no ClearCache message was seen; 2 connections were encrypted (TLS without keys)");
}

TEST_CASE("unclean ends, other rules and runs without counts are said") {
  Trail trail;
  trail.sensor("start", "h");
  trail.sensor("start", "h");
  trail.sensor("stop", "h");
  trail.sensor("start", "h");
  const Sightings out = trail.read();
  CHECK(Trail::says(out, "3 runs are in the trail"));
  CHECK(Trail::says(out, "2 runs began and have no stop"));
  CHECK(Trail::says(out, "1 run did not keep what it saw"));
  CHECK(Trail::says(out, "1 run was made with other rules"));
  const RuleCoverage never = cover(*trail.rules.set, 2, out);
  CHECK(never.state == CoverageState::kNotObservable);
  CHECK(never.why == "no run kept count of what it saw");
}

TEST_CASE("messages that a stop record could not name may have been any") {
  Trail trail;
  Observation seen;
  std::vector<std::string> names;
  for (std::size_t i = 0; i <= kObservedMessagesMax; ++i) names.push_back(std::to_string(i));
  for (const std::string& name : names) seen.messages.push_back({"1.6", name, {{"call", 1}}});
  trail.sensor("start", trail.rules.set->hash());
  trail.sensor("stop", trail.rules.set->hash(), seen);
  const Sightings out = trail.read();
  CHECK(Trail::says(out, "1 message was counted without its action"));
  CHECK(cover(*trail.rules.set, 2, out).looked_at == 1);
}
