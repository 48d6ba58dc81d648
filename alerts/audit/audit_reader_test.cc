#include "alerts/audit/audit_reader.h"

#include <filesystem>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "alerts/audit/audit_store.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::TemporaryFolder;

namespace {

class FilledTrail {
 public:
  FilledTrail() {
    auto store = AuditStore::open(path());
    REQUIRE(store);
    // Alerts of all levels and actions in turn, on three stations; time goes back once.
    for (std::int64_t i = 0; i < 100; ++i) {
      Record record;
      record.time_ns = i < 50 ? 1000 + i : i;
      record.station = fmt::format("CP-{}", i % 3);
      if (i % 2 == 0) {
        record.kind = RecordKind::kAlert;
        record.level = static_cast<Level>(i / 2 % 5);
        record.rule = i % 4 == 0 ? "even" : "odd";
      } else {
        record.kind = RecordKind::kAction;
        record.action = i % 5 == 0 ? "Reset" : "Heartbeat";
        record.outcome = "Accepted";
      }
      record.body = fmt::format("{{\"n\":{}}}", i);
      REQUIRE((*store)->append(std::move(record)));
    }
  }

  [[nodiscard]] const std::string& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

std::vector<std::uint64_t> indexes_of(AuditReader& reader, const AuditFilter& filter) {
  std::vector<std::uint64_t> out;
  REQUIRE(reader.query(filter, [&](const StoredRecord& record) {
    out.push_back(record.index);
    return true;
  }));
  return out;
}

}  // namespace

TEST_CASE("each filter takes the records that match, in order of their index") {
  const FilledTrail trail;
  auto reader = AuditReader::open(trail.path());
  REQUIRE(reader);

  struct Row {
    const char* name;
    AuditFilter filter;
    bool (*expected)(std::uint64_t);
  };

  std::vector<Row> rows;
  const auto add = [&](const char* name, bool (*expected)(std::uint64_t)) -> AuditFilter& {
    rows.push_back({name, {}, expected});
    return rows.back().filter;
  };
  add("all", [](std::uint64_t) { return true; });
  add("station", [](std::uint64_t i) { return i % 3 == 1; }).station = "CP-1";
  add("rule", [](std::uint64_t i) { return i % 4 == 0; }).rule = "even";
  add("action", [](std::uint64_t i) { return i % 10 == 5; }).action = "Reset";
  add("level", [](std::uint64_t i) { return i % 2 == 0 && i / 2 % 5 >= 3; }).level = Level::kHigh;
  add("kind", [](std::uint64_t i) { return i % 2 == 1; }).kind = RecordKind::kAction;
  add("from", [](std::uint64_t i) { return i >= 10 && i < 50; }).from_ns = 1010;
  add("to", [](std::uint64_t i) { return i >= 50 && i < 60; }).to_ns = 60;
  add("after", [](std::uint64_t i) { return i > 90; }).after = 90;
  add("nothing", [](std::uint64_t) { return false; }).station = "CP-9";
  AuditFilter& all_at_once = add("several", [](std::uint64_t i) {
    return i % 3 == 0 && i % 2 == 0 && i / 2 % 5 >= 1 && i % 4 == 0 && i < 40 && i > 5;
  });
  all_at_once.station = "CP-0";
  all_at_once.kind = RecordKind::kAlert;
  all_at_once.level = Level::kLow;
  all_at_once.rule = "even";
  all_at_once.from_ns = 1000;
  all_at_once.to_ns = 1040;
  all_at_once.after = 5;

  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = 0; i < 100; ++i) {
      if (row.expected(i)) expected.push_back(i);
    }
    CHECK(indexes_of(*reader, row.filter) == expected);
  }
}

TEST_CASE("pages follow each other without gap or overlap while the trail grows") {
  const FilledTrail trail;
  auto reader = AuditReader::open(trail.path());
  REQUIRE(reader);
  AuditFilter filter;
  filter.limit = 7;
  std::vector<std::uint64_t> seen;
  for (int page = 0; page < 30; ++page) {
    const auto indexes = indexes_of(*reader, filter);
    if (indexes.empty()) break;
    CHECK(indexes.size() <= 7);
    seen.insert(seen.end(), indexes.begin(), indexes.end());
    filter.after = indexes.back();
    if (page == 3) {
      auto store = AuditStore::open(trail.path());
      REQUIRE(store);
      ActionRecord action;
      action.action = "Reset";
      REQUIRE((*store)->append(action));
    }
  }
  REQUIRE(seen.size() == 101);
  for (std::uint64_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == i);
}

TEST_CASE("one record is found by its index") {
  const FilledTrail trail;
  auto reader = AuditReader::open(trail.path());
  REQUIRE(reader);
  std::string body;
  const auto take = [&](const StoredRecord& record) { body = record.body; };
  auto found = reader->show(42, take);
  REQUIRE(found);
  CHECK(*found);
  CHECK(body == "{\"n\":42}");
  for (const std::uint64_t index : {std::uint64_t{100}, UINT64_MAX}) {
    found = reader->show(index, take);
    REQUIRE(found);
    CHECK_FALSE(*found);
  }
}

TEST_CASE("reading stops when the caller has enough") {
  const FilledTrail trail;
  auto reader = AuditReader::open(trail.path());
  REQUIRE(reader);
  int taken = 0;
  REQUIRE(reader->query({}, [&](const StoredRecord&) { return ++taken < 3; }));
  CHECK(taken == 3);
}

TEST_CASE("a folder without an audit trail is an error that says so") {
  const auto reader = AuditReader::open("/nowhere/at/all");
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == ErrorCode::kUsage);
  CHECK(reader.error().message ==
        "no audit trail in \"/nowhere/at/all\": there is no file audit.db");
}

TEST_CASE("a trail can be read without writing anything beside it") {
  const FilledTrail trail;
  for (const char* name : {"audit.db-wal", "audit.db-shm"}) {
    std::filesystem::remove(trail.path() + "/" + name);
  }
  auto database = Database::open(trail.path() + "/audit.db", DatabaseAccess::kImmutable);
  REQUIRE(database);
  auto count = database->integer_of("SELECT count(*) FROM record");
  REQUIRE(count);
  CHECK(*count == 100);
  CHECK_FALSE(std::filesystem::exists(trail.path() + "/audit.db-shm"));
}

TEST_CASE("a name with characters of a URI is a name") {
  const FilledTrail trail;
  const std::string odd = trail.path() + "/a%20b?c#d";
  std::filesystem::create_directory(odd);
  std::filesystem::copy_file(trail.path() + "/audit.db", odd + "/audit.db");
  CHECK(AuditReader::open(odd));
  CHECK(Database::open(odd + "/audit.db", DatabaseAccess::kImmutable));
}
