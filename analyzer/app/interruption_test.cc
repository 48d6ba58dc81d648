#include "analyzer/app/interruption.h"

#include <cerrno>
#include <string>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace chargewarden;  // NOLINT(google-build-using-namespace)

namespace {

std::unique_ptr<StopRequest> new_request() {
  auto stop = StopRequest::create();
  REQUIRE(stop);
  return std::move(stop).value();
}

// What a signal does, for as long as this exists.
class Action {
 public:
  Action(int number, void (*handler)(int))
      : number_(number), before_(std::signal(number, handler)) {}

  ~Action() { (void)std::signal(number_, before_); }

  Action(const Action&) = delete;
  Action& operator=(const Action&) = delete;

 private:
  int number_;
  void (*before_)(int);
};

int calls_of_handler = 0;

void count_call(int /*number*/) {
  ++calls_of_handler;
}

}  // namespace

TEST_CASE("a signal becomes a request to stop, and says which it was") {
  for (const int number : {SIGINT, SIGTERM}) {
    const Action normal(number, SIG_DFL);
    const auto stop = new_request();
    const Interruption interruption(*stop);
    CHECK(interruption.signal() == 0);
    CHECK_FALSE(stop->requested());
    errno = EDOM;
    REQUIRE(std::raise(number) == 0);
    CHECK(errno == EDOM);
    CHECK(stop->requested());
    CHECK(interruption.signal() == number);
  }
  CHECK(signal_name(SIGINT) == "SIGINT");
  CHECK(signal_name(SIGTERM) == "SIGTERM");
  CHECK(signal_name(42) == "42");
}

TEST_CASE("signals do again what they did before when nobody waits for them any more") {
  calls_of_handler = 0;
  const Action counted(SIGTERM, count_call);
  const auto stop = new_request();
  {
    const Interruption interruption(*stop);
    REQUIRE(std::raise(SIGTERM) == 0);
    CHECK(calls_of_handler == 0);
  }
  REQUIRE(std::raise(SIGTERM) == 0);
  CHECK(calls_of_handler == 1);
}

TEST_CASE("a signal that was ignored before stays ignored") {
  const Action ignored(SIGINT, SIG_IGN);
  const auto stop = new_request();
  const Interruption interruption(*stop);
  REQUIRE(std::raise(SIGINT) == 0);
  CHECK_FALSE(stop->requested());
  REQUIRE(std::raise(SIGTERM) == 0);
  CHECK(interruption.signal() == SIGTERM);
}

TEST_CASE("a signal that comes twice in one go is one, a later one ends the process") {
  for (const int number : {SIGINT, SIGTERM}) {
    const auto stop = new_request();
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::alarm(60);  // As a last resort: ends the child by another signal.
      const Action normal(number, SIG_DFL);
      const Interruption interruption(*stop);
      (void)std::raise(number);
      (void)std::raise(number);
      if (interruption.signal() != number || !stop->requested()) ::_exit(1);
      // Until it ends; the handler is left between any two.
      while (true) (void)std::raise(number);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == number);
  }
}
