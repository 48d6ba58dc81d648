// JSON lines: one object a line, with the names that programs use for what an OCPP log says.
//
// Also the wrappers that are JSON: Docker's json-file (`log`, `stream`, `time`) and journald's
// export (`MESSAGE`, which is a list of bytes when the text is not UTF-8). What they carry is read
// as the format that it is.

#include <array>
#include <charconv>

#include "collector/base/json_scalar.h"
#include "collector/base/text.h"
#include "collector/base/timestamp.h"
#include "collector/logs/json_fields.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_text.h"

namespace chargewarden::logs {

namespace {

// The members of one line that are of use.
struct Members {
  JsonField message;  // A text or list that is an OCPP message, or else the first candidate.
  JsonField object;   // The payload of a message that is told in parts.
  JsonField wrapped;
  JsonField type;
  JsonField id;
  JsonField action;
  JsonField status;
  JsonField remote_port;
  bool has_message = false;
  bool is_ocpp = false;  // `message` begins as an OCPP message does.
  bool has_event = false;
  bool journal = false;
  LogEventWord event = LogEventWord::kOther;
  std::string_view label;  // What happened, in the log's word.
  std::optional<LogDirection> direction;
};

// Names stand at the same places in nearly all lines of a log.
class RoleCache {
 public:
  LogRole role(std::size_t place, std::string_view name) {
    if (place >= places_.size()) return log_role(name);
    Entry& entry = places_[place];
    if (entry.len != name.size() || name != std::string_view(entry.name.data(), entry.len)) {
      if (name.size() > entry.name.size()) return log_role(name);
      entry.len = name.copy(entry.name.data(), name.size());
      entry.role = log_role(name);
    }
    return entry.role;
  }

 private:
  struct Entry {
    std::array<char, 32> name{};
    std::size_t len = 0;
    LogRole role = LogRole::kNone;
  };

  std::array<Entry, 24> places_;
};

std::optional<std::int64_t> number_time_ns(std::string_view digits) {
  if (!json_scalar_is_valid(digits)) return std::nullopt;
  const Value value = json_scalar_value(digits);
  if (value.kind() == ValueKind::kInt) return timestamp_of_number_ns(value.as_int());
  if (value.kind() == ValueKind::kReal) return timestamp_of_number_ns(value.as_real());
  return std::nullopt;
}

std::optional<std::int64_t> time_of(const JsonField& field) {
  if (field.kind == JsonFieldKind::kNumber) return number_time_ns(field.value);
  if (field.kind != JsonFieldKind::kString) return std::nullopt;
  if (const auto time = parse_timestamp_ns(field.value)) return time;
  return number_time_ns(field.value);
}

bool is_plain(const JsonField& field) {
  return field.kind == JsonFieldKind::kString || field.kind == JsonFieldKind::kNumber;
}

class Jsonl final : public LogFormat {
 public:
  [[nodiscard]] bool begins_record(std::string_view line) const override {
    return line.starts_with('{');
  }

  bool read(std::string_view line, LogRecord& out, LogContext& context) override {
    if (line.empty() || line.front() != '{') {
      out.reason = "not_json";
      return false;
    }
    Members members;
    JsonFields fields(line);
    JsonField field;
    std::size_t place = 0;
    for (; fields.next(field); ++place) {
      // Another format that is JSON too.
      if (place == 0 && field.name == "0") {
        out.reason = "other_format";
        return false;
      }
      take(cache_.role(place, field.name), field, members, out, context);
    }
    if (fields.problem() && !members.has_message) {
      out.reason = "not_json";
      return false;
    }
    return conclude(members, out, context);
  }

