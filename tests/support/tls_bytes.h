#pragma once
// TLS messages made by hand, for tests.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chargewarden::testing {

using ByteString = std::vector<std::uint8_t>;

inline void put_u16(ByteString& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value));
}

inline void put(ByteString& out, const ByteString& more) {
  out.insert(out.end(), more.begin(), more.end());
}

inline ByteString u16_list(const std::vector<std::uint16_t>& numbers) {
  ByteString out;
  for (const std::uint16_t each : numbers) put_u16(out, each);
  return out;
}

// With its length in front.
inline ByteString with_len8(const ByteString& body) {
  ByteString out = {static_cast<std::uint8_t>(body.size())};
  put(out, body);
  return out;
}

inline ByteString with_len16(const ByteString& body) {
  ByteString out;
  put_u16(out, body.size());
  put(out, body);
  return out;
}

inline ByteString extension(std::uint16_t type, const ByteString& body) {
  ByteString out;
  put_u16(out, type);
  put(out, with_len16(body));
  return out;
}

inline ByteString server_name(std::string_view name) {
  ByteString entry = {0};
  put(entry, with_len16(ByteString(name.begin(), name.end())));
  return extension(0, with_len16(entry));
}

inline ByteString alpn(std::string_view protocol) {
  return extension(16, with_len16(with_len8(ByteString(protocol.begin(), protocol.end()))));
}

// The body of a ClientHello.
struct HelloPlan {
  std::uint16_t version = 0x0303;
  std::uint8_t random = 0x11;  // All of its bytes.
  ByteString session_id = {};
  std::vector<std::uint16_t> suites = {0xc02b};
  ByteString extensions = {};  // One behind the other.
  bool has_extensions = true;
};

inline ByteString client_hello(const HelloPlan& plan) {
  ByteString out;
  put_u16(out, plan.version);
  put(out, ByteString(32, plan.random));
  put(out, with_len8(plan.session_id));
  put(out, with_len16(u16_list(plan.suites)));
  put(out, with_len8({0}));
  if (plan.has_extensions) put(out, with_len16(plan.extensions));
  return out;
}

inline ByteString server_hello(const HelloPlan& plan) {
  ByteString out;
  put_u16(out, plan.version);
  put(out, ByteString(32, plan.random));
  put(out, with_len8(plan.session_id));
  put_u16(out, plan.suites.front());
  out.push_back(0);
  if (plan.has_extensions) put(out, with_len16(plan.extensions));
  return out;
}

// A handshake message of that type.
inline ByteString handshake(std::uint8_t type, const ByteString& body) {
  ByteString out = {type, static_cast<std::uint8_t>(body.size() >> 16U)};
  put_u16(out, body.size() & 0xffffU);
  put(out, body);
  return out;
}

// The body of a Certificate message of TLS 1.2.
inline ByteString certificate_list(const std::vector<ByteString>& certificates) {
  ByteString list;
  for (const ByteString& each : certificates) {
    list.push_back(static_cast<std::uint8_t>(each.size() >> 16U));
    put_u16(list, each.size() & 0xffffU);
    put(list, each);
  }
  ByteString out = {static_cast<std::uint8_t>(list.size() >> 16U)};
  put_u16(out, list.size() & 0xffffU);
  put(out, list);
  return out;
}

inline ByteString record(std::uint8_t type, const ByteString& payload, std::uint8_t minor = 3) {
  ByteString out = {type, 3, minor};
  put(out, with_len16(payload));
  return out;
}

}  // namespace chargewarden::testing
