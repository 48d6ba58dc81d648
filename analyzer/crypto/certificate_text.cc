#include "analyzer/crypto/certificate_text.h"

#include <optional>
#include <string>

#include "collector/base/text.h"

namespace chargewarden::crypto {

namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr char kDerSequence = 0x30;

Error refusal(std::string message) {
  return {ErrorCode::kUnreadable, std::move(message)};
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Without blanks, and without \n and \r that were escaped once too often.
std::string without_blanks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_blank(text[i])) continue;
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 'r')) {
      ++i;
      continue;
    }
    out += text[i];
  }
  return out;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a' + 10);
  return std::nullopt;
}

std::optional<Der> from_hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  if (text.empty() || text.size() % 2 != 0) return std::nullopt;
  Der out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = hex_digit(text[i]);
    const auto low = hex_digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(*high * 16 + *low));
  }
  return out;
}

Der bytes_of(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

bool is_wanted(std::string_view label, PemKind kind) {
  if (kind == PemKind::kCertificate) return label == "CERTIFICATE" || label == "X509 CERTIFICATE";
  return label == "CERTIFICATE REQUEST" || label == "NEW CERTIFICATE REQUEST";
}

Expected<std::vector<Der>> read_pem(std::string_view text, PemKind kind) {
  std::vector<Der> out;
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos;
       at = text.find(kBegin, at)) {
    at += kBegin.size();
    const std::size_t label_end = text.find(kDashes, at);
    if (label_end == std::string_view::npos) break;
    const std::string_view label = text.substr(at, label_end - at);
    at = label_end + kDashes.size();
    const std::size_t end = text.find(kEnd, at);
    if (end == std::string_view::npos) return refusal("a PEM block has no end");
    if (!is_wanted(label, kind)) continue;
    const auto der = from_base64(without_blanks(text.substr(at, end - at)));
    if (!der) return refusal("a PEM block holds something other than base64");
    if (der->size() > kCertificateMaxBytes) return refusal("it is longer than 32,768 bytes");
    if (out.size() == kChainMax) return refusal("the chain has more than 16 certificates");
    out.push_back(bytes_of(*der));
    at = end;
  }
  if (out.empty()) return refusal("the PEM text holds no block of the kind that is expected");
  return out;
}

}  // namespace

Expected<std::vector<Der>> read_certificate_text(std::string_view text, PemKind kind) {
  if (text.size() > kCertificateTextMaxLen) return refusal("it is longer than 131,072 characters");
  if (text.find(kBegin) != std::string_view::npos) return read_pem(text, kind);
  Der der;
  // The digit 0 of hex has the same code as the first byte of DER; what follows it tells them
  // apart.
  const std::string bare = without_blanks(text);
  if (const auto hex = from_hex(bare); hex) {
    der = *hex;
  } else if (text.starts_with(kDerSequence)) {
    der = bytes_of(text);
  } else if (const auto base64 = from_base64(bare); base64 && !base64->empty()) {
    der = bytes_of(*base64);
  } else {
    return refusal("it is neither PEM nor DER, hex or base64 of DER");
  }
  if (der.size() > kCertificateMaxBytes) return refusal("it is longer than 32,768 bytes");
  return std::vector<Der>{std::move(der)};
}

}  // namespace chargewarden::crypto
