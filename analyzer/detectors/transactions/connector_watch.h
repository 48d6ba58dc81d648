#pragma once
// ConnectorWatch: what a connector says by its status against what its session says (threats SA-12,
// SA-13, SA-22). Part of the transactions detector.
//
// Status and session messages follow each other in any order, and late from stations that were
// away. So a contradiction counts when it has lasted, and the station was there to end it.

#include "analyzer/detectors/by_session.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/transactions/watch_list.h"

namespace chargewarden::session {

class ConnectorWatch {
 public:
  // A session begins.
  void on_start(SessionIndex index, const World& world);

  // It shows life.
  void on_update(SessionIndex index, const World& world);

  // A StatusNotification.
  void on_status(const Fact& fact, const World& world);

  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter);

  [[nodiscard]] std::uint64_t dropped() const {
    return unusable_.dropped() + orphans_.dropped() + charging_.dropped();
  }

 private:
  void judge_unusable(const Watch& watch, const World& world, Reporter& reporter);
  void judge_orphan(Watch watch, std::int64_t now_ns, const World& world, Reporter& reporter);
  static void judge_charging(const Watch& watch, std::int64_t now_ns, const World& world,
                             Reporter& reporter);

  struct Note {
    bool recovered = false;     // Its connector has come back into order.
    std::int64_t alive_ns = 0;  // Latest sign of it.
  };

  BySession<Note> notes_;
  WatchList unusable_;
  WatchList orphans_;
  WatchList charging_;
};

}  // namespace chargewarden::session
