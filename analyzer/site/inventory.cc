#include "analyzer/site/inventory.h"

#include <algorithm>

#include "analyzer/site/text_pattern.h"
#include "collector/base/text.h"

namespace chargewarden {

bool AddressList::add(std::string_view text) {
  const auto network = IpNetwork::parse(text);
  if (network) networks_.push_back(*network);
  return network.has_value();
}

bool AddressList::contains(std::string_view address) const {
  if (networks_.empty()) return false;
  const auto parsed = IpAddress::parse(address);
  return parsed && std::any_of(networks_.begin(), networks_.end(),
                               [&](const IpNetwork& each) { return each.contains(*parsed); });
}

bool BackendList::contains(std::string_view host) const {
  return addresses.contains(host) ||
         std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return matches_pattern(name, host); });
}

std::optional<double> RatedConnector::power_w() const {
  constexpr double kVoltageV = 230;  // Between phase and neutral (IEC 60038).
  if (max_power_w > 0) return max_power_w;
  if (max_current_a <= 0 || phases <= 0) return std::nullopt;
  return max_current_a * kVoltageV * phases;
}

const RatedConnector* ListedStation::connector(std::int32_t number) const noexcept {
  const auto found = std::find_if(connectors.begin(), connectors.end(),
                                  [&](const RatedConnector& each) { return each.id == number; });
  return found != connectors.end() ? &*found : nullptr;
}

bool ProductPattern::is(std::string_view told_vendor, std::string_view told_model) const noexcept {
  return matches_pattern(vendor, trimmed(told_vendor)) &&
         matches_pattern(model, trimmed(told_model));
}

const ListedStation* SiteInventory::find_at(std::string_view address) const {
  if (hosts_.empty()) return nullptr;
  const auto parsed = IpAddress::parse(address);
  if (!parsed) return nullptr;
  const auto found = hosts_.find(*parsed);
  return found != hosts_.end() ? found->second : nullptr;
}

const ListedStation* SiteInventory::find(std::string_view id) const {
  const auto found = stations_.find(lower_ascii(id));
  return found != stations_.end() ? &found->second : nullptr;
}

}  // namespace chargewarden
