#pragma once
// AuditReader: the audit trail, for reading. Many may read while one program writes.
//
// Sees what is durable. Not shared between threads.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "alerts/audit/database.h"
#include "alerts/audit/record.h"
#include "collector/base/expected.h"

namespace chargewarden {

// Which records; a condition that is not set takes all.
struct AuditFilter {
  std::optional<std::int64_t> from_ns;  // Event time, this one included.
  std::optional<std::int64_t> to_ns;    // Event time, this one not included.
  std::string station;                  // These are exact; empty takes all.
  std::string rule;                     // Rule name.
  std::string action;                   // OCPP action; of alerts `create` or `update`.
  std::optional<Level> level;           // At least; leaves alerts only.
  std::optional<RecordKind> kind;
  std::optional<std::uint64_t> after;  // Records behind this index: the next page.
  std::uint64_t limit = UINT64_MAX;    // At most so many.
};

// One record as it is kept. Texts are views, valid until the call that delivers it returns.
struct StoredRecord {
  std::uint64_t index = 0;
  std::string_view kind;
  std::int64_t time_ns = 0;
  std::optional<Level> level;
  std::string_view station;
  std::string_view rule;
  std::string_view action;
  std::string_view outcome;
  std::string_view body;
};

class AuditReader {
 public:
  // kUsage when there is no audit trail in the folder; otherwise as AuditStore::open. Writes
  // nothing, and works where nothing can be written.
  static Expected<AuditReader> open(const std::string& folder);

  // Calls `take` for each record that matches, by index; stops when it returns false.
  Expected<void> query(const AuditFilter& filter,
                       const std::function<bool(const StoredRecord&)>& take);

  // False when there is no record with this index.
  Expected<bool> show(std::uint64_t index, const std::function<void(const StoredRecord&)>& take);

  // Records in the trail.
  Expected<std::uint64_t> count();

 private:
  AuditReader(Database database, std::int64_t version)
      : database_(std::move(database)), version_(version) {}

  Database database_;
  std::int64_t version_;  // Of the format: a trail that was not opened for writing may be older.
};

}  // namespace chargewarden
