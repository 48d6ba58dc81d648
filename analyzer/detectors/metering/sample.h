#pragma once
// Sample: the readings of one moment, put together. Part of the metering detector.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analyzer/facts/fact.h"

namespace chargewarden::session {

struct Sample {
  std::int64_t time_ns = 0;
  std::optional<double> register_wh;  // Energy.Active.Import.Register of all phases.
  std::optional<double> power_w;      // Import; the sum of the phases when no total was told.
  std::optional<double> export_wh;    // Energy.Active.Export.Register of all phases.
  std::optional<double> export_w;     // Power.Active.Export of all phases.
  std::optional<double> offered_w;    // Power.Offered, else none.
  std::optional<double> soc_percent;
  std::optional<double> current_a;  // Of no phase in particular.
  std::optional<double> voltage_v;
  std::array<std::optional<double>, 3> phase_power_w;
  std::array<std::optional<double>, 3> phase_current_a;
  std::array<std::optional<double>, 3> phase_voltage_v;

  // Whether single phases were told: an alternating current then.
  [[nodiscard]] bool has_phases() const noexcept;

  // Voltage times current of all phases; nothing unless both are told for each phase that has one.
  [[nodiscard]] std::optional<double> apparent_va() const noexcept;
};

// The samples of a message, one per time, in the order in which they stand there. Readings at other
// places than the outlet, signed text and what is no number are left out; the state of charge is
// read wherever it was measured. `time_ns` is that of readings that tell none. `out` is reused.
void read_samples(std::span<const Reading> readings, std::int64_t time_ns,
                  std::vector<Sample>& out);

}  // namespace chargewarden::session
