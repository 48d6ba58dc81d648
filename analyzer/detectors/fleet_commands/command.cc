#include "analyzer/detectors/fleet_commands/command.h"

#include <algorithm>

#include "collector/base/text.h"

namespace chargewarden::fleet_commands {

namespace {

using F = FactField;

struct Entry {
  std::string_view action;
  Command command;
};

constexpr auto kEntries = std::to_array<Entry>({
    {"Reset", Command::kReset},
    {"RemoteStartTransaction", Command::kRemoteStart},
    {"RequestStartTransaction", Command::kRemoteStart},
    {"RemoteStopTransaction", Command::kRemoteStop},
    {"RequestStopTransaction", Command::kRemoteStop},
    {"ChangeAvailability", Command::kMakeInoperative},
    {"UnlockConnector", Command::kUnlock},
    {"SetChargingProfile", Command::kLimit},
    {"ClearChargingProfile", Command::kClearLimits},
    {"UpdateFirmware", Command::kUpdateFirmware},
    {"SignedUpdateFirmware", Command::kUpdateFirmware},
    {"PublishFirmware", Command::kUpdateFirmware},
    {"ChangeConfiguration", Command::kChangeSettings},
    {"SetVariables", Command::kChangeSettings},
    {"SetNetworkProfile", Command::kChangeNetwork},
    {"InstallCertificate", Command::kInstallCertificate},
    {"DeleteCertificate", Command::kDeleteCertificate},
    {"ClearCache", Command::kClearCache},
    {"SendLocalList", Command::kSendLocalList},
    {"ReserveNow", Command::kReserve},
    {"TriggerMessage", Command::kTrigger},
    {"ExtendedTriggerMessage", Command::kTrigger},
    {"GetConfiguration", Command::kReadAll},
    {"GetBaseReport", Command::kReadAll},
    {"GetReport", Command::kReadAll},
    {"GetMonitoringReport", Command::kReadAll},
    {"GetDiagnostics", Command::kUploadLog},
    {"GetLog", Command::kUploadLog},
    {"DataTransfer", Command::kDataTransfer},
});

constexpr auto kActions = [] {
  std::array<std::string_view, kEntries.size()> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = kEntries[i].action;
  return out;
}();

// Command by action, kCount where there is none.
class Table {
 public:
  Table() {
    commands_.fill(Command::kCount);
    for (const Entry& entry : kEntries) commands_[ocpp::action_id(entry.action)] = entry.command;
  }

  [[nodiscard]] Command find(ocpp::ActionId action) const {
    return action == ocpp::kUnknownAction ? Command::kCount : commands_[action];
  }

 private:
  static constexpr std::size_t kActionsMax = 128;  // More than there are.
  std::array<Command, kActionsMax> commands_;
};

// The ceiling of a whole station, or everything: what is left is its own protection.
bool clears_ceilings(const Fact& fact) {
  const std::string_view purpose = fact.text(F::kPurpose);
  if (!purpose.empty()) {
    return purpose == "ChargePointMaxProfile" || purpose == "ChargingStationMaxProfile";
  }
  return !fact.has(F::kProfileId) && !fact.has(F::kStackLevel) &&
         fact.number(F::kConnector).value_or(0) == 0 && fact.number(F::kEvse).value_or(0) == 0;
}

struct Period {
  bool used = false;
  std::int64_t start_s = 0;
  double limit = 0;
  bool has_limit = false;
  double phases = 3;  // OCPP 1.6, 7.14: three when not told.
};

class LimitReader {
 public:
  explicit LimitReader(bool in_watts) : in_watts_(in_watts) {}

  void take(const Period& period) {
    if (!period.used || !period.has_limit || period.limit < 0) return;
    const double watts = in_watts_ ? period.limit : period.limit * kPhaseV * period.phases;
    const double enough = in_watts_ ? kChargingMinW : kChargingMinA;
    if (!any_ || period.start_s < first_start_s_) {
      first_start_s_ = period.start_s;
      out_.first_w = watts;
      out_.charges_at_first = period.limit >= enough;
    }
    out_.min_w = any_ ? std::min(out_.min_w, watts) : watts;
    out_.max_w = any_ ? std::max(out_.max_w, watts) : watts;
    any_ = true;
  }

  [[nodiscard]] std::optional<Limits> result() const {
    return any_ ? std::optional<Limits>(out_) : std::nullopt;
  }

 private:
  bool in_watts_;
  bool any_ = false;
  std::int64_t first_start_s_ = 0;
  Limits out_;
};

}  // namespace

std::span<const std::string_view> command_actions() {
  return kActions;
}

std::optional<Limits> limits_of(const Fact& fact) {
  LimitReader reader(iequals_ascii(fact.text(F::kLimitUnit), "W"));
  Period period;
  for (const FactValue& value : fact.values()) {
    switch (value.field) {
      case F::kItem:
        reader.take(period);
        period = {};
        period.used = true;
        break;
      case F::kPeriodStartS:
        period.start_s = value.number;
        break;
      case F::kPhases:
        if (value.number >= 1 && value.number <= 3) {
          period.phases = static_cast<double>(value.number);
        }
        break;
      case F::kLimit:
        period.limit =
            value.type == FactValue::Type::kReal ? value.real : static_cast<double>(value.number);
        period.has_limit = true;
        break;
      default:
        break;
    }
  }
  reader.take(period);
  return reader.result();
}

std::optional<Command> command_of(const Fact& fact, bool takes_more) {
  static const Table table;
  const FactHead& head = fact.head();
  if (head.kind != FactKind::kMessage || head.type != ocpp::MessageType::kCall) return {};
  if (head.sender != Side::kServer) return {};
  const Command command = table.find(head.action);
  switch (command) {
    case Command::kCount:
      return {};
    case Command::kMakeInoperative:
      if (!iequals_ascii(fact.text(F::kCommand), "Inoperative")) return {};
      return command;
    case Command::kClearLimits:
      if (!clears_ceilings(fact)) return {};
      return command;
    case Command::kLimit: {
      const std::optional<Limits> limits = limits_of(fact);
      if (!limits) return command;
      if (!limits->charges_at_first) return Command::kLimitToNothing;
      return limits->max_w > kAcRatingW && !takes_more ? Command::kLimitBeyondRating : command;
    }
    default:
      return command;
  }
}

}  // namespace chargewarden::fleet_commands
