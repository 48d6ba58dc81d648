// Signatures by keys made here: each scheme is recognised, each change is seen.

#include "analyzer/crypto/signature.h"

#include <catch2/catch.hpp>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "analyzer/crypto/testing/signer.h"

using namespace chargewarden;
using namespace chargewarden::crypto;
using namespace chargewarden::crypto::testing;

namespace {

const Sha256 kDigest = sha256("an image of firmware");
const Sha256 kOtherDigest = sha256("another image of firmware");

Octets sign_rsa(int padding, int salt_bytes, const EVP_MD* mgf1) {
  return sign(rsa_key(), kDigest, [&](EVP_PKEY_CTX* context) {
    EVP_PKEY_CTX_set_rsa_padding(context, padding);
    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
    if (mgf1 == nullptr) return;
    EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt_bytes);
    EVP_PKEY_CTX_set_rsa_mgf1_md(context, mgf1);
  });
}

// Makes signatures until one has a number that begins with a zero to be positive.
Octets der_with_padded_number(EVP_PKEY* key) {
  for (int i = 0; i < 200; ++i) {
    Octets der = sign_ecdsa(key, kDigest);
    if (der[3] == 33) return der;
  }
  return {};
}

// A SubjectPublicKeyInfo of an RSA key with so many bits; nobody knows its factors.
Octets rsa_spki(int bits) {
  const Handle<BIGNUM> modulus(BN_new());
  const Handle<BIGNUM> exponent(BN_new());
  BN_set_word(exponent.get(), 65'537);
  BN_set_bit(modulus.get(), bits - 1);
  BN_set_bit(modulus.get(), 0);
  const Handle<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  const Handle<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(builder.get()));
  const Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get());
  const Handle<EVP_PKEY> owner(key);
  return spki(key);
}

}  // namespace

