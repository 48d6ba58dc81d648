#include "collector/decoders/ocpp/pending_calls.h"

#include <algorithm>
#include <functional>

namespace chargewarden::ocpp {

std::uint32_t PendingCalls::fingerprint(std::string_view id) noexcept {
  const std::size_t hash = std::hash<std::string_view>{}(id);
  const auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32U));
  return folded == 0 ? 1 : folded;  // 0 marks a free place.
}

PendingCall& PendingCalls::add(std::string_view id, bool& evicted) {
  evicted = calls_.size() == kPendingCallsMax;
  if (evicted) {
    std::rotate(calls_.begin(), calls_.begin() + 1, calls_.end());
  } else if (taken_.id.capacity() != 0) {
    calls_.push_back(std::move(taken_));
    taken_ = {};
  } else {
    calls_.emplace_back();
  }
  PendingCall& call = calls_.back();
  call.id.assign(id);
  call.action_name.clear();
  call.payload.clear();
  call.has_payload = false;
  call.is_partial = false;
  call.is_reported = false;
  return call;
}

PendingCall* PendingCalls::take(std::string_view id) {
  const auto found = std::find_if(calls_.begin(), calls_.end(),
                                  [&](const PendingCall& call) { return call.id == id; });
  if (found == calls_.end()) return nullptr;
  taken_ = std::move(*found);
  calls_.erase(found);
  return &taken_;
}

bool PendingCalls::note_id(std::string_view id) noexcept {
  const std::uint32_t mark = fingerprint(id);
  const bool again = std::find(recent_.begin(), recent_.end(), mark) != recent_.end();
  recent_[recent_next_] = mark;
  recent_next_ = static_cast<std::uint8_t>((recent_next_ + 1U) % kRecentIdsMax);
  return again;
}

void PendingCalls::note_answer(std::string_view id) noexcept {
  answered_[answered_next_] = fingerprint(id);
  answered_next_ = static_cast<std::uint8_t>((answered_next_ + 1U) % kRecentIdsMax);
}

bool PendingCalls::seen_answer(std::string_view id) const noexcept {
  return std::find(answered_.begin(), answered_.end(), fingerprint(id)) != answered_.end();
}

}  // namespace chargewarden::ocpp
