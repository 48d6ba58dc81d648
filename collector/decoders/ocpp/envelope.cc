#include "collector/decoders/ocpp/envelope.h"

#include <algorithm>

namespace chargewarden::ocpp {

namespace {

constexpr std::int64_t kFirstType = 2;
constexpr std::int64_t kLastType = 6;

class Reader {
 public:
  Reader(const JsonDocument& document, ValueArena& arena)
      : document_(document), arena_(arena), count_(document.top_count()) {}

  Envelope read() {
    if (!read_type() || !read_id()) return out_;
    if (out_.type == MessageType::kCall || out_.type == MessageType::kSend) {
      read_call();
    } else if (out_.type == MessageType::kResult) {
      out_.valid = true;
      read_payload(2, 3);
    } else {
      read_error();
    }
    return out_;
  }

 private:
  [[nodiscard]] bool has(std::size_t element) const {
    return element < count_ && element < kJsonTopElements;
  }

  [[nodiscard]] char first_char(std::size_t element) const {
    return document_.text()[document_.tokens()[document_.top_token(element)]];
  }

  [[nodiscard]] Value scalar(std::size_t element) const {
    if (!has(element) || first_char(element) == '{' || first_char(element) == '[') return {};
    return document_.scalar_at(document_.top_token(element), arena_);
  }

  [[nodiscard]] std::string_view text(std::size_t element) const {
    const Value value = scalar(element);
    return value.kind() == ValueKind::kText ? value.as_text() : std::string_view();
  }

  bool read_type() {
    if (has(0) && read_plain_type(document_.tokens()[document_.top_token(0)])) return true;
    const Value type = scalar(0);
    if (type.kind() != ValueKind::kInt || type.as_int() < kFirstType || type.as_int() > kLastType) {
      out_.deviations.add("bad_message_type");
      return false;
    }
    out_.type = static_cast<MessageType>(type.as_int() - kFirstType);
    return true;
  }

  // One digit, as everybody writes it.
  bool read_plain_type(std::size_t start) {
    const std::string_view text = document_.text();
    if (start + 1 >= text.size() || text[start + 1] != ',') return false;
    if (text[start] < '0' + kFirstType || text[start] > '0' + kLastType) return false;
    out_.type = static_cast<MessageType>(text[start] - '0' - kFirstType);
    return true;
  }

  // Ids are strings; numbers occur and are taken by their text.
  bool read_id() {
    const Value id = scalar(1);
    if (id.kind() == ValueKind::kText) {
      out_.id = id.as_text();
      if (out_.id.size() > kMessageIdMaxLen) out_.deviations.add("long_message_id");
      if (out_.id.empty()) out_.deviations.add("bad_message_id");
      return true;
    }
    out_.deviations.add(has(1) ? "bad_message_id" : "missing_elements");
    if (id.kind() != ValueKind::kInt && id.kind() != ValueKind::kReal) return false;
    const std::size_t start = document_.tokens()[document_.top_token(1)];
    const std::string_view rest = document_.text().substr(start);
    out_.id = rest.substr(0, rest.find_first_of(",] \t\r\n"));
    return true;
  }

  void read_call() {
    std::size_t action = 2;
    // Signed messages carry an extension object between id and action (OCPP 2.1 part 4, 7).
    if (has(2) && first_char(2) == '{' && has(4)) action = 3;
    if (!has(action)) {
      out_.deviations.add("missing_elements");
      return;
    }
    out_.action = text(action);
    // A call without a readable name is a call all the same: its answer will come.
    if (out_.action.empty()) out_.deviations.add("bad_action");
    out_.valid = true;
    read_payload(action + 1, action + 2);
  }

  void read_error() {
    out_.error_code = text(2);
    out_.error_description = text(3);
    if (out_.error_code.empty()) {
      out_.deviations.add(has(2) ? "bad_action" : "missing_elements");
      return;
    }
    out_.valid = true;
    read_payload(4, 5);
  }

  void read_payload(std::size_t element, std::size_t expected_count) {
    if (!has(element)) {
      out_.deviations.add("missing_elements");
      return;
    }
    if (count_ > expected_count) out_.deviations.add("extra_elements");
    const char first = first_char(element);
    if (first == '{' || first == '[') {
      out_.payload_token = document_.top_token(element);
    }
    // `null` stands for "no payload" in the framing.
    if (first != '{' && first != 'n') out_.deviations.add("payload_not_object");
  }

  const JsonDocument& document_;
  ValueArena& arena_;
  std::size_t count_;
  Envelope out_;
};

// Takes one JSON string without escapes off the front; empty when it is not whole.
std::string_view take_string(std::string_view& text) {
  const auto skip = text.find_first_not_of(" \t\r\n,");
  if (skip == std::string_view::npos || text[skip] != '"') return {};
  const auto end = text.find_first_of("\"\\", skip + 1);
  if (end == std::string_view::npos || text[end] != '"') return {};
  const std::string_view out = text.substr(skip + 1, end - skip - 1);
  text.remove_prefix(end + 1);
  return out;
}

// The same for a number: numeric ids occur.
std::string_view take_number(std::string_view& text) {
  const auto start = text.find_first_not_of(" \t\r\n,");
  if (start == std::string_view::npos) return {};
  const auto end = text.find_first_not_of("0123456789", start);
  if (end == std::string_view::npos || end == start) return {};
  const std::string_view out = text.substr(start, end - start);
  text.remove_prefix(end);
  return out;
}

}  // namespace

Envelope read_envelope(const JsonDocument& document, ValueArena& arena) {
  if (document.tokens().empty() || document.text()[document.tokens().front()] != '[') {
    Envelope out;
    out.deviations.add("not_an_array");
    return out;
  }
  return Reader(document, arena).read();
}

Envelope read_partial_envelope(std::string_view text) {
  Envelope out;
  // A list further inside is a part of some payload whose begin is missing.
  const auto open = text.find_first_not_of(" \t\r\n");
  if (open == std::string_view::npos || text[open] != '[') return out;
  const auto digit = text.find_first_not_of(" \t\r\n", open + 1);
  if (digit == std::string_view::npos || text[digit] < '2' || text[digit] > '6') return out;
  out.type = static_cast<MessageType>(text[digit] - '2');
  std::string_view rest = text.substr(digit + 1);
  const bool is_call = out.type == MessageType::kCall || out.type == MessageType::kSend;
  out.id = take_string(rest);
  // Lists of numbers are common; only the name of an action makes one of them a message.
  if (out.id.empty() && is_call) out.id = take_number(rest);
  out.valid = !out.id.empty();
  if (is_call) {
    out.action = take_string(rest);
    out.valid = !out.action.empty();
  }
  return out;
}

}  // namespace chargewarden::ocpp
