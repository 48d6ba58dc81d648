#include "alerts/audit/audit_store.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "alerts/audit/database.h"
#include "alerts/audit/folder_lock.h"
#include "alerts/audit/schema.h"
#include "collector/base/thread.h"

namespace chargewarden {

namespace {

// 32 MB between two checkpoints: each copies pages of the log into the database, and flushes both.
constexpr int kCheckpointPages = 8'192;

// Pages of the indexes that stay in memory, KiB: four indexes grow at their ends, one all over.
constexpr int kCacheKib = 16 * 1024;

constexpr std::uint64_t kPageBytes = 4'096;

constexpr const char* kInsert =
    "INSERT INTO record (idx, kind, time_ns, level, station, rule, action, outcome, body) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

Expected<void> configure(Database& database, const AuditStoreOptions& options) {
  std::string sql = fmt::format(
      "PRAGMA page_size = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
      "PRAGMA wal_autocheckpoint = {}; PRAGMA journal_size_limit = {}; PRAGMA cache_size = -{};",
      kPageBytes, kCheckpointPages, 2 * kCheckpointPages * kPageBytes, kCacheKib);
  if (options.size_max_bytes != 0) {
    sql += fmt::format("PRAGMA max_page_count = {};", options.size_max_bytes / kPageBytes);
  }
  return database.execute(sql);
}

}  // namespace

// The queue, and the thread that empties it into the database.
class AuditStore::Writer {
 public:
  Writer(FolderLock lock, Database database, Statement insert, std::uint64_t count, int gather_ms)
      : gather_(gather_ms),
        lock_(std::move(lock)),
        database_(std::move(database)),
        insert_(std::move(insert)),
        next_(count),
        durable_(count) {
    thread_ = start_thread("audit", [this] { run(); });
  }

  ~Writer() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    work_.notify_all();
    thread_.join();
  }

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Expected<std::uint64_t> append(Record record) {
    const std::size_t size = record.body.size();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] {
      return failure_ || (queue_.size() < kAuditQueueMax &&
                          (queue_.empty() || queue_bytes_ + size <= kAuditQueueBytesMax));
    });
    if (failure_) return *failure_;
    queue_.push_back(std::move(record));
    queue_bytes_ += size;
    const std::uint64_t index = next_++;
    // The writer sleeps only on an empty queue, or until a group is full.
    const bool wake = queue_.size() == 1 || queue_.size() == kGroupMax;
    lock.unlock();
    if (wake) work_.notify_one();
    return index;
  }

  Expected<void> commit() {
    std::unique_lock lock(mutex_);
    const std::uint64_t target = next_;
    ++hurry_;
    work_.notify_one();
    done_.wait(lock, [&] { return failure_ || durable_ >= target; });
    --hurry_;
    if (durable_ < target) return *failure_;
    return {};
  }

  Expected<void> wait_durable(std::uint64_t index) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return failure_ || durable_ > index; });
    if (durable_ <= index) return *failure_;
    return {};
  }

  std::uint64_t next_index() {
    const std::lock_guard lock(mutex_);
    return next_;
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work_.wait_for(lock, gather_,
                     [this] { return stop_ || hurry_ > 0 || queue_.size() >= kGroupMax; });
      const std::vector<Record> group = take_group();
      const std::uint64_t first = durable_;
      lock.unlock();
      const auto written = write(group, first);
      lock.lock();
      if (written) {
        durable_ += group.size();
      } else {
        failure_ = written.error();
        queue_.clear();
      }
      done_.notify_all();
      if (failure_) return;
    }
  }

  std::vector<Record> take_group() {
    const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kGroupMax));
    std::vector<Record> group(std::make_move_iterator(queue_.begin()),
                              std::make_move_iterator(queue_.begin() + count));
    queue_.erase(queue_.begin(), queue_.begin() + count);
    for (const Record& record : group) queue_bytes_ -= record.body.size();
    return group;
  }

  // One transaction; without a commit nothing of it stays.
  Expected<void> write(const std::vector<Record>& group, std::uint64_t first) {
    if (auto begun = database_.execute("BEGIN IMMEDIATE"); !begun) return begun;
    std::uint64_t index = first;
    for (const Record& record : group) {
      auto inserted = insert(record, index++);
      if (inserted) continue;
      (void)database_.execute("ROLLBACK");
      return inserted;
    }
    auto committed = database_.execute("COMMIT");
    if (!committed) (void)database_.execute("ROLLBACK");
    return committed;
  }

  Expected<void> insert(const Record& record, std::uint64_t index) {
    insert_.bind(1, static_cast<std::int64_t>(index));
    insert_.bind_text(2, to_string(record.kind));
    insert_.bind(3, record.time_ns);
    if (record.level) {
      insert_.bind(4, static_cast<std::int64_t>(*record.level));
    } else {
      insert_.bind_null(4);
    }
    insert_.bind_text(5, record.station);
    insert_.bind_text(6, record.rule);
    insert_.bind_text(7, record.action);
    insert_.bind_text(8, record.outcome);
    insert_.bind_bytes(9, record.body);
    const auto done = insert_.step();
    insert_.reset();
    if (!done) return done.error();
    return {};
  }

  const std::chrono::milliseconds gather_;
  const FolderLock lock_;
  Database database_;  // Of the thread alone, as insert_.
  Statement insert_;

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable work_;
  std::condition_variable done_;
  std::deque<Record> queue_;
  std::size_t queue_bytes_ = 0;
  std::uint64_t next_;
  std::uint64_t durable_;  // Records 0 to durable_ - 1 are on the disk.
  int hurry_ = 0;          // Callers of commit(): groups are not gathered.
  bool stop_ = false;
  std::optional<Error> failure_;

  std::thread thread_;  // Last: runs on everything above.
};

