#pragma once
// Sink: one place that alerts are sent to.
//
// A sink delivers and says whether it could; it neither queues nor retries nor counts: the
// dispatcher does, for all alike (alerts/dispatch/dispatcher.h). Called from one thread at a time,
// in the order of Alert::sequence. After an error the dispatcher does not call it again.

#include <string_view>

#include "alerts/model/alert.h"
#include "collector/base/expected.h"

namespace chargewarden {

class Sink {
 public:
  virtual ~Sink() = default;

  // Whether it looks at the published form; else `ocsf_json` may be empty.
  [[nodiscard]] virtual bool wants_json() const noexcept { return true; }

  // `ocsf_json` is the published form, one line without its line feed.
  virtual Expected<void> deliver(const Alert& alert, std::string_view ocsf_json) = 0;

  // Called when nothing waits, and at the end: everything delivered has left the process after it.
  virtual Expected<void> flush() { return {}; }
};

}  // namespace chargewarden
