#include "analyzer/crypto/signature.h"

#include <optional>
#include <vector>

#include <openssl/rsa.h>

#include "analyzer/crypto/openssl_handles.h"

namespace chargewarden::crypto {

namespace {

constexpr std::uint8_t kDerInteger = 0x02;
constexpr std::uint8_t kDerSequence = 0x30;

struct RsaScheme {
  std::string_view name;
  int padding;
  const EVP_MD* (*mgf1)();  // PSS only.
};

constexpr auto kRsaSchemes = std::to_array<RsaScheme>({
    {"rsa-pss", RSA_PKCS1_PSS_PADDING, EVP_sha256},
    {"rsa-pss-mgf1-sha1", RSA_PKCS1_PSS_PADDING, EVP_sha1},
    {"rsa-pkcs1", RSA_PKCS1_PADDING, nullptr},
});

bool rsa_fits(const Sha256& digest, Bytes signature, EVP_PKEY* key, const RsaScheme& scheme) {
  const Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), scheme.padding) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1) {
    return false;
  }
  if (scheme.mgf1 != nullptr &&
      (EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_AUTO) != 1 ||
       EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), scheme.mgf1()) != 1)) {
    return false;
  }
  return EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(),
                         digest.size()) == 1;
}

// The two numbers of an ECDSA signature, big-endian.
struct EcdsaNumbers {
  Bytes r;
  Bytes s;
};

// A DER length in any of its forms: meters write longer ones than they need.
std::optional<std::size_t> read_der_length(ByteReader& reader) {
  const std::uint8_t first = reader.u8();
  if (first == 0x81) return reader.u8();
  if (first == 0x82) return reader.u16be();
  if (first >= 0x80) return std::nullopt;
  return first;
}

// Without the zeros in front; empty when there is no integer of at most `width` bytes.
Bytes read_der_integer(ByteReader& reader, std::size_t width) {
  if (reader.u8() != kDerInteger) return {};
  const auto length = read_der_length(reader);
  if (!length) return {};
  Bytes number = reader.take(*length);
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  return number.size() <= width ? number : Bytes();
}

// SEQUENCE { r INTEGER, s INTEGER } of RFC 3279, 2.2.3, also where the zero is missing that keeps a
// number from being negative: OpenSSL itself would refuse that.
std::optional<EcdsaNumbers> read_der(Bytes signature, std::size_t width) {
  ByteReader reader(signature);
  if (reader.u8() != kDerSequence) return std::nullopt;
  const auto length = read_der_length(reader);
  if (!reader.ok() || !length || *length != reader.remaining()) return std::nullopt;
  EcdsaNumbers numbers;
  numbers.r = read_der_integer(reader, width);
  numbers.s = read_der_integer(reader, width);
  if (!reader.ok() || reader.remaining() != 0 || numbers.r.empty() || numbers.s.empty()) {
    return std::nullopt;
  }
  return numbers;
}

bool ecdsa_fits(const Sha256& digest, const EcdsaNumbers& numbers, EVP_PKEY* key) {
  const Handle<ECDSA_SIG> pair(ECDSA_SIG_new());
  Handle<BIGNUM> r(BN_bin2bn(numbers.r.data(), static_cast<int>(numbers.r.size()), nullptr));
  Handle<BIGNUM> s(BN_bin2bn(numbers.s.data(), static_cast<int>(numbers.s.size()), nullptr));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return false;
  (void)r.release();  // Theirs belong to the pair now.
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  const OpensslBytes owner(der);
  const Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key, nullptr));
  return size > 0 && context && EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_verify(context.get(), der, static_cast<std::size_t>(size), digest.data(),
                         digest.size()) == 1;
}

struct EcdsaOutcome {
  std::string_view scheme;  // Empty when nothing fits.
  bool raw_form = false;
};

EcdsaOutcome try_ecdsa(const Sha256& digest, Bytes signature, const PublicKey& key) {
  const std::size_t width = (static_cast<std::size_t>(key.bits()) + 7) / 8;
  const auto numbers = read_der(signature, width);
  if (numbers && ecdsa_fits(digest, *numbers, key.handle())) return {"ecdsa-der"};
  if (signature.size() != 2 * width) return {};
  const EcdsaNumbers raw{signature.first(width), signature.subspan(width)};
  if (ecdsa_fits(digest, raw, key.handle())) return {"ecdsa-raw"};
  return {{}, !numbers};
}

SignatureResult verify_rsa(const Sha256& digest, Bytes signature, const PublicKey& key) {
  for (const RsaScheme& scheme : kRsaSchemes) {
    if (rsa_fits(digest, signature, key.handle(), scheme)) {
      return {Verdict::kValid, scheme.name, {}};
    }
  }
  return {Verdict::kInvalid, {}, {}};
}

constexpr SignatureResult kOtherKey{
    Verdict::kCannotTell, {}, "signatures with keys of this type are not known"};

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kValid:
      return "valid";
    case Verdict::kInvalid:
      return "invalid";
    case Verdict::kCannotTell:
      break;
  }
  return "cannot_tell";
}

SignatureResult verify_digest(const Sha256& digest, Bytes signature, const PublicKey& key) {
  const ErrorQueueGuard guard;
  if (key.type() == "rsa" || key.type() == "rsa-pss") return verify_rsa(digest, signature, key);
  if (key.type() != "ec") return kOtherKey;
  const EcdsaOutcome outcome = try_ecdsa(digest, signature, key);
  if (!outcome.scheme.empty()) return {Verdict::kValid, outcome.scheme, {}};
  if (!outcome.raw_form) return {Verdict::kInvalid, {}, {}};
  return {Verdict::kCannotTell, {}, "it is no ECDSA signature, but may be an EC-Schnorr one"};
}

SignatureResult verify_ecdsa_digest(const Sha256& digest, Bytes signature, const PublicKey& key) {
  const ErrorQueueGuard guard;
  if (key.type() != "ec") return kOtherKey;
  const EcdsaOutcome outcome = try_ecdsa(digest, signature, key);
  if (outcome.scheme.empty()) return {Verdict::kInvalid, {}, {}};
  return {Verdict::kValid, outcome.scheme, {}};
}

}  // namespace chargewarden::crypto
