#include "collector/base/thread.h"

#include <array>
#include <atomic>
#include <csignal>
#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <pthread.h>

using namespace chargewarden;  // NOLINT(google-build-using-namespace)

namespace {

bool blocked(int number) {
  sigset_t mask;
  REQUIRE(::pthread_sigmask(SIG_BLOCK, nullptr, &mask) == 0);
  return ::sigismember(&mask, number) == 1;
}

}  // namespace

TEST_CASE("a started thread leaves the signals that the program takes to the one that started it") {
  std::array<bool, 4> in_thread{};
  std::thread thread = start_thread("signals", [&] {
    in_thread = {blocked(SIGINT), blocked(SIGTERM), blocked(SIGHUP), blocked(SIGUSR1)};
  });
  thread.join();
  CHECK(in_thread == std::array{true, true, true, false});
  CHECK_FALSE(blocked(SIGINT));
  CHECK_FALSE(blocked(SIGTERM));
}

TEST_CASE("a started thread has its name, as far as the system takes it") {
  for (const auto& [name, shown] : {std::pair<std::string, std::string>{"audit", "audit"},
                                    {"0123456789abcdefgh", "0123456789abcde"}}) {
    // The name is given from outside, so the thread has to live until then.
    std::atomic<bool> go = false;
    std::thread thread = start_thread(name, [&] { go.wait(false); });
    std::array<char, 32> found{};
    CHECK(::pthread_getname_np(thread.native_handle(), found.data(), found.size()) == 0);
    CHECK(found.data() == shown);
    go = true;
    go.notify_all();
    thread.join();
  }
}
