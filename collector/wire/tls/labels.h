#pragma once
// Words for the numbers of TLS: versions, groups, alerts.

#include <cstdint>
#include <string>
#include <string_view>

namespace chargewarden::tls {

// 1.0 to 1.3, or SSL 3.0; of others the number in hex, such as 0x7f1c.
std::string version_label(std::uint16_t version);

// As IANA spells it (TLS Supported Groups), such as x25519; empty when it is not known.
std::string_view group_name(std::uint16_t group) noexcept;

// As the standards spell it (RFC 8446, 6; RFC 5246, 7.2), such as unknown_ca; empty when it is not
// known.
std::string_view alert_name(std::uint8_t description) noexcept;

}  // namespace chargewarden::tls