AuditStore::AuditStore(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}

AuditStore::~AuditStore() = default;

Expected<std::unique_ptr<AuditStore>> AuditStore::open(const std::string& folder,
                                                       const AuditStoreOptions& options) {
  auto lock = FolderLock::acquire(folder);
  if (!lock) return lock.error();
  const std::string path = fmt::format("{}/{}", folder, kAuditFileName);
  // SQLite would create it readable for all; the log beside it takes over this mode.
  if (const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640); fd >= 0) {
    (void)::close(fd);
  }
  auto database = Database::open(path, DatabaseAccess::kReadWrite);
  if (!database) return database.error();
  auto version = check_schema(*database, path, EmptyStore::kAllowed);
  if (!version) return version.error();
  if (const auto done = configure(*database, options); !done) return done.error();
  if (const auto done = migrate(*database, *version); !done) return done.error();
  auto count = database->integer_of("SELECT coalesce(max(idx) + 1, 0) FROM record");
  if (!count) return count.error();
  auto insert = database->prepare(kInsert);
  if (!insert) return insert.error();
  return std::unique_ptr<AuditStore>(new AuditStore(
      std::make_unique<Writer>(std::move(*lock), std::move(*database), std::move(*insert),
                               static_cast<std::uint64_t>(*count), options.gather_ms)));
}

Expected<std::uint64_t> AuditStore::append(Record record) {
  return writer_->append(std::move(record));
}

Expected<std::uint64_t> AuditStore::append(const ActionRecord& action) {
  return writer_->append(make_record(action, next_index()));
}

Expected<std::uint64_t> AuditStore::append(const SensorRecord& sensor) {
  return writer_->append(make_record(sensor, next_index()));
}

Expected<void> AuditStore::commit() {
  return writer_->commit();
}

std::uint64_t AuditStore::next_index() const {
  return writer_->next_index();
}

Expected<void> AuditStore::record(const Alert& alert, std::string_view ocsf_json) {
  const auto appended = writer_->append(make_record(alert, ocsf_json));
  if (!appended) return appended.error();
  return {};
}

Expected<void> AuditStore::wait_durable(std::uint64_t index) {
  return writer_->wait_durable(index);
}

}  // namespace chargewarden
