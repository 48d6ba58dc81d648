#include "collector/base/digest.h"

#include <array>
#include <cstdint>
#include <cstdlib>

#include <openssl/evp.h>

#include "collector/base/text.h"

namespace chargewarden {

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  std::array<std::uint8_t, 32> out{};
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    std::abort();  // SHA-256 is always there; anything else is a broken installation.
  }
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  return to_hex(sha256(bytes));
}

}  // namespace chargewarden
