#pragma once
// The Certificate message of TLS 1.0 to 1.2 (RFC 5246, 7.4.2). That of TLS 1.3 is encrypted.

#include <cstddef>
#include <optional>
#include <vector>

#include "collector/base/byte_reader.h"

namespace chargewarden::tls {

inline constexpr std::uint8_t kCertificateType = 11;

// Certificates of one message that are looked at; chains in use have four at most.
// Test: certificate_list_test.cc "certificates beyond the limits are left out".
inline constexpr std::size_t kChainMax = 8;

// Longest certificate that is looked at, DER. OCPP allows 10,000 characters for one; those of large
// websites have some 8 KB. Test: as above.
inline constexpr std::size_t kCertificateMaxBytes = 12'000;

struct CertificateList {
  std::vector<Bytes> certificates;  // DER, the one of the peer first. Views of the message.
  std::size_t left_out = 0;         // Too many, or too long.
};

// Nothing when its lengths contradict each other.
std::optional<CertificateList> parse_certificate_list(Bytes body);

}  // namespace chargewarden::tls
