#pragma once
// LogSource: the records of one log file or pipe, in file order.
//
// Plain, or packed with gzip or zstd, recognised by the first bytes. Lines end with LF, CR LF or
// the end of the file; a byte order mark, NULs at the end and colours of a terminal are taken off.
// syslog may also be framed by octet counting (RFC 6587, 3.4.1). One thread reads a source; the
// batches may go to other threads. Memory is bounded whatever the file holds.
//
//   auto source = LogSource::open(options);
//   LogBatch batch;
//   while (true) {
//     auto more = (*source)->read(batch);
//     if (!more || !*more) break;
//     ...
//   }

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/expected.h"
#include "collector/capture/byte_input.h"
#include "collector/capture/stop_request.h"
#include "collector/logs/json_extent.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_limits.h"
#include "collector/logs/log_record.h"

namespace chargewarden {

// What was read of a log, for the summary.
struct LogCounters {
  std::uint64_t bytes = 0;     // Unpacked.
  std::uint64_t lines = 0;     // Empty ones too.
  std::uint64_t records = 0;   // With those that were not understood.
  std::uint64_t unparsed = 0;  // Lines that were not understood.
  std::uint64_t cut = 0;       // Lines and messages beyond kLogRecordMaxLen.
  std::string first_unparsed;  // FILE line N: why; of the first of them.

  void add(const LogCounters& other);
};

class LogSource {
 public:
  // kUnreadable when it cannot be opened or, for the format "auto", is of no known format;
  // kReadWrite when the first read fails. `stop` may be null; otherwise it outlives the source, and
  // when it is requested, read() ends.
  static Expected<std::unique_ptr<LogSource>> open(const LogFileOptions& options,
                                                   const StopRequest* stop = nullptr);

  // The same for bytes from anywhere; options.path names them.
  static Expected<std::unique_ptr<LogSource>> from_input(std::unique_ptr<ByteInput> input,
                                                         const LogFileOptions& options,
                                                         const StopRequest* stop = nullptr);

  LogSource(const LogSource&) = delete;
  LogSource& operator=(const LogSource&) = delete;

  // Refills the batch with at least one record; false at the end. Records are views of the batch
  // and of the source, which outlives them. kReadWrite when the operating system fails; what came
  // before has been delivered then.
  Expected<bool> read(LogBatch& batch);

  // Whether the next read() would have to wait: every record that is whole was delivered.
  [[nodiscard]] bool must_wait() const {
    return !ended_ && !head_ended_ && head_.empty() && input_->must_wait();
  }

  // One sentence when the file ended before its end (its packing is damaged); empty when all is
  // well. Set when read() returns false.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  // As CaptureSource::stopped().
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  // For event.origin: the file's base name, or "stdin".
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // Name of the format, found when it was "auto".
  [[nodiscard]] std::string_view format() const noexcept { return def_->name; }

  [[nodiscard]] const LogCounters& counters() const noexcept { return counters_; }

  [[nodiscard]] std::uint64_t bytes_read() const { return input_->bytes_read(); }

  [[nodiscard]] std::uint64_t bytes_total() const { return input_->bytes_total(); }

 private:
  // A piece of the file.
  struct Line {
    std::string_view text;
    std::size_t len = 0;  // With its end.
    bool cut = false;
    std::string_view problem;  // Not a line, and why.
  };

  // A message that goes on in the next lines.
  struct Pending {
    std::string text;               // All lines so far.
    std::size_t first_len = 0;      // Of the first of them.
    std::size_t message_begin = 0;  // Within `text`.
    std::size_t message_end = 0;    // Place of the last bracket, once it was seen.
    std::uint64_t line = 0;
    JsonExtent extent;
    bool block = false;  // The message begins on the second line.
    bool active = false;
  };

  LogSource(std::unique_ptr<ByteInput> input, LogFileOptions options, const StopRequest* stop);

  Expected<void> read_head();
  [[nodiscard]] std::vector<std::string_view> head_lines() const;
  bool choose_format();
  void choose_start();
  Expected<std::size_t> read_bytes(std::span<std::uint8_t> out);
  std::size_t take_lines(LogBatch& batch, std::string_view bytes);
  bool next_line(std::string_view bytes, Line& out);
  bool next_frame(std::string_view bytes, Line& out) const;
  void take_line(const Line& line, LogBatch& batch);
  void read_record(std::string_view line, bool cut, LogBatch& batch);
  bool begin_pending(const LogRecord& record, std::string_view line);
  bool extend_pending(std::string_view line, LogBatch& batch);
  void end_pending(LogBatch& batch);
  void deliver(LogRecord& record, LogBatch& batch);
  void note_time(LogRecord& record);
  [[nodiscard]] LogContext context(LogBatch& batch) const;
  void add_unparsed(std::string_view line, std::string_view reason, LogBatch& batch);
  void finish(LogBatch& batch);

  std::unique_ptr<ByteInput> input_;
  LogFileOptions options_;
  const StopRequest* stop_;
  std::string name_;
  const LogFormatDef* def_ = nullptr;
  std::unique_ptr<LogFormat> format_;
  std::vector<std::unique_ptr<LogFormat>> inner_;
  LogClock clock_;
  std::vector<std::uint8_t> head_;   // Bytes that were read to find the format.
  std::vector<std::uint8_t> carry_;  // Begin of a line whose end has not come.
  Pending pending_;
  LogCounters counters_;
  std::string problem_;
  bool head_ended_ = false;  // The file is not longer than its head.
  bool ended_ = false;
  bool stopped_ = false;
  bool octet_counted_ = false;
  bool skipping_ = false;         // The rest of a line beyond the limit.
  std::optional<Error> failure_;  // To be reported by the next read().
};

}  // namespace chargewarden
