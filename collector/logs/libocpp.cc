// libocpp and EVerest: the text log (a head line, then the message as indented JSON, then an empty
// line), its HTML, the security log (JSON lines), and messages on the console.
//
// The JSON library sorts keys, so messages are as they were in all but their order.

#include <array>

#include "collector/base/timestamp.h"
#include "collector/logs/json_fields.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_text.h"

namespace chargewarden::logs {

namespace {

// Who sent it, by what stands before `>` or `:`.
bool take_sender(std::string_view& text, Side& out) {
  if (take_prefix(text, "ChargePoint")) {
    out = Side::kClient;
    return true;
  }
  out = Side::kServer;
  return take_prefix(text, "CentralSystem") || take_prefix(text, "CSMS");
}

// The message of a console line, such as `... ChargePoint: [2,...`.
bool find_console_message(std::string_view line, LogRecord& out) {
  for (const std::string_view word : {"ChargePoint: [", "CentralSystem: [", "CSMS: ["}) {
    const auto at = line.find(word);
    if (at == std::string_view::npos) continue;
    std::string_view rest = line.substr(at);
    (void)take_sender(rest, out.sender);
    out.message = rest.substr(2);
    out.kind = LogKind::kMessage;
    return true;
  }
  return false;
}

// A tag of the HTML form, not the priority of syslog.
bool begins_tag(std::string_view line) {
  return line.size() > 1 && line[0] == '<' && !is_digit(line[1]);
}

class Libocpp final : public LogFormat {
 public:
  [[nodiscard]] bool begins_record(std::string_view line) const override {
    if (begins_tag(line) || line.starts_with("{\"")) return true;
    const std::size_t len = timestamp_len(line);
    if (len == 0) return false;
    std::string_view rest = line.substr(len);
    Side sender{};
    if (!take_prefix(rest, ": ")) return find_console(line);
    return rest.starts_with("SYS>") || take_sender(rest, sender);
  }

  bool read(std::string_view line, LogRecord& out, LogContext& context) override {
    if (line.starts_with("<tr class=\"")) return read_row(line, out);
    if (line.starts_with("{\"")) return read_security(line, out, context);
    out.kind = LogKind::kLine;
    if (begins_tag(line)) return true;
    const std::size_t len = timestamp_len(line);
    if (len == 0) return fail(out, "no_prefix");
    if (!take_time(line.substr(0, len), out)) return fail(out, "bad_time");
    std::string_view rest = line.substr(len);
    if (!take_prefix(rest, ": ")) {
      return find_console_message(line, out) || fail(out, "no_prefix");
    }
    if (take_prefix(rest, "SYS>")) {
      out.message = trimmed(rest);
      return true;
    }
    if (!take_sender(rest, out.sender) || !take_prefix(rest, ">")) return fail(out, "no_prefix");
    out.kind = LogKind::kMessage;
    out.block = true;
    out.message = line.substr(line.size());
    return true;
  }

  // Only `<` and `>` are escaped, and only in HTML.
  void finish(LogRecord& record, LogContext& context) override {
    if (record.block || record.message.find('&') == std::string_view::npos) return;
    std::string plain;
    for (std::string_view rest = record.message; !rest.empty();) {
      if (take_prefix(rest, "&lt;")) {
        plain += '<';
      } else if (take_prefix(rest, "&gt;")) {
        plain += '>';
      } else {
        plain += rest.front();
        rest.remove_prefix(1);
      }
    }
    record.message = padded_copy(plain, context.arena);
  }

 private:
  static bool fail(LogRecord& out, std::string_view reason) {
    out.reason = reason;
    return false;
  }

  static bool find_console(std::string_view line) {
    LogRecord ignored;
    return find_console_message(line, ignored);
  }

  static bool take_time(std::string_view text, LogRecord& out) {
    const auto time = parse_timestamp_ns(text);
    if (!time) return false;
    out.time_ns = *time;
    out.has_time = true;
    return true;
  }

  // `<tr class="ORIGIN"> <td>TIME</td> ... <pre lang="json">JSON`.
  static bool read_row(std::string_view line, LogRecord& out) {
    constexpr std::string_view kJsonBegin = "<pre lang=\"json\">";
    std::string_view origin;
    std::string_view time;
    (void)take_prefix(line, "<tr class=\"");
    std::string_view rest = line;
    std::string_view before;
    if (!take_until(rest, "\"", origin) || !take_until(rest, "<td>", before) ||
        !take_until(rest, "</td>", time)) {
      return fail(out, "no_prefix");
    }
    if (!take_time(time, out)) return fail(out, "bad_time");
    out.kind = LogKind::kLine;
    if (!take_sender(origin, out.sender)) return true;
    if (!take_until(rest, kJsonBegin, before)) return fail(out, "no_prefix");
    out.kind = LogKind::kMessage;
    out.message = rest;
    return true;
  }

  // `{"timestamp":…,"type":…,"techInfo":…}`.
  static bool read_security(std::string_view line, LogRecord& out, LogContext& context) {
    JsonFields fields(line);
    JsonField field;
    bool known = false;
    while (fields.next(field)) {
      if (field.kind != JsonFieldKind::kString) continue;
      if (field.name == "timestamp") (void)take_time(field.value, out);
      if (field.name == "type") {
        out.message = json_plain(field.value, context.arena);
        known = true;
      }
    }
    out.kind = LogKind::kLine;
    out.program = "security";
    return (known && out.has_time) || fail(out, "not_json");
  }
};

}  // namespace

std::unique_ptr<LogFormat> create_libocpp() {
  return std::make_unique<Libocpp>();
}

}  // namespace chargewarden::logs
