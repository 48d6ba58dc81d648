#pragma once
// VersionSpread: which firmware versions the stations of a model have, and who is behind.

#include <string>
#include <vector>

#include "analyzer/state/world.h"

namespace chargewarden::firmware {

struct ModelSpread {
  std::string vendor;
  std::string model;
  std::string majority;  // Version that most stations have.
  std::size_t versions = 0;
  std::size_t stations = 0;
  std::vector<std::string> behind;  // Identities of stations with an older version, sorted.
};

// Models of which a clear majority has one version and some have an older one, by vendor and model.
std::vector<ModelSpread> find_laggards(const World& world);

}  // namespace chargewarden::firmware
