#pragma once
// ClientHello and ServerHello of TLS 1.0 to 1.3 (RFC 8446, 4.1; RFC 5246, 7.4.1).
//
// Views of the message, which must outlive them. Nothing is copied; lists stay as they are on the
// wire, with each element checked to be whole.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "collector/base/byte_reader.h"

namespace chargewarden::tls {

inline constexpr std::uint8_t kClientHelloType = 1;
inline constexpr std::uint8_t kServerHelloType = 2;

// Numbers of extensions (IANA, TLS ExtensionType Values).
enum ExtensionType : std::uint16_t {
  kServerNameExtension = 0,
  kMaxFragmentLengthExtension = 1,
  kTrustedCaKeysExtension = 3,
  kStatusRequestExtension = 5,
  kSupportedGroupsExtension = 10,
  kPointFormatsExtension = 11,
  kSignatureAlgorithmsExtension = 13,
  kAlpnExtension = 16,
  kEncryptThenMacExtension = 22,
  kExtendedMasterSecretExtension = 23,
  kSessionTicketExtension = 35,
  kPreSharedKeyExtension = 41,
  kEarlyDataExtension = 42,
  kSupportedVersionsExtension = 43,
  kKeyShareExtension = 51,
  kEncryptedClientHelloExtension = 65037,
  kRenegotiationInfoExtension = 65281,
};

// Versions as they are on the wire.
inline constexpr std::uint16_t kSsl30 = 0x0300;
inline constexpr std::uint16_t kTls10 = 0x0301;
inline constexpr std::uint16_t kTls11 = 0x0302;
inline constexpr std::uint16_t kTls12 = 0x0303;
inline constexpr std::uint16_t kTls13 = 0x0304;

// Values that say nothing, so that servers learn to pass over what they do not know (RFC 8701).
constexpr bool is_grease(std::uint16_t value) noexcept {
  return (value & 0x0f0fU) == 0x0a0aU && (value >> 8U) == (value & 0xffU);
}

// A list of 16-bit numbers on the wire; an odd last byte is not looked at.
class U16List {
 public:
  U16List() = default;

  explicit U16List(Bytes bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() / 2; }

  [[nodiscard]] std::uint16_t operator[](std::size_t i) const noexcept {
    return static_cast<std::uint16_t>((bytes_[2 * i] << 8U) | bytes_[2 * i + 1]);
  }

  [[nodiscard]] bool contains(std::uint16_t value) const noexcept {
    for (std::size_t i = 0; i < size(); ++i) {
      if ((*this)[i] == value) return true;
    }
    return false;
  }

 private:
  Bytes bytes_;
};

struct Extension {
  std::uint16_t type = 0;
  Bytes body;
};

// The extensions of a hello, in their order. Made of a block that was checked.
class Extensions {
 public:
  Extensions() = default;

  explicit Extensions(Bytes block) noexcept : block_(block) {}

  // Calls visit(extension) for each.
  template <typename Visit>
  void each(Visit&& visit) const {
    ByteReader reader(block_);
    while (reader.remaining() > 0) {
      Extension extension;
      extension.type = reader.u16be();
      extension.body = reader.take(reader.u16be());
      if (!reader.ok()) return;
      visit(extension);
    }
  }

  [[nodiscard]] std::optional<Bytes> find(std::uint16_t type) const noexcept;

  [[nodiscard]] bool has(std::uint16_t type) const noexcept { return find(type).has_value(); }

 private:
  Bytes block_;
};

struct ClientHello {
  std::uint16_t legacy_version = 0;
  Bytes random;  // 32 bytes.
  Bytes session_id;
  U16List suites;
  Bytes compressions;
  Extensions extensions;
  std::string_view server_name;     // server_name of type host_name; empty: none.
  std::string_view first_protocol;  // First name of ALPN; empty: none.
  U16List groups;
  Bytes point_formats;
  U16List signature_algorithms;
  U16List versions;         // supported_versions; empty: none.
  bool has_damage = false;  // An extension is not as its standard says.

  // The highest version that is offered, without GREASE.
  [[nodiscard]] std::uint16_t version() const noexcept;
};

struct ServerHello {
  std::uint16_t legacy_version = 0;
  Bytes random;
  Bytes session_id;
  std::uint16_t suite = 0;
  std::uint8_t compression = 0;
  Extensions extensions;
  std::string_view protocol;  // Of ALPN, up to TLS 1.2.
  std::uint16_t group = 0;    // Of key_share; 0: none.
  bool is_retry = false;      // HelloRetryRequest (RFC 8446, 4.1.4).

  // What is agreed on.
  [[nodiscard]] std::uint16_t version() const noexcept;
};

// Of the body of a handshake message; nothing when it is not whole or its lengths contradict each
// other.
std::optional<ClientHello> parse_client_hello(Bytes body) noexcept;
std::optional<ServerHello> parse_server_hello(Bytes body) noexcept;

}  // namespace chargewarden::tls
