#pragma once
// What OpenSSL's objects say, as our types. Only for sources of analyzer/crypto. Pure functions.

#include <optional>
#include <string>

#include "analyzer/crypto/certificate.h"
#include "analyzer/crypto/openssl_handles.h"

namespace chargewarden::crypto {

DistinguishedName read_name(const X509_NAME* name);

// nullopt when it is no time.
std::optional<std::int64_t> read_time_ns(const ASN1_TIME* time);

std::string read_serial(const ASN1_INTEGER* serial);

// Name of the hash that the signature is made over.
std::string read_signature_hash(const X509_ALGOR* algorithm);

// Takes the subjectAltName out of extensions, which may be null.
void read_alternative_names(const STACK_OF(X509_EXTENSION) * extensions, SubjectFacts& out);

// Fills in what the SubjectPublicKeyInfo says; nullopt when PublicKey refuses the key.
std::optional<PublicKey> read_key(const X509_PUBKEY* info, SubjectFacts& out);

}  // namespace chargewarden::crypto
