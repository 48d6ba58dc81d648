#pragma once
// The tables of the audit trail and how older ones become today's. FORMAT.md describes them.

#include <cstdint>
#include <string>
#include <string_view>

#include "alerts/audit/database.h"

namespace chargewarden {

// Name of the database inside the folder of an audit trail.
inline constexpr std::string_view kAuditFileName = "audit.db";

// PRAGMA application_id of an audit trail: "CWat" in ASCII.
inline constexpr std::int64_t kApplicationId = 0x43576174;

// PRAGMA user_version that this program writes: the number of migrations.
std::int64_t schema_version();

enum class EmptyStore : std::uint8_t { kRefused, kAllowed };

// Checks that the database is an audit trail of a version that we know, and returns the version; an
// empty database, if allowed, has version 0. kUnreadable when it is something else.
Expected<std::int64_t> check_schema(Database& database, const std::string& path, EmptyStore empty);

// Brings an audit trail, or an empty database, from `version` to schema_version(): one transaction
// for each step.
Expected<void> migrate(Database& database, std::int64_t version);

}  // namespace chargewarden
