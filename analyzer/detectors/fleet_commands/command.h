#pragma once
// What a CSMS tells a station to do, by its meaning and in one form for all OCPP versions.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "analyzer/facts/fact.h"

namespace chargewarden::fleet_commands {

enum class Command : std::uint8_t {
  kReset,
  kRemoteStart,
  kRemoteStop,
  kMakeInoperative,
  kUnlock,
  kLimitToNothing,
  kLimitBeyondRating,
  kLimit,  // Any other charging profile: ordinary load management.
  kClearLimits,
  kUpdateFirmware,
  kChangeSettings,
  kChangeNetwork,
  kInstallCertificate,
  kDeleteCertificate,
  kClearCache,
  kSendLocalList,
  kReserve,
  kTrigger,
  kReadAll,
  kUploadLog,
  kDataTransfer,
  kCount,
};

inline constexpr std::size_t kCommands = static_cast<std::size_t>(Command::kCount);

// Words of grid.command and station.command.
inline constexpr std::array<std::string_view, kCommands> kCommandNames = {
    "reset",
    "remote_start",
    "remote_stop",
    "make_inoperative",
    "unlock",
    "limit_to_nothing",
    "limit_beyond_rating",
    "limit",
    "clear_limits",
    "update_firmware",
    "change_settings",
    "change_network",
    "install_certificate",
    "delete_certificate",
    "clear_cache",
    "send_local_list",
    "reserve",
    "trigger",
    "read_all",
    "upload_log",
    "data_transfer",
};

// Below this current per phase a vehicle does not charge (IEC 61851-1, annex A: 6 A).
inline constexpr double kChargingMinA = 6;

// Voltage of a phase in Europe (EN 50160); elsewhere the conversion is off by less than a factor
// of two, which no judgement here depends on.
inline constexpr double kPhaseV = 230;

// The least power at which a vehicle charges: one phase.
inline constexpr double kChargingMinW = kChargingMinA * kPhaseV;

// The largest AC connector: three phases of 63 A (IEC 61851-1, mode 3; IEC 62196-2).
inline constexpr double kAcRatingA = 63;
inline constexpr double kAcRatingW = kAcRatingA * kPhaseV * 3;

// What a charging profile allows, in W.
struct Limits {
  double first_w = 0;  // From its begin on.
  double max_w = 0;    // Of all periods.
  double min_w = 0;
  bool charges_at_first = false;  // Whether a vehicle charges with what it begins with.
};

// Of a SetChargingProfile call; nothing when it sets no limit that can be read.
std::optional<Limits> limits_of(const Fact& fact);

// Actions of which some call is a command.
std::span<const std::string_view> command_actions();

// The command that a call is; nothing for other messages. `takes_more`: the station is known to
// carry more than any AC connector.
std::optional<Command> command_of(const Fact& fact, bool takes_more);

}  // namespace chargewarden::fleet_commands
