#include "analyzer/crypto/certificate.h"

#include <array>

#include "analyzer/crypto/certificate_text.h"
#include "analyzer/crypto/openssl_handles.h"
#include "analyzer/crypto/x509_reading.h"
#include "collector/base/digest.h"
#include "collector/base/text.h"

namespace chargewarden::crypto {

namespace {

Error refusal(std::string message) {
  return {ErrorCode::kUnreadable, std::move(message)};
}

Verdict verdict_of(int openssl_answer) {
  if (openssl_answer == 1) return Verdict::kValid;
  return openssl_answer == 0 ? Verdict::kInvalid : Verdict::kCannotTell;
}

// False when the certificate has no readable period of validity.
bool read_certificate(X509* handle, CertificateFacts& out) {
  const auto not_before = read_time_ns(X509_get0_notBefore(handle));
  const auto not_after = read_time_ns(X509_get0_notAfter(handle));
  if (!not_before || !not_after) return false;
  out.not_before_ns = *not_before;
  out.not_after_ns = *not_after;
  out.subject = read_name(X509_get_subject_name(handle));
  out.issuer = read_name(X509_get_issuer_name(handle));
  out.serial = read_serial(X509_get0_serialNumber(handle));
  out.signature_hash = read_signature_hash(X509_get0_tbs_sigalg(handle));
  out.is_ca = X509_check_ca(handle) != 0;
  read_alternative_names(X509_get0_extensions(handle), out);
  return true;
}

struct HashAlgorithm {
  std::string_view name;  // OCPP 2.0.1, HashAlgorithmEnumType.
  const EVP_MD* (*hash)();
};

constexpr auto kHashAlgorithms = std::to_array<HashAlgorithm>({
    {"SHA256", EVP_sha256},
    {"SHA384", EVP_sha384},
    {"SHA512", EVP_sha512},
});

using DigestBytes = std::array<std::uint8_t, EVP_MAX_MD_SIZE>;

std::string hex_of(const DigestBytes& digest, unsigned size) {
  return to_hex(Bytes(digest).first(size));
}

// Hex numbers are equal whatever their case and the zeros in front.
bool same_number(std::string_view a, std::string_view b) {
  const auto bare = [](std::string_view text) {
    while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
    return text;
  };
  return iequals_ascii(bare(a), bare(b));
}

}  // namespace

Expected<Certificate> Certificate::from_der(Bytes der) {
  const ErrorQueueGuard guard;
  if (der.size() > kCertificateMaxBytes) return refusal("it is longer than 32,768 bytes");
  const unsigned char* at = der.data();
  Certificate out;
  out.handle_.reset(d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
  if (!out.handle_ || at != der.data() + der.size()) {
    return refusal("these bytes are no X.509 certificate");
  }
  auto facts = std::make_shared<CertificateFacts>();
  out.key_ = read_key(X509_get_X509_PUBKEY(out.handle_.get()), *facts);
  if (!read_certificate(out.handle_.get(), *facts)) {
    return refusal("the certificate has no period of validity");
  }
  facts->sha256 = sha256_hex(as_text(der));
  // A key that is refused is not worked with.
  facts->self_signed = out.key_ && X509_self_signed(out.handle_.get(), 1) == 1;
  out.facts_ = std::move(facts);
  return out;
}

Expected<Certificate> Certificate::parse(std::string_view text) {
  const auto ders = read_certificate_text(text, PemKind::kCertificate);
  if (!ders) return ders.error();
  return from_der(ders.value().front());
}

Expected<std::vector<Certificate>> parse_chain(std::string_view text) {
  const auto ders = read_certificate_text(text, PemKind::kCertificate);
  if (!ders) return ders.error();
  std::vector<Certificate> out;
  for (const Der& der : ders.value()) {
    auto certificate = Certificate::from_der(der);
    if (!certificate) return certificate.error();
    out.push_back(std::move(certificate).value());
  }
  return out;
}

Expected<CertificateRequest> CertificateRequest::from_der(Bytes der) {
  const ErrorQueueGuard guard;
  if (der.size() > kCertificateMaxBytes) return refusal("it is longer than 32,768 bytes");
  const unsigned char* at = der.data();
  const std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)> handle(
      d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())), X509_REQ_free);
  if (!handle || at != der.data() + der.size()) {
    return refusal("these bytes are no certification request (PKCS#10)");
  }
  CertificateRequest out;
  auto facts = std::make_shared<SubjectFacts>();
  out.key_ = read_key(X509_REQ_get_X509_PUBKEY(handle.get()), *facts);
  facts->subject = read_name(X509_REQ_get_subject_name(handle.get()));
  facts->sha256 = sha256_hex(as_text(der));
  const X509_ALGOR* algorithm = nullptr;
  X509_REQ_get0_signature(handle.get(), nullptr, &algorithm);
  facts->signature_hash = read_signature_hash(algorithm);
  const Handle<STACK_OF(X509_EXTENSION)> extensions(X509_REQ_get_extensions(handle.get()));
  if (extensions) read_alternative_names(extensions.get(), *facts);
  if (out.key_) out.signature_ = verdict_of(X509_REQ_verify(handle.get(), out.key_->handle()));
  out.facts_ = std::move(facts);
  return out;
}

