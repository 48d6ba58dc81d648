// The list of detectors: one declaration and one line each.

#include <array>

#include "analyzer/detectors/detector.h"

namespace chargewarden {

namespace configuration {
extern const DetectorDef kDetector;
}  // namespace configuration

namespace firmware {
extern const DetectorDef kDetector;
}  // namespace firmware

namespace identity {
extern const DetectorDef kDetector;
}  // namespace identity

namespace session {
extern const DetectorDef kAuthorization;
extern const DetectorDef kMetering;
extern const DetectorDef kSignedMeter;
extern const DetectorDef kTransactionOrder;
}  // namespace session

namespace station {
extern const DetectorDef kDetector;
}  // namespace station

namespace {

const auto kDetectors = std::to_array<DetectorDef>({
    identity::kDetector,
    station::kDetector,
    firmware::kDetector,
    configuration::kDetector,
    session::kAuthorization,
    session::kTransactionOrder,
    session::kMetering,
    session::kSignedMeter,
});

}  // namespace

std::span<const DetectorDef> detector_defs() {
  return kDetectors;
}

}  // namespace chargewarden
