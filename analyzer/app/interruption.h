#pragma once
// Interruption: SIGINT and SIGTERM ask a long command to stop, instead of ending the process.
//
// The first signal becomes a StopRequest; the command then finishes what it has begun. A second one
// ends the process at once, so that a command which cannot finish (a full disk, a reader of its
// output that does not read) can still be ended. Signals within kSameRequestNs of the first count
// as the same one: timeout(1) sends its signal to the process and then to the whole group.
//
// At most one exists at a time. It belongs to the main thread, which alone takes these signals
// (start_thread in collector/base/thread.h). Its system calls are restarted, so that no write is
// cut short; what may wait for long has to wait for the StopRequest too.

#include <array>
#include <csignal>
#include <cstdint>
#include <string>

#include "collector/capture/stop_request.h"

namespace chargewarden {

inline constexpr std::int64_t kSameRequestNs = 1'000'000'000;

class Interruption {
 public:
  // From now on. A signal that the caller of the program had ignored, as shells do for what runs in
  // the background, stays ignored. `stop` outlives this.
  explicit Interruption(StopRequest& stop);

  // Signals do again what they did before.
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // The signal that came first, such as SIGINT; 0 when none came.
  [[nodiscard]] int signal() const noexcept;

 private:
  static constexpr std::array<int, 2> kSignals = {SIGINT, SIGTERM};

  std::array<struct sigaction, kSignals.size()> before_{};
};

// "SIGINT", "SIGTERM"; of others the number.
std::string signal_name(int number);

}  // namespace chargewarden
