#include "analyzer/detectors/certificates/tables.h"

#include <catch2/catch.hpp>

namespace chargewarden::certificate {

TEST_CASE("the tables of certificates are bounded") {
  Tables tables(HashKey{}, {.shown_max = 3, .servers_max = 2, .chains_max = 1});
  for (int i = 0; i < 4; ++i) (void)tables.shown.at(std::to_string(i), i);
  CHECK(tables.dropped() == 1);
  CHECK(tables.shown.find("0", 4) == nullptr);
  CHECK(tables.shown.find("3", 4) != nullptr);
  for (int i = 0; i < 3; ++i) (void)tables.servers.at(std::to_string(i), i);
  CHECK(tables.dropped() == 2);
  for (int i = 0; i < 3; ++i) (void)tables.clients.at(std::to_string(i), i);
  CHECK(tables.dropped() == 3);
  for (int i = 0; i < 3; ++i) (void)tables.chains.at(std::to_string(i), i);
  CHECK(tables.chains.size() == 1);
  CHECK(tables.dropped() == 3);
}

TEST_CASE("what was not seen for a quarter of a year is forgotten") {
  Tables tables{HashKey{}};
  tables.servers.at("a", 0).issuer = "CA";
  CHECK(tables.servers.find("a", kKnownNs) != nullptr);
  CHECK(tables.servers.find("a", kKnownNs + 1) == nullptr);
}

}  // namespace chargewarden::certificate
