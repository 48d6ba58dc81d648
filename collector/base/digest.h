#pragma once
// SHA-256 (FIPS 180-4), of bytes at once or as they come. Pure.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "collector/base/byte_reader.h"

struct evp_md_ctx_st;

namespace chargewarden {

std::string sha256_hex(std::string_view bytes);

// The 32 bytes themselves.
std::array<std::uint8_t, 32> sha256(std::string_view bytes);

// Of bytes that come in pieces. Allocates when made (about 0.5 KB), not per piece.
class Sha256Stream {
 public:
  Sha256Stream();
  void add(Bytes bytes);

  // Of what was added so far; more may follow.
  [[nodiscard]] std::string hex() const;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };

  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace chargewarden
