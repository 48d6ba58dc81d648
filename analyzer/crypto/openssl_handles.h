#pragma once
// Handles of OpenSSL that free what they own. Only for sources of analyzer/crypto.

#include <memory>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace chargewarden::crypto {

struct HandleDeleter {
  void operator()(BIGNUM* handle) const { BN_free(handle); }

  void operator()(BIO* handle) const { BIO_free(handle); }

  void operator()(ECDSA_SIG* handle) const { ECDSA_SIG_free(handle); }

  void operator()(EVP_PKEY* handle) const { EVP_PKEY_free(handle); }

  void operator()(EVP_PKEY_CTX* handle) const { EVP_PKEY_CTX_free(handle); }

  void operator()(OSSL_PARAM* handle) const { OSSL_PARAM_free(handle); }

  void operator()(OSSL_PARAM_BLD* handle) const { OSSL_PARAM_BLD_free(handle); }

  void operator()(RSA_PSS_PARAMS* handle) const { RSA_PSS_PARAMS_free(handle); }

  void operator()(GENERAL_NAMES* handle) const { GENERAL_NAMES_free(handle); }

  void operator()(BASIC_CONSTRAINTS* handle) const { BASIC_CONSTRAINTS_free(handle); }

  void operator()(STACK_OF(X509_EXTENSION) * handle) const {
    sk_X509_EXTENSION_pop_free(handle, X509_EXTENSION_free);
  }
};

template <typename T>
using Handle = std::unique_ptr<T, HandleDeleter>;

// Memory that OpenSSL allocated for an answer.
struct OpensslFree {
  void operator()(void* memory) const { OPENSSL_free(memory); }
};

using OpensslBytes = std::unique_ptr<unsigned char, OpensslFree>;

// Hostile input fails all the time: what OpenSSL notes about it on this thread is dropped.
class ErrorQueueGuard {
 public:
  ErrorQueueGuard() = default;
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;

  ~ErrorQueueGuard() { ERR_clear_error(); }
};

}  // namespace chargewarden::crypto
