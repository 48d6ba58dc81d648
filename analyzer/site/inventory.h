#pragma once
// SiteInventory: the stations, backends and products that the operator has written down.
//
// Read once, before the run (inventory_reader.h); immutable after that, may be shared by threads.
// Texts are kept as written and compared without regard to case and outer blanks. What stations
// have in common (lists of versions, settings, addresses) is kept once. Values of settings may be
// secrets: they are compared and never shown.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/site/geo_point.h"
#include "collector/base/ip_address.h"

namespace chargewarden {

// Stations of a file: as many as the detectors follow (kStationsMax).
// Test: inventory_reader_test.cc "more entries than the limits are refused".
inline constexpr std::size_t kInventoryStationsMax = 200'000;

// Entries of each other list: backends, advisories, products without support. All are looked at
// when a station connects or boots. Test: as above.
inline constexpr std::size_t kInventoryEntriesMax = 1'000;

// Values of a list or map inside an entry: settings, of which stations have some hundreds.
// Test: as above.
inline constexpr std::size_t kInventoryListMax = 1'000;

// Addresses and networks.
class AddressList {
 public:
  // False when the text is neither an address nor a network with its host bits zero.
  bool add(std::string_view text);

  // A text that is no address is in no list.
  [[nodiscard]] bool contains(std::string_view address) const;

  [[nodiscard]] bool empty() const noexcept { return networks_.empty(); }

  [[nodiscard]] const std::vector<IpNetwork>& networks() const noexcept { return networks_; }

 private:
  std::vector<IpNetwork> networks_;
};

// Backends: names, in which * stands for any characters, and addresses.
struct BackendList {
  std::vector<std::string> names;  // Lower case.
  AddressList addresses;

  [[nodiscard]] bool empty() const noexcept { return names.empty() && addresses.empty(); }

  // `host`: a name or address, without port.
  [[nodiscard]] bool contains(std::string_view host) const;
};

struct RatedConnector {
  std::int32_t id = 0;       // connectorId of 1.6, evse.id of 2.x.
  double max_power_w = 0;    // 0: not told.
  double max_current_a = 0;  // Of one phase; 0: not told.
  std::int32_t phases = 0;   // 0: not told, or direct current.

  // The power that it can give at most, from current and phases where it is not told; nothing when
  // these are not told either: the voltage of direct current is not known.
  [[nodiscard]] std::optional<double> power_w() const;
};

struct ListedSetting {
  std::string key;  // Of 1.6 as it is, of 2.x Component.Variable. Lower case.
  std::string value;
  std::string name;  // The key as it was written.

  bool operator==(const ListedSetting&) const = default;
  auto operator<=>(const ListedSetting&) const = default;
};

struct ListedStation {
  std::string id;
  std::string vendor;  // Empty: not told, as the next.
  std::string model;
  std::string serial;
  std::string site;
  std::optional<GeoPoint> place;
  std::optional<int> security_profile;
  std::vector<RatedConnector> connectors;
  // Of the inventory; null: not told.
  const std::vector<std::string>* firmware = nullptr;  // Approved versions.
  const std::vector<std::string>* ocpp = nullptr;  // As subprotocols spell them, without "ocpp".
  const AddressList* addresses = nullptr;
  bool private_addresses = false;                        // None of them is public.
  const std::vector<ListedSetting>* settings = nullptr;  // By key.

  // Null when there is none of that number.
  [[nodiscard]] const RatedConnector* connector(std::int32_t number) const noexcept;
};

// Patterns in which * stands for any characters; lower case.
struct ProductPattern {
  std::string vendor;
  std::string model;

  [[nodiscard]] bool is(std::string_view told_vendor, std::string_view told_model) const noexcept;
};

struct Advisory {
  std::string id;
  ProductPattern product;
  std::string fixed_in;               // Versions before it are vulnerable; or
  std::vector<std::string> versions;  // these are.
  std::string title;
};

struct EndOfSupport {
  ProductPattern product;
  std::int64_t since_ns = 0;
};

class SiteInventory {
 public:
  SiteInventory() = default;
  // What is shared is pointed to.
  SiteInventory(const SiteInventory&) = delete;
  SiteInventory& operator=(const SiteInventory&) = delete;
  SiteInventory(SiteInventory&&) = default;
  SiteInventory& operator=(SiteInventory&&) = default;
  ~SiteInventory() = default;

  // Whether stations were listed at all: if not, being unlisted says nothing.
  [[nodiscard]] bool lists_stations() const noexcept { return !stations_.empty(); }

  // Whether it says of any station where it stands.
  [[nodiscard]] bool has_places() const noexcept { return has_places_; }

  // Null when it is not listed.
  [[nodiscard]] const ListedStation* find(std::string_view id) const;

  // The one whose address it is: listed by it alone, and not as part of a network. Null when there
  // is none.
  [[nodiscard]] const ListedStation* find_at(std::string_view address) const;

  [[nodiscard]] std::size_t station_count() const noexcept { return stations_.size(); }

  [[nodiscard]] const BackendList& backends() const noexcept { return backends_; }

  [[nodiscard]] const std::vector<Advisory>& advisories() const noexcept { return advisories_; }

  [[nodiscard]] const std::vector<EndOfSupport>& end_of_support() const noexcept {
    return end_of_support_;
  }

  [[nodiscard]] bool empty() const noexcept {
    return stations_.empty() && backends_.empty() && advisories_.empty() && end_of_support_.empty();
  }

 private:
  friend class InventoryBuilder;

  struct Addresses {
    AddressList list;
    bool are_private = true;
  };

  std::map<std::string, ListedStation, std::less<>> stations_;  // By identity in lower case.
  bool has_places_ = false;
  std::map<IpAddress, const ListedStation*> hosts_;  // Null: of several stations.
  BackendList backends_;
  std::vector<Advisory> advisories_;
  std::vector<EndOfSupport> end_of_support_;
  std::set<std::vector<std::string>> texts_;
  std::set<std::vector<ListedSetting>> settings_;
  std::map<std::vector<std::string>, Addresses> addresses_;
};

}  // namespace chargewarden
