#include "analyzer/detectors/metering/export_watch.h"

#include <algorithm>
#include <array>

#include "analyzer/detectors/session_subject.h"
#include "collector/event/defs/metering_events.h"

namespace chargewarden::session {

namespace {

using F = FactField;

// Above what chargers give back while they discharge their filters, and what meters count of it.
constexpr double kExportMinWh = 1'000;
constexpr double kExportMinW = 1'000;
constexpr int kSamplesMin = 3;

}  // namespace

// A limit or setpoint below zero asks for power, and every operation mode but ChargingOnly and Idle
// leaves the direction to somebody else (OCPP 2.1 part 2, OperationModeEnumType).
void ExportWatch::on_profile(const Fact& fact) {
  for (const FactValue& value : fact.values()) {
    if (value.field == F::kLimit) {
      const bool is_real = value.type == FactValue::Type::kReal;
      allowed_ = allowed_ || (is_real ? value.real < 0 : value.number < 0);
    } else if (value.field == F::kCommand) {
      const std::string_view mode = fact.text_of(value);
      allowed_ = allowed_ || (mode != "ChargingOnly" && mode != "Idle");
    }
  }
}

void ExportWatch::check(const Sample& sample, const Session& session, ExportState& state,
                        Reporter& reporter) {
  if (sample.export_wh && !state.first_wh) state.first_wh = sample.export_wh;
  const double energy =
      sample.export_wh && state.first_wh ? *sample.export_wh - *state.first_wh : 0;
  if (sample.export_w) state.samples = *sample.export_w >= kExportMinW ? state.samples + 1 : 0;
  if (energy < kExportMinWh && state.samples < kSamplesMin) return;
  if (allowed_ || told_) return;
  told_ = true;
  const std::array<std::uint64_t, 2> tags = {session.start_tag, reporter.tag()};
  Event event = reporter.make(kExport);
  set_subject(session, event);
  if (energy > 0) event.set(kExportWh, amount(energy));
  if (sample.export_w) event.set(kExportW, amount(*sample.export_w));
  event.set_packets(tags);
  reporter.emit(event);
}

}  // namespace chargewarden::session
