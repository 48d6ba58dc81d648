// Any bytes as an inventory: no crash, bounded work, and what is accepted can be asked.

#include <cstdint>
#include <cstdlib>

#include "analyzer/site/inventory_reader.h"
#include "collector/base/text.h"

using namespace chargewarden;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto inventory = parse_inventory("fuzz.yml", as_text(Bytes(data, size)));
  if (!inventory) {
    if (inventory.error().message.find("fuzz.yml") == std::string::npos) std::abort();
    return 0;
  }
  const SiteInventory& known = inventory.value();
  const ListedStation* station = known.find("CS-0001");
  if (station != nullptr) {
    if (!known.lists_stations()) std::abort();
    const RatedConnector* connector = station->connector(1);
    if (connector != nullptr && connector->power_w().value_or(1) <= 0) std::abort();
  }
  (void)known.backends().contains("csms.example.com");
  for (const Advisory& each : known.advisories()) {
    if (each.fixed_in.empty() == each.versions.empty()) std::abort();
    (void)each.product.is("ExampleCorp", "AC22");
  }
  return 0;
}
