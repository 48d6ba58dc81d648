#include "alerts/audit/schema.h"

#include <array>

#include <fmt/format.h>

namespace chargewarden {

namespace {

// Step n brings version n to n + 1. A step that was released is never changed.
constexpr auto kMigrations = std::to_array<std::string_view>({
    // Version 1: records, append only. The triggers guard against mistakes, not against somebody
    // who owns the file.
    R"(
CREATE TABLE record (
  idx     INTEGER PRIMARY KEY,
  kind    TEXT NOT NULL,
  time_ns INTEGER NOT NULL,
  level   INTEGER,
  station TEXT,
  rule    TEXT,
  action  TEXT,
  outcome TEXT,
  body    BLOB NOT NULL
) STRICT;
CREATE TRIGGER record_is_not_updated BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
CREATE TRIGGER record_is_not_deleted BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
)",
    // Version 2: indexes for queries. The index comes right behind the term, so that a page of a
    // filtered list is one range, and the time behind it, so that bodies are read for hits only.
    R"(
CREATE INDEX record_time ON record (time_ns);
CREATE INDEX record_kind ON record (kind, idx, time_ns);
CREATE INDEX record_level ON record (level, idx, time_ns) WHERE level IS NOT NULL;
CREATE INDEX record_station ON record (station, idx, time_ns, kind, level)
  WHERE station IS NOT NULL;
CREATE INDEX record_rule ON record (rule, idx, time_ns) WHERE rule IS NOT NULL;
CREATE INDEX record_action ON record (action, idx, time_ns) WHERE action IS NOT NULL;
)",
});

}  // namespace

std::int64_t schema_version() {
  return static_cast<std::int64_t>(kMigrations.size());
}

Expected<std::int64_t> check_schema(Database& database, const std::string& path, EmptyStore empty) {
  auto application = database.integer_of("PRAGMA application_id");
  if (!application) return application.error();
  auto version = database.integer_of("PRAGMA user_version");
  if (!version) return version.error();
  auto objects = database.integer_of("SELECT count(*) FROM sqlite_schema");
  if (!objects) return objects.error();
  const bool is_empty = *application == 0 && *version == 0 && *objects == 0;
  if (is_empty && empty == EmptyStore::kAllowed) return 0;
  if (*application != kApplicationId) {
    return Error{ErrorCode::kUnreadable,
                 fmt::format("\"{}\" is a database, but not an audit trail", path)};
  }
  if (*version > schema_version()) {
    return Error{ErrorCode::kUnreadable,
                 fmt::format("audit trail \"{}\" was written by a newer version of Chargewarden "
                             "(format {}, this one knows {}): use that version",
                             path, *version, schema_version())};
  }
  return *version;
}

Expected<void> migrate(Database& database, std::int64_t version) {
  for (std::int64_t next = version + 1; next <= schema_version(); ++next) {
    const std::string_view step = kMigrations[static_cast<std::size_t>(next - 1)];
    auto done = database.execute(fmt::format(
        "BEGIN IMMEDIATE; {} PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT", step,
        kApplicationId, next));
    if (!done) return done;
  }
  return {};
}

}  // namespace chargewarden
