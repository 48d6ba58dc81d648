#include "analyzer/app/commands/observation.h"

#include <map>

#include <catch2/catch.hpp>

#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/ocpp_events.h"

using namespace chargewarden;

TEST_CASE("a run's observation counts what was decoded and what was reported") {
  PipelineResult result;
  result.events[event_index(connection::kClosed)] = 3;
  result.events[event_index(connection::kOpened)] = 1;  // Fewer were wanted than there were.
  result.decode.connections = 5;
  result.decode.connections_tls = 2;
  auto& messages = result.decode.messages[static_cast<std::size_t>(OcppVersion::k16)];
  messages[ocpp::action_id("Reset")][static_cast<std::size_t>(ocpp::MessageType::kCall)] = 4;
  messages[ocpp::action_id("Reset")][static_cast<std::size_t>(ocpp::MessageType::kError)] = 1;
  messages[ocpp::kUnknownAction][static_cast<std::size_t>(ocpp::MessageType::kCall)] = 7;
  result.decode.messages[0][ocpp::action_id("Reset")][0] = 1;

  const Observation out = observation_of(result);
  const std::map<std::string_view, std::uint64_t> events(out.events.begin(), out.events.end());
  CHECK(events == std::map<std::string_view, std::uint64_t>{{"connection.opened", 5},
                                                            {"connection.closed", 3},
                                                            {"tls.seen", 2},
                                                            {"ocpp.message", 13}});
  CHECK(out.unknown_action_messages == 7);
  CHECK(out.encrypted_connections == 2);
  REQUIRE(out.messages.size() == 2);
  CHECK(out.messages[0].version == "unknown");
  CHECK((out.messages[1].version == "1.6" && out.messages[1].action == "Reset"));
  using Types = std::vector<std::pair<std::string_view, std::uint64_t>>;
  CHECK(out.messages[1].types == Types{{"call", 4}, {"error", 1}});
}