TEST_CASE("each scheme of RSA signatures is recognised, and a changed image is seen") {
  struct Row {
    std::string_view scheme;
    Octets signature;
  };

  const Row rows[] = {
      {"rsa-pss", sign_rsa(RSA_PKCS1_PSS_PADDING, 32, EVP_sha256())},
      {"rsa-pss", sign_rsa(RSA_PKCS1_PSS_PADDING, 0, EVP_sha256())},
      {"rsa-pss", sign_rsa(RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_MAX, EVP_sha256())},
      {"rsa-pss-mgf1-sha1", sign_rsa(RSA_PKCS1_PSS_PADDING, 32, EVP_sha1())},
      {"rsa-pkcs1", sign_rsa(RSA_PKCS1_PADDING, 0, nullptr)},
  };
  const PublicKey key = public_key(rsa_key());
  CHECK(key.type() == "rsa");
  CHECK(key.bits() == 2'048);
  for (const Row& row : rows) {
    INFO(row.scheme);
    const SignatureResult result = verify_digest(kDigest, row.signature, key);
    CHECK(result.verdict == Verdict::kValid);
    CHECK(result.scheme == row.scheme);
    CHECK(verify_digest(kOtherDigest, row.signature, key).verdict == Verdict::kInvalid);
    Octets changed = row.signature;
    changed.back() ^= 1U;
    CHECK(verify_digest(kDigest, changed, key).verdict == Verdict::kInvalid);
    changed.pop_back();
    CHECK(verify_digest(kDigest, changed, key).verdict == Verdict::kInvalid);
  }
  CHECK(verify_digest(kDigest, {}, key).verdict == Verdict::kInvalid);
}

TEST_CASE("ECDSA signatures on all curves of meters are verified as DER and side by side") {
  const struct {
    const char* curve;
    int width_bytes;
  } rows[] = {{"prime256v1", 32},      {"prime192v1", 24},     {"secp192k1", 24},
              {"secp256k1", 32},       {"secp384r1", 48},      {"secp521r1", 66},
              {"brainpoolP256r1", 32}, {"brainpoolP384r1", 48}};

  for (const auto& row : rows) {
    INFO(row.curve);
    const auto own = ec_key(row.curve);
    const PublicKey key = public_key(own.get());
    CHECK(key.curve() == row.curve);
    const Octets der = sign_ecdsa(own.get(), kDigest);
    CHECK(verify_digest(kDigest, der, key).scheme == "ecdsa-der");
    CHECK(verify_digest(kOtherDigest, der, key).verdict == Verdict::kInvalid);
    const Octets raw = raw_form(der, row.width_bytes);
    CHECK(verify_digest(kDigest, raw, key).scheme == "ecdsa-raw");
    CHECK(verify_ecdsa_digest(kDigest, raw, key).scheme == "ecdsa-raw");
    CHECK(verify_ecdsa_digest(kOtherDigest, raw, key).verdict == Verdict::kInvalid);
  }
}

TEST_CASE("DER that OpenSSL refuses is read as meters write it") {
  const auto own = ec_key();
  const PublicKey key = public_key(own.get());
  const Octets der = der_with_padded_number(own.get());
  REQUIRE(der.size() > 8);
  Octets negative;  // r without the zero that makes it positive.
  for (std::size_t i = 0; i < der.size(); ++i) {
    if (i != 4) negative.push_back(der[i]);
  }
  negative[1] = static_cast<std::uint8_t>(negative[1] - 1);
  negative[3] = 32;
  CHECK(verify_digest(kDigest, negative, key).scheme == "ecdsa-der");
  Octets padded = der;  // r with a zero more than it needs.
  padded.insert(padded.begin() + 4, 0);
  padded[1] = static_cast<std::uint8_t>(padded[1] + 1);
  padded[3] = 34;
  CHECK(verify_digest(kDigest, padded, key).scheme == "ecdsa-der");
  Octets long_form = der;  // A length in two bytes.
  long_form.insert(long_form.begin() + 1, 0x81);
  CHECK(verify_digest(kDigest, long_form, key).scheme == "ecdsa-der");
}

TEST_CASE("no part of an ECDSA signature can be cut off or be wrong") {
  const auto own = ec_key();
  const PublicKey key = public_key(own.get());
  const Octets der = sign_ecdsa(own.get(), kDigest);
  for (std::size_t size = 0; size < der.size(); ++size) {
    INFO(size);
    CHECK(verify_ecdsa_digest(kDigest, Bytes(der).first(size), key).verdict == Verdict::kInvalid);
  }
  Octets longer = der;
  longer.push_back(0);
  CHECK(verify_digest(kDigest, longer, key).verdict == Verdict::kInvalid);
  const Octets zeros = {0x30, 6, 2, 1, 0, 2, 1, 0};
  CHECK(verify_digest(kDigest, zeros, key).verdict == Verdict::kInvalid);
  CHECK(verify_ecdsa_digest(kDigest, Octets(64, 0), key).verdict == Verdict::kInvalid);
  CHECK(verify_ecdsa_digest(kDigest, Octets(64, 0xff), key).verdict == Verdict::kInvalid);
}

TEST_CASE("what may be an EC-Schnorr signature is neither valid nor invalid") {
  const auto own = ec_key();
  const SignatureResult result = verify_digest(kDigest, Octets(64, 7), public_key(own.get()));
  CHECK(result.verdict == Verdict::kCannotTell);
  CHECK(result.reason.find("EC-Schnorr") != std::string_view::npos);
  CHECK(verify_digest(kDigest, Octets(63, 7), public_key(own.get())).verdict == Verdict::kInvalid);
}

TEST_CASE("keys of other types leave the question open") {
  const auto own = ed25519_key();
  const PublicKey key = public_key(own.get());
  CHECK(key.type() == "ed25519");
  for (const auto verify : {verify_digest, verify_ecdsa_digest}) {
    const SignatureResult result = verify(kDigest, Octets(64, 7), key);
    CHECK(result.verdict == Verdict::kCannotTell);
    CHECK_FALSE(result.reason.empty());
  }
  CHECK(verify_ecdsa_digest(kDigest, {}, public_key(rsa_key())).verdict == Verdict::kCannotTell);
}

TEST_CASE("a public key is the same however its point is written") {
  const auto own = ec_key("brainpoolP256r1");
  const PublicKey key = public_key(own.get());
  std::array<std::uint8_t, 65> point{};
  std::size_t size = 0;
  REQUIRE(EVP_PKEY_get_octet_string_param(own.get(), OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                          point.data(), point.size(), &size) == 1);
  const auto whole = PublicKey::from_point(point, "brainpoolP256r1");
  REQUIRE(whole);
  CHECK(whole.value().fingerprint() == key.fingerprint());
  Octets compressed(point.begin(), point.begin() + 33);
  compressed[0] = (point[64] & 1U) != 0 ? 3 : 2;
  const auto half = PublicKey::from_point(compressed, "brainpoolP256r1");
  REQUIRE(half);
  CHECK(half.value().fingerprint() == key.fingerprint());
  CHECK(half.value().same_as(key));
  CHECK(key.fingerprint() == sha256_hex(as_text(spki(own.get()))));
  CHECK_FALSE(PublicKey::from_point(compressed, "no such curve"));
  point[40] ^= 1U;
  CHECK_FALSE(PublicKey::from_point(point, "brainpoolP256r1"));
  CHECK_FALSE(PublicKey::from_point({}, "brainpoolP256r1"));
}

TEST_CASE("an RSA key beyond the limit of its bits is refused") {
  CHECK(PublicKey::from_spki(rsa_spki(kRsaMaxBits)));
  const auto refused = PublicKey::from_spki(rsa_spki(kRsaMaxBits + 8));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "the RSA key is longer than 8,192 bits");
}

TEST_CASE("a public key beyond the limit of its bytes is refused") {
  const auto refused = PublicKey::from_spki(Octets(kSpkiMaxBytes + 1, 0x30));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "the public key is longer than 4,096 bytes");
}

TEST_CASE("a curve of somebody's own making is refused") {
  // The parameters of prime256v1 written out, with another seed: such a curve has no name.
  const auto own = ec_key();
  REQUIRE(EVP_PKEY_set_utf8_string_param(own.get(), OSSL_PKEY_PARAM_EC_ENCODING, "explicit") == 1);
  Octets der = spki(own.get());
  REQUIRE(der.size() > 200);
  // Where the parameters are exactly those of a curve with a name, they mean it.
  CHECK(PublicKey::from_spki(der));
  der[der.size() / 2] ^= 1U;
  CHECK_FALSE(PublicKey::from_spki(der));
  CHECK_FALSE(PublicKey::from_spki({}));
  der = spki(own.get());
  der.push_back(0);
  CHECK_FALSE(PublicKey::from_spki(der));
}
