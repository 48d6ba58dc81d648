#pragma once
// RepeatCount: how often something happened lately, in a few bytes and a few instructions, for
// tables with many entries and for what is done for every message.
//
// Counts over the present and the previous span, so over one to two of them; the first span begins
// with what is counted first. Time that goes back counts as now.

#include <algorithm>
#include <cstdint>

namespace chargewarden {

class RepeatCount {
 public:
  // `span_ms` must be the same on every call. Counts beyond 2^32 stay there.
  std::uint32_t add(std::int64_t now_ns, std::uint32_t span_ms, std::uint32_t amount = 1) {
    advance(now_ns, span_ms);
    now_ += std::min(amount, UINT32_MAX - now_);
    return count();
  }

  [[nodiscard]] std::uint32_t count() const noexcept {
    return before_ > UINT32_MAX - now_ ? UINT32_MAX : before_ + now_;
  }

  // Whether the count is to be told: at `floor`, and at twice of what was told before.
  bool should_tell(std::uint32_t floor) {
    const std::uint32_t counted = count();
    if (counted < floor || (told_ != 0 && counted / 2 < told_)) return false;
    told_ = counted;
    return true;
  }

  // Time since the begin of what is counted.
  [[nodiscard]] std::int64_t age_ms(std::int64_t now_ns) const noexcept {
    const std::uint32_t age = to_ms(now_ns) - (before_ != 0 ? before_begin_ms_ : begin_ms_);
    return age > UINT32_MAX / 2 ? 0 : age;
  }

 private:
  // Differences of these are right for 49 days.
  static std::uint32_t to_ms(std::int64_t ns) noexcept {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(ns / 1'000'000));
  }

  void advance(std::int64_t now_ns, std::uint32_t span_ms) {
    const std::uint32_t now = to_ms(now_ns);
    const std::uint32_t ahead = now - begin_ms_;
    const bool fresh = now_ == 0 && before_ == 0;
    if (!fresh && (ahead < span_ms || ahead > UINT32_MAX / 2)) return;
    before_ = !fresh && ahead / 2 < span_ms ? now_ : 0;
    before_begin_ms_ = begin_ms_;
    now_ = 0;
    begin_ms_ = now;
    if (before_ < told_ / 2) told_ = 0;
  }

  std::uint32_t begin_ms_ = 0;  // Of the present span.
  std::uint32_t before_begin_ms_ = 0;
  std::uint32_t now_ = 0;
  std::uint32_t before_ = 0;
  std::uint32_t told_ = 0;
};

}  // namespace chargewarden
