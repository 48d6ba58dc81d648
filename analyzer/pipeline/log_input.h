#pragma once
// Logs among the inputs of a pipeline: which record comes next, and where its memory lives.
//
// Belongs to the thread that reads. A record is dealt to a shard by its station, so that all logs
// that tell of a station meet in one place.

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "collector/logs/log_source.h"

namespace chargewarden {

// A record with all that a shard needs to know.
struct LogItem {
  const LogRecord* record;
  std::uint64_t order;
  std::uint16_t source;
};

// Without a key: the same in every run.
std::uint64_t station_hash(std::string_view station) noexcept;

// Memory of the records of a batch, kept for the next one.
struct LogMemory {
  std::vector<std::unique_ptr<LogBatch>> batches;
  std::size_t used = 0;

  void clear() noexcept { used = 0; }

  std::unique_ptr<LogBatch> take();
  void keep(std::unique_ptr<LogBatch> batch);
};

class LogInputs {
 public:
  // `first_source` is the number of the first of them among all inputs.
  LogInputs(std::vector<std::unique_ptr<LogSource>>& sources, std::size_t first_source);

  [[nodiscard]] bool empty() const noexcept { return inputs_.empty(); }

  // Reads the inputs that have no record left. What goes wrong is for the caller to ask: see
  // problems().
  void refill(LogMemory& memory);

  // The oldest record that was read and not taken; of equal ones that of the first input. Null when
  // there is none: all have ended.
  [[nodiscard]] const LogRecord* oldest();

  [[nodiscard]] std::uint16_t source_of_oldest() const noexcept;

  // Takes that record off; true when its input has to be refilled before anything else is taken.
  // The memory then goes to `memory`.
  bool advance(LogMemory& memory);

  [[nodiscard]] bool must_wait() const;
  [[nodiscard]] std::uint64_t bytes_read() const;
  [[nodiscard]] LogCounters counters() const;

  // Sentences about inputs that ended early, since this was asked last.
  std::vector<std::string> take_problems();

  [[nodiscard]] bool read_failed() const noexcept { return read_failed_; }

  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

 private:
  struct Input {
    LogSource* source;
    std::unique_ptr<LogBatch> batch;
    std::size_t next = 0;
    bool ended = false;
  };

  std::vector<Input> inputs_;
  std::size_t first_source_;
  std::size_t oldest_ = 0;
  std::vector<std::string> problems_;
  bool read_failed_ = false;
  bool stopped_ = false;
};

}  // namespace chargewarden
