#pragma once
// The words that logs use: names of members, directions, levels, events. Pure functions.
//
// Compared in lower case and without `_`, `-`, `.`, `@`, blanks and arrows: "charge_point_id",
// "chargePointId" and "ChargePointID" are one name.

#include <cstdint>
#include <optional>
#include <string_view>

namespace chargewarden {

// What a member of a JSON line, or a parameter of structured data, holds.
enum class LogRole : std::uint8_t {
  kNone,
  kTime,
  kStation,
  kDirection,
  kOutbound,  // Boolean: sent by the program that logs.
  kInbound,
  kMessage,
  kEvent,
  kLevel,
  kRemote,
  kRemotePort,
  kSession,
  kStatus,
  kProtocol,
  kProgram,
  kHost,
  kMessageType,
  kMessageId,
  kAction,
  kWrapped,      // The line of another log: Docker's `log`, journald's `MESSAGE`.
  kJournalTime,  // Microseconds.
};

LogRole log_role(std::string_view name) noexcept;

// Who sent a message, in the words of the program that logs, or in absolute ones.
enum class LogDirection : std::uint8_t { kReceived, kSent, kFromStation, kToStation };

std::optional<LogDirection> log_direction(std::string_view word) noexcept;

// As log.level has it, from a word, or from the severity of syslog (RFC 5424, 6.2.1); empty when it
// is none.
std::string_view log_level(std::string_view word) noexcept;
std::string_view log_level_of_severity(unsigned severity) noexcept;

// The same for the numbers of pino and bunyan (10 trace to 60 fatal), and of syslog (0 to 7).
std::string_view log_level_of_number(std::string_view digits) noexcept;

enum class LogEventWord : std::uint8_t { kOther, kMessage, kOpened, kClosed, kRefused };

LogEventWord log_event_word(std::string_view word) noexcept;

}  // namespace chargewarden
