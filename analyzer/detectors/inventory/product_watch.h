#pragma once
// What the inventory says about a product and its version: approved, vulnerable, without support
// (threats FW-07, FW-13, FW-14). Part of the inventory detector.

#include <string_view>

#include "analyzer/detectors/detector.h"
#include "analyzer/site/inventory.h"

namespace chargewarden::inventory {

// As the station names itself in its BootNotification.
struct ToldProduct {
  std::string_view vendor;
  std::string_view model;
  std::string_view version;
};

// `listed` may be null: advisories and the end of support are about products, listed or not.
void judge_product(const ToldProduct& told, const ListedStation* listed,
                   const SiteInventory& inventory, std::int64_t now_ns, Reporter& reporter);

}  // namespace chargewarden::inventory
