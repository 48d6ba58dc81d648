#pragma once
// LogRecord: what one record of a log says, before anybody makes events of it.
//
// A record is a line, or several where a message goes on. Everything in it is a view into the
// LogBatch that delivered it, or into the LogSource that it comes from.

#include <cstdint>
#include <string_view>
#include <vector>

#include "collector/base/json_document.h"
#include "collector/event/flow_info.h"

namespace chargewarden {

enum class LogKind : std::uint8_t {
  kLine,      // Text for people: `message` is it.
  kMessage,   // One OCPP message: `message` is its text, as it was sent.
  kOpened,    // A station's connection was accepted.
  kClosed,    // ... has ended.
  kRefused,   // ... was refused.
  kUnparsed,  // Not understood: `reason` says why, `message` is the line.
};

struct LogRecord {
  std::int64_t time_ns = 0;  // UTC, nanoseconds since 1970.
  std::uint64_t line = 0;    // Of its first line, from 1.
  LogKind kind = LogKind::kLine;
  Side sender = Side::kClient;  // Of a message.
  bool has_time = false;        // The record has a time of its own.
  bool cut = false;             // The end of the message is missing.
  bool block = false;           // The message begins on the next line.
  std::uint16_t status = 0;     // HTTP status of a refusal; 0 when the log does not tell.
  std::uint16_t remote_port = 0;
  std::string_view station;    // Identity, empty when unknown, as are the others.
  std::string_view session;    // Tells connections of one station apart.
  std::string_view remote_ip;  // Of the station, as written.
  std::string_view protocol;   // WebSocket subprotocol, such as ocpp1.6.
  std::string_view message;    // Has kJsonPadding readable bytes behind it.
  std::string_view level;      // As log.level has it.
  std::string_view program;
  std::string_view host;
  std::string_view format;  // Name of the format.
  std::string_view reason;
};

// Records of a log in the order of the file, and the memory that they point into.
struct LogBatch {
  std::vector<LogRecord> records;
  std::vector<std::uint8_t> storage;
  ValueArena arena;
};

}  // namespace chargewarden
