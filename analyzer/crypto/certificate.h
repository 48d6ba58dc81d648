#pragma once
// Certificates (RFC 5280) and certification requests (RFC 2986) as they were seen in messages: what
// they say, whose key they hold, who signed them.
//
// Cheap to copy (shared, immutable). One thread at a time: OpenSSL keeps results in its objects.
// Nothing here trusts anything: no store of the system is read, and validity is not judged, since
// the time to judge by is that of the event.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/crypto/public_key.h"
#include "analyzer/crypto/signature.h"
#include "collector/base/expected.h"

struct x509_st;
struct X509_req_st;

namespace chargewarden::crypto {

// Alternative names that are kept of one certificate; further ones are counted. Certificates of
// content networks have a hundred.
// Test: certificate_test.cc "alternative names beyond the limit are counted".
inline constexpr std::size_t kAlternativeNamesMax = 64;

// Characters of a name that are kept. Test: certificate_test.cc "a long name is cut".
inline constexpr std::size_t kNameTextMaxLen = 1'024;

// Texts are as the peer wrote them: whoever shows them escapes them.
struct DistinguishedName {
  std::string text;          // RFC 2253; UTF-8 is left as it is.
  std::string common_name;   // The most specific one, CN; may be empty.
  std::string organization;  // O.
};

// What certificates and requests have in common.
struct SubjectFacts {
  DistinguishedName subject;
  std::string key_type;        // As PublicKey::type(), or OpenSSL's name where the key is refused.
  int key_bits = 0;            // 0 where the key is refused.
  std::string curve;           // OpenSSL's name.
  std::string signature_hash;  // sha256, sha1, md5 ...; none for ed25519, unknown.
  std::string sha256;          // Hex, of the DER.
  std::string spki_sha256;     // Hex, of the SubjectPublicKeyInfo as it stands there.
  std::vector<std::string> alternative_names;  // dns:, ip:, uri: or email: and the name.
  std::size_t surplus_names = 0;
};

struct CertificateFacts : SubjectFacts {
  DistinguishedName issuer;
  std::string serial;  // Lower-case hex without zeros in front; 0 for zero.
  // Nanoseconds since 1970; times before 1678 and after 2262 become the nearest that fits.
  std::int64_t not_before_ns = 0;
  std::int64_t not_after_ns = 0;
  bool is_ca = false;
  bool self_signed = false;  // Its own key made its signature.
};

class Certificate {
 public:
  // The first certificate of a text; see certificate_text.h for the forms.
  static Expected<Certificate> parse(std::string_view text);
  static Expected<Certificate> from_der(Bytes der);

  [[nodiscard]] const CertificateFacts& facts() const noexcept { return *facts_; }

  // Null when the key is one that PublicKey refuses.
  [[nodiscard]] const PublicKey* key() const noexcept { return key_ ? &*key_ : nullptr; }

  // For sources of this module.
  [[nodiscard]] x509_st* handle() const noexcept { return handle_.get(); }

 private:
  Certificate() = default;

  std::shared_ptr<x509_st> handle_;
  std::shared_ptr<const CertificateFacts> facts_;
  std::optional<PublicKey> key_;
};

// All certificates of a text, in its order.
Expected<std::vector<Certificate>> parse_chain(std::string_view text);

// PKCS#10, as SignCertificate.csr carries it.
class CertificateRequest {
 public:
  static Expected<CertificateRequest> parse(std::string_view text);
  static Expected<CertificateRequest> from_der(Bytes der);

  [[nodiscard]] const SubjectFacts& facts() const noexcept { return *facts_; }

  // Whether the request is signed with the key that it is about (RFC 2986, 3).
  [[nodiscard]] Verdict signature() const noexcept { return signature_; }

  [[nodiscard]] const PublicKey* key() const noexcept { return key_ ? &*key_ : nullptr; }

 private:
  CertificateRequest() = default;

  std::shared_ptr<const SubjectFacts> facts_;
  std::optional<PublicKey> key_;
  Verdict signature_ = Verdict::kCannotTell;
};

// Whether a certificate is about the key of a request, however the key is written.
bool same_key(const CertificateRequest& request, const Certificate& certificate);

enum class IssuerCheck : std::uint8_t {
  kIssued,
  kOtherIssuer,   // It names another one, or another key of that name.
  kBadSignature,  // It names this one, which did not sign it.
  kNotAuthority,  // This one signed it, but is no authority (RFC 5280, 4.2.1.9 and 4.2.1.3).
  kCannotTell,    // The key of the authority is refused.
};

// Whether `authority` issued `certificate`.
IssuerCheck issued_by(const Certificate& certificate, const Certificate& authority);

// CertificateHashDataType of OCPP 1.6 (security extension), 2.0.1 and 2.1: names an installed
// certificate as OCSP does (RFC 6960, 4.1.1). Hex, as in the message.
struct CertificateHashData {
  std::string hash_algorithm;  // SHA256, SHA384 or SHA512.
  std::string issuer_name_hash;
  std::string issuer_key_hash;  // Empty where the issuer is not known.
  std::string serial_number;
};

// What a message would call the certificate; nullopt for another algorithm. `issuer` may be null: a
// self-signed certificate is its own issuer, of others the hash of the key stays empty.
std::optional<CertificateHashData> hash_data(const Certificate& certificate,
                                             const Certificate* issuer, std::string_view algorithm);

// Whether `data` of a message means this certificate. Hex is compared without case, the number
// without zeros in front, the issuer's key where it is known.
bool means(const CertificateHashData& data, const Certificate& certificate,
           const Certificate* issuer);

}  // namespace chargewarden::crypto
