#include "analyzer/detectors/firmware/update_windows.h"

#include <algorithm>
#include <array>

#include "collector/base/text.h"
#include "collector/event/defs/inventory_events.h"

namespace chargewarden::firmware {

namespace {

using F = FactField;

constexpr std::int64_t kHourNs = 3'600'000'000'000;

// By how much an installation may overrun its window: what was begun in time is finished, over a
// slow link and behind a running session.
constexpr std::int64_t kOverrunNs = kHourNs;

// One order is carried out within this time by nearly all stations; what a station reports
// meanwhile belongs to what was told.
constexpr std::int64_t kOneUpdateNs = 24 * kHourNs;

}  // namespace

void UpdateWindows::on_command(const Fact& fact, const Station& station, std::int64_t& told_ns,
                               Reporter& reporter) const {
  if (windows_.empty() || station.id.empty()) return;
  // What counts is when the station is out of order. Dates in the past mean at once.
  std::int64_t planned_ns = fact.time_ns();
  for (const F field : {F::kRetrieveTime, F::kInstallTime}) {
    if (const auto time = fact.number(field)) planned_ns = std::max(planned_ns, *time);
  }
  told_ns = 0;
  if (windows_.judge(station.id, planned_ns) != WindowAnswer::kOutside) return;
  told_ns = fact.time_ns();
  std::array<char, kRfc3339Len> buffer;
  Event event = reporter.make(inventory::kOutsideWindow);
  event.set_text(inventory::kStage, "command");
  event.set_text(inventory::kPlannedTime, format_rfc3339(planned_ns, buffer));
  reporter.emit(event);
}

void UpdateWindows::on_install(const Fact& fact, const Station& station, std::int64_t& told_ns,
                               Reporter& reporter) const {
  if (windows_.empty() || station.id.empty()) return;
  const std::int64_t now = fact.time_ns();
  if (told_ns != 0 && now - told_ns < kOneUpdateNs) return;
  if (windows_.judge(station.id, now) != WindowAnswer::kOutside) return;
  if (windows_.judge(station.id, now - kOverrunNs) == WindowAnswer::kInside) return;
  told_ns = now;
  Event event = reporter.make(inventory::kOutsideWindow);
  event.set_text(inventory::kStage, "install");
  event.set_text(inventory::kInstallStatus, fact.text(F::kFirmwareStatus));
  reporter.emit(event);
}

}  // namespace chargewarden::firmware
