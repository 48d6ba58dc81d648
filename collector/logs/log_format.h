#pragma once
// The contract of log formats: lines in, records out. One file and one line in format_list.cc make
// a new one.
//
// A format knows nothing of files, connections or events, and nothing of the lines before: what it
// keeps is for speed only. It belongs to one log and one thread; lines are hostile: whoever writes
// a message or an identity writes a part of the line.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "collector/base/expected.h"
#include "collector/logs/log_clock.h"
#include "collector/logs/log_record.h"
#include "collector/logs/log_words.h"

namespace chargewarden {

// What the user says about a log, as
// FORMAT[,station=ID][,side=csms|station][,date=YYYY-MM-DD]:FILE.
struct LogFileOptions {
  std::string format;       // Name of a format, or "auto".
  std::string path;         // "-" is standard input.
  std::string station;      // Of records that name none; empty: unknown.
  bool by_station = false;  // The program that logs is the station, not the CSMS.
  bool side_given = false;  // Otherwise the format decides that.
  std::string date;         // Of times without date; empty: unknown.
};

class LogFormat;

// What a format may use besides the line. The arena lives as long as the batch.
struct LogContext {
  const LogClock& clock;
  ValueArena& arena;
  const LogFileOptions& options;
  std::string_view file_name;  // Without folder.
  // One of each, by log_formats(): for what stands inside of a wrapper.
  std::span<const std::unique_ptr<LogFormat>> inner;
  bool by_station = false;   // Who logs.
  std::size_t wrappers = 0;  // Around the text that is read.

  // The sender of a message, in the words of the program that logs.
  [[nodiscard]] Side sender_of(LogDirection direction) const noexcept {
    if (direction == LogDirection::kFromStation) return Side::kClient;
    if (direction == LogDirection::kToStation) return Side::kServer;
    const bool received = direction == LogDirection::kReceived;
    return received == by_station ? Side::kServer : Side::kClient;
  }
};

class LogFormat {
 public:
  virtual ~LogFormat() = default;

  // Whether a record begins here; else the line belongs to the record before.
  [[nodiscard]] virtual bool begins_record(std::string_view line) const = 0;

  // Reads a line. False when it is not of this format: `out.reason` then says why, and whatever
  // else stands in `out` means nothing. `line` has kJsonPadding readable bytes behind it.
  virtual bool read(std::string_view line, LogRecord& out, LogContext& context) = 0;

  // A message that went on over several lines is whole.
  virtual void finish(LogRecord& /*record*/, LogContext& /*context*/) {}
};

struct LogFormatDef {
  std::string_view name;
  std::string_view text;  // One line for people.
  bool has_dates;         // Its times are whole: nothing has to be known before the first line.
  bool inner;             // May stand inside of a wrapper.
  bool joins;             // Its messages may go on over several lines.
  bool by_station;        // Who writes such logs, unless the user says otherwise.
  std::unique_ptr<LogFormat> (*create)();
};

// All formats, in the order in which they are tried.
std::span<const LogFormatDef> log_formats();

// nullptr when there is no such format.
const LogFormatDef* find_log_format(std::string_view name);

// "jsonl, steve, ...", for messages to users.
std::string log_format_names();

// Reads FORMAT[,OPTION...]:FILE. kUsage, with the formats or options that exist.
Expected<LogFileOptions> parse_log_argument(std::string_view argument);

// The text that a wrapper (syslog, a container's log) carries, as whichever format it is. False
// when it is none of them; `out` is then as before. What `out` knows already stays.
bool read_wrapped(std::string_view text, LogRecord& out, LogContext& context);

// Sets what is told of a connection's other end: "10.0.0.5:4711", "[2001:db8::1]:80" or an address
// alone. Text that is no address is left out. With a port it also tells connections apart.
void set_remote(std::string_view text, LogRecord& out);

}  // namespace chargewarden
