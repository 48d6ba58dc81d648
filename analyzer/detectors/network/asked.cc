#include "analyzer/detectors/network/asked.h"

#include <algorithm>

#include "analyzer/detectors/location.h"
#include "collector/base/ip_address.h"
#include "collector/base/text.h"

namespace chargewarden::network {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// How long a command explains what a station does: retrieveDate may lie days ahead, and stations
// retry for as long as they are told to.
constexpr std::int64_t kAskedNs = 30 * 86'400 * kNsPerSecond;

// Vendors have messages of their own to ask for a log (OCPP 1.6, 4.3); what is in them is theirs. A
// station that was sent one has been asked for something for so long.
constexpr std::int64_t kVendorAskedNs = 3'600 * kNsPerSecond;

// Stands for a place in a message that only the vendor can read; no host has such a name.
constexpr std::string_view kAnywhere = "*";

}  // namespace

std::string plain_host(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else if (host.find(':') == host.rfind(':')) {
    host = host.substr(0, host.find(':'));
  }
  const auto address = IpAddress::parse(host);
  return address ? address->to_string() : lower_ascii(host);
}

const std::vector<std::string_view>& Asked::actions() {
  static const std::vector<std::string_view> kActions = {
      "DataTransfer",    "GetDiagnostics",       "GetLog",
      "PublishFirmware", "SignedUpdateFirmware", "UpdateFirmware"};
  return kActions;
}

void Asked::on_message(const Fact& fact, const World& world) {
  static const ocpp::ActionId kDataTransfer = ocpp::action_id("DataTransfer");
  const FactHead& head = fact.head();
  if (world.station() == nullptr || head.sender != Side::kServer) return;
  if (head.type != ocpp::MessageType::kCall) return;
  Place place;
  place.told_ns = fact.time_ns();
  if (head.action == kDataTransfer) {
    place.host = kAnywhere;
  } else {
    place.host = plain_host(read_location(fact.text(FactField::kLocation)).host);
  }
  if (place.host.empty()) return;
  std::vector<Place>& places = places_.at(world.station_index());
  std::erase_if(places, [&](const Place& each) { return each.host == place.host; });
  if (places.size() >= kPlacesMax) places.erase(places.begin());
  places.push_back(std::move(place));
}

bool Asked::explains(StationIndex station, std::string_view host, std::string_view address,
                     std::int64_t now_ns) {
  const std::vector<Place>* places = places_.find(station);
  if (places == nullptr) return false;
  const std::string plain = plain_host(host);
  return std::any_of(places->begin(), places->end(), [&](const Place& each) {
    const std::int64_t age_ns = now_ns - each.told_ns;
    if (each.host == kAnywhere) return age_ns <= kVendorAskedNs;
    if (age_ns > kAskedNs) return false;
    if (each.host == plain || each.host == address) return true;
    return plain.empty() && !IpAddress::parse(each.host);
  });
}

}  // namespace chargewarden::network
