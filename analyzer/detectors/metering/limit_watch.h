#pragma once
// LimitWatch: the charging profiles that one station accepted, and whether it keeps to them (threat
// SG-09), also by its own words (SG-13). Part of the metering detector.
//
// Only what is certain is compared: profiles with one period, while they are valid. The lowest
// limit of all purposes counts, of one purpose that of the highest stack level (OCPP 1.6, 3.13.2);
// a limit in ampere allows as much as three phases at the highest lawful voltage do.
// What the station says that it applies is compared the other way round: with the least that it may
// mean.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/metering/sample.h"
#include "analyzer/facts/fact.h"

namespace chargewarden::session {

// Profiles of one station that are known. Stations take at least one and seldom more than ten
// (ChargingProfileMaxStackLevel, MaxChargingProfilesInstalled). Beyond, the oldest is forgotten.
// Test: limit_watch_test.cc "the profiles of a station are bounded".
inline constexpr std::size_t kProfilesMax = 16;

// What LimitWatch keeps of one session.
struct LimitState {
  std::int64_t seen_ns = 0;  // The limit that applies, and the one that was told, by when they were
  std::int64_t told_ns = 0;  // accepted.
  int samples = 0;           // Above it, in a row.
  double power_w = 0;        // Latest.
  double power_before_w = 0;          // When the limit came; 0: judged.
  std::int64_t schedule_told_ns = 0;  // As told_ns, for what the station says that it applies.
};

class LimitWatch {
 public:
  // A SetChargingProfile that the station has accepted, with the fields of its call.
  void on_set(const Fact& answer);

  // A ClearChargingProfile that it has accepted: which are gone is not looked into.
  void on_clear() { profiles_.clear(); }

  // Compares a sample of the session with the limit of that time.
  void check(const Sample& sample, const Session& session, std::int64_t now_ns, LimitState& state,
             Reporter& reporter);

  // Compares what the station says that it applies to the session, a GetCompositeSchedule answered.
  void check_schedule(const Fact& answer, const Session& session, LimitState& state,
                      Reporter& reporter) const;

  struct Limit {
    double limit_w = 0;
    double limit_a = 0;         // 0: it is one in watts.
    std::int64_t since_ns = 0;  // When the station accepted it.
    std::uint64_t tag = 0;
  };

  // The lowest limit of a connector at that time.
  [[nodiscard]] std::optional<Limit> limit_of(std::int32_t connector, std::string_view transaction,
                                              std::int64_t now_ns) const;

 private:
  struct Profile {
    std::string id;
    std::string purpose;
    std::string transaction;
    std::int64_t stack_level = 0;
    std::int32_t connector = 0;  // 0: the whole station, or each connector.
    double limit_w = 0;
    double limit_a = 0;
    bool is_certain = false;  // One period, and an absolute or relative kind.
    bool set_aside = false;   // By another one that goes before it.
    std::int64_t from_ns = 0;
    std::int64_t to_ns = INT64_MAX;
    std::int64_t accepted_ns = 0;
    std::uint64_t tag = 0;
  };

  void set_aside();

  std::vector<Profile> profiles_;  // Oldest first.
  int followed_ = 0;               // Limits that brought the power of a session down.
};

}  // namespace chargewarden::session
