// syslog: RFC 5424 and RFC 3164 messages, one a line, and the same without priority as rsyslog
// writes them to files.
//
// Station, direction and so on come from the structured data, or from the text, which may be that
// of any other format.

#include <array>
#include <charconv>

#include "collector/base/timestamp.h"
#include "collector/logs/json_fields.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_text.h"

namespace chargewarden::logs {

namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";
constexpr unsigned kPriorityLast = 191;  // RFC 5424, 6.2.1: facility times 8 and severity.

constexpr auto kMonths = std::to_array<std::string_view>(
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});

unsigned month_of(std::string_view text) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (text.starts_with(kMonths[i])) return static_cast<unsigned>(i + 1);
  }
  return 0;
}

// `Mmm dd hh:mm:ss `, the day padded with a blank (RFC 3164, 4.1.2).
struct Rfc3164Time {
  unsigned month = 0;
  unsigned day = 0;
  std::int64_t of_day_ns = 0;
};

bool take_3164_time(std::string_view& text, Rfc3164Time& out) {
  constexpr std::size_t kTimeBegin = 7;
  if (text.size() < kTimeBegin + 8 || text[3] != ' ' || text[6] != ' ') return false;
  out.month = month_of(text);
  const char tens = text[4];
  if (out.month == 0 || (tens != ' ' && !is_digit(tens)) || !is_digit(text[5])) return false;
  out.day = static_cast<unsigned>((tens == ' ' ? 0 : tens - '0') * 10 + (text[5] - '0'));
  std::size_t len = 0;
  const auto of_day = parse_time_of_day_ns(text.substr(kTimeBegin), len);
  if (!of_day) return false;
  out.of_day_ns = *of_day;
  text.remove_prefix(kTimeBegin + len);
  return true;
}

// `<PRI>`; false when there is none, -1 in `severity` then.
bool take_priority(std::string_view& text, int& severity) {
  severity = -1;
  if (text.empty() || text.front() != '<') return false;
  const auto end = text.find('>');
  if (end == std::string_view::npos || end < 2 || end > 4) return false;
  unsigned priority = 0;
  const auto read = std::from_chars(text.data() + 1, text.data() + end, priority);
  if (read.ec != std::errc() || read.ptr != text.data() + end || priority > kPriorityLast) {
    return false;
  }
  severity = static_cast<int>(priority % 8);
  text.remove_prefix(end + 1);
  return true;
}

// Without `-`, which stands for nothing.
std::string_view take_word(std::string_view& text) {
  const auto blank = std::min(text.find(' '), text.size());
  const std::string_view out = text.substr(0, blank);
  text.remove_prefix(std::min(blank + 1, text.size()));
  return out == "-" ? std::string_view() : out;
}

class Syslog final : public LogFormat {
 public:
  [[nodiscard]] bool begins_record(std::string_view line) const override {
    int severity = 0;
    if (take_priority(line, severity)) return true;
    Rfc3164Time time;
    std::string_view rest = line;
    if (take_3164_time(rest, time)) return true;
    const std::size_t len = timestamp_len(line);
    return len > 0 && line[10] == 'T' && begins_tag(line.substr(len));
  }

  bool read(std::string_view line, LogRecord& out, LogContext& context) override {
    int severity = 0;
    const bool has_priority = take_priority(line, severity);
    if (severity >= 0) out.level = log_level_of_severity(static_cast<unsigned>(severity));
    if (has_priority && take_prefix(line, "1 ")) return read_5424(line, out, context);
    return read_3164(line, has_priority, out, context);
  }

 private:
  struct Data {
    std::optional<LogDirection> direction;
    bool refused = false;
  };

  // ` HOST TAG[pid]: `.
  static bool begins_tag(std::string_view text) {
    if (!take_prefix(text, " ")) return false;
    const auto host = text.find(' ');
    if (host == std::string_view::npos || host == 0) return false;
    const auto colon = text.find(": ", host);
    return colon != std::string_view::npos && text.find(' ', host + 1) > colon;
  }

  static bool fail(LogRecord& out, std::string_view reason) {
    out.reason = reason;
    return false;
  }

  static bool read_5424(std::string_view line, LogRecord& out, LogContext& context) {
    const std::string_view time_text = take_word(line);
    if (const auto time = parse_timestamp_ns(time_text)) {
      out.time_ns = *time;
      out.has_time = true;
    } else if (!time_text.empty()) {
      return fail(out, "bad_time");
    }
    out.host = take_word(line);
    out.program = take_word(line);
    (void)take_word(line);  // Process.
    const std::string_view id = take_word(line);
    Data data;
    if (!take_data(line, data, out, context)) return fail(out, "bad_structured_data");
    if (!data.direction) {
      if (id.ends_with("IN")) data.direction = LogDirection::kReceived;
      if (id.ends_with("OUT")) data.direction = LogDirection::kSent;
    }
    (void)take_prefix(line, " ");
    (void)take_prefix(line, kBom);
    data.refused = data.refused || id == "HANDSHAKE";
    return read_text(line, data, out, context);
  }

