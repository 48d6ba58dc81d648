// MicroOcpp, on the console of a station: `[MO] Send: JSON`, `[MO] Recv: JSON`, and its own
// messages. There is no identity and mostly no time: the station is named by the user or by the
// name of the file.

#include <array>

#include "collector/base/timestamp.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_text.h"

namespace chargewarden::logs {

namespace {

constexpr std::string_view kMark = "[MO] ";

// What a serial monitor may put in front: a time and an arrow.
constexpr std::size_t kMarkPlaceLast = 40;

std::size_t mark_place(std::string_view line) {
  return line.substr(0, kMarkPlaceLast + kMark.size()).find(kMark);
}

// Without endings: CP-7 of CP-7.log.gz.
std::string_view stem(std::string_view name) {
  return name == "stdin" ? std::string_view() : name.substr(0, name.find('.'));
}

void read_time(std::string_view front, LogRecord& out, const LogClock& clock) {
  std::size_t len = timestamp_len(front);
  if (len > 0) {
    if (const auto time = parse_timestamp_ns(front.substr(0, len))) {
      out.time_ns = *time;
      out.has_time = true;
    }
  } else if (const auto of_day = parse_time_of_day_ns(front, len)) {
    out.time_ns = clock.without_date(*of_day);
    out.has_time = true;
  }
}

// `info (File.cpp:123): text`.
void read_own(std::string_view text, LogRecord& out) {
  out.kind = LogKind::kLine;
  out.message = text;
  const auto blank = text.find(" (");
  const auto end = text.find("): ");
  if (blank == std::string_view::npos || end == std::string_view::npos || end < blank) return;
  const std::string_view level = log_level(text.substr(0, blank));
  if (level.empty()) return;
  out.level = level;
  out.program = text.substr(blank + 2, end - blank - 2);
  out.message = text.substr(end + 3);
}

class MicroOcpp final : public LogFormat {
 public:
  [[nodiscard]] bool begins_record(std::string_view line) const override {
    return mark_place(line) != std::string_view::npos;
  }

  bool read(std::string_view line, LogRecord& out, LogContext& context) override {
    const auto mark = mark_place(line);
    if (mark == std::string_view::npos) {
      out.reason = "no_prefix";
      return false;
    }
    if (mark > 0) read_time(line.substr(0, mark), out, context.clock);
    if (context.wrappers == 0 && context.options.station.empty()) {
      out.station = stem(context.file_name);
    }
    line.remove_prefix(mark + kMark.size());
    std::string_view rest = line;
    const bool sent = take_prefix(rest, "Send: ");
    if ((sent || take_prefix(rest, "Recv: ")) && !rest.starts_with("WS ")) {
      out.kind = LogKind::kMessage;
      out.sender = context.sender_of(sent ? LogDirection::kSent : LogDirection::kReceived);
      out.message = rest;
      return true;
    }
    read_own(line, out);
    return true;
  }
};

}  // namespace

std::unique_ptr<LogFormat> create_microocpp() {
  return std::make_unique<MicroOcpp>();
}

}  // namespace chargewarden::logs
