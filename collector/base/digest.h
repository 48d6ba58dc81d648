#pragma once
// SHA-256 (FIPS 180-4) as lower-case hex, 64 digits. Pure.

#include <string>
#include <string_view>

namespace chargewarden {

std::string sha256_hex(std::string_view bytes);

}  // namespace chargewarden
