#include "analyzer/detectors/transactions/sequence.h"

#include <algorithm>

namespace chargewarden::session {

SequenceStep Sequence::add(std::int64_t number, std::int64_t payload) {
  for (const Seen& each : seen_) {
    if (each.number != number) continue;
    if (each.payload == payload) {
      return number < last_ ? SequenceStep::kReplay : SequenceStep::kRetry;
    }
    ++conflicts_;
    return SequenceStep::kConflict;
  }
  first_ = count_ == 0 ? number : std::min(first_, number);
  last_ = std::max(last_, number);
  ++count_;
  seen_[next_++ % kKept] = {number, payload};
  return SequenceStep::kNew;
}

std::int64_t Sequence::missing() const noexcept {
  return std::max<std::int64_t>(0, last_ - first_ + 1 - count_);
}

}  // namespace chargewarden::session
