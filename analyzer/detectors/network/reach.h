#pragma once
// Where an address is, as far as the address itself tells.

#include <string_view>

namespace chargewarden::network {

// Whether the address is of a space that is not routed in public: RFC 1918, RFC 6598 (shared by
// providers), RFC 4193, link-local and loopback. What cannot be read is private: nothing follows.
bool is_private(std::string_view address);

// Whether an address is public and not next to `own`: sites that use public addresses inside have
// them from one block, at least a /24 of IPv4 or a /48 of IPv6 (RFC 6177, 2).
bool is_outside(std::string_view address, std::string_view own);

}  // namespace chargewarden::network
