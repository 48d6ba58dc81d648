#pragma once
// DriftWatch: settings of one station against those that the inventory lists for it (threat CF-14).
// Part of the inventory detector.

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyzer/facts/fact.h"
#include "analyzer/site/inventory.h"

namespace chargewarden::inventory {

// What a message shows. Views are those of the fact and of the inventory.
struct DriftFinding {
  std::vector<const ListedSetting*> settings;  // That differ, and did not before.
  std::string_view value;                      // Of the latest of them; may be a secret.
  std::size_t differing = 0;                   // Settings that are known to differ by now.
  bool is_change = false;                      // A command set them, else the station told them.
};

class DriftWatch {
 public:
  // A message about settings: answers to GetConfiguration, GetVariables, ChangeConfiguration and
  // SetVariables, and NotifyReport. A setting is told once until it is as listed again, and once
  // more whenever somebody sets it to another value than the listed one.
  DriftFinding on_fact(const Fact& fact, const std::vector<ListedSetting>& listed);

 private:
  static_assert(kInventoryListMax <= UINT16_MAX);

  std::vector<std::uint16_t> told_;  // Places in the list, in order; so bounded by it.
};

// Whether a value is the listed one: numbers as numbers, lists without regard to blanks, words
// without regard to case; secrets to the letter.
bool is_as_listed(const ListedSetting& listed, std::string_view value);

}  // namespace chargewarden::inventory
