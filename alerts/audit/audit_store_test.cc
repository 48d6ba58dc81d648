#include "alerts/audit/audit_store.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alerts/audit/audit_reader.h"
#include "alerts/audit/database.h"
#include "alerts/audit/schema.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::TemporaryFolder;

namespace {

Record some_record(std::string body) {
  Record record;
  record.kind = RecordKind::kAction;
  record.station = "CP-1";
  record.action = "Reset";
  record.body = std::move(body);
  return record;
}

std::vector<std::string> bodies_of(const std::string& folder) {
  std::vector<std::string> out;
  auto reader = AuditReader::open(folder);
  REQUIRE(reader);
  std::uint64_t expected = 0;
  REQUIRE(reader->query({}, [&](const StoredRecord& record) {
    CHECK(record.index == expected++);
    out.emplace_back(record.body);
    return true;
  }));
  return out;
}

std::string error_of(const std::string& folder, ErrorCode code) {
  const auto store = AuditStore::open(folder);
  REQUIRE_FALSE(store);
  CHECK(store.error().code == code);
  return store.error().message;
}

void write_pragma(const std::string& folder, const std::string& sql) {
  auto database = Database::open(folder + "/audit.db", DatabaseAccess::kReadWrite);
  REQUIRE(database);
  REQUIRE(database->execute(sql));
}

}  // namespace

TEST_CASE("a commit does not wait until a group has grown") {
  const TemporaryFolder folder;
  AuditStoreOptions options;
  options.gather_ms = 3'600'000;
  auto store = AuditStore::open(folder.path(), options);
  REQUIRE(store);
  REQUIRE((*store)->append(some_record("a")));
  REQUIRE((*store)->commit());
  REQUIRE((*store)->wait_durable(0));
  REQUIRE((*store)->append(some_record("b")));  // The destructor does not wait either.
}

TEST_CASE("records keep their bytes and are numbered from zero, across runs") {
  const TemporaryFolder folder;
  const std::string odd("{\"\0\xff\n\"", 6);
  for (int run = 0; run < 2; ++run) {
    auto store = AuditStore::open(folder.path());
    REQUIRE(store);
    CHECK((*store)->next_index() == static_cast<std::uint64_t>(3 * run));
    REQUIRE((*store)->append(some_record("a")));
    REQUIRE((*store)->append(some_record(odd)));
    ActionRecord action;
    action.action = "Reset";
    auto index = (*store)->append(action);
    REQUIRE(index);
    CHECK(*index == static_cast<std::uint64_t>(3 * run + 2));
    REQUIRE((*store)->commit());
  }
  const auto bodies = bodies_of(folder.path());
  REQUIRE(bodies.size() == 6);
  CHECK(bodies[1] == odd);
  CHECK(bodies[5].find("\"index\":5") != std::string::npos);
}

TEST_CASE("closing writes what is queued") {
  const TemporaryFolder folder;
  {
    auto store = AuditStore::open(folder.path());
    REQUIRE(store);
    for (int i = 0; i < 10'000; ++i) REQUIRE((*store)->append(some_record("x")));
  }
  CHECK(bodies_of(folder.path()).size() == 10'000);
}

TEST_CASE("a missing folder is created, and nobody else may read the trail") {
  const TemporaryFolder folder;
  const std::string path = folder.below("new");
  REQUIRE(AuditStore::open(path));

  struct stat info {};

  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0007U) == 0);
  REQUIRE(::stat((path + "/audit.db").c_str(), &info) == 0);
  CHECK((info.st_mode & 0007U) == 0);
}

TEST_CASE("a durable record can be read while the writer goes on") {
  const TemporaryFolder folder;
  auto store = AuditStore::open(folder.path());
  REQUIRE(store);
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> durable = 0;
  std::thread writer([&] {
    while (!stop) {
      auto index = (*store)->append(some_record("x"));
      if (!index || !(*store)->commit()) return;
      durable = *index + 1;
    }
  });
  auto reader = AuditReader::open(folder.path());
  REQUIRE(reader);
  std::uint64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    const std::uint64_t promised = durable;
    auto count = reader->count();
    REQUIRE(count);
    CHECK(*count >= promised);
    CHECK(*count >= last);
    last = *count;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  stop = true;
  writer.join();
  CHECK(last > 0);
}

