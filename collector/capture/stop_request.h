#pragma once
// StopRequest: asks the reader of an input to stop, also while it waits for a silent pipe.
//
// A flag alone is not enough: a reader may have looked at it just before it begins to wait. So
// there is a descriptor too, which the reader waits for together with its input; it becomes
// readable with the request and stays so. A request is never taken back.

#include <atomic>
#include <memory>

#include "collector/base/expected.h"

namespace chargewarden {

class StopRequest {
 public:
  // kReadWrite when the process has no descriptor left.
  static Expected<std::unique_ptr<StopRequest>> create();

  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;
  ~StopRequest();

  // Any thread, and handlers of signals; again does nothing. Leaves errno as it was.
  void request() noexcept;

  // Any thread.
  [[nodiscard]] bool requested() const noexcept {
    return requested_.load(std::memory_order_acquire);
  }

  // For poll(2) only; lives as long as the request.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  explicit StopRequest(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
  std::atomic<bool> requested_ = false;
  // A lock inside a handler of a signal could wait for the code that the signal interrupted.
  static_assert(std::atomic<bool>::is_always_lock_free);
};

}  // namespace chargewarden
