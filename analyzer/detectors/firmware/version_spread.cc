#include "analyzer/detectors/firmware/version_spread.h"

#include <algorithm>
#include <map>
#include <utility>

#include "analyzer/detectors/version_order.h"

namespace chargewarden::firmware {

namespace {

// Below this number of stations there is no fleet to be behind of.
constexpr std::size_t kStationsMin = 5;

// Share of the stations that must have one version before others are behind: while a campaign rolls
// out in waves, half of the fleet is.
constexpr std::size_t kMajorityPercent = 75;

using Versions = std::map<std::string, std::vector<const Station*>>;

}  // namespace

std::vector<ModelSpread> find_laggards(const World& world) {
  std::map<std::pair<std::string, std::string>, Versions> models;
  for (const Station& station : world.stations()) {
    if (!station.used || station.id.empty() || station.inventory.firmware.empty()) continue;
    models[{station.inventory.vendor, station.inventory.model}][station.inventory.firmware]
        .push_back(&station);
  }
  std::vector<ModelSpread> out;
  for (const auto& [model, versions] : models) {
    std::size_t stations = 0;
    const Versions::value_type* majority = nullptr;
    for (const auto& version : versions) {
      stations += version.second.size();
      if (majority == nullptr || version.second.size() > majority->second.size()) {
        majority = &version;
      }
    }
    if (stations < kStationsMin || majority->second.size() * 100 < stations * kMajorityPercent) {
      continue;
    }
    ModelSpread spread{model.first, model.second, majority->first, versions.size(), stations, {}};
    for (const auto& [version, list] : versions) {
      if (compare_versions(version, majority->first) != VersionOrder::kOlder) continue;
      for (const Station* station : list) spread.behind.push_back(station->id);
    }
    std::sort(spread.behind.begin(), spread.behind.end());
    if (!spread.behind.empty()) out.push_back(std::move(spread));
  }
  return out;
}

}  // namespace chargewarden::firmware
