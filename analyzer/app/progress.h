#pragma once
// ProgressBar: bytes, rate and time left of a long job, on stderr while that is a terminal.

#include <chrono>
#include <cstdint>

namespace chargewarden {

class ProgressBar {
 public:
  // `bytes_total` 0: unknown.
  explicit ProgressBar(std::uint64_t bytes_total);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Redraws a few times a second.
  void update(std::uint64_t bytes_done);

  // Takes the bar off the screen, so that something else can be written.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void draw(std::uint64_t bytes_done, Clock::time_point now);

  std::uint64_t bytes_total_;
  bool visible_;
  bool drawn_ = false;
  Clock::time_point start_;
  Clock::time_point last_;
};

}  // namespace chargewarden
