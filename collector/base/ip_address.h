#pragma once
// IpAddress: an IPv4 or IPv6 address as 16 bytes (IPv4 as ::ffff:a.b.c.d), comparable and
// printable.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "collector/base/byte_reader.h"

namespace chargewarden {

class IpAddress {
 public:
  constexpr IpAddress() = default;

  // Network byte order; exactly 4 or 16 bytes, anything else gives the unspecified address.
  static IpAddress from_bytes(Bytes bytes) noexcept;

  // Dotted quad or RFC 4291 text, without scope or prefix.
  static std::optional<IpAddress> parse(std::string_view text) noexcept;

  [[nodiscard]] bool is_v4() const noexcept;

  // Whether everybody may have the address, or be reached at it: not unspecified, private, shared
  // by a provider's customers, link-local or loopback (RFC 1122 3.2.1.3, RFC 1918, RFC 3927,
  // RFC 4193, RFC 4291 2.5, RFC 6598).
  [[nodiscard]] bool is_public() const noexcept;

  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }

  // RFC 5952 text.
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

  // Every packet is compared with its connection: in two words, not by a call.
  bool operator==(const IpAddress& other) const noexcept {
    return std::memcmp(bytes_.data(), other.bytes_.data(), sizeof bytes_) == 0;
  }

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// A network such as 10.0.0.0/8 or fd00::/8.
class IpNetwork {
 public:
  // Host bits must be zero; a bare address is a /32 or /128. nullopt when the text is not a
  // network.
  static std::optional<IpNetwork> parse(std::string_view text) noexcept;

  // The address of a network that is one alone.
  [[nodiscard]] std::optional<IpAddress> single() const noexcept {
    return prefix_bits_ == 128 ? std::optional(base_) : std::nullopt;
  }

  // An IPv4 network contains IPv4 addresses only, an IPv6 network IPv6 addresses only.
  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;

 private:
  IpAddress base_;
  unsigned prefix_bits_ = 0;  // Counted in the 128-bit form.
  bool v4_ = false;
};

// IpAddress::is_public of a text; false for what is no address, so that nothing follows from it.
bool is_public_address(std::string_view text) noexcept;

}  // namespace chargewarden
