#pragma once
// Where an address is, as far as the address itself tells.

#include <string_view>

namespace chargewarden::network {

// Whether an address is public and not next to `own`: sites that use public addresses inside have
// them from one block, at least a /24 of IPv4 or a /48 of IPv6 (RFC 6177, 2).
bool is_outside(std::string_view address, std::string_view own);

}  // namespace chargewarden::network