Expected<CertificateRequest> CertificateRequest::parse(std::string_view text) {
  const auto ders = read_certificate_text(text, PemKind::kRequest);
  if (!ders) return ders.error();
  return from_der(ders.value().front());
}

bool same_key(const CertificateRequest& request, const Certificate& certificate) {
  if (request.key() != nullptr && certificate.key() != nullptr) {
    return request.key()->same_as(*certificate.key());
  }
  return request.facts().spki_sha256 == certificate.facts().spki_sha256;
}

IssuerCheck issued_by(const Certificate& certificate, const Certificate& authority) {
  const ErrorQueueGuard guard;
  const int named = X509_check_issued(authority.handle(), certificate.handle());
  if (named != X509_V_OK && named != X509_V_ERR_KEYUSAGE_NO_CERTSIGN) {
    return IssuerCheck::kOtherIssuer;
  }
  if (authority.key() == nullptr) return IssuerCheck::kCannotTell;
  switch (verdict_of(X509_verify(certificate.handle(), authority.key()->handle()))) {
    case Verdict::kInvalid:
      return IssuerCheck::kBadSignature;
    case Verdict::kCannotTell:
      return IssuerCheck::kCannotTell;
    case Verdict::kValid:
      break;
  }
  return named == X509_V_OK && authority.facts().is_ca ? IssuerCheck::kIssued
                                                       : IssuerCheck::kNotAuthority;
}

std::optional<CertificateHashData> hash_data(const Certificate& certificate,
                                             const Certificate* issuer,
                                             std::string_view algorithm) {
  const ErrorQueueGuard guard;
  if (issuer == nullptr && certificate.facts().self_signed) issuer = &certificate;
  for (const HashAlgorithm& known : kHashAlgorithms) {
    if (known.name != algorithm) continue;
    CertificateHashData out;
    out.hash_algorithm = known.name;
    out.serial_number = certificate.facts().serial;
    DigestBytes digest{};
    unsigned size = 0;
    if (X509_NAME_digest(X509_get_issuer_name(certificate.handle()), known.hash(), digest.data(),
                         &size) == 1) {
      out.issuer_name_hash = hex_of(digest, size);
    }
    if (issuer != nullptr &&
        X509_pubkey_digest(issuer->handle(), known.hash(), digest.data(), &size) == 1) {
      out.issuer_key_hash = hex_of(digest, size);
    }
    return out;
  }
  return std::nullopt;
}

bool means(const CertificateHashData& data, const Certificate& certificate,
           const Certificate* issuer) {
  const auto own = hash_data(certificate, issuer, data.hash_algorithm);
  return own && same_number(data.serial_number, own->serial_number) &&
         iequals_ascii(data.issuer_name_hash, own->issuer_name_hash) &&
         (own->issuer_key_hash.empty() ||
          iequals_ascii(data.issuer_key_hash, own->issuer_key_hash));
}

}  // namespace chargewarden::crypto
