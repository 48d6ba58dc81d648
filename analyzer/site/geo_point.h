#pragma once

// GeoPoint: where something stands on earth (WGS 84).

namespace chargewarden {

struct GeoPoint {
  double latitude_deg = 0;   // North of the equator.
  double longitude_deg = 0;  // East of Greenwich.
};

// Along a great circle of a sphere, which is half a percent off at most.
double distance_km(const GeoPoint& a, const GeoPoint& b) noexcept;

}  // namespace chargewarden