 private:
  static void take(LogRole role, const JsonField& field, Members& members, LogRecord& out,
                   LogContext& context) {
    switch (role) {
      case LogRole::kNone:
        return;
      case LogRole::kTime:
        if (!out.has_time) take_time(time_of(field), out);
        return;
      case LogRole::kJournalTime:
        members.journal = true;
        take_time(number_time_ns(field.value), out);
        return;
      case LogRole::kStation:
        if (is_plain(field) && out.station.empty()) out.station = text(field, context);
        return;
      case LogRole::kDirection:
        take_direction(field, members);
        return;
      case LogRole::kOutbound:
      case LogRole::kInbound:
        if (field.kind == JsonFieldKind::kWord) {
          members.direction = (field.value == "true") == (role == LogRole::kOutbound)
                                  ? LogDirection::kSent
                                  : LogDirection::kReceived;
        }
        return;
      case LogRole::kMessage:
        take_message(field, members, context);
        return;
      case LogRole::kEvent:
        members.has_event = true;
        members.event = log_event_word(field.value);
        members.label = field.value;
        return;
      case LogRole::kWrapped:
        if (field.kind == JsonFieldKind::kString) members.wrapped = field;
        return;
      default:
        take_detail(role, field, members, out, context);
        return;
    }
  }

  static void take_detail(LogRole role, const JsonField& field, Members& members, LogRecord& out,
                          LogContext& context) {
    if (role == LogRole::kMessageType) members.type = field;
    if (!is_plain(field)) return;
    switch (role) {
      case LogRole::kLevel:
        out.level = log_level(field.value);
        if (out.level.empty()) out.level = log_level_of_number(field.value);
        return;
      case LogRole::kRemote:
        set_remote(text(field, context), out);
        return;
      case LogRole::kRemotePort:
        members.remote_port = field;
        return;
      case LogRole::kSession:
        out.session = text(field, context);
        return;
      case LogRole::kStatus:
        members.status = field;
        return;
      case LogRole::kProtocol:
        out.protocol = text(field, context);
        return;
      case LogRole::kProgram:
        if (out.program.empty()) out.program = text(field, context);
        return;
      case LogRole::kHost:
        out.host = text(field, context);
        return;
      case LogRole::kMessageId:
        members.id = field;
        return;
      case LogRole::kAction:
        members.action = field;
        return;
      default:
        return;
    }
  }

  static std::string_view text(const JsonField& field, LogContext& context) {
    return json_plain(field.value, context.arena);
  }

  static void take_time(std::optional<std::int64_t> time, LogRecord& out) {
    if (!time) return;
    out.time_ns = *time;
    out.has_time = true;
  }

  // `type` may be a direction, or what happened.
  static void take_direction(const JsonField& field, Members& members) {
    if (field.kind != JsonFieldKind::kString) return;
    if (const auto direction = log_direction(field.value)) {
      members.direction = direction;
    } else if (!members.has_event) {
      members.label = field.value;
      members.event = log_event_word(field.value);
      members.has_event = members.event != LogEventWord::kOther;
    }
  }

  static void take_message(const JsonField& field, Members& members, LogContext& context) {
    if (field.kind == JsonFieldKind::kObject && members.object.value.empty()) {
      members.object = field;
    }
    const bool is_ocpp =
        field.kind == JsonFieldKind::kList
            ? begins_ocpp(field.value)
            : field.kind == JsonFieldKind::kString && begins_ocpp(trimmed(text(field, context)));
    if (members.has_message && (members.is_ocpp || !is_ocpp)) return;
    members.has_message = true;
    members.is_ocpp = is_ocpp;
    members.message = field;
  }

  static bool conclude(Members& members, LogRecord& out, LogContext& context) {
    if (!members.remote_port.value.empty()) add_port(members.remote_port.value, out, context);
    if (!members.wrapped.value.empty() && !members.direction) {
      return unwrap(text(members.wrapped, context), out, context);
    }
    if (members.journal) return read_journal(members, out, context);
    if (members.has_event && !members.is_ocpp && members.event != LogEventWord::kOther &&
        members.event != LogEventWord::kMessage) {
      return take_event(members, out, context);
    }
    if (!members.is_ocpp && !members.object.value.empty() && !members.id.value.empty() &&
        members.direction) {
      if (const char type = type_of(members)) return assemble(type, members, out, context);
    }
    const bool about_message = !members.has_event || members.event == LogEventWord::kMessage;
    if (members.has_message && (members.is_ocpp || (members.direction && about_message))) {
      return take_ocpp(members, out, context);
    }
    if (members.has_message && members.message.kind == JsonFieldKind::kString) {
      return unwrap(text(members.message, context), out, context);
    }
    out.kind = LogKind::kLine;
    out.message = members.label;
    return true;
  }

