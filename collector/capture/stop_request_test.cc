#include "collector/capture/stop_request.h"

#include <cerrno>

#include <catch2/catch.hpp>
#include <poll.h>
#include <sys/resource.h>

using namespace chargewarden;  // NOLINT(google-build-using-namespace)

namespace {

bool readable(int descriptor) {
  pollfd one{descriptor, POLLIN, 0};
  return ::poll(&one, 1, 0) == 1;
}

}  // namespace

TEST_CASE("a request is seen by the flag and by the descriptor, and stays") {
  auto stop = StopRequest::create();
  REQUIRE(stop);
  StopRequest& request = *stop.value();
  CHECK_FALSE(request.requested());
  CHECK_FALSE(readable(request.descriptor()));
  for (int again = 0; again < 3; ++again) {
    errno = EDOM;
    request.request();
    CHECK(errno == EDOM);
    CHECK(request.requested());
    CHECK(readable(request.descriptor()));
  }
}

#ifndef __SANITIZE_ADDRESS__  // Sanitizers look at memory through a pipe, and need descriptors.
TEST_CASE("without a free descriptor there is an error and no request") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{0, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  auto stop = StopRequest::create();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE_FALSE(stop);
  CHECK(stop.error().code == ErrorCode::kReadWrite);
  CHECK(stop.error().message == "cannot prepare for being interrupted: Too many open files");
}
#endif
