#include "analyzer/site/geo_point.h"

#include <catch2/catch.hpp>

namespace chargewarden {

TEST_CASE("distances are those of maps") {
  const GeoPoint berlin{52.5200, 13.4050};
  const GeoPoint munich{48.1372, 11.5755};
  CHECK(distance_km(berlin, munich) == Approx(504.4).margin(2));
  CHECK(distance_km(munich, berlin) == Approx(distance_km(berlin, munich)));
  CHECK(distance_km(berlin, berlin) == 0);
  // Over the date line, from pole to pole, and to the other side of the earth.
  CHECK(distance_km({0, 179.5}, {0, -179.5}) == Approx(111.2).margin(0.5));
  CHECK(distance_km({90, 0}, {-90, 0}) == Approx(20'015).margin(1));
  CHECK(distance_km({10, 20}, {-10, -160}) == Approx(20'015).margin(1));
}

}  // namespace chargewarden
