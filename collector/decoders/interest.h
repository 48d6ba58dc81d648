#pragma once
// Interest: what the consumers of events want, so that nothing is built that nobody asks for.
//
// Filled once from the rules, the audit trail and the requested output; read-only while decoding.

#include <array>
#include <cstdint>

#include "collector/event/ocpp_actions.h"
#include "collector/event/schema.h"

namespace chargewarden {

inline constexpr std::size_t kActionSlots = 128;  // More than there are actions; 0 is unknown.

struct Interest {
  std::array<bool, kEventDefsMax> events{};  // By event_index().
  // ocpp.message, by action and type.
  std::array<std::array<bool, ocpp::kMessageTypes>, kActionSlots> messages{};
  // Whether the payload of a call is kept until its answer comes, by action.
  std::array<bool, kActionSlots> requests{};
  // The same, but only for answers that say something: {} does not.
  std::array<bool, kActionSlots> requests_of_full{};

  [[nodiscard]] bool keeps_request(ocpp::ActionId action) const noexcept {
    return requests[action] || requests_of_full[action];
  }

  // ocpp.message, when its text holds personal data in clear: by action and type, because the
  // search costs something.
  std::array<std::array<bool, ocpp::kMessageTypes>, kActionSlots> sensitive{};

  [[nodiscard]] bool wants(const EventDef& def) const { return events[event_index(def)]; }

  [[nodiscard]] bool wants(ocpp::ActionId action, ocpp::MessageType type) const noexcept {
    return messages[action][static_cast<std::size_t>(type)];
  }

  [[nodiscard]] bool wants_sensitive(ocpp::ActionId action, ocpp::MessageType type) const noexcept {
    return sensitive[action][static_cast<std::size_t>(type)];
  }

  // Everything: for --events and for tests.
  static Interest all();
};

}  // namespace chargewarden
