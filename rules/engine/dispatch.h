#pragma once
// Dispatch: which rules an event can match at all, found by one look-up.
//
// Most events of a healthy fleet (MeterValues, Heartbeat) concern no rule. From each condition
// follows under which event, OCPP action and type of message it can be true; the analysis may say
// "perhaps" too often but never "no" wrongly.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "collector/event/ocpp_actions.h"
#include "collector/event/schema.h"

namespace chargewarden {

struct CompiledRules;

// ocpp.type of an event, as a number. kOther stands for absent and for anything unknown.
enum class MessageType : std::uint8_t { kCall, kResult, kError, kResultError, kSend, kOther };

inline constexpr std::size_t kMessageTypeCount = 6;

MessageType message_type(std::string_view text) noexcept;

// Text of a type; empty for kOther.
std::string_view to_string(MessageType type) noexcept;

class Dispatch {
 public:
  // Indexes of rules, ascending. `action` is 0 for unknown ones; events that are no OCPP messages
  // have one list.
  [[nodiscard]] std::span<const std::uint32_t> candidates(std::size_t event, ocpp::ActionId action,
                                                          MessageType type) const noexcept {
    const Lists& lists = lists_[event];
    std::size_t bucket = 0;
    if (lists.ranges.size() > 1) {
      bucket = action * kMessageTypeCount + static_cast<std::size_t>(type);
      if (bucket >= lists.ranges.size()) bucket = static_cast<std::size_t>(type);
    }
    const Range range = lists.ranges[bucket];
    return std::span<const std::uint32_t>(indexes_).subspan(range.begin, range.count);
  }

  // Whether the event's list depends on action and type.
  [[nodiscard]] bool by_message(std::size_t event) const noexcept {
    return lists_[event].ranges.size() > 1;
  }

  // Whether any rule can match the event.
  [[nodiscard]] bool wants(std::size_t event) const noexcept { return !lists_[event].all.empty(); }

  // Every rule that can match the event, ascending.
  [[nodiscard]] std::span<const std::uint32_t> all(std::size_t event) const noexcept {
    return lists_[event].all;
  }

  // Rules, leaves, fields and bindings must be complete.
  static Dispatch build(const CompiledRules& rules);

 private:
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t count = 0;
  };

  struct Lists {
    std::vector<Range> ranges;
    std::vector<std::uint32_t> all;
  };

  std::vector<Lists> lists_;
  std::vector<std::uint32_t> indexes_;
};

}  // namespace chargewarden
