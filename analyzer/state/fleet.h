#pragma once
// Fleet: the stations that speak with one backend, told apart by its address.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/base/siphash.h"

namespace chargewarden {

using FleetIndex = std::uint32_t;
inline constexpr FleetIndex kNoFleet = 0xffffffff;

// Backend addresses that are told apart. Operators have a handful, hosts of many operators some
// hundreds; what comes later counts as one fleet, the last place.
// Test: fleet_table_test.cc "fleets beyond the limit count as one".
inline constexpr std::size_t kFleetsMax = 1'024;

struct Fleet {
  std::string address;        // Of the backend; empty for those beyond the limit.
  std::size_t connected = 0;  // Stations with an open connection to it.
  std::int64_t seen_ns = 0;   // First connection to it.
};

// Places are never used again, so an index stays valid. Belongs to the World.
class FleetTable {
 public:
  explicit FleetTable(const HashKey& key, std::size_t fleets_max = kFleetsMax)
      : fleets_max_(fleets_max), by_address_(0, Hash{key}) {}

  // The fleet of the address, made when it is new.
  FleetIndex find_or_add(const std::string& address, std::int64_t now_ns) {
    const auto found = by_address_.find(address);
    if (found != by_address_.end()) return found->second;
    if (fleets_.size() >= fleets_max_) {
      ++ignored_;
      return static_cast<FleetIndex>(fleets_max_ - 1);
    }
    const bool is_last = fleets_.size() + 1 == fleets_max_;
    fleets_.push_back({is_last ? std::string() : address, 0, now_ns});
    const auto index = static_cast<FleetIndex>(fleets_.size() - 1);
    if (!is_last) by_address_.emplace(address, index);
    return index;
  }

  [[nodiscard]] Fleet& at(FleetIndex index) { return fleets_[index]; }

  [[nodiscard]] const Fleet& at(FleetIndex index) const { return fleets_[index]; }

  [[nodiscard]] std::size_t size() const noexcept { return fleets_.size(); }

  // Connections to addresses for which there was no place of their own.
  [[nodiscard]] std::uint64_t ignored() const noexcept { return ignored_; }

 private:
  struct Hash {
    HashKey key;

    std::size_t operator()(const std::string& text) const noexcept {
      SipHash13 hash(key);
      hash.add(text);
      return hash.finish();
    }
  };

  std::size_t fleets_max_;
  std::vector<Fleet> fleets_;
  std::unordered_map<std::string, FleetIndex, Hash> by_address_;
  std::uint64_t ignored_ = 0;
};

}  // namespace chargewarden
