#pragma once
// PendingCalls: the calls of one direction that wait for their answer, and the ids used lately.
//
// Bounded: kPendingCallsMax calls, kRecentIdsMax ids. Entries and their memory are reused, so that
// an ordinary exchange allocates nothing.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/limits.h"
#include "collector/event/ocpp_actions.h"

namespace chargewarden::ocpp {

// Ids of which reuse is noticed, per direction. A sender that resends does so within a few calls.
inline constexpr std::size_t kRecentIdsMax = 32;

struct PendingCall {
  std::string id;
  std::string action_name;  // Only for actions that are unknown.
  std::string payload;      // Only for actions of which somebody wants the request.
  bool has_payload = false;
  bool is_partial = false;   // Its end was not captured.
  bool is_reported = false;  // As unanswered, when the connection seemed to end.
  ActionId action = kUnknownAction;
  std::int64_t time_ns = 0;
  std::uint64_t packet_number = 0;
};

class PendingCalls {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

  // Whether a call that was sent at that time or later still waits.
  [[nodiscard]] bool waits_since(std::int64_t time_ns) const noexcept {
    return !calls_.empty() && calls_.back().time_ns >= time_ns;
  }

  // A new entry for the caller to fill; the oldest goes when there are too many (`evicted`).
  PendingCall& add(std::string_view id, bool& evicted);

  // The call of that id, taken out; valid until the next add(). Null when there is none.
  PendingCall* take(std::string_view id);

  // Hands each call to `visit`, oldest first, and forgets those for which it returns false.
  template <typename Visit>
  void keep_if(Visit&& visit) {
    std::erase_if(calls_, [&](PendingCall& call) { return !visit(call); });
  }

  // Notes that a call used the id; true when one of the last ones had it too.
  bool note_id(std::string_view id) noexcept;

  // Notes that the id was answered; seen_answer() tells whether one of the last ones was.
  void note_answer(std::string_view id) noexcept;
  [[nodiscard]] bool seen_answer(std::string_view id) const noexcept;

 private:
  // Without a key: no place in memory depends on it, and who prepares ids that have the same one
  // makes his own messages look repeated.
  static std::uint32_t fingerprint(std::string_view id) noexcept;

  std::vector<PendingCall> calls_;  // Oldest first.
  PendingCall taken_;
  std::array<std::uint32_t, kRecentIdsMax> recent_{};
  std::array<std::uint32_t, kRecentIdsMax> answered_{};
  std::uint8_t recent_next_ = 0;
  std::uint8_t answered_next_ = 0;
};

}  // namespace chargewarden::ocpp
