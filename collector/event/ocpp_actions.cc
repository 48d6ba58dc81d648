#include "collector/event/ocpp_actions.h"

#include <array>
#include <cstddef>

namespace chargewarden::ocpp {

namespace {

constexpr auto kActions = std::to_array<ActionDef>({
    {"AFRRSignal", Caller::kCsms, Weight::kHigh, kIn21},
    {"AdjustPeriodicEventStream", Caller::kCsms, Weight::kLow, kIn21},
    {"Authorize", Caller::kStation, Weight::kHigh, kIn15 | kIn16 | kIn201 | kIn21},
    {"BatterySwap", Caller::kStation, Weight::kLow, kIn21},
    {"BootNotification", Caller::kStation, Weight::kHigh, kIn15 | kIn16 | kIn201 | kIn21},
    {"CancelReservation", Caller::kCsms, Weight::kLow, kIn15 | kIn16 | kIn201 | kIn21},
    {"CertificateSigned", Caller::kCsms, Weight::kHigh, kIn16 | kIn201 | kIn21},
    {"ChangeAvailability", Caller::kCsms, Weight::kHigh, kIn15 | kIn16 | kIn201 | kIn21},
    {"ChangeConfiguration", Caller::kCsms, Weight::kHigh, kIn15 | kIn16},
    {"ChangeTransactionTariff", Caller::kCsms, Weight::kHigh, kIn21},
    {"ClearCache", Caller::kCsms, Weight::kLow, kIn15 | kIn16 | kIn201 | kIn21},
    {"ClearChargingProfile", Caller::kCsms, Weight::kHigh, kIn16 | kIn201 | kIn21},
    {"ClearDERControl", Caller::kCsms, Weight::kHigh, kIn21},
    {"ClearDisplayMessage", Caller::kCsms, Weight::kLow, kIn201 | kIn21},
    {"ClearTariffs", Caller::kCsms, Weight::kHigh, kIn21},
    {"ClearVariableMonitoring", Caller::kCsms, Weight::kHigh, kIn201 | kIn21},
    {"ClearedChargingLimit", Caller::kStation, Weight::kLow, kIn201 | kIn21},
    {"ClosePeriodicEventStream", Caller::kStation, Weight::kLow, kIn21},
    {"CostUpdated", Caller::kCsms, Weight::kLow, kIn201 | kIn21},
    {"CustomerInformation", Caller::kCsms, Weight::kHigh, kIn201 | kIn21},
    {"DataTransfer", Caller::kBoth, Weight::kHigh, kIn15 | kIn16 | kIn201 | kIn21},
    {"DeleteCertificate", Caller::kCsms, Weight::kHigh, kIn16 | kIn201 | kIn21},
    {"DiagnosticsStatusNotification", Caller::kStation, Weight::kLow, kIn15 | kIn16},
    {"ExtendedTriggerMessage", Caller::kCsms, Weight::kLow, kIn16},
    {"FirmwareStatusNotification", Caller::kStation, Weight::kHigh, kIn15 | kIn16 | kIn201 | kIn21},
    {"Get15118EVCertificate", Caller::kStation, Weight::kHigh, kIn201 | kIn21},
    {"GetBaseReport", Caller::kCsms, Weight::kLow, kIn201 | kIn21},
    {"GetCertificateChainStatus", Caller::kStation, Weight::kLow, kIn21},
    {"GetCertificateStatus", Caller::kStation, Weight::kLow, kIn201 | kIn21},
    {"GetChargingProfiles", Caller::kCsms, Weight::kLow, kIn201 | kIn21},
    {"GetCompositeSchedule", Caller::kCsms, Weight::kNone, kIn16 | kIn201 | kIn21},
    {"GetConfiguration", Caller::kCsms, Weight::kLow, kIn15 | kIn16},
    {"GetDERControl", Caller::kCsms, Weight::kLow, kIn21},
    {"GetDiagnostics", Caller::kCsms, Weight::kHigh, kIn15 | kIn16},
    {"GetDisplayMessages", Caller::kCsms, Weight::kNone, kIn201 | kIn21},
    {"GetInstalledCertificateIds", Caller::kCsms, Weight::kLow, kIn16 | kIn201 | kIn21},
    {"GetLocalListVersion", Caller::kCsms, Weight::kLow, kIn15 | kIn16 | kIn201 | kIn21},
    {"GetLog", Caller::kCsms, Weight::kHigh, kIn16 | kIn201 | kIn21},
    {"GetMonitoringReport", Caller::kCsms, Weight::kLow, kIn201 | kIn21},
    {"GetPeriodicEventStream", Caller::kCsms, Weight::kNone, kIn21},
    {"GetReport", Caller::kCsms, Weight::kLow, kIn201 | kIn21},
    {"GetTariffs", Caller::kCsms, Weight::kNone, kIn21},
    {"GetTransactionStatus", Caller::kCsms, Weight::kNone, kIn201 | kIn21},
    {"GetVariables", Caller::kCsms, Weight::kLow, kIn201 | kIn21},
    {"Heartbeat", Caller::kStation, Weight::kLow, kIn15 | kIn16 | kIn201 | kIn21},
    {"InstallCertificate", Caller::kCsms, Weight::kHigh, kIn16 | kIn201 | kIn21},
    {"LogStatusNotification", Caller::kStation, Weight::kLow, kIn16 | kIn201 | kIn21},
    {"MeterValues", Caller::kStation, Weight::kHigh, kIn15 | kIn16 | kIn201 | kIn21},
    {"NotifyAllowedEnergyTransfer", Caller::kCsms, Weight::kLow, kIn21},
    {"NotifyChargingLimit", Caller::kStation, Weight::kLow, kIn201 | kIn21},
    {"NotifyCustomerInformation", Caller::kStation, Weight::kHigh, kIn201 | kIn21},
    {"NotifyDERAlarm", Caller::kStation, Weight::kHigh, kIn21},
    {"NotifyDERStartStop", Caller::kStation, Weight::kLow, kIn21},
    {"NotifyDisplayMessages", Caller::kStation, Weight::kNone, kIn201 | kIn21},
    {"NotifyEVChargingNeeds", Caller::kStation, Weight::kLow, kIn201 | kIn21},
    {"NotifyEVChargingSchedule", Caller::kStation, Weight::kNone, kIn201 | kIn21},
    {"NotifyEvent", Caller::kStation, Weight::kHigh, kIn201 | kIn21},
    {"NotifyMonitoringReport", Caller::kStation, Weight::kLow, kIn201 | kIn21},
    {"NotifyPeriodicEventStream", Caller::kStation, Weight::kLow, kIn21},
    {"NotifyPriorityCharging", Caller::kStation, Weight::kLow, kIn21},
    {"NotifyReport", Caller::kStation, Weight::kLow, kIn201 | kIn21},
    {"NotifySettlement", Caller::kStation, Weight::kHigh, kIn21},
    {"NotifyWebPaymentStarted", Caller::kCsms, Weight::kLow, kIn21},
    {"OpenPeriodicEventStream", Caller::kStation, Weight::kLow, kIn21},
    {"PublishFirmware", Caller::kCsms, Weight::kHigh, kIn201 | kIn21},
    {"PublishFirmwareStatusNotification", Caller::kStation, Weight::kLow, kIn201 | kIn21},
    {"PullDynamicScheduleUpdate", Caller::kStation, Weight::kLow, kIn21},
    {"RemoteStartTransaction", Caller::kCsms, Weight::kHigh, kIn15 | kIn16},
    {"RemoteStopTransaction", Caller::kCsms, Weight::kHigh, kIn15 | kIn16},
    {"ReportChargingProfiles", Caller::kStation, Weight::kLow, kIn201 | kIn21},
    {"ReportDERControl", Caller::kStation, Weight::kLow, kIn21},
    {"RequestBatterySwap", Caller::kCsms, Weight::kHigh, kIn21},
    {"RequestStartTransaction", Caller::kCsms, Weight::kHigh, kIn201 | kIn21},
    {"RequestStopTransaction", Caller::kCsms, Weight::kHigh, kIn201 | kIn21},
    {"ReservationStatusUpdate", Caller::kStation, Weight::kNone, kIn201 | kIn21},
    {"ReserveNow", Caller::kCsms, Weight::kLow, kIn15 | kIn16 | kIn201 | kIn21},
    {"Reset", Caller::kCsms, Weight::kHigh, kIn15 | kIn16 | kIn201 | kIn21},
    {"SecurityEventNotification", Caller::kStation, Weight::kHigh, kIn16 | kIn201 | kIn21},
    {"SendLocalList", Caller::kCsms, Weight::kHigh, kIn15 | kIn16 | kIn201 | kIn21},
    {"SetChargingProfile", Caller::kCsms, Weight::kHigh, kIn16 | kIn201 | kIn21},
    {"SetDERControl", Caller::kCsms, Weight::kHigh, kIn21},
    {"SetDefaultTariff", Caller::kCsms, Weight::kHigh, kIn21},
    {"SetDisplayMessage", Caller::kCsms, Weight::kHigh, kIn201 | kIn21},
    {"SetMonitoringBase", Caller::kCsms, Weight::kHigh, kIn201 | kIn21},
    {"SetMonitoringLevel", Caller::kCsms, Weight::kHigh, kIn201 | kIn21},
    {"SetNetworkProfile", Caller::kCsms, Weight::kHigh, kIn201 | kIn21},
    {"SetVariableMonitoring", Caller::kCsms, Weight::kLow, kIn201 | kIn21},
    {"SetVariables", Caller::kCsms, Weight::kHigh, kIn201 | kIn21},
    {"SignCertificate", Caller::kStation, Weight::kHigh, kIn16 | kIn201 | kIn21},
    {"SignedFirmwareStatusNotification", Caller::kStation, Weight::kHigh, kIn16},
    {"SignedUpdateFirmware", Caller::kCsms, Weight::kHigh, kIn16},
    {"StartTransaction", Caller::kStation, Weight::kHigh, kIn15 | kIn16},
    {"StatusNotification", Caller::kStation, Weight::kLow, kIn15 | kIn16 | kIn201 | kIn21},
    {"StopTransaction", Caller::kStation, Weight::kHigh, kIn15 | kIn16},
    {"TransactionEvent", Caller::kStation, Weight::kHigh, kIn201 | kIn21},
    {"TriggerMessage", Caller::kCsms, Weight::kLow, kIn16 | kIn201 | kIn21},
    {"UnlockConnector", Caller::kCsms, Weight::kHigh, kIn15 | kIn16 | kIn201 | kIn21},
    {"UnpublishFirmware", Caller::kCsms, Weight::kLow, kIn201 | kIn21},
    {"UpdateDynamicSchedule", Caller::kCsms, Weight::kHigh, kIn21},
    {"UpdateFirmware", Caller::kCsms, Weight::kHigh, kIn15 | kIn16 | kIn201 | kIn21},
    {"UsePriorityCharging", Caller::kCsms, Weight::kLow, kIn21},
    {"VatNumberValidation", Caller::kStation, Weight::kLow, kIn21},
});

// Open addressing over a hash of length, first and last bytes; built while compiling.
constexpr std::size_t kBuckets = 512;

constexpr std::size_t bucket_of(std::string_view name) {
  std::size_t hash = name.size() * 0x9e37U;
  if (!name.empty()) {
    const auto byte = [&](std::size_t i) {
      return static_cast<std::size_t>(static_cast<unsigned char>(name[i]));
    };
    hash ^= byte(0) * 0x85ebU ^ byte(name.size() - 1) * 0xc2b3U ^ byte(name.size() / 2) * 0x27d5U ^
            byte(name.size() / 3) * 0x1657U;
  }
  return (hash ^ (hash >> 9U)) % kBuckets;
}

constexpr auto kTable = [] {
  std::array<ActionId, kBuckets> table{};
  for (std::size_t i = 0; i < kActions.size(); ++i) {
    std::size_t at = bucket_of(kActions[i].name);
    while (table[at] != kUnknownAction) at = (at + 1) % kBuckets;
    table[at] = static_cast<ActionId>(i + 1);
  }
  return table;
}();

}  // namespace

ActionId action_id(std::string_view name) noexcept {
  for (std::size_t at = bucket_of(name); kTable[at] != kUnknownAction; at = (at + 1) % kBuckets) {
    if (kActions[kTable[at] - 1U].name == name) return kTable[at];
  }
  return kUnknownAction;
}

const ActionDef& action_def(ActionId id) noexcept {
  return kActions[id - 1U];
}

std::size_t action_count() noexcept {
  return kActions.size();
}

}  // namespace chargewarden::ocpp
