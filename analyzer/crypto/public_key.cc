#include "analyzer/crypto/public_key.h"

#include <array>
#include <vector>

#include <openssl/core_names.h>

#include "analyzer/crypto/openssl_handles.h"
#include "collector/base/digest.h"
#include "collector/base/text.h"

namespace chargewarden::crypto {

namespace {

constexpr std::size_t kCurveNameMax = 80;
constexpr std::size_t kPointMaxBytes = 160;  // Two coordinates of 571 bits need 145.

Error refusal(std::string message) {
  return {ErrorCode::kUnreadable, std::move(message)};
}

std::string_view type_name(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return "rsa";
    case EVP_PKEY_RSA_PSS:
      return "rsa-pss";
    case EVP_PKEY_EC:
      return "ec";
    case EVP_PKEY_DSA:
      return "dsa";
    case EVP_PKEY_ED25519:
      return "ed25519";
    case EVP_PKEY_ED448:
      return "ed448";
    default:
      return "other";
  }
}

std::string curve_name(const EVP_PKEY* key) {
  std::array<char, kCurveNameMax> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) return {};
  return {name.data(), size};
}

// 04, X, Y of the key; empty when it has no such form.
std::vector<std::uint8_t> written_out(const EVP_PKEY* key) {
  BIGNUM* x_raw = nullptr;
  BIGNUM* y_raw = nullptr;
  const bool have_x = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x_raw) == 1;
  const bool have_y = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y_raw) == 1;
  const Handle<BIGNUM> x(x_raw);
  const Handle<BIGNUM> y(y_raw);
  std::size_t encoded = 0;
  if (!have_x || !have_y ||
      EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0,
                                      &encoded) != 1) {
    return {};
  }
  // The point as it came tells the width of a coordinate.
  std::array<std::uint8_t, kPointMaxBytes> point{};
  if (encoded < 2 || encoded > point.size() ||
      EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point.data(),
                                      point.size(), &encoded) != 1) {
    return {};
  }
  const bool compressed = point[0] == 2 || point[0] == 3;
  const std::size_t width = compressed ? encoded - 1 : (encoded - 1) / 2;
  std::vector<std::uint8_t> out(1 + 2 * width, 4);
  const int want = static_cast<int>(width);
  if (BN_bn2binpad(x.get(), out.data() + 1, want) != want ||
      BN_bn2binpad(y.get(), out.data() + 1 + width, want) != want) {
    return {};
  }
  return out;
}

std::shared_ptr<EVP_PKEY> key_of_point(Bytes point, const std::string& curve) {
  const Handle<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.c_str(),
                                      curve.size()) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  const Handle<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(builder.get()));
  const Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    EVP_PKEY_free(key);
    return nullptr;
  }
  return {key, EVP_PKEY_free};
}

std::string spki_sha256(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  const OpensslBytes owner(der);
  if (size <= 0) return {};
  return sha256_hex(as_text(Bytes(der, static_cast<std::size_t>(size))));
}

}  // namespace

Expected<PublicKey> PublicKey::settle(std::shared_ptr<evp_pkey_st> key) {
  PublicKey out;
  out.type_ = type_name(key.get());
  out.bits_ = EVP_PKEY_get_bits(key.get());
  if (out.type_.starts_with("rsa") && out.bits_ > kRsaMaxBits) {
    return refusal("the RSA key is longer than 8,192 bits");
  }
  if (out.type_ == "ec") {
    out.curve_ = curve_name(key.get());
    const auto point = written_out(key.get());
    if (out.curve_.empty() || point.empty()) return refusal("the curve of the key has no name");
    key = key_of_point(point, out.curve_);
    if (!key) return refusal("the key is no point of its curve");
  }
  out.fingerprint_ = spki_sha256(key.get());
  out.key_ = std::move(key);
  return out;
}

Expected<PublicKey> PublicKey::from_spki(Bytes der) {
  const ErrorQueueGuard guard;
  if (der.size() > kSpkiMaxBytes) return refusal("the public key is longer than 4,096 bytes");
  const unsigned char* at = der.data();
  std::shared_ptr<EVP_PKEY> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())),
                                EVP_PKEY_free);
  if (!key || at != der.data() + der.size()) {
    return refusal("these bytes are no public key (SubjectPublicKeyInfo)");
  }
  return settle(std::move(key));
}

Expected<PublicKey> PublicKey::from_point(Bytes point, std::string_view curve) {
  const ErrorQueueGuard guard;
  if (point.empty() || point.size() > kPointMaxBytes) {
    return refusal("the public key has no length that a point of a curve can have");
  }
  std::shared_ptr<EVP_PKEY> key = key_of_point(point, std::string(curve));
  if (!key) return refusal("the public key is no point of its curve");
  return settle(std::move(key));
}

bool PublicKey::same_as(const PublicKey& other) const {
  const ErrorQueueGuard guard;
  return EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
}

}  // namespace chargewarden::crypto
