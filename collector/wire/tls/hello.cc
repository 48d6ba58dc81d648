#include "collector/wire/tls/hello.h"

#include <algorithm>

#include "collector/base/text.h"

namespace chargewarden::tls {

namespace {

constexpr std::size_t kRandomLen = 32;
constexpr std::size_t kSessionIdMaxLen = 32;

// SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3).
constexpr std::array<std::uint8_t, kRandomLen> kRetryRandom = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

// A list with its length in front, and nothing behind it.
std::optional<Bytes> list16(Bytes body) noexcept {
  ByteReader reader(body);
  const Bytes out = reader.take(reader.u16be());
  return reader.ok() && reader.remaining() == 0 ? std::optional(out) : std::nullopt;
}

std::optional<Bytes> list8(Bytes body) noexcept {
  ByteReader reader(body);
  const Bytes out = reader.take(reader.u8());
  return reader.ok() && reader.remaining() == 0 ? std::optional(out) : std::nullopt;
}

// The first name of the list (RFC 6066, 3); other types than host_name do not exist.
std::optional<std::string_view> read_server_name(Bytes body) noexcept {
  const auto list = list16(body);
  if (!list) return std::nullopt;
  ByteReader reader(*list);
  const std::uint8_t type = reader.u8();
  const Bytes name = reader.take(reader.u16be());
  if (!reader.ok()) return std::nullopt;
  return type == 0 ? as_text(name) : std::string_view();
}

std::optional<std::string_view> read_first_protocol(Bytes body) noexcept {
  const auto list = list16(body);
  if (!list) return std::nullopt;
  ByteReader reader(*list);
  const Bytes name = reader.take(reader.u8());
  return reader.ok() ? std::optional(as_text(name)) : std::nullopt;
}

// Whether the block is whole extensions, each with its length.
bool is_whole(Bytes block) noexcept {
  ByteReader reader(block);
  while (reader.ok() && reader.remaining() > 0) {
    reader.skip(2);
    reader.skip(reader.u16be());
  }
  return reader.ok();
}

// Takes the block at the end of a hello; older ones have none.
bool read_extensions(ByteReader& reader, Extensions& out) noexcept {
  if (!reader.ok()) return false;
  if (reader.remaining() == 0) return true;
  const Bytes block = reader.take(reader.u16be());
  if (!reader.ok() || reader.remaining() != 0 || !is_whole(block)) return false;
  out = Extensions(block);
  return true;
}

template <typename Value>
void set(const std::optional<Value>& value, Value& out, bool& damaged) noexcept {
  if (value) {
    out = *value;
  } else {
    damaged = true;
  }
}

void set(const std::optional<Bytes>& value, U16List& out, bool& damaged) noexcept {
  if (value && value->size() % 2 == 0) {
    out = U16List(*value);
  } else {
    damaged = true;
  }
}

void take_extension(const Extension& extension, ClientHello& out) noexcept {
  switch (extension.type) {
    case kServerNameExtension:
      set(read_server_name(extension.body), out.server_name, out.has_damage);
      break;
    case kAlpnExtension:
      set(read_first_protocol(extension.body), out.first_protocol, out.has_damage);
      break;
    case kSupportedGroupsExtension:
      set(list16(extension.body), out.groups, out.has_damage);
      break;
    case kPointFormatsExtension:
      set(list8(extension.body), out.point_formats, out.has_damage);
      break;
    case kSignatureAlgorithmsExtension:
      set(list16(extension.body), out.signature_algorithms, out.has_damage);
      break;
    case kSupportedVersionsExtension:
      set(list8(extension.body), out.versions, out.has_damage);
      break;
    default:
      break;
  }
}

}  // namespace

std::optional<Bytes> Extensions::find(std::uint16_t type) const noexcept {
  std::optional<Bytes> out;
  each([&](const Extension& extension) {
    if (extension.type == type && !out) out = extension.body;
  });
  return out;
}

std::uint16_t ClientHello::version() const noexcept {
  std::uint16_t out = 0;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (!is_grease(versions[i])) out = std::max(out, versions[i]);
  }
  return out != 0 ? out : legacy_version;
}

std::uint16_t ServerHello::version() const noexcept {
  const auto chosen = extensions.find(kSupportedVersionsExtension);
  return chosen && chosen->size() == 2 ? U16List(*chosen)[0] : legacy_version;
}

std::optional<ClientHello> parse_client_hello(Bytes body) noexcept {
  ByteReader reader(body);
  ClientHello out;
  out.legacy_version = reader.u16be();
  out.random = reader.take(kRandomLen);
  out.session_id = reader.take(reader.u8());
  const Bytes suites = reader.take(reader.u16be());
  out.suites = U16List(suites);
  out.compressions = reader.take(reader.u8());
  if (!read_extensions(reader, out.extensions)) return std::nullopt;
  if (out.session_id.size() > kSessionIdMaxLen || suites.size() % 2 != 0) return std::nullopt;
  out.extensions.each([&](const Extension& extension) { take_extension(extension, out); });
  return out;
}

std::optional<ServerHello> parse_server_hello(Bytes body) noexcept {
  ByteReader reader(body);
  ServerHello out;
  out.legacy_version = reader.u16be();
  out.random = reader.take(kRandomLen);
  out.session_id = reader.take(reader.u8());
  out.suite = reader.u16be();
  out.compression = reader.u8();
  if (!read_extensions(reader, out.extensions)) return std::nullopt;
  if (out.session_id.size() > kSessionIdMaxLen) return std::nullopt;
  out.is_retry = std::equal(out.random.begin(), out.random.end(), kRetryRandom.begin());
  if (const auto alpn = out.extensions.find(kAlpnExtension)) {
    out.protocol = read_first_protocol(*alpn).value_or(std::string_view());
  }
  if (const auto share = out.extensions.find(kKeyShareExtension); share && share->size() >= 2) {
    out.group = U16List(*share)[0];
  }
  return out;
}

}  // namespace chargewarden::tls
