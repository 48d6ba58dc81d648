// The list of detectors: one declaration and one line each.

#include <array>

#include "analyzer/detectors/detector.h"

namespace chargewarden {

namespace certificate {
extern const DetectorDef kDetector;
}  // namespace certificate

namespace configuration {
extern const DetectorDef kDetector;
}  // namespace configuration

namespace firmware {
extern const DetectorDef kDetector;
}  // namespace firmware

namespace identity {
extern const DetectorDef kDetector;
}  // namespace identity

namespace inventory {
extern const DetectorDef kDetector;
}  // namespace inventory

namespace security_event {
extern const DetectorDef kDetector;
}  // namespace security_event

namespace session {
extern const DetectorDef kAuthorization;
extern const DetectorDef kMetering;
extern const DetectorDef kSignedMeter;
extern const DetectorDef kTransactionOrder;
extern const DetectorDef kTravel;
}  // namespace session

namespace station {
extern const DetectorDef kDetector;
}  // namespace station

namespace data_transfer {
extern const DetectorDef kDetector;
}  // namespace data_transfer

namespace fleet_commands {
extern const DetectorDef kDetector;
}  // namespace fleet_commands

namespace grid {
extern const DetectorDef kDetector;
}  // namespace grid

namespace logs {
extern const DetectorDef kDetector;
}  // namespace logs

namespace load {
extern const DetectorDef kDetector;
}  // namespace load

namespace network {
extern const DetectorDef kDetector;
}  // namespace network

namespace outage {
extern const DetectorDef kDetector;
}  // namespace outage

namespace {

const auto kDetectors = std::to_array<DetectorDef>({
    identity::kDetector,       station::kDetector,
    inventory::kDetector,      firmware::kDetector,
    configuration::kDetector,  certificate::kDetector,
    session::kAuthorization,   session::kTransactionOrder,
    session::kTravel,          session::kMetering,
    data_transfer::kDetector,  fleet_commands::kDetector,
    grid::kDetector,           load::kDetector,
    outage::kDetector,         network::kDetector,
    session::kSignedMeter,     logs::kDetector,
    security_event::kDetector,
});

}  // namespace

std::span<const DetectorDef> detector_defs() {
  return kDetectors;
}

}  // namespace chargewarden
