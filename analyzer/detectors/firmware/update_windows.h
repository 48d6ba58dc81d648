#pragma once
// UpdateWindows: firmware that is ordered or installed outside the maintenance windows of a station
// (threat FW-10). Part of the firmware detector.

#include <cstdint>
#include <string_view>

#include "analyzer/detectors/detector.h"

namespace chargewarden::firmware {

class UpdateWindows {
 public:
  // `windows` outlive it.
  explicit UpdateWindows(const TimeWindows& windows) : windows_(windows) {}

  // UpdateFirmware or SignedUpdateFirmware. `told_ns`: of the station, when it was told last.
  void on_command(const Fact& fact, const Station& station, std::int64_t& told_ns,
                  Reporter& reporter) const;

  // The station says that it installs.
  void on_install(const Fact& fact, const Station& station, std::int64_t& told_ns,
                  Reporter& reporter) const;

 private:
  const TimeWindows& windows_;
};

}  // namespace chargewarden::firmware
