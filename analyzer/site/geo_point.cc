#include "analyzer/site/geo_point.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace chargewarden {

double distance_km(const GeoPoint& a, const GeoPoint& b) noexcept {
  constexpr double kEarthRadiusKm = 6'371.0088;  // Mean radius (IUGG).
  constexpr double kRadians = std::numbers::pi / 180;
  const double from = a.latitude_deg * kRadians;
  const double to = b.latitude_deg * kRadians;
  const double north = std::sin((to - from) / 2);
  const double east = std::sin((b.longitude_deg - a.longitude_deg) * kRadians / 2);
  const double haversine = north * north + std::cos(from) * std::cos(to) * east * east;
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::clamp(haversine, 0.0, 1.0)));
}

}  // namespace chargewarden
