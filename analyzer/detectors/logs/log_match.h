#pragma once
// LogMatch: which begins and ends of sessions one log tells, of those that were on the wire, and
// what it does not tell of a time in which it was silent (threat LG-14).
//
// The same message has the same id on the wire and in the log. What counts as missing: several such
// messages, of stations and of kinds that the log has told before, within one silence of the log,
// not told afterwards although the log goes on telling others, and at the right time. A log whose
// clock was moved tells at another time than the wire, and is not judged.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analyzer/detectors/packets.h"
#include "analyzer/state/station.h"
#include "analyzer/state/world.h"

namespace chargewarden::logs {

// StartTransaction, StopTransaction, TransactionEvent(Started), TransactionEvent(Ended).
inline constexpr std::size_t kKinds = 4;

// A message on the wire that the log has not told yet.
struct Awaited {
  StationIndex station = kNoStation;
  std::size_t kind = 0;
  std::int64_t id = 0;
  std::uint64_t tag = 0;
};

// Messages of one silence that are looked for; later ones are left out. Three are enough to tell.
// Test: log_detector_test.cc "of a long silence the first messages are looked for".
inline constexpr std::size_t kAwaitedMax = 64;

// Silences of one log that wait until it is sure that their messages do not come late. The oldest
// is forgotten. Test: log_detector_test.cc "silences that wait are bounded".
inline constexpr std::size_t kSilencesMax = 4;

struct Hole {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  std::uint64_t from_line = 0;
  std::uint64_t to_line = 0;
  std::uint64_t missing = 0;
  std::uint64_t stations = 0;
  Packets packets;
};

class LogMatch {
 public:
  // The log has told a message of this kind that was on the wire.
  void on_told(std::size_t kind) noexcept {
    ++told_[kind];
    for (Silence& each : silences_) ++each.told_after;
  }

  // The log tells this message: it is not missing, should it have been awaited.
  void on_line(StationIndex station, std::int64_t id);

  // A message on the wire that the log, which has come this far, should tell.
  void await(const Awaited& message, const LogProgress& log);

  // A hole that is certain by now.
  std::optional<Hole> look(const LogProgress& log, std::int64_t now_ns);

  // At the end of the input: what came on the wire behind the last line.
  [[nodiscard]] std::optional<Hole> behind_the_end(const LogProgress& log,
                                                   std::int64_t now_ns) const;

  void forget(StationIndex station);

  // Silences that were given up because too many waited.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  struct Silence {
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    std::uint64_t from_line = 0;
    std::uint64_t to_line = 0;
    std::uint64_t told_late = 0;
    std::uint64_t told_after = 0;  // By the log, of the time behind it.
    std::vector<Awaited> awaited;
  };

  [[nodiscard]] static bool is_missing(const Silence& silence);
  [[nodiscard]] static Hole make_hole(const Silence& silence);
  static void take_off(Silence& silence, StationIndex station, std::int64_t id);
  void come_to(const LogProgress& log);

  std::array<std::uint64_t, kKinds> told_{};
  Silence present_;                // Since the latest line.
  std::vector<Silence> silences_;  // Long ones that are over, oldest first.
  std::uint64_t dropped_ = 0;
};

}  // namespace chargewarden::logs
