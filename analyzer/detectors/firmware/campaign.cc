#include "analyzer/detectors/firmware/campaign.h"

#include <algorithm>

#include "collector/base/text.h"

namespace chargewarden::firmware {

namespace {

using F = FactField;

// Key lengths that are no longer enough (NIST SP 800-131A revision 2; OCPP 1.6 security whitepaper,
// A00.FR.503).
constexpr int kRsaMinBits = 2'048;
constexpr int kEcMinBits = 224;

bool is_weak_key(const crypto::CertificateFacts& facts) {
  if (facts.key_type.starts_with("rsa")) return facts.key_bits < kRsaMinBits;
  return facts.key_type == "ec" && facts.key_bits < kEcMinBits;
}

std::optional<crypto::Sha256> from_hex(std::string_view hex) {
  crypto::Sha256 out{};
  if (hex.size() != out.size() * 2) return std::nullopt;
  const auto nibble = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = nibble(hex[2 * i]);
    const int low = nibble(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return out;
}

// Line ends inside base64 are common.
std::string without_blanks(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') out += c;
  }
  return out;
}

}  // namespace

Campaign read_command(const Fact& fact, std::uint64_t tag) {
  Campaign out;
  out.commanded_ns = fact.time_ns();
  out.tag = tag;
  out.location = read_location(fact.text(F::kLocation));
  out.request_id = fact.text(F::kRequestId);
  out.is_signed = fact.has(F::kSignature) || fact.has(F::kSigningCertificate);
  out.packets.add(tag);
  if (const auto bytes = from_base64(without_blanks(fact.text(F::kSignature)))) {
    const Bytes view = as_bytes(*bytes);
    out.signature.assign(view.begin(), view.end());
  }
  return out;
}

CertificateProblems judge_certificate(const crypto::Certificate& certificate, std::int64_t now_ns) {
  const crypto::CertificateFacts& facts = certificate.facts();
  CertificateProblems out;
  if (now_ns > facts.not_after_ns) out.add("expired");
  if (now_ns < facts.not_before_ns) out.add("not_yet_valid");
  if (facts.self_signed) out.add("self_signed");
  if (is_weak_key(facts)) out.add("weak_key");
  if (facts.signature_hash == "sha1" || facts.signature_hash == "md5") out.add("weak_hash");
  return out;
}

crypto::SignatureResult verify_image(const Campaign& campaign, std::string_view sha256) {
  const auto digest = from_hex(sha256);
  if (!digest) return {crypto::Verdict::kCannotTell, {}, "the image was not seen as a whole"};
  if (!campaign.key) {
    return {crypto::Verdict::kCannotTell, {}, "the command has no certificate that can be read"};
  }
  if (campaign.signature.empty()) {
    return {crypto::Verdict::kCannotTell, {}, "the signature of the command cannot be read"};
  }
  return crypto::verify_digest(*digest, campaign.signature, *campaign.key);
}

}  // namespace chargewarden::firmware
