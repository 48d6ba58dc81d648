#include "analyzer/detectors/network/reach.h"

#include <algorithm>
#include <array>

#include "collector/base/ip_address.h"

namespace chargewarden::network {

namespace {

const std::array<IpNetwork, 11>& private_networks() {
  static const auto kNetworks = [] {
    constexpr auto kTexts = std::to_array<std::string_view>(
        {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
         "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10", "::1/128", "::/128"});
    std::array<IpNetwork, kTexts.size()> out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = IpNetwork::parse(kTexts[i]).value_or(IpNetwork());
    }
    return out;
  }();
  return kNetworks;
}

bool is_private(const IpAddress& address) {
  const auto& networks = private_networks();
  return std::any_of(networks.begin(), networks.end(),
                     [&](const IpNetwork& each) { return each.contains(address); });
}

}  // namespace

bool is_private(std::string_view address) {
  const auto parsed = IpAddress::parse(address);
  return !parsed || is_private(*parsed);
}

bool is_outside(std::string_view address, std::string_view own) {
  const auto parsed = IpAddress::parse(address);
  if (!parsed || is_private(*parsed)) return false;
  const auto other = IpAddress::parse(own);
  if (!other || other->is_v4() != parsed->is_v4()) return true;
  const std::ptrdiff_t prefix_bytes = parsed->is_v4() ? 12 + 3 : 6;
  return !std::equal(parsed->bytes().begin(), parsed->bytes().begin() + prefix_bytes,
                     other->bytes().begin());
}

}  // namespace chargewarden::network
