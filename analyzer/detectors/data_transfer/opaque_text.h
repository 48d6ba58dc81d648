#pragma once
// How much of a text is packed or encrypted data in Base64 (RFC 4648) or hexadecimal digits.

#include <cstddef>
#include <string_view>

namespace chargewarden::data_transfer {

// Length of the longest run of such digits, if it is long and looks random; else 0. Linear time.
std::size_t opaque_length(std::string_view text);

}  // namespace chargewarden::data_transfer
