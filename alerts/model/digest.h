#pragma once
// Digest: SHA-256 (FIPS 180-4) over fields that cannot run into each other.
//
// Names of findings and messages, and stand-ins for content that is too long to be kept. Pure.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace chargewarden {

// The first 128 bits, in hex (32 digits), of the digest over the fields; each is preceded by its
// length, so that no two lists of fields hash the same bytes.
std::string fingerprint(std::initializer_list<std::string_view> fields);

}  // namespace chargewarden
