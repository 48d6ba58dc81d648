// OCPP.Core (Serilog): its console, which has times without date and no payloads, and the files of
// MessageDumpDir, which hold one message each and have time and direction in their name.
//
// The statuses of refusals are those that OCPP.Core answers with, although it does not log them.

#include <array>

#include "collector/base/timestamp.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_text.h"

namespace chargewarden::logs {

namespace {

struct Refusal {
  std::string_view before;  // The identity stands between the two.
  std::string_view behind;
  std::uint16_t status;
};

constexpr auto kRefusals = std::to_array<Refusal>({
    {"FAILURE: Basic authentication for chargepoint '", "' does NOT match", 401},
    {"FAILURE: Certificate authentication for chargepoint '", "' does NOT match", 401},
    {"FAILURE: Found no chargepoint with identifier=", "", 412},
    {"' from charge station '", "'", 400},
});

// Length of `hh:mm:ss` or a whole time at the front, and the time; 0 when there is none.
std::size_t read_time(std::string_view line, LogRecord& out, const LogClock& clock) {
  if (const std::size_t len = timestamp_len(line)) {
    const auto time = parse_timestamp_ns(line.substr(0, len));
    if (!time) return 0;
    out.time_ns = *time;
    out.has_time = true;
    return len;
  }
  std::size_t len = 0;
  const auto of_day = parse_time_of_day_ns(line, len);
  if (!of_day) return 0;
  out.time_ns = clock.without_date(*of_day);
  out.has_time = true;
  return len;
}

// `yyyy-MM-dd_HH-mm-ss-ffff_ocpp16-in.txt`.
bool read_dump_name(std::string_view name, LogRecord& out) {
  constexpr std::size_t kTimeLen = 19;
  constexpr std::size_t kFractionLen = 4;
  const bool in = name.ends_with("-in.txt");
  const auto ocpp = name.find("_ocpp");
  if ((!in && !name.ends_with("-out.txt")) || ocpp != kTimeLen + 1 + kFractionLen) return false;
  std::string time(name.substr(0, ocpp));
  if (time[10] != '_' || time[13] != '-' || time[16] != '-' || time[kTimeLen] != '-') return false;
  time[10] = 'T';
  time[13] = time[16] = ':';
  time[kTimeLen] = '.';
  const auto parsed = parse_timestamp_ns(time);
  if (!parsed) return false;
  out.time_ns = *parsed;
  out.has_time = true;
  out.sender = in ? Side::kClient : Side::kServer;
  const std::string_view version = name.substr(ocpp + 5);
  if (version.starts_with("16")) out.protocol = "ocpp1.6";
  if (version.starts_with("20")) out.protocol = "ocpp2.0.1";
  if (version.starts_with("21")) out.protocol = "ocpp2.1";
  return true;
}

class OcppCore final : public LogFormat {
 public:
  [[nodiscard]] bool begins_record(std::string_view line) const override {
    if (begins_ocpp(line)) return true;  // Of a dumped message.
    std::size_t len = timestamp_len(line);
    if (len == 0 && !parse_time_of_day_ns(line, len)) return false;
    line.remove_prefix(len);
    return line.size() > 6 && line.starts_with(" [") && line[5] == ']' &&
           !log_level(line.substr(2, 3)).empty();
  }

  bool read(std::string_view line, LogRecord& out, LogContext& context) override {
    if (begins_ocpp(line)) {
      out.kind = LogKind::kMessage;
      out.message = line;
      if (context.wrappers == 0 && read_dump_name(context.file_name, out)) return true;
      out.reason = "no_direction";
      return false;
    }
    if (!begins_record(line)) {
      out.reason = "no_prefix";
      return false;
    }
    const std::size_t len = read_time(line, out, context.clock);
    if (len == 0) {
      out.reason = "bad_time";
      return false;
    }
    constexpr std::size_t kLevelLen = 6;
    out.level = log_level(line.substr(len + 2, 3));
    line = without_leading_blanks(line.substr(len + kLevelLen));
    std::string_view ignored;
    if (line.starts_with('[')) (void)take_until(line, "] ", ignored);
    const auto arrow = line.find(" => ");
    if (arrow != std::string_view::npos) out.program = line.substr(0, arrow);
    read_text(line, out);
    return true;
  }

 private:
  static void read_text(std::string_view text, LogRecord& out) {
    out.kind = LogKind::kLine;
    out.message = text;
    for (const Refusal& refusal : kRefusals) {
      std::string_view rest = text;
      std::string_view ignored;
      if (!take_until(rest, refusal.before, ignored)) continue;
      const auto end = refusal.behind.empty() ? rest.size() : rest.rfind(refusal.behind);
      if (end == std::string_view::npos) continue;
      out.kind = LogKind::kRefused;
      out.station = rest.substr(0, end);
      out.status = refusal.status;
      return;
    }
    constexpr std::string_view kSent = "SendOcppMessage: ";
    constexpr std::string_view kOpened = "WebSocket connection with charge point '";
    if (const auto at = text.find(kSent); at != std::string_view::npos) {
      out.kind = LogKind::kMessage;
      out.sender = Side::kServer;
      out.message = text.substr(at + kSent.size());
    } else if (const auto opened = text.find(kOpened); opened != std::string_view::npos) {
      out.kind = LogKind::kOpened;
      out.station = text.substr(opened + kOpened.size());
      out.station = out.station.substr(0, out.station.rfind('\''));
    }
  }
};

}  // namespace

std::unique_ptr<LogFormat> create_ocppcore() {
  return std::make_unique<OcppCore>();
}

}  // namespace chargewarden::logs
