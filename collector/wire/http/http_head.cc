#include "collector/wire/http/http_head.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <openssl/evp.h>

#include "collector/base/limits.h"
#include "collector/base/text.h"

namespace chargewarden::http {

namespace {

constexpr auto kMethods = std::to_array<std::string_view>(
    {"GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE "});
constexpr std::string_view kVersionPrefix = "HTTP/1.";

// Takes one line off the front, without its end; false when there is no line end.
bool take_line(std::string_view& text, std::string_view& line) noexcept {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  text.remove_prefix(end + 1);
  return true;
}

bool parse_start_line(std::string_view line, Head& out) noexcept {
  if (line.starts_with(kVersionPrefix)) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos || line.size() < space + 4) return false;
    const char* digits = line.data() + space + 1;
    const auto [end, failure] = std::from_chars(digits, digits + 3, out.status);
    out.is_request = false;
    return failure == std::errc{} && end == digits + 3 && out.status >= 100 && out.status <= 999;
  }
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first) return false;
  if (!line.substr(last + 1).starts_with(kVersionPrefix)) return false;
  out.is_request = true;
  out.method = line.substr(0, first);
  out.target = trimmed(line.substr(first + 1, last - first - 1));
  return !out.method.empty() && !out.target.empty();
}

void add_header(std::string_view line, Head& out) noexcept {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return;
  if (out.header_count == kHeadersMax) {
    ++out.surplus_headers;
    return;
  }
  out.headers[out.header_count++] = {trimmed(line.substr(0, colon)),
                                     trimmed(line.substr(colon + 1))};
}

void reset(Head& out) noexcept {
  out.is_request = false;
  out.method = {};
  out.target = {};
  out.status = 0;
  out.length = 0;
  out.header_count = 0;
  out.surplus_headers = 0;
}

}  // namespace

std::string_view Head::header(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < header_count; ++i) {
    if (iequals_ascii(headers[i].name, name)) return headers[i].value;
  }
  return {};
}

bool Head::has_header(std::string_view name) const noexcept {
  return std::any_of(headers.begin(), headers.begin() + static_cast<std::ptrdiff_t>(header_count),
                     [&](const Header& header) { return iequals_ascii(header.name, name); });
}

bool Head::has_token(std::string_view name, std::string_view token) const noexcept {
  for (std::size_t i = 0; i < header_count; ++i) {
    if (!iequals_ascii(headers[i].name, name)) continue;
    std::string_view rest = headers[i].value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      if (iequals_ascii(trimmed(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

HeadStatus parse_head(Bytes bytes, Head& out) noexcept {
  reset(out);
  const std::string_view whole = as_text(bytes);
  std::string_view text = whole;
  std::string_view line;
  // RFC 9112, 2.2: empty lines before a request are to be ignored.
  do {
    if (!take_line(text, line)) {
      return whole.size() > kHttpHeadMaxLen ? HeadStatus::kTooLong : HeadStatus::kNeedMore;
    }
  } while (line.empty());
  if (!parse_start_line(line, out)) return HeadStatus::kMalformed;
  for (;;) {
    if (whole.size() - text.size() > kHttpHeadMaxLen) return HeadStatus::kTooLong;
    if (!take_line(text, line)) {
      return whole.size() > kHttpHeadMaxLen ? HeadStatus::kTooLong : HeadStatus::kNeedMore;
    }
    if (line.empty()) break;
    add_header(line, out);
  }
  out.length = whole.size() - text.size();
  return HeadStatus::kDone;
}

bool parse_partial_head(Bytes bytes, Head& out) noexcept {
  reset(out);
  std::string_view text = as_text(bytes);
  out.length = text.size();
  std::string_view line;
  if (!take_line(text, line) || !parse_start_line(line, out)) return false;
  while (take_line(text, line) && !line.empty()) add_header(line, out);
  return true;
}

HeadStatus probe(Bytes bytes) noexcept {
  const std::string_view text = as_text(bytes);
  bool possible = false;
  const auto check = [&](std::string_view known) {
    const std::size_t len = std::min(known.size(), text.size());
    if (text.substr(0, len) != known.substr(0, len)) return false;
    possible = true;
    return len == known.size();
  };
  if (check(kVersionPrefix)) return HeadStatus::kDone;
  for (const std::string_view method : kMethods) {
    if (check(method)) return HeadStatus::kDone;
  }
  return possible ? HeadStatus::kNeedMore : HeadStatus::kMalformed;
}

Body body_of(const Head& head, std::string_view answered_method) noexcept {
  if (!head.is_request) {
    if (head.status < 200 || head.status == 204 || head.status == 304 ||
        answered_method == "HEAD") {
      return {};
    }
  }
  if (head.has_token("Transfer-Encoding", "chunked")) return {BodyKind::kChunked, 0};
  const std::string_view length_text = head.header("Content-Length");
  if (!length_text.empty()) {
    std::uint64_t length = 0;
    const auto [end, failure] =
        std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
    if (failure == std::errc{} && end == length_text.data() + length_text.size()) {
      return {length == 0 ? BodyKind::kNone : BodyKind::kLength, length};
    }
  }
  return {head.is_request ? BodyKind::kNone : BodyKind::kUntilClose, 0};
}

std::string websocket_accept(std::string_view key) {
  constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::string text(key);
  text += kGuid;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned len = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &len, EVP_sha1(), nullptr) != 1) {
    return {};
  }
  return to_base64(Bytes(digest.data(), len));
}

}  // namespace chargewarden::http
