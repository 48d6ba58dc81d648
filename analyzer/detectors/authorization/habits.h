#pragma once
// Habits: whether stations ask the CSMS before a session begins, as a rule. Part of the
// authorization detector.
//
// Many stations lawfully do not: they know the token from a local list or from their cache, and
// neither can be seen. So a session without authorization says something only where all, or nearly
// all, others had one.

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "analyzer/detectors/expiring_map.h"

namespace chargewarden::session {

// Groups of stations that are told apart: CSMS, generation of OCPP, vendor and model.
// Test: habits_test.cc "the table of fleets is bounded".
inline constexpr std::size_t kFleetsMax = 4'096;

// Sessions that had an authorization before one without says something. Where a cache is in use,
// returning drivers need none: that so many in a row were all new is unlikely, the more so for
// different stations than for one.
inline constexpr std::int64_t kStationSessionsMin = 3;
inline constexpr std::int64_t kFleetSessionsMin = 4;

// At most one in so many sessions without authorization is an exception; more are a habit.
inline constexpr std::int64_t kExceptionShare = 10;

struct Habit {
  std::int64_t authorised = 0;
  std::int64_t bare = 0;

  [[nodiscard]] std::int64_t judged() const noexcept { return authorised + bare; }

  [[nodiscard]] bool usually_authorised(std::int64_t sessions_min) const noexcept {
    return authorised >= sessions_min && bare * kExceptionShare <= authorised;
  }
};

class Habits {
 public:
  explicit Habits(const HashKey& key) : key_(key), fleets_(key, kFleetsMax, 0) {}

  // Stations of one model that speak one generation of OCPP with one CSMS.
  Habit& fleet(std::string_view csms, bool is_2x, std::string_view vendor, std::string_view model) {
    SipHash13 hash(key_);
    hash.add(csms);
    hash.add(std::uint64_t{is_2x ? 1U : 0U});
    hash.add(vendor);
    hash.add(model);
    const std::uint64_t number = hash.finish();
    std::array<char, sizeof number> bytes;
    std::memcpy(bytes.data(), &number, bytes.size());
    return fleets_.at({bytes.data(), bytes.size()}, 0);
  }

  [[nodiscard]] std::uint64_t dropped() const noexcept { return fleets_.dropped(); }

 private:
  HashKey key_;
  ExpiringMap<Habit> fleets_;
};

}  // namespace chargewarden::session
