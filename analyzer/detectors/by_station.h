#pragma once
// ByStation: what a detector keeps for each station, found by the station's place.

#include <algorithm>
#include <memory>
#include <vector>

#include "analyzer/state/station.h"
#include "collector/base/prefetch.h"

namespace chargewarden {

// Entries are made when first asked for: a station that a detector never looks at costs a pointer.
template <typename Entry>
class ByStation {
 public:
  Entry& at(StationIndex station) {
    if (station >= entries_.size()) entries_.resize(station + std::size_t{1});
    auto& entry = entries_[station];
    if (entry == nullptr) entry = std::make_unique<Entry>();
    return *entry;
  }

  // Null when there is none.
  [[nodiscard]] Entry* find(StationIndex station) noexcept {
    return station < entries_.size() ? entries_[station].get() : nullptr;
  }

  // It is asked for soon.
  void prefetch(StationIndex station) const noexcept {
    // Of large entries the begin.
    constexpr std::size_t kBeginBytes = 256;
    if (station >= entries_.size() || entries_[station] == nullptr) return;
    prefetch_memory(entries_[station].get(), std::min(sizeof(Entry), kBeginBytes));
  }

  void forget(StationIndex station) {
    if (station < entries_.size()) entries_[station].reset();
  }

  // Calls `visit(station, entry)` for each, in the order of places.
  template <typename Visit>
  void for_each(Visit&& visit) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i] != nullptr) visit(static_cast<StationIndex>(i), *entries_[i]);
    }
  }

 private:
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace chargewarden
