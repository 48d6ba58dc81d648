#pragma once
// The forms in which OCPP carries certificates and requests: PEM (RFC 7468), in practice also with
// its line ends lost or escaped twice, hex of DER (OCPP 1.6 security whitepaper, edition 1), base64
// of DER, and DER itself. Pure functions over hostile text.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "collector/base/expected.h"

namespace chargewarden::crypto {

// Text of a chain: OCPP 2.1 allows 10,000 characters a field, TLS stacks stop at 100 KB.
// Test: certificate_test.cc "a text beyond the limit is refused".
inline constexpr std::size_t kCertificateTextMaxLen = 131'072;

// DER of one certificate or request: RSA-4096 with many names needs 4 KB.
// Test: certificate_test.cc "a certificate beyond the limit of its bytes is refused".
inline constexpr std::size_t kCertificateMaxBytes = 32'768;

// Certificates of one chain: leaf, intermediates and root of ISO 15118 are four.
// Test: certificate_test.cc "a chain beyond the limit is refused".
inline constexpr std::size_t kChainMax = 16;

enum class PemKind : std::uint8_t { kCertificate, kRequest };

using Der = std::vector<std::uint8_t>;

// DER of each certificate (or request) in the text, in its order: at least one. Blocks of other
// kinds between them are passed over.
Expected<std::vector<Der>> read_certificate_text(std::string_view text, PemKind kind);

}  // namespace chargewarden::crypto