  static bool read_3164(std::string_view line, bool has_priority, LogRecord& out,
                        LogContext& context) {
    Rfc3164Time time;
    if (const std::size_t len = timestamp_len(line)) {
      const auto whole = parse_timestamp_ns(line.substr(0, len));
      if (!whole) return fail(out, "bad_time");
      out.time_ns = *whole;
      line.remove_prefix(len);
    } else if (take_3164_time(line, time)) {
      const auto nearest = context.clock.without_year(time.month, time.day, time.of_day_ns);
      if (!nearest) return fail(out, "bad_time");
      out.time_ns = *nearest;
    } else {
      return fail(out, has_priority ? "bad_time" : "no_prefix");
    }
    out.has_time = true;
    (void)take_prefix(line, " ");
    out.host = take_word(line);
    const auto colon = line.find(':');
    const auto blank = line.find(' ');
    if (colon != std::string_view::npos && colon < blank) {
      const std::string_view tag = line.substr(0, colon);
      out.program = tag.substr(0, tag.find('['));
      line.remove_prefix(colon + 1);
      (void)take_prefix(line, " ");
    }
    return read_text(line, {}, out, context);
  }

  // RFC 5424, 6.3: `-`, or elements `[id name="value" ...]` without blanks between them.
  static bool take_data(std::string_view& text, Data& data, LogRecord& out, LogContext& context) {
    if (take_prefix(text, "-")) return true;
    if (!text.starts_with('[')) return false;
    while (take_prefix(text, "[")) {
      const auto id = text.find_first_of(" ]");
      if (id == std::string_view::npos) return false;
      text.remove_prefix(id);
      while (take_prefix(text, " ")) {
        std::string_view name;
        if (!take_until(text, "=\"", name)) return false;
        const std::size_t end = value_end(text);
        if (end == std::string_view::npos) return false;
        take_parameter(name, plain(text.substr(0, end), context), data, out);
        text.remove_prefix(end + 1);
      }
      if (!take_prefix(text, "]")) return false;
    }
    return true;
  }

  static std::size_t value_end(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"') return i;
      if (text[i] == '\\') ++i;
    }
    return std::string_view::npos;
  }

  // Without the escapes of `"`, `\` and `]` (RFC 5424, 6.3.3).
  static std::string_view plain(std::string_view value, LogContext& context) {
    if (value.find('\\') == std::string_view::npos) return value;
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const bool escape = value[i] == '\\' && i + 1 < value.size() &&
                          std::string_view("\"\\]").find(value[i + 1]) != std::string_view::npos;
      if (escape) ++i;
      out += value[i];
    }
    return padded_copy(out, context.arena);
  }

  static void take_parameter(std::string_view name, std::string_view value, Data& data,
                             LogRecord& out) {
    switch (log_role(name)) {
      case LogRole::kStation:
        out.station = value;
        return;
      case LogRole::kDirection:
        data.direction = log_direction(value);
        return;
      case LogRole::kRemote:
        set_remote(value, out);
        return;
      case LogRole::kSession:
        out.session = value;
        return;
      case LogRole::kProtocol:
        out.protocol = value;
        return;
      case LogRole::kEvent:
        data.refused = log_event_word(value) == LogEventWord::kRefused;
        return;
      case LogRole::kStatus:
        (void)std::from_chars(value.data(), value.data() + value.size(), out.status);
        return;
      default:
        return;
    }
  }

  static bool read_text(std::string_view text, const Data& data, LogRecord& out,
                        LogContext& context) {
    const bool refused = data.refused || (out.status >= 400 &&
                                          log_event_word(trimmed(text)) == LogEventWord::kRefused);
    if (refused && !data.direction) {
      out.kind = LogKind::kRefused;
      out.message = text;
      return true;
    }
    if (data.direction) {
      out.kind = LogKind::kMessage;
      out.sender = context.sender_of(*data.direction);
      out.message = text;
      return true;
    }
    if (read_wrapped(text, out, context)) return true;
    out.kind = LogKind::kLine;
    out.message = text;
    return true;
  }
};

// What the container runtime interface of Kubernetes writes: `TIME stdout F TEXT`, where P marks a
// line that goes on in the next one.
class Cri final : public LogFormat {
 public:
  [[nodiscard]] bool begins_record(std::string_view line) const override {
    const std::size_t len = timestamp_len(line);
    if (len == 0) return false;
    line.remove_prefix(len);
    return line.starts_with(" stdout ") || line.starts_with(" stderr ");
  }

  bool read(std::string_view line, LogRecord& out, LogContext& context) override {
    constexpr std::size_t kStreamLen = 8;
    const std::size_t len = timestamp_len(line);
    const auto time = parse_timestamp_ns(line.substr(0, len));
    if (!begins_record(line) || !time) {
      out.reason = begins_record(line) ? "bad_time" : "no_prefix";
      return false;
    }
    out.time_ns = *time;
    out.has_time = true;
    line.remove_prefix(len + kStreamLen);
    const std::string_view tag = take_word(line);
    if (!read_wrapped(line, out, context)) {
      out.kind = LogKind::kLine;
      out.message = line;
    }
    out.cut = out.cut || tag.starts_with('P');
    return true;
  }
};

}  // namespace

std::unique_ptr<LogFormat> create_syslog() {
  return std::make_unique<Syslog>();
}

std::unique_ptr<LogFormat> create_cri() {
  return std::make_unique<Cri>();
}

}  // namespace chargewarden::logs
