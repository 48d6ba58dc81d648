#pragma once
// Event: one thing that was seen, as typed fields.
//
// Lives on the stack of whoever reports it and is delivered synchronously: everything that it
// refers to is valid until the consumer returns. Not shared between threads. Building an event
// allocates nothing; the text of addresses and times is made when somebody asks for it.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "collector/base/json_document.h"
#include "collector/base/text.h"
#include "collector/base/value.h"
#include "collector/event/flow_info.h"
#include "collector/event/schema.h"

namespace chargewarden {

// Where an event comes from: event.origin is `wire:<source name>#<packet number from 1>`.
struct Origin {
  std::string_view kind = "wire";  // "wire" or "log".
  std::string_view source;         // File or interface.
  std::uint64_t number = 0;        // Packet or line, from 1.
  std::uint16_t input = 0;         // Number of the source among the inputs of the run.
};

class Event {
 public:
  Event(const EventDef& def, std::int64_t time_ns, const Origin& origin) noexcept
      : def_(&def), time_ns_(time_ns), origin_(origin) {}

  // The connection, and who of its two ends sent what the event is about.
  void set_flow(const FlowInfo& flow, Side sender) noexcept {
    flow_ = &flow;
    sender_ = sender;
  }

  void set_station(std::string_view id) noexcept { station_ = id; }

  void set(FieldKey key, Value value) noexcept {
    values_[key.slot] = value;
    present_ |= std::uint64_t{1} << key.slot;
  }

  void set_text(FieldKey key, std::string_view value) noexcept { set(key, Value::text(value)); }

  void set_int(FieldKey key, std::int64_t value) noexcept { set(key, Value::integer(value)); }

  void set_bool(FieldKey key, bool value) noexcept { set(key, Value::boolean(value)); }

  // The JSON of an OCPP message, and of the call that it answers; either may be null.
  void set_payload(const JsonDocument* payload, const JsonDocument* request) noexcept {
    payload_ = payload;
    request_ = request;
  }

  // The packets that led to the event, where they are more than that of its origin; numbers are
  // those of whoever reports it.
  void set_packets(std::span<const std::uint64_t> tags) noexcept { packets_ = tags; }

  // Small number of the OCPP action (collector/event/ocpp_actions.h), 0 when there is none or it is
  // unknown: lets a consumer dispatch without comparing text.
  void set_action(std::uint16_t action) noexcept { action_ = action; }

  [[nodiscard]] const EventDef& def() const noexcept { return *def_; }

  [[nodiscard]] std::int64_t time_ns() const noexcept { return time_ns_; }

  [[nodiscard]] const Origin& origin() const noexcept { return origin_; }

  [[nodiscard]] const FlowInfo* flow() const noexcept { return flow_; }

  [[nodiscard]] Side sender() const noexcept { return sender_; }

  [[nodiscard]] std::string_view station() const noexcept { return station_; }

  [[nodiscard]] std::span<const std::uint64_t> packets() const noexcept { return packets_; }

  [[nodiscard]] std::uint16_t action() const noexcept { return action_; }

  [[nodiscard]] const JsonDocument* payload() const noexcept { return payload_; }

  [[nodiscard]] const JsonDocument* request() const noexcept { return request_; }

  // Any field by its slot; absent when the event does not say. Common fields are made on demand,
  // into memory of this event.
  [[nodiscard]] Value value(Slot slot) const noexcept;

 private:
  [[nodiscard]] Value common_value(Slot slot) const noexcept;

  const EventDef* def_;
  std::int64_t time_ns_;
  Origin origin_;
  const FlowInfo* flow_ = nullptr;
  Side sender_ = Side::kClient;
  std::uint16_t action_ = 0;
  std::string_view station_;
  std::span<const std::uint64_t> packets_;
  const JsonDocument* payload_ = nullptr;
  const JsonDocument* request_ = nullptr;
  std::uint64_t present_ = 0;
  std::array<Value, kEventSlotsMax> values_;
  mutable std::array<char, kRfc3339Len> time_text_;
  mutable std::array<char, 128> origin_text_;
};

// Takes events as they are found. Called on the thread that decodes.
class EventConsumer {
 public:
  virtual ~EventConsumer() = default;
  virtual void on_event(const Event& event) = 0;
};

}  // namespace chargewarden
