#include "collector/event/schema.h"

#include <set>

#include <catch2/catch.hpp>

#include "collector/event/ocpp_actions.h"

using namespace chargewarden;

TEST_CASE("every field says its source and meaning, and every event fits its slots") {
  std::set<std::string_view> names;
  for (const EventDef* def : all_events()) {
    CAPTURE(def->name);
    CHECK(names.insert(def->name).second);
    // FTP has no category of its own, its transfers are of connections; nor has what connections
    // tell together.
    const bool of_connections =
        def->category == "connection" &&
        (def->name.starts_with("ftp.") || def->name.starts_with("network."));
    CHECK((of_connections || def->name.starts_with(std::string(def->category) + ".")));
    CHECK(slot_count(*def) <= kEventSlotsMax);
    CHECK(find_event(def->name) == def);
    std::set<std::string_view> fields;
    for (std::size_t slot = 0; slot < slot_count(*def); ++slot) {
      const FieldDef& field = field_of(*def, static_cast<Slot>(slot));
      CAPTURE(field.name);
      CHECK(fields.insert(field.name).second);
      CHECK_FALSE(field.source.empty());
      CHECK(field.text.back() == '.');
    }
  }
  CHECK(find_event("no.such") == nullptr);
}

TEST_CASE("every action is found by its name and nothing else is") {
  for (std::size_t i = 1; i <= ocpp::action_count(); ++i) {
    const auto id = static_cast<ocpp::ActionId>(i);
    CHECK(ocpp::action_id(ocpp::action_def(id).name) == id);
  }
  CHECK(ocpp::action_id("") == ocpp::kUnknownAction);
  CHECK(ocpp::action_id("heartbeat") == ocpp::kUnknownAction);
  CHECK(ocpp::action_id("FormatDisk") == ocpp::kUnknownAction);
  const auto& update = ocpp::action_def(ocpp::action_id("UpdateFirmware"));
  CHECK(update.caller == ocpp::Caller::kCsms);
  CHECK(update.weight == ocpp::Weight::kHigh);
}