  // Text of another log, or for people.
  static bool unwrap(std::string_view inner, LogRecord& out, LogContext& context) {
    if (read_wrapped(inner, out, context)) return true;
    out.kind = LogKind::kLine;
    out.message = trimmed(inner);
    return true;
  }

  static bool take_ocpp(const Members& members, LogRecord& out, LogContext& context) {
    if (!members.direction) {
      out.reason = "no_direction";
      return false;
    }
    out.kind = LogKind::kMessage;
    out.sender = context.sender_of(*members.direction);
    out.message = members.message.kind == JsonFieldKind::kString ? text(members.message, context)
                                                                 : members.message.value;
    out.cut = !members.message.whole;
    return true;
  }

  static bool take_event(const Members& members, LogRecord& out, LogContext& context) {
    out.kind = members.event == LogEventWord::kOpened   ? LogKind::kOpened
               : members.event == LogEventWord::kClosed ? LogKind::kClosed
                                                        : LogKind::kRefused;
    const std::string_view digits = members.status.value;
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), out.status);
    if (members.has_message) out.message = text(members.message, context);
    return true;
  }

  static void add_port(std::string_view digits, LogRecord& out, LogContext& context) {
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), out.remote_port);
    if (end.ec != std::errc() || !out.session.empty() || out.remote_ip.empty()) return;
    std::string session(out.remote_ip);
    session += ':';
    session += digits;
    out.session = padded_copy(session, context.arena);
  }

  // MESSAGE is text, or a list of its bytes.
  static bool read_journal(const Members& members, LogRecord& out, LogContext& context) {
    if (!members.has_message) return true;
    if (members.message.kind != JsonFieldKind::kList) {
      return unwrap(text(members.message, context), out, context);
    }
    std::string_view rest = members.message.value;
    std::string bytes;
    while (!rest.empty()) {
      if (!is_digit(rest.front())) {
        rest.remove_prefix(1);
        continue;
      }
      unsigned byte = 0;
      const auto end = std::from_chars(rest.data(), rest.data() + rest.size(), byte);
      if (end.ec != std::errc() || byte > 0xff) {
        out.reason = "not_json";
        return false;
      }
      bytes += static_cast<char>(byte);
      rest.remove_prefix(static_cast<std::size_t>(end.ptr - rest.data()));
    }
    return unwrap(padded_copy(bytes, context.arena), out, context);
  }

  // The digit of OCPP-J of a message that is told in parts; 0 when it is none.
  static char type_of(const Members& members) {
    const std::string_view type = members.type.value;
    if (type == "3" || iequals_ascii(type, "callresult")) return '3';
    if (members.action.value.empty()) return '\0';
    return type.empty() || type == "2" || iequals_ascii(type, "call") ? '2' : '\0';
  }

  static bool assemble(char type, const Members& members, LogRecord& out, LogContext& context) {
    std::string message = "[";
    message += type;
    message += ",\"";
    message += members.id.value;
    message += "\",";
    if (type == '2') {
      message += '"';
      message += members.action.value;
      message += "\",";
    }
    message += members.object.value;
    if (members.object.whole) message += ']';
    out.kind = LogKind::kMessage;
    out.sender = context.sender_of(*members.direction);
    out.cut = !members.object.whole;
    out.message = padded_copy(message, context.arena);
    return true;
  }

  RoleCache cache_;
};

}  // namespace

std::unique_ptr<LogFormat> create_jsonl() {
  return std::make_unique<Jsonl>();
}

}  // namespace chargewarden::logs
