#include "analyzer/detectors/metering/plausibility.h"

#include <array>

#include "analyzer/detectors/session_subject.h"
#include "collector/event/defs/metering_events.h"

namespace chargewarden::session {

namespace {

// A state of charge that falls by more than it is rounded by, although energy was taken.
constexpr double kSocFallPercent = 3;
constexpr double kSocFallWh = 500;

// Batteries of road vehicles that are charged by a plug: from 4 kWh (plug-in motorcycles) to
// 1,500 kWh (trucks), seen over a share of the battery that rounding does not spoil.
constexpr double kBatteryMinWh = 3'000;
constexpr double kBatteryMaxWh = 2'000'000;
constexpr double kSocSpanPercent = 10;

// Power may be below voltage times current by the power factor, which is above 0.5 for chargers
// (IEC 61000-3-12), and above it by the error of readings that were not taken at one moment.
constexpr double kPowerFactorMin = 0.5;
constexpr double kPowerFactorMax = 1.3;
constexpr double kElectricalMarginW = 700;
constexpr int kElectricalSamplesMin = 3;

}  // namespace

void Plausibility::check_soc(const Sample& sample, const MeterTrace& trace, const Session& session,
                             Reporter& reporter) {
  if (!sample.soc_percent || *sample.soc_percent < 0 || *sample.soc_percent > 100) return;
  const double soc = *sample.soc_percent;
  const double energy = trace.energy_wh();
  if (!has_soc_) {
    has_soc_ = true;
    highest_percent_ = first_percent_ = soc;
    highest_wh_ = first_wh_ = energy;
    return;
  }
  if (soc_told_ || !trace.has_register()) return;
  const double rise = soc - first_percent_;
  const double taken = energy - first_wh_;
  const double battery = rise > 0 ? taken * 100 / rise : 0;
  const bool falls = highest_percent_ - soc > kSocFallPercent && energy - highest_wh_ > kSocFallWh;
  const bool odd = rise >= kSocSpanPercent && (battery < kBatteryMinWh || battery > kBatteryMaxWh);
  if (falls || odd) {
    soc_told_ = true;
    const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
    Event event = reporter.make(kSoc);
    set_subject(session, event);
    event.set(kSocFrom, amount(falls ? highest_percent_ : first_percent_));
    event.set(kSocTo, amount(soc));
    event.set(kSocEnergy, amount(falls ? energy - highest_wh_ : taken));
    if (!falls) event.set(kBattery, amount(battery));
    event.set_packets(tags);
    reporter.emit(event);
  }
  if (soc < highest_percent_) return;
  highest_percent_ = soc;
  highest_wh_ = energy;
}

void Plausibility::check_power(const Sample& sample, const Session& session, Reporter& reporter) {
  const auto apparent = sample.apparent_va();
  if (!sample.power_w || !apparent || power_told_) return;
  const bool above = *sample.power_w > *apparent * kPowerFactorMax + kElectricalMarginW;
  const bool below = *sample.power_w < *apparent * kPowerFactorMin - kElectricalMarginW;
  odd_samples_ = above || below ? odd_samples_ + 1 : 0;
  if (odd_samples_ < kElectricalSamplesMin) return;
  power_told_ = true;
  const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
  Event event = reporter.make(kElectrical);
  set_subject(session, event);
  event.set(kElectricalPower, amount(*sample.power_w));
  event.set(kApparent, amount(*apparent));
  event.set_packets(tags);
  reporter.emit(event);
}

}  // namespace chargewarden::session
