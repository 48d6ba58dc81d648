// CitrineOS (tslog 4): pretty lines with tabs, or one JSON object a line with the arguments as
// "0", "1" and so on. Identities are written `tenant:station`.
//
// CitrineOS does not log every message, and of pretty lines the payload of results is not JSON:
// such a message counts as one of which the end is missing.

#include <array>
#include <charconv>

#include "collector/base/timestamp.h"
#include "collector/logs/json_extent.h"
#include "collector/logs/json_fields.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_text.h"

namespace chargewarden::logs {

namespace {

constexpr std::size_t kArgumentsKept = 5;

// The arguments of one call of the logger: a text first.
struct Arguments {
  std::array<std::string_view, kArgumentsKept> values;
  std::size_t count = 0;

  void add(std::string_view value) {
    if (count < values.size()) values[count++] = value;
  }
};

std::string_view station_of(std::string_view identifier) {
  const auto colon = identifier.find(':');
  return colon == std::string_view::npos ? identifier : identifier.substr(colon + 1);
}

// `[TYPE,"id",{...}` from its parts; without payload the rest is missing.
void assemble(char type, std::string_view id, std::string_view payload, LogRecord& out,
              LogContext& context) {
  std::string message = "[";
  message += type;
  message += ",\"";
  message += id;
  message += "\",";
  // What is printed of an object for people is no JSON: { status: 'Accepted' }.
  const bool whole =
      payload == "{}" || (payload.starts_with("{\"") && json_extent(payload) == payload.size());
  if (whole) {
    message += payload;
    message += ']';
  }
  out.kind = LogKind::kMessage;
  out.cut = !whole;
  out.message = padded_copy(message, context.arena);
}

void read_arguments(const Arguments& arguments, LogRecord& out, LogContext& context) {
  const auto argument = [&](std::size_t i) {
    return i < arguments.count ? arguments.values[i] : std::string_view();
  };
  const std::string_view text = argument(0);
  out.kind = LogKind::kLine;
  out.message = text;
  if (text == "Process CallResult" || text == "Process CallError") {
    out.station = station_of(argument(1));
    out.sender = Side::kClient;
    assemble(text == "Process CallResult" ? '3' : '4', argument(2), argument(3), out, context);
  } else if (text.starts_with("Process Call") || text.starts_with("Error processing message")) {
    for (std::size_t i = 1; i < arguments.count; ++i) {
      if (!begins_ocpp(argument(i))) continue;
      if (i > 1) out.station = station_of(argument(1));
      out.kind = LogKind::kMessage;
      out.sender = Side::kClient;
      out.message = argument(i);
    }
  } else if (text == "Client websocket connected") {
    out.kind = LogKind::kOpened;
    out.station = station_of(argument(1));
    set_remote(argument(2), out);
    const std::string_view port = argument(3);
    (void)std::from_chars(port.data(), port.data() + port.size(), out.remote_port);
    out.session = {};  // Messages do not tell it.
    out.protocol = argument(4);
  } else if (text.starts_with("Connection closed for")) {
    out.kind = LogKind::kClosed;
    out.station = station_of(argument(1));
  } else if (text.starts_with("Protocol mismatch")) {
    out.kind = LogKind::kRefused;
  }
}

// The texts that have arguments, which pretty lines join by blanks.
constexpr auto kTexts = std::to_array<std::string_view>(
    {"Process CallResult", "Process CallError", "Process Call",
     "Error processing message:", "Client websocket connected", "Connection closed for"});

Arguments split(std::string_view text) {
  Arguments out;
  for (const std::string_view known : kTexts) {
    std::string_view rest = text;
    if (!take_prefix(rest, known) || (!rest.empty() && rest.front() != ' ')) continue;
    out.add(known);
    while (!(rest = without_leading_blanks(rest)).empty()) {
      // JSON and what is printed of an object go on to the end.
      const bool object = rest.front() == '[' || rest.front() == '{';
      const auto blank = object ? std::string_view::npos : rest.find(' ');
      out.add(rest.substr(0, blank));
      rest.remove_prefix(std::min(blank, rest.size()));
    }
    return out;
  }
  out.add(text);
  return out;
}

class Citrineos final : public LogFormat {
 public:
  [[nodiscard]] bool begins_record(std::string_view line) const override {
    if (line.starts_with("{\"0\":")) return true;
    const std::size_t len = timestamp_len(line);
    return len > 0 && len < line.size() && line[len] == '\t';
  }

  bool read(std::string_view line, LogRecord& out, LogContext& context) override {
    if (line.starts_with("{\"0\":")) return read_json(line, out, context);
    const std::size_t len = timestamp_len(line);
    if (len == 0) return fail(out, "no_prefix");
    const auto time = parse_timestamp_ns(line.substr(0, len));
    if (!time) return fail(out, "bad_time");
    out.time_ns = *time;
    out.has_time = true;
    line.remove_prefix(len);
    std::string_view level;
    std::string_view path;
    std::string_view name;
    if (!take_prefix(line, "\t") || !take_until(line, "\t", level) ||
        !take_until(line, "\t", path) || !take_until(line, "\t", name)) {
      return fail(out, "no_prefix");
    }
    out.level = log_level(trimmed(level));
    out.program = name;
    read_arguments(split(trimmed(line)), out, context);
    return true;
  }

 private:
  static bool fail(LogRecord& out, std::string_view reason) {
    out.reason = reason;
    return false;
  }

  static bool read_json(std::string_view line, LogRecord& out, LogContext& context) {
    Arguments arguments;
    JsonFields fields(line);
    for (JsonField field; fields.next(field);) {
      if (field.name == "_meta") {
        read_meta(field.value, out, context);
      } else if (field.kind == JsonFieldKind::kString) {
        arguments.add(json_plain(field.value, context.arena));
      } else {
        arguments.add(field.value);
      }
    }
    if (!out.has_time) return fail(out, "not_json");
    read_arguments(arguments, out, context);
    return true;
  }

  static void read_meta(std::string_view json, LogRecord& out, LogContext& context) {
    JsonFields fields(json);
    for (JsonField field; fields.next(field);) {
      if (field.kind != JsonFieldKind::kString) continue;
      if (field.name == "date") {
        if (const auto time = parse_timestamp_ns(field.value)) {
          out.time_ns = *time;
          out.has_time = true;
        }
      } else if (field.name == "logLevelName") {
        out.level = log_level(field.value);
      } else if (field.name == "name") {
        out.program = json_plain(field.value, context.arena);
      } else if (field.name == "hostname") {
        out.host = json_plain(field.value, context.arena);
      }
    }
  }
};

}  // namespace

std::unique_ptr<LogFormat> create_citrineos() {
  return std::make_unique<Citrineos>();
}

}  // namespace chargewarden::logs
