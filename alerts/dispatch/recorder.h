#pragma once
// AlertRecorder: what the dispatcher needs of the audit trail.

#include <cstdint>
#include <string_view>

#include "alerts/model/alert.h"
#include "collector/base/expected.h"

namespace chargewarden {

class AlertRecorder {
 public:
  virtual ~AlertRecorder() = default;

  // Index that the next record gets. Stays right only while one thread appends.
  [[nodiscard]] virtual std::uint64_t next_index() const = 0;

  // Queues the alert as record next_index(); waits when the queue is full.
  virtual Expected<void> record(const Alert& alert, std::string_view ocsf_json) = 0;

  // Returns when the record is durable. Any thread.
  virtual Expected<void> wait_durable(std::uint64_t index) = 0;
};

}  // namespace chargewarden
