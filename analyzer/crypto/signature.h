#pragma once
// Detached signatures over a SHA-256 digest, such as those of firmware images.
//
// OCPP asks for RSA-PSS or EC-Schnorr (OCPP 1.6 security whitepaper, L01.FR.04); what is found in
// the field is RSA with PKCS#1 v1.5 and ECDSA. So everything that OpenSSL knows is tried, and the
// result names what fitted. A valid signature says that the key's owner signed these bytes, never
// that the key is to be trusted. Pure functions; work is bounded by the limits of PublicKey.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "analyzer/crypto/public_key.h"
#include "collector/base/byte_reader.h"

namespace chargewarden::crypto {

enum class Verdict : std::uint8_t {
  kValid,
  kInvalid,
  kCannotTell,  // Neither proved nor disproved; the result says why.
};

// valid, invalid, cannot_tell: as events have it.
std::string_view to_string(Verdict verdict);

// Texts are constants.
struct SignatureResult {
  Verdict verdict = Verdict::kCannotTell;
  // Of a valid one: rsa-pss, rsa-pss-mgf1-sha1, rsa-pkcs1, ecdsa-der or ecdsa-raw.
  std::string_view scheme;
  // Of kCannotTell: what stands in the way.
  std::string_view reason;
};

using Sha256 = std::array<std::uint8_t, 32>;

// RSA (RFC 8017, 8.1 and 8.2): PSS with any salt, MGF1 with SHA-256, then with SHA-1; then PKCS#1
// v1.5. Elliptic curves: ECDSA (FIPS 186-4, 6.4) as DER, then as r and s side by side. What has the
// form of the latter and does not fit may be EC-Schnorr (BSI TR-03111, 4.2.3), which cannot be
// checked. Keys of other types cannot either.
SignatureResult verify_digest(const Sha256& digest, Bytes signature, const PublicKey& key);

// The same where it is known that ECDSA is meant: nothing is left open but other types of keys.
SignatureResult verify_ecdsa_digest(const Sha256& digest, Bytes signature, const PublicKey& key);

}  // namespace chargewarden::crypto
