#pragma once
// SiteKnowledge: what the operator knows about the site, as data for detectors.
//
// Made from the configuration before the run, and read only from then on: by the detection stage,
// on its thread. What is not in it is not known: detectors then say nothing about it.

#include "analyzer/site/inventory.h"
#include "analyzer/site/time_windows.h"

namespace chargewarden {

struct SiteKnowledge {
  SiteInventory inventory;
  TimeWindows maintenance;  // When firmware may be changed.
  TimeWindows closed;       // When nobody may charge.

  [[nodiscard]] bool empty() const noexcept {
    return inventory.empty() && maintenance.empty() && closed.empty();
  }
};

// Of an operator who has told nothing.
inline const SiteKnowledge& no_knowledge() {
  static const SiteKnowledge kNone;
  return kNone;
}

}  // namespace chargewarden
