#pragma once
// Keys, signatures and certificates for tests, made afresh by OpenSSL in each run.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/crypto/openssl_handles.h"
#include "analyzer/crypto/signature.h"
#include "collector/base/digest.h"
#include "collector/base/text.h"

namespace chargewarden::crypto::testing {

using Octets = std::vector<std::uint8_t>;

inline Handle<EVP_PKEY> ec_key(const char* curve = "prime256v1") {
  return Handle<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
}

// One for the whole run: making it takes a while.
inline EVP_PKEY* rsa_key() {
  static const Handle<EVP_PKEY> kKey(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2'048}));
  return kKey.get();
}

inline Handle<EVP_PKEY> ed25519_key() {
  return Handle<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

inline Octets spki(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  const OpensslBytes owner(der);
  return size > 0 ? Octets(der, der + size) : Octets();
}

inline PublicKey public_key(EVP_PKEY* key) {
  return PublicKey::from_spki(spki(key)).value();
}

// `set` may choose padding and the like; it is given the EVP_PKEY_CTX.
template <typename Set>
Octets sign(EVP_PKEY* key, const Sha256& digest, Set&& set) {
  const Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key, nullptr));
  EVP_PKEY_sign_init(context.get());
  set(context.get());
  std::size_t size = 0;
  EVP_PKEY_sign(context.get(), nullptr, &size, digest.data(), digest.size());
  Octets out(size);
  if (EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) != 1) return {};
  out.resize(size);
  return out;
}

inline Octets sign_ecdsa(EVP_PKEY* key, const Sha256& digest) {
  return sign(key, digest, [](EVP_PKEY_CTX*) {});
}

// r and s of a DER signature, each of `width` bytes.
inline Octets raw_form(const Octets& der, int width) {
  const unsigned char* at = der.data();
  const Handle<ECDSA_SIG> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  Octets out(2 * static_cast<std::size_t>(width));
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out.data(), width);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out.data() + width, width);
  return out;
}

// What a certificate of a test says; all else is the same for all.
struct CertificatePlan {
  std::string common_name = "leaf";
  std::string organization = "Example CPO";
  std::string issuer_name = {};  // Empty: its own.
  EVP_PKEY* key = nullptr;
  EVP_PKEY* issuer_key = nullptr;  // Null: its own.
  const EVP_MD* hash = EVP_sha256();
  std::int64_t serial = 0x0a1b;
  const char* not_before = "20260101000000Z";
  const char* not_after = "20270101000000Z";
  std::string basic_constraints = {};
  std::string alternative_names = {};
};

inline void set_name(X509_NAME* name, const CertificatePlan& plan, const std::string& common_name) {
  const auto add = [name](const char* field, const std::string& value) {
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, as_bytes(value).data(),
                               static_cast<int>(value.size()), -1, 0);
  };
  add("O", plan.organization);
  add("CN", common_name);
}

inline Octets make_certificate(const CertificatePlan& plan) {
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(made.get()), plan.serial);
  ASN1_TIME_set_string_X509(X509_getm_notBefore(made.get()), plan.not_before);
  ASN1_TIME_set_string_X509(X509_getm_notAfter(made.get()), plan.not_after);
  set_name(X509_get_subject_name(made.get()), plan, plan.common_name);
  set_name(X509_get_issuer_name(made.get()), plan,
           plan.issuer_name.empty() ? plan.common_name : plan.issuer_name);
  X509_set_pubkey(made.get(), plan.key);
  const auto add = [&made](int nid, const std::string& value) {
    if (value.empty()) return;
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    X509_add_ext(made.get(), extension, -1);
    X509_EXTENSION_free(extension);
  };
  add(NID_basic_constraints, plan.basic_constraints);
  add(NID_subject_alt_name, plan.alternative_names);
  X509_sign(made.get(), plan.issuer_key != nullptr ? plan.issuer_key : plan.key, plan.hash);
  unsigned char* der = nullptr;
  const int size = i2d_X509(made.get(), &der);
  const OpensslBytes owner(der);
  return size > 0 ? Octets(der, der + size) : Octets();
}

// `signer` other than the key gives a request whose signature does not fit.
inline Octets make_request(const CertificatePlan& plan, EVP_PKEY* signer) {
  const std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)> made(X509_REQ_new(), X509_REQ_free);
  set_name(X509_REQ_get_subject_name(made.get()), plan, plan.common_name);
  X509_REQ_set_pubkey(made.get(), plan.key);
  if (!plan.alternative_names.empty()) {
    STACK_OF(X509_EXTENSION)* list = sk_X509_EXTENSION_new_null();
    sk_X509_EXTENSION_push(list, X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                                                     plan.alternative_names.c_str()));
    X509_REQ_add_extensions(made.get(), list);
    const Handle<STACK_OF(X509_EXTENSION)> owner(list);
  }
  X509_REQ_sign(made.get(), signer, plan.hash);
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(made.get(), &der);
  const OpensslBytes owner(der);
  return size > 0 ? Octets(der, der + size) : Octets();
}

inline std::string pem(const Octets& der, std::string_view label = "CERTIFICATE") {
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  const std::string text = to_base64(der);
  for (std::size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + "\n";
  return out + "-----END " + std::string(label) + "-----\n";
}

}  // namespace chargewarden::crypto::testing
