#include "collector/base/thread.h"

#include <csignal>
#include <utility>

#include <pthread.h>

namespace chargewarden {

namespace {

constexpr std::size_t kNameLen = 15;  // pthread_setname_np(3): 16 bytes with the zero at the end.

// Blocks the signals in this thread, and with it in those that it starts meanwhile: blocking them
// in the new thread would leave a moment in which it takes them.
class OurSignalsBlocked {
 public:
  OurSignalsBlocked() {
    sigset_t blocked;
    (void)::sigemptyset(&blocked);
    (void)::sigaddset(&blocked, SIGINT);
    (void)::sigaddset(&blocked, SIGTERM);
    (void)::sigaddset(&blocked, SIGHUP);
    (void)::pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  }

  ~OurSignalsBlocked() { (void)::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  OurSignalsBlocked(const OurSignalsBlocked&) = delete;
  OurSignalsBlocked& operator=(const OurSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

std::thread start_thread(const std::string& name, std::function<void()> body) {
  const OurSignalsBlocked blocked;
  std::thread thread(std::move(body));
  (void)::pthread_setname_np(thread.native_handle(), name.substr(0, kNameLen).c_str());
  return thread;
}

}  // namespace chargewarden
