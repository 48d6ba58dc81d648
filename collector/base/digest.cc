#include "collector/base/digest.h"

#include <array>
#include <cstdint>
#include <cstdlib>

#include <openssl/evp.h>

#include "collector/base/text.h"

namespace chargewarden {

std::string sha256_hex(std::string_view bytes) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    std::abort();  // SHA-256 is always there; anything else is a broken installation.
  }
  return to_hex(Bytes(digest.data(), length));
}

}  // namespace chargewarden
