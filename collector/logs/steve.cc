// SteVe's log (Logback pattern `[%-5level] %d %c \(%thread\) - %msg%n`, or the older one without
// thread), and the text of its WebSocketLogger alone, as syslog carries it.
//
// The statuses of refusals are those that SteVe answers with, although it does not log them.

#include <array>
#include <charconv>

#include "collector/base/timestamp.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_text.h"

namespace chargewarden::logs {

namespace {

constexpr std::string_view kBodyBegin = "[chargeBoxId=";

struct Word {
  std::string_view text;
  LogKind kind;
  Side sender;
};

// What stands behind the identity, by its begin.
constexpr auto kWords = std::to_array<Word>({
    {"Received: ", LogKind::kMessage, Side::kClient},
    {"Sending: ", LogKind::kMessage, Side::kServer},
    {"Received message: ", LogKind::kMessage, Side::kClient},
    {"Sending message: ", LogKind::kMessage, Side::kServer},
    {"Connection is established", LogKind::kOpened, Side::kClient},
    {"Connection is closed", LogKind::kClosed, Side::kClient},
    {"Connection ended unexpectedly", LogKind::kClosed, Side::kClient},
});

struct Refusal {
  std::string_view text;
  std::uint16_t status;
};

constexpr auto kRefusals = std::to_array<Refusal>({
    {"is not recognized", 404},
    {"violates the configured pattern", 400},
    {"No protocol (OCPP version) is specified", 400},
    {"None of the requested protocols", 404},
    {"trying to connect via plain WS", 0},
    {"Rejecting", 0},
});

// `[chargeBoxId=ID, sessionId=SID] Received: JSON`.
bool read_body(std::string_view text, LogRecord& out) {
  if (!take_prefix(text, kBodyBegin)) return false;
  std::string_view head;
  if (!take_until(text, "] ", head)) {
    // An empty message behind the word: its blank may have been taken off the end of the line.
    if (!head.empty() || !text.ends_with(']')) return false;
    head = text.substr(0, text.size() - 1);
    text = {};
  }
  const auto comma = head.find(", sessionId=");
  out.station = head.substr(0, comma);
  if (comma != std::string_view::npos) out.session = head.substr(comma + 12);
  out.kind = LogKind::kLine;
  for (const Word& word : kWords) {
    std::string_view rest = text;
    const std::string_view without_blank = trimmed(word.text);
    if (!take_prefix(rest, word.text) && rest != without_blank) continue;
    out.kind = word.kind;
    out.sender = word.sender;
    out.message = rest == without_blank ? rest.substr(rest.size()) : rest;
    return true;
  }
  if (text.starts_with("Received empty text message")) {
    out.kind = LogKind::kMessage;
    out.sender = Side::kClient;
    out.message = text.substr(text.size());
    return true;
  }
  out.message = text;
  return true;
}

// `ChargeBoxId 'X' is not recognized.`, and `Refused X from ADDRESS: HTTP STATUS`.
bool read_refusal(std::string_view text, LogRecord& out) {
  out.message = text;
  std::string_view rest = text;
  if (take_prefix(rest, "Refused ")) {
    std::string_view address;
    if (!take_until(rest, " from ", out.station) || !take_until(rest, ": HTTP ", address)) {
      return false;
    }
    set_remote(address, out);
    (void)std::from_chars(rest.data(), rest.data() + rest.size(), out.status);
    out.kind = LogKind::kRefused;
    return true;
  }
  const bool named = take_prefix(rest, "ChargeBoxId '") && take_until(rest, "'", out.station);
  if (!named) rest = text;
  for (const Refusal& refusal : kRefusals) {
    if (rest.find(refusal.text) == std::string_view::npos) continue;
    // Without the identity only the texts that say what they are about.
    if (!named && refusal.text.size() < 20) continue;
    out.kind = LogKind::kRefused;
    out.status = refusal.status;
    return true;
  }
  return false;
}

class Steve final : public LogFormat {
 public:
  [[nodiscard]] bool begins_record(std::string_view line) const override {
    if (line.size() < 8 || line.front() != '[') return false;
    if (line.starts_with(kBodyBegin)) return true;
    const auto end = line.find(']');
    return end < 8 && end + 2 < line.size() && line[end + 1] == ' ' &&
           begins_with_date(line.substr(end + 2)) && !log_level(line.substr(1, end - 1)).empty();
  }

  bool read(std::string_view line, LogRecord& out, LogContext& context) override {
    if (line.starts_with(kBodyBegin)) return read_body(line, out) || fail(out, "no_prefix");
    if (!begins_record(line)) return fail(out, "no_prefix");
    std::string_view level;
    (void)take_until(line, "] ", level);
    out.level = log_level(level.substr(1));
    const std::size_t len = timestamp_len(line);
    const auto time = parse_timestamp_ns(line.substr(0, len));
    if (!time) return fail(out, "bad_time");
    out.time_ns = *time;
    out.has_time = true;
    line.remove_prefix(len);
    std::string_view logger;
    if (!take_until(line, " - ", logger)) return fail(out, "no_prefix");
    logger = trimmed(logger);
    out.program = logger.substr(0, logger.find(' '));
    if (line.starts_with(kBodyBegin) && read_body(line, out)) return true;
    // What people write may look like a refusal; only the handshake's own logger tells of one.
    const bool handshake = out.program.find("Handshake") != std::string_view::npos ||
                           line.starts_with("ChargeBoxId '");
    if (handshake && read_refusal(line, out)) return true;
    (void)context;
    out.kind = LogKind::kLine;
    out.station = {};
    out.message = line;
    return true;
  }

 private:
  static bool fail(LogRecord& out, std::string_view reason) {
    out.reason = reason;
    return false;
  }
};

}  // namespace

std::unique_ptr<LogFormat> create_steve() {
  return std::make_unique<Steve>();
}

}  // namespace chargewarden::logs