TEST_CASE("append waits when the disk is slower, and loses nothing") {
  const TemporaryFolder folder;
  const std::string big(60'000, 'x');
  // Twice what may wait, by bytes and by number.
  const std::size_t big_count = 2 * kAuditQueueBytesMax / big.size();
  {
    auto store = AuditStore::open(folder.path());
    REQUIRE(store);
    for (std::size_t i = 0; i < big_count; ++i) REQUIRE((*store)->append(some_record(big)));
    for (std::size_t i = 0; i < 2 * kAuditQueueMax; ++i) REQUIRE((*store)->append(some_record("")));
    REQUIRE((*store)->commit());
  }
  auto reader = AuditReader::open(folder.path());
  REQUIRE(reader);
  auto count = reader->count();
  REQUIRE(count);
  CHECK(*count == big_count + 2 * kAuditQueueMax);
}

TEST_CASE("a program that is killed while it appends loses nothing that was acknowledged") {
  for (int round = 0; round < 5; ++round) {
    const TemporaryFolder folder;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto store = AuditStore::open(folder.path());
      std::uint64_t acknowledged = 0;
      while (store && (*store)->append(some_record(fmt::format("{}", acknowledged))) &&
             (*store)->commit()) {
        ++acknowledged;
        if (::write(ends[1], &acknowledged, sizeof acknowledged) < 0) break;
        // Always some more on the way, not acknowledged.
        for (int i = 0; i < 20; ++i) {
          (void)(*store)->append(some_record(fmt::format("{}", acknowledged)));
          ++acknowledged;
        }
      }
      ::_exit(1);
    }
    ::close(ends[1]);
    std::uint64_t acknowledged = 0;
    const int messages = 3 + 7 * round;
    for (int i = 0; i < messages; ++i) {
      REQUIRE(::read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
    }
    REQUIRE(::kill(child, SIGKILL) == 0);
    std::uint64_t later = 0;
    while (::read(ends[0], &later, sizeof later) == sizeof later) acknowledged = later;
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));

    auto store = AuditStore::open(folder.path());  // The lock went with the process.
    REQUIRE(store);
    CHECK((*store)->next_index() >= acknowledged);
    REQUIRE((*store)->append(some_record("after")));
    REQUIRE((*store)->commit());
    const auto bodies = bodies_of(folder.path());
    for (std::size_t i = 0; i + 1 < bodies.size(); ++i) CHECK(bodies[i] == std::to_string(i));
    CHECK(bodies.back() == "after");
  }
}

TEST_CASE("a full disk is one clear error, and what was durable stays") {
  const TemporaryFolder folder;
  std::uint64_t durable = 0;
  {
    AuditStoreOptions options;
    options.size_max_bytes = 400'000;
    auto store = AuditStore::open(folder.path(), options);
    REQUIRE(store);
    Expected<void> done;
    while (done && durable < 10'000) {
      const auto appended = (*store)->append(some_record(std::string(1000, 'x')));
      REQUIRE(appended);
      done = (*store)->commit();
      if (done) ++durable;
    }
    REQUIRE_FALSE(done);
    CHECK(done.error().code == ErrorCode::kReadWrite);
    CHECK(done.error().message ==
          fmt::format("cannot write to audit trail \"{}/audit.db\": the disk or its limit is full",
                      folder.path()));
    const auto later = (*store)->append(some_record("x"));
    REQUIRE_FALSE(later);
    CHECK(later.error().message == done.error().message);
    CHECK_FALSE((*store)->wait_durable(durable));
    if (durable > 0) CHECK((*store)->wait_durable(durable - 1));
  }
  CHECK(durable > 100);
  CHECK(bodies_of(folder.path()).size() == durable);
}

TEST_CASE("a path that cannot be a folder is refused with one sentence that names it") {
  const TemporaryFolder folder;
  std::ofstream(folder.below("plain")).put('x');
  CHECK(error_of(folder.below("plain"), ErrorCode::kUsage) ==
        fmt::format("cannot open audit folder \"{}\" for writing: Not a directory",
                    folder.below("plain")));
  CHECK(error_of(folder.below("plain/sub"), ErrorCode::kUsage).find("Not a directory") !=
        std::string::npos);
  CHECK(error_of(folder.below("no/such"), ErrorCode::kUsage).find("No such file") !=
        std::string::npos);
}

TEST_CASE("a folder that may not be written is refused with one sentence") {
  // Writing into /proc is refused to everybody, root included.
  CHECK(error_of("/proc/chargewarden", ErrorCode::kUsage).find("\"/proc/chargewarden\"") !=
        std::string::npos);
  if (::geteuid() == 0) {
    WARN("skipped for root: a folder without write permission");
    return;
  }
  const TemporaryFolder folder;
  REQUIRE(::chmod(folder.path().c_str(), 0500) == 0);
  CHECK(error_of(folder.path(), ErrorCode::kReadWrite).find("Permission denied") !=
        std::string::npos);
}

TEST_CASE("a second program that would write is refused") {
  const TemporaryFolder folder;
  auto store = AuditStore::open(folder.path());
  REQUIRE(store);
  CHECK(error_of(folder.path(), ErrorCode::kReadWrite) ==
        fmt::format("audit folder \"{}\" is in use: another Chargewarden writes to it",
                    folder.path()));
}

TEST_CASE("what is not an audit trail is refused and left alone") {
  const TemporaryFolder folder;
  std::ofstream(folder.below("audit.db")) << std::string(5000, 'x');
  CHECK(error_of(folder.path(), ErrorCode::kUnreadable).find("not an audit trail") !=
        std::string::npos);
  CHECK(std::filesystem::file_size(folder.below("audit.db")) == 5000);

  std::filesystem::remove(folder.below("audit.db"));
  write_pragma(folder.path(), "CREATE TABLE other (x)");
  CHECK(error_of(folder.path(), ErrorCode::kUnreadable).find("but not an audit trail") !=
        std::string::npos);
}

