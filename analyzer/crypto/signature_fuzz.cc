// Any bytes as a public key and a signature: nothing crashes, and random bytes are never valid.
//
// The first two bytes say how long the key is; the rest is the signature.

#include "analyzer/crypto/signature.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chargewarden;
  using namespace chargewarden::crypto;
  if (size < 2) return 0;
  const Bytes rest(data + 2, size - 2);
  const std::size_t key_bytes = std::min(rest.size(), data[0] * std::size_t{256} + data[1]);
  const Sha256 digest{};
  const Bytes signature = rest.subspan(key_bytes);
  auto key = PublicKey::from_spki(rest.first(key_bytes));
  if (!key) key = PublicKey::from_point(rest.first(key_bytes), "prime256v1");
  if (!key) return 0;
  const SignatureResult any = verify_digest(digest, signature, *key);
  const SignatureResult ecdsa = verify_ecdsa_digest(digest, signature, *key);
  if ((any.verdict == Verdict::kValid) == any.scheme.empty()) __builtin_trap();
  if ((any.verdict == Verdict::kCannotTell) == any.reason.empty()) __builtin_trap();
  if (ecdsa.verdict == Verdict::kValid && any.verdict != Verdict::kValid) __builtin_trap();
  return 0;
}
