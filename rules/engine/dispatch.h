#pragma once
// Dispatch: which rules an event can match at all, and what is left to ask them, found by one
// look-up.
//
// Most events of a healthy fleet (MeterValues, Heartbeat) concern no rule. The kind of an event and
// an OCPP message's action and type are known before any rule is asked, so each condition is worked
// out for them in advance: a rule that they rule out is no candidate, and of the others only the
// open questions remain.

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "collector/event/ocpp_actions.h"
#include "collector/event/schema.h"
#include "rules/engine/program.h"

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

// A rule that an event can match.
struct Candidate {
  std::uint32_t rule = 0;
  std::uint32_t code = 0;            // Where its open questions stand in Dispatch::code().
  std::int32_t entry = kEndNoMatch;  // The first of them, or kEndMatch when none is left.

  friend auto operator<=>(const Candidate&, const Candidate&) = default;
};

class Dispatch {
 public:
  // By rule, ascending. `action` is 0 for unknown ones and must be the one that the event's
  // ocpp.action spells; events that are no OCPP messages have one list.
  [[nodiscard]] std::span<const Candidate> candidates(
      std::size_t event, ocpp::ActionId action, MessageType type,
      RareField rare = RareField::kPerhaps) const noexcept {
    const Lists& lists = lists_[event];
    std::size_t bucket = 0;
    if (lists.ranges.size() > 1) {
      bucket = bucket_of(action, type, rare);
      if (bucket >= lists.ranges.size()) bucket = bucket_of(0, type, rare);
    }
    const Range range = lists.ranges[bucket];
    return std::span<const Candidate>(candidates_).subspan(range.begin, range.count);
  }

  // The questions of a candidate; where they lead to is relative to the first.
  [[nodiscard]] std::span<const Instruction> code(const Candidate& candidate) const noexcept {
    return std::span<const Instruction>(code_).subspan(candidate.code);
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

  // Rules, leaves with their costs, fields and bindings must be complete.
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

  class Builder;

  std::vector<Lists> lists_;
  std::vector<Candidate> candidates_;
  std::vector<Instruction> code_;
};

}  // namespace chargewarden
