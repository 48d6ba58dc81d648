#include "analyzer/detectors/metering/sample.h"

#include <algorithm>

namespace chargewarden::session {

namespace {

// Index of a single phase; nothing for totals and what lies between phases.
std::optional<std::size_t> phase_index(Phase phase) {
  switch (phase) {
    case Phase::kL1:
      return 0;
    case Phase::kL2:
      return 1;
    case Phase::kL3:
      return 2;
    default:
      return std::nullopt;
  }
}

void set_phase(const Reading& reading, std::size_t phase, Sample& out) {
  if (reading.measurand == Measurand::kPowerImportW) {
    out.phase_power_w[phase] = reading.value;
  } else if (reading.measurand == Measurand::kCurrentImportA) {
    out.phase_current_a[phase] = reading.value;
  } else if (reading.measurand == Measurand::kVoltageV) {
    out.phase_voltage_v[phase] = reading.value;
  }
}

void set_total(const Reading& reading, Sample& out) {
  switch (reading.measurand) {
    case Measurand::kEnergyImportWh:
      out.register_wh = reading.value;
      break;
    case Measurand::kPowerImportW:
      out.power_w = reading.value;
      break;
    case Measurand::kEnergyExportWh:
      out.export_wh = reading.value;
      break;
    case Measurand::kPowerExportW:
      out.export_w = reading.value;
      break;
    case Measurand::kPowerOfferedW:
      out.offered_w = reading.value;
      break;
    case Measurand::kCurrentImportA:
      out.current_a = reading.value;
      break;
    case Measurand::kVoltageV:
      out.voltage_v = reading.value;
      break;
    default:
      break;
  }
}

}  // namespace

bool Sample::has_phases() const noexcept {
  const auto told = [](const std::optional<double>& each) { return each.has_value(); };
  return std::any_of(phase_current_a.begin(), phase_current_a.end(), told) ||
         std::any_of(phase_power_w.begin(), phase_power_w.end(), told);
}

std::optional<double> Sample::apparent_va() const noexcept {
  double sum = 0;
  bool any = false;
  for (std::size_t i = 0; i < phase_current_a.size(); ++i) {
    if (!phase_current_a[i]) continue;
    if (!phase_voltage_v[i]) return std::nullopt;
    sum += *phase_current_a[i] * *phase_voltage_v[i];
    any = true;
  }
  return any ? std::optional<double>(sum) : std::nullopt;
}

void read_samples(std::span<const Reading> readings, std::int64_t time_ns,
                  std::vector<Sample>& out) {
  out.clear();
  for (const Reading& reading : readings) {
    if (reading.unreadable || reading.is_signed) continue;
    const std::int64_t time = reading.time_ns != 0 ? reading.time_ns : time_ns;
    if (out.empty() || out.back().time_ns != time) {
      out.emplace_back();
      out.back().time_ns = time;
    }
    Sample& sample = out.back();
    if (reading.measurand == Measurand::kSocPercent) {
      sample.soc_percent = reading.value;
    } else if (!reading.at_outlet) {
      continue;
    } else if (const auto phase = phase_index(reading.phase)) {
      set_phase(reading, *phase, sample);
    } else if (reading.phase == Phase::kTotal) {
      set_total(reading, sample);
    }
  }
  for (Sample& sample : out) {
    if (sample.power_w) continue;
    for (const auto& phase : sample.phase_power_w) {
      if (phase) sample.power_w = sample.power_w.value_or(0) + *phase;
    }
  }
}

}  // namespace chargewarden::session
