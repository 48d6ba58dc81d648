#pragma once
// PublicKey: a public key that somebody showed, from a certificate, a request or a meter.
//
// Cheap to copy (shared, immutable). One thread at a time. Keys whose work a stranger could choose
// (huge moduli, curves of their own making) are refused here, so that a verification is bounded.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "collector/base/byte_reader.h"
#include "collector/base/expected.h"

struct evp_pkey_st;

namespace chargewarden::crypto {

// DER of a SubjectPublicKeyInfo: RSA-8192 needs 1.1 KB.
// Test: signature_test.cc "a public key beyond the limit of its bytes is refused".
inline constexpr std::size_t kSpkiMaxBytes = 4'096;

// RSA modulus; the largest in use has 4,096 bits, and work grows with the third power.
// Test: signature_test.cc "an RSA key beyond the limit of its bits is refused".
inline constexpr int kRsaMaxBits = 8'192;

class PublicKey {
 public:
  // DER of a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), nothing behind it.
  static Expected<PublicKey> from_spki(Bytes der);

  // A point of SEC 1, 2.3.3 (04, 02 or 03 in front) on the curve of that OpenSSL name.
  static Expected<PublicKey> from_point(Bytes point, std::string_view curve);

  // rsa, rsa-pss, ec, dsa, ed25519, ed448 or other.
  [[nodiscard]] std::string_view type() const noexcept { return type_; }

  // Of the modulus, of the order of the curve.
  [[nodiscard]] int bits() const noexcept { return bits_; }

  // OpenSSL's name of the curve, such as prime256v1; empty unless type() is ec.
  [[nodiscard]] const std::string& curve() const noexcept { return curve_; }

  // SHA-256 (hex) of the SubjectPublicKeyInfo; of an elliptic curve with the point written out
  // (04, X, Y), however it came, so that one key has one fingerprint.
  [[nodiscard]] const std::string& fingerprint() const noexcept { return fingerprint_; }

  [[nodiscard]] bool same_as(const PublicKey& other) const;

  // For sources of this module.
  [[nodiscard]] evp_pkey_st* handle() const noexcept { return key_.get(); }

 private:
  PublicKey() = default;
  static Expected<PublicKey> settle(std::shared_ptr<evp_pkey_st> key);

  std::shared_ptr<evp_pkey_st> key_;
  std::string_view type_;
  int bits_ = 0;
  std::string curve_;
  std::string fingerprint_;
};

}  // namespace chargewarden::crypto
