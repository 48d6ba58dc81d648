#pragma once
// AuditStore: the audit trail, for writing. Append only; records are numbered from 0 without holes.
//
// append() queues; one thread, `audit`, writes the queue in groups, one transaction and one flush
// to the disk (SQLite WAL, synchronous=FULL) for each group. A record is durable, and survives a
// crash of the program or the machine, once wait_durable() or commit() said so; before that it may
// be lost, and then everything after it too. A crash leaves nothing to repair.
//
// append() and next_index() are for one thread, the other functions for any. The folder is locked:
// a second program that opens it for writing is refused. After a failed write the store is closed
// for good: append() returns that failure, and no index is given out twice within a run.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "alerts/audit/record.h"
#include "alerts/dispatch/recorder.h"
#include "collector/base/expected.h"

namespace chargewarden {

// Records and bytes of bodies that may wait for the disk: some tenths of a second at full speed.
// append() waits beyond it. Test: audit_store_test.cc "append waits when the disk is slower".
inline constexpr std::size_t kAuditQueueMax = 16'384;
inline constexpr std::size_t kAuditQueueBytesMax = 32 * 1024 * 1024;

// Records in one transaction, at most: keeps the log file of a group small and commit() prompt.
// Test: as above, which appends more than one group holds.
inline constexpr std::size_t kGroupMax = 4'096;

// How long the writer waits for a group to grow, ms: a fifth of the time that a packet may take to
// a published alert (10 ms), for hundreds instead of thousands of flushes a second.
inline constexpr int kGatherMs = 2;

// The same for captures on the disk, whose packets are old: a group of the size that is worth its
// transaction.
inline constexpr int kGatherOfFilesMs = 25;

struct AuditStoreOptions {
  // Size that the database may reach, bytes, rounded down to pages; 0: as far as the disk goes.
  std::uint64_t size_max_bytes = 0;
  int gather_ms = kGatherMs;  // How long a group may grow before it is written.
};

class AuditStore final : public AlertRecorder {
 public:
  // Opens or creates FOLDER/audit.db, and the folder itself if only that is missing. Errors: kUsage
  // when the path cannot be a folder, kUnreadable when it holds something else or a newer format,
  // kReadWrite when it cannot be written or another program writes to it.
  static Expected<std::unique_ptr<AuditStore>> open(const std::string& folder,
                                                    const AuditStoreOptions& options = {});

  // Writes what is queued, then closes.
  ~AuditStore() override;
  AuditStore(const AuditStore&) = delete;
  AuditStore& operator=(const AuditStore&) = delete;

  // The index of the record, which must be next_index() where the body names it.
  Expected<std::uint64_t> append(Record record);
  Expected<std::uint64_t> append(const ActionRecord& action);
  Expected<std::uint64_t> append(const SensorRecord& sensor);

  // Makes everything that was appended durable, and returns when it is.
  Expected<void> commit();

  [[nodiscard]] std::uint64_t next_index() const override;
  Expected<void> record(const Alert& alert, std::string_view ocsf_json) override;
  Expected<void> wait_durable(std::uint64_t index) override;

 private:
  class Writer;
  explicit AuditStore(std::unique_ptr<Writer> writer);

  std::unique_ptr<Writer> writer_;
};

}  // namespace chargewarden
