#pragma once
// Public keys of meters, in the forms in which they are handed on (OCA, Signed Meter Values in
// OCPP; OCMF 1.4.1; the plates and configurations of meters).
//
// Pure functions over hostile text.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/crypto/public_key.h"
#include "collector/base/byte_reader.h"
#include "collector/base/expected.h"

namespace chargewarden::ocmf {

// Text of a key: OCPP allows 2,500 characters.
// Test: meter_key_test.cc "a key beyond the limit is refused".
inline constexpr std::size_t kKeyTextMaxLen = 8'192;

// OpenSSL's name of the curve of an SA; empty when the name is none of the standard's seven.
std::string_view curve_of_algorithm(std::string_view algorithm);

// Hex with blanks, colons, a 0x in front; nullopt when it holds anything else.
std::optional<std::vector<std::uint8_t>> read_hex(std::string_view text);

// Base64 with blanks and line ends.
std::optional<std::vector<std::uint8_t>> read_base64(std::string_view text);

// oca:<encoding>:asn1:<key>, base64 of that; hex or base64 of a SubjectPublicKeyInfo, of a point
// (SEC 1, 2.3.3) or of its bare coordinates, and base64 of such hex. `curve` is that of points.
Expected<crypto::PublicKey> read_meter_key(std::string_view text, std::string_view curve);

}  // namespace chargewarden::ocmf
