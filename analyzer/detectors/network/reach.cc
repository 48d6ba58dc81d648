#include "analyzer/detectors/network/reach.h"

#include <algorithm>

#include "collector/base/ip_address.h"

namespace chargewarden::network {

bool is_outside(std::string_view address, std::string_view own) {
  const auto parsed = IpAddress::parse(address);
  if (!parsed || !parsed->is_public()) return false;
  const auto other = IpAddress::parse(own);
  if (!other || other->is_v4() != parsed->is_v4()) return true;
  const std::ptrdiff_t prefix_bytes = parsed->is_v4() ? 12 + 3 : 6;
  return !std::equal(parsed->bytes().begin(), parsed->bytes().begin() + prefix_bytes,
                     other->bytes().begin());
}

}  // namespace chargewarden::network
