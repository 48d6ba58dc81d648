#pragma once
// Cipher suites (IANA, TLS Cipher Suites): their names, and what is wrong with the weak ones.

#include <cstdint>
#include <string_view>

namespace chargewarden::tls {

// As the standards spell it, such as TLS_RSA_WITH_AES_128_GCM_SHA256; empty when it is not known.
std::string_view suite_name(std::uint16_t suite) noexcept;

// Why nobody should use it: anonymous, export, null, rc4, rc2, des, 3des or md5; empty when nothing
// is known against it.
std::string_view suite_weakness(std::uint16_t suite) noexcept;

// Of TLS 1.3, which names no key exchange: all of them are ephemeral (RFC 8446, 9.1).
constexpr bool is_tls13_suite(std::uint16_t suite) noexcept {
  return suite >= 0x1301 && suite <= 0x1305;
}

// Whether what was recorded stays secret when the key of the server becomes known later.
bool has_forward_secrecy(std::uint16_t suite) noexcept;

}  // namespace chargewarden::tls
