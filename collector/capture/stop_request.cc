#include "collector/capture/stop_request.h"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace chargewarden {

Expected<std::unique_ptr<StopRequest>> StopRequest::create() {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) {
    return Error{ErrorCode::kReadWrite, fmt::format("cannot prepare for being interrupted: {}",
                                                    std::generic_category().message(errno))};
  }
  return std::unique_ptr<StopRequest>(new StopRequest(descriptor));
}

StopRequest::~StopRequest() {
  ::close(descriptor_);
}

void StopRequest::request() noexcept {
  if (requested_.exchange(true, std::memory_order_acq_rel)) return;
  const int saved = errno;
  // Cannot fail: the count is 0 and the descriptor open.
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(descriptor_, &one, sizeof one);
  errno = saved;
}

}  // namespace chargewarden
