#include "analyzer/ocmf/meter_key.h"

#include <array>

#include "collector/base/text.h"

namespace chargewarden::ocmf {

namespace {

using Octets = std::vector<std::uint8_t>;

struct Algorithm {
  std::string_view name;   // SA.
  std::string_view curve;  // OpenSSL's name.
};

constexpr auto kAlgorithms = std::to_array<Algorithm>({
    {"ECDSA-secp192k1-SHA256", "secp192k1"},
    {"ECDSA-secp256k1-SHA256", "secp256k1"},
    {"ECDSA-secp192r1-SHA256", "prime192v1"},
    {"ECDSA-secp256r1-SHA256", "prime256v1"},
    {"ECDSA-brainpool256r1-SHA256", "brainpoolP256r1"},
    {"ECDSA-brainpoolP256r1-SHA256", "brainpoolP256r1"},
    {"ECDSA-secp384r1-SHA256", "secp384r1"},
    {"ECDSA-brainpool384r1-SHA256", "brainpoolP384r1"},
    {"ECDSA-brainpoolP384r1-SHA256", "brainpoolP384r1"},
});

// Base64 may hold a text that holds the key in turn: oca:..., or hex.
constexpr int kWrappings = 3;

Error refusal(std::string message) {
  return {ErrorCode::kUnreadable, std::move(message)};
}

bool is_separator(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':' || c == '-';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The application note wants everything that is no hex digit ignored.
std::optional<Octets> read_loose_hex(std::string_view text) {
  std::string digits;
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  for (const char c : text) {
    if (hex_value(c) >= 0) digits += c;
  }
  return read_hex(digits);
}

// What a text stands for: bytes, or another text that it wraps.
std::optional<Octets> unwrap_once(std::string_view text) {
  constexpr std::string_view kOca = "oca:";
  if (text.size() > kOca.size() && iequals_ascii(text.substr(0, kOca.size()), kOca)) {
    text.remove_prefix(kOca.size());
    const auto encoding_end = text.find(':');
    const std::string_view encoding = text.substr(0, encoding_end);
    const auto content_end = text.find(':', encoding_end + 1);
    if (encoding_end == std::string_view::npos || content_end == std::string_view::npos) return {};
    const std::string_view key = text.substr(content_end + 1);
    return iequals_ascii(encoding, "base64") ? read_base64(key) : read_loose_hex(key);
  }
  if (auto hex = read_hex(text)) return hex;
  return read_base64(text);
}

// Whether bytes are a text, and so not a key yet: keys begin with 02, 03, 04 or 30 and go on with
// bytes of all kinds.
bool is_text(const Octets& bytes) {
  for (const std::uint8_t byte : bytes) {
    const bool printable = byte >= 0x20 && byte < 0x7f;
    if (!printable && !is_separator(static_cast<char>(byte))) return false;
  }
  return !bytes.empty();
}

Expected<crypto::PublicKey> key_of(const Octets& bytes, std::string_view curve) {
  auto key = crypto::PublicKey::from_spki(bytes);
  if (key || curve.empty()) return key;
  auto point = crypto::PublicKey::from_point(bytes, curve);
  if (point) return point;
  Octets whole = {4};  // X and Y without the byte that says so.
  whole.insert(whole.end(), bytes.begin(), bytes.end());
  return crypto::PublicKey::from_point(whole, curve);
}

}  // namespace

std::string_view curve_of_algorithm(std::string_view algorithm) {
  for (const Algorithm& known : kAlgorithms) {
    if (iequals_ascii(known.name, algorithm)) return known.curve;
  }
  return {};
}

std::optional<Octets> read_hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  Octets out;
  int high = -1;
  for (const char c : text) {
    if (is_separator(c)) continue;
    const int digit = hex_value(c);
    if (digit < 0) return std::nullopt;
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<std::uint8_t>(high * 16 + digit));
      high = -1;
    }
  }
  if (high >= 0 || out.empty()) return std::nullopt;
  return out;
}

std::optional<Octets> read_base64(std::string_view text) {
  std::string bare;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') bare += c;
  }
  const auto decoded = from_base64(bare);
  if (!decoded || decoded->empty()) return std::nullopt;
  const Bytes bytes = as_bytes(*decoded);
  return Octets(bytes.begin(), bytes.end());
}

Expected<crypto::PublicKey> read_meter_key(std::string_view text, std::string_view curve) {
  if (text.size() > kKeyTextMaxLen) {
    return refusal("the public key is longer than 8,192 characters");
  }
  std::optional<Octets> bytes;
  std::string inner(text);
  for (int i = 0; i < kWrappings; ++i) {
    bytes = unwrap_once(inner);
    if (!bytes || !is_text(*bytes)) break;
    inner = as_text(*bytes);
  }
  if (!bytes) return refusal("the public key is neither hex nor base64");
  return key_of(*bytes, curve);
}

}  // namespace chargewarden::ocmf
