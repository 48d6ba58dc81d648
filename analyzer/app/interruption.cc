#include "analyzer/app/interruption.h"

#include <atomic>
#include <cerrno>
#include <ctime>

namespace chargewarden {

namespace {

// What the handler knows. It runs on one thread, with both signals blocked.
std::atomic<StopRequest*> stop_request = nullptr;
std::atomic<int> first_signal = 0;
std::atomic<std::int64_t> first_time_ns = 0;
static_assert(std::atomic<StopRequest*>::is_always_lock_free &&
              std::atomic<int>::is_always_lock_free &&
              std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t monotonic_ns() {
  constexpr std::int64_t kNsPerS = 1'000'000'000;
  timespec now{};
  (void)::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNsPerS + now.tv_nsec;
}

// Calls only what signal-safety(7) allows.
extern "C" void on_ending_signal(int number) {
  const int saved = errno;
  if (first_signal == 0) {
    first_signal = number;
    first_time_ns = monotonic_ns();
    stop_request.load()->request();
  } else if (monotonic_ns() - first_time_ns >= kSameRequestNs) {
    (void)std::signal(number, SIG_DFL);
    (void)std::raise(number);  // Waits until this function is left.
  }
  errno = saved;
}

}  // namespace

Interruption::Interruption(StopRequest& stop) {
  stop_request = &stop;
  first_signal = 0;

  struct sigaction action {};

  action.sa_handler = on_ending_signal;
  action.sa_flags = SA_RESTART;
  for (const int number : kSignals) (void)::sigaddset(&action.sa_mask, number);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    (void)::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) (void)::sigaction(kSignals[i], &action, nullptr);
  }
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    (void)::sigaction(kSignals[i], &before_[i], nullptr);
  }
  stop_request = nullptr;
}

int Interruption::signal() const noexcept {
  return first_signal;
}

std::string signal_name(int number) {
  if (number == SIGINT) return "SIGINT";
  if (number == SIGTERM) return "SIGTERM";
  return std::to_string(number);
}

}  // namespace chargewarden
