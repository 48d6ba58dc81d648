#pragma once
// HTTP/1.1 message heads (RFC 9112, 2 to 6): bytes in, views out. Knows no meaning.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "collector/base/byte_reader.h"

namespace chargewarden::http {

enum class HeadStatus : std::uint8_t { kDone, kNeedMore, kTooLong, kMalformed };

struct Header {
  std::string_view name;
  std::string_view value;  // Without white space around it.
};

// Headers of one head that are kept; more are counted and left out.
// Test: http_head_test.cc "headers beyond the limit are counted".
inline constexpr std::size_t kHeadersMax = 64;

// One head. Views point into the bytes that were parsed.
struct Head {
  bool is_request = false;
  std::string_view method;  // Requests.
  std::string_view target;  // Requests.
  unsigned status = 0;      // Responses.
  std::size_t length = 0;   // Bytes of the head, its blank line included.
  std::size_t header_count = 0;
  std::size_t surplus_headers = 0;
  std::array<Header, kHeadersMax> headers;

  // First header of that name, compared without case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;

  [[nodiscard]] bool has_header(std::string_view name) const noexcept;

  // Whether a comma-separated list header holds the token, compared without case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const noexcept;
};

// Parses a head at the start of `bytes`. Lone LF ends a line too, as servers accept it.
HeadStatus parse_head(Bytes bytes, Head& out) noexcept;

// Parses what is there of a head whose end the capture does not have.
bool parse_partial_head(Bytes bytes, Head& out) noexcept;

// Whether the bytes can be the begin of a request or a response: kDone yes, kMalformed no,
// kNeedMore when there are too few to say.
HeadStatus probe(Bytes bytes) noexcept;

// How the body behind a head is delimited (RFC 9112, 6.3).
enum class BodyKind : std::uint8_t { kNone, kLength, kChunked, kUntilClose };

struct Body {
  BodyKind kind = BodyKind::kNone;
  std::uint64_t length = 0;
};

// `answered_method` is the method of the request for a response, empty if unknown.
Body body_of(const Head& head, std::string_view answered_method) noexcept;

// Base64(SHA-1(key + GUID)) of RFC 6455, 4.2.2.
std::string websocket_accept(std::string_view key);

}  // namespace chargewarden::http