TEST_CASE("a damaged audit trail is an error of one sentence") {
  const TemporaryFolder folder;
  {
    auto store = AuditStore::open(folder.path());
    REQUIRE(store);
    for (int i = 0; i < 2000; ++i) REQUIRE((*store)->append(some_record(std::string(500, 'x'))));
  }
  {
    std::fstream file(folder.below("audit.db"), std::ios::in | std::ios::out | std::ios::binary);
    for (std::streamoff page = 1; page < 200; ++page) {
      file.seekp(page * 4096);
      file << std::string(64, '\xee');
    }
  }
  const std::string message = [&] {
    const auto store = AuditStore::open(folder.path());
    if (!store) return store.error().message;
    auto reader = AuditReader::open(folder.path());
    REQUIRE(reader);
    const auto done = reader->query({}, [](const StoredRecord&) { return true; });
    REQUIRE_FALSE(done);
    CHECK(done.error().code == ErrorCode::kUnreadable);
    return done.error().message;
  }();
  CHECK(message.find("is damaged or not an audit trail") != std::string::npos);
}

TEST_CASE("a trail of a newer version is refused and left alone") {
  const TemporaryFolder folder;
  { REQUIRE(AuditStore::open(folder.path())); }
  write_pragma(folder.path(), fmt::format("PRAGMA user_version = {}", schema_version() + 1));
  CHECK(error_of(folder.path(), ErrorCode::kUnreadable).find("newer version") != std::string::npos);
  const auto reader = AuditReader::open(folder.path());
  REQUIRE_FALSE(reader);
  CHECK(reader.error().message.find("newer version") != std::string::npos);
}

TEST_CASE("a trail of an older version is brought up to date and keeps its records") {
  for (std::int64_t version = 0; version < schema_version(); ++version) {
    CAPTURE(version);
    const TemporaryFolder folder;
    { REQUIRE(AuditStore::open(folder.path())); }
    if (version == 1) {
      // Version 1 had no indexes.
      write_pragma(folder.path(),
                   "DROP INDEX record_time; DROP INDEX record_kind; DROP INDEX record_level;"
                   "DROP INDEX record_station; DROP INDEX record_rule; DROP INDEX record_action;"
                   "PRAGMA user_version = 1;"
                   "INSERT INTO record (idx, kind, time_ns, body) VALUES (0, 'action', 5, "
                   "CAST('old' AS BLOB))");
      CHECK(bodies_of(folder.path()) == std::vector<std::string>{"old"});
      auto reader = AuditReader::open(folder.path());
      REQUIRE(reader);
      AuditFilter filter;
      filter.kind = RecordKind::kAction;
      int found = 0;
      REQUIRE(reader->query(filter, [&](const StoredRecord&) { return ++found > 0; }));
      CHECK(found == 1);
    } else {
      std::filesystem::remove_all(folder.below("audit.db"));
    }
    {
      auto store = AuditStore::open(folder.path());
      REQUIRE(store);
      CHECK((*store)->next_index() == (version == 1 ? 1 : 0));
      REQUIRE((*store)->append(some_record("new")));
    }
    CHECK(bodies_of(folder.path()).back() == "new");
    auto database = Database::open(folder.below("audit.db"), DatabaseAccess::kReadOnly);
    REQUIRE(database);
    auto indexes = database->integer_of("SELECT count(*) FROM sqlite_schema WHERE type = 'index'");
    REQUIRE(indexes);
    CHECK(*indexes == 6);
  }
}

TEST_CASE("records can be neither changed nor deleted") {
  const TemporaryFolder folder;
  auto store = AuditStore::open(folder.path());
  REQUIRE(store);
  REQUIRE((*store)->append(some_record("original")));
  REQUIRE((*store)->commit());
  auto database = Database::open(folder.below("audit.db"), DatabaseAccess::kReadWrite);
  REQUIRE(database);
  for (const char* sql : {"UPDATE record SET body = x'00'", "DELETE FROM record",
                          "UPDATE record SET idx = 7", "DELETE FROM record WHERE idx = 0"}) {
    const auto done = database->execute(sql);
    REQUIRE_FALSE(done);
    CHECK(done.error().message.find("the audit trail is append only") != std::string::npos);
  }
  CHECK(bodies_of(folder.path()) == std::vector<std::string>{"original"});
}

TEST_CASE("every record is flushed before it is acknowledged") {
  const TemporaryFolder folder;
  auto store = AuditStore::open(folder.path());
  REQUIRE(store);
  REQUIRE((*store)->append(some_record("x")));
  REQUIRE((*store)->wait_durable(0));
  // A copy of the files as they are now is what a crash of the machine would leave.
  const TemporaryFolder copy;
  for (const char* name : {"audit.db", "audit.db-wal"}) {
    std::filesystem::copy_file(folder.below(name), copy.below(name));
  }
  CHECK(bodies_of(copy.path()) == std::vector<std::string>{"x"});
}
