#pragma once
// Dispatch: which rules an event can match at all, found by one look-up.
//
// Most events of a healthy fleet (MeterValues, Heartbeat) concern no rule. From each condition
// follows under which event, OCPP action and type of message it can be true; the analysis may say
// "perhaps" too often but never "no" wrongly.

#include <array>
#include <bitset>
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

// A field that hardly any message has and that costs a search to know. Rules that need it are asked
// only about messages that have it.
inline constexpr std::string_view kRareField = "ocpp.sensitive";

enum class RareField : std::uint8_t { kAbsent, kPerhaps };

// Actions and types under which something can be true: every combination of the two. Bit 0 of the
// actions is "unknown"; there is room for coming ones.
struct DispatchPossible {
  static constexpr std::size_t kActionBits = 256;

  std::bitset<kActionBits> actions;
  std::bitset<kMessageTypeCount> types;

  static DispatchPossible always() {
    DispatchPossible out;
    out.actions.set();
    out.types.set();
    return out;
  }

  [[nodiscard]] bool never() const { return actions.none() || types.none(); }
};

class Dispatch {
 public:
  // Indexes of rules, ascending. `action` is 0 for unknown ones; events that are no OCPP messages
  // have one list.
  [[nodiscard]] std::span<const std::uint32_t> candidates(
      std::size_t event, ocpp::ActionId action, MessageType type,
      RareField rare = RareField::kPerhaps) const noexcept {
    const Lists& lists = lists_[event];
    std::size_t bucket = 0;
    if (lists.ranges.size() > 1) {
      bucket = bucket_of(action, type, rare);
      if (bucket >= lists.ranges.size()) bucket = bucket_of(0, type, rare);
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

  static constexpr std::size_t bucket_of(std::size_t action, MessageType type,
                                         RareField rare) noexcept {
    return (action * kMessageTypeCount + static_cast<std::size_t>(type)) * 2 +
           static_cast<std::size_t>(rare);
  }

  struct Lists {
    std::vector<Range> ranges;
    std::vector<std::uint32_t> all;
  };

  static void add_to_buckets(const DispatchPossible& possible, RareField rare, std::uint32_t rule,
                             std::vector<std::vector<std::uint32_t>>& lists);

  std::vector<Lists> lists_;
  std::vector<std::uint32_t> indexes_;
};

}  // namespace chargewarden
