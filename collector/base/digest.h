#pragma once
// SHA-256 (FIPS 180-4). Pure.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace chargewarden {

std::string sha256_hex(std::string_view bytes);

// The 32 bytes themselves.
std::array<std::uint8_t, 32> sha256(std::string_view bytes);

}  // namespace chargewarden
