#pragma once
// WatchList: things that become a finding unless something happens within a fixed time. Part of the
// transactions detector. Whether it has happened is asked when the time is over.

#include <cstdint>
#include <deque>

#include "analyzer/state/session.h"

namespace chargewarden::session {

// Things that are waited for at a time, in each list: more than stations have open at once. Beyond,
// the oldest is given up. Test: transactions_test.cc "what is waited for is bounded".
inline constexpr std::size_t kWatchesMax = 65'536;

struct Watch {
  StationIndex station = kNoStation;
  std::int32_t connector = -1;
  SessionIndex session = kNoSession;  // And its generation; kNoSession: of the connector alone.
  std::uint32_t generation = 0;
  std::int64_t since_ns = 0;
  std::int64_t due_ns = 0;
  std::int64_t status_since_ns = 0;  // Of the connector.
  bool after_end = false;
};

class WatchList {
 public:
  void add(const Watch& watch) {
    if (watches_.size() >= kWatchesMax) {
      watches_.pop_front();
      ++dropped_;
    }
    watches_.push_back(watch);
  }

  // Hands each watch that is due to `visit`, once.
  template <typename Visit>
  void take_due(std::int64_t now_ns, Visit&& visit) {
    while (!watches_.empty() && watches_.front().due_ns <= now_ns) {
      const Watch watch = watches_.front();
      watches_.pop_front();
      visit(watch);
    }
  }

  [[nodiscard]] bool empty() const noexcept { return watches_.empty(); }

  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  std::deque<Watch> watches_;  // By due time: each list has one delay.
  std::uint64_t dropped_ = 0;
};

}  // namespace chargewarden::session
