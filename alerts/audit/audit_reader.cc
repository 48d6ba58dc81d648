#include "alerts/audit/audit_reader.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "alerts/audit/schema.h"

namespace chargewarden {

namespace {

constexpr const char* kColumns =
    "SELECT idx, kind, time_ns, level, station, rule, action, outcome, body FROM record ";

StoredRecord stored_record(const Statement& row) {
  StoredRecord out;
  out.index = static_cast<std::uint64_t>(row.integer(0));
  out.kind = row.text(1);
  out.time_ns = row.integer(2);
  if (!row.is_null(3)) {
    const std::int64_t level = row.integer(3);
    // A foreign hand may have written anything.
    if (level >= 0 && level <= static_cast<std::int64_t>(Level::kCritical)) {
      out.level = static_cast<Level>(level);
    }
  }
  out.station = row.text(4);
  out.rule = row.text(5);
  out.action = row.text(6);
  out.outcome = row.text(7);
  out.body = row.text(8);
  return out;
}

// The first format with indexes.
constexpr std::int64_t kIndexedVersion = 2;

// The index that narrows a filter most. SQLite would have to guess: it has no statistics, since
// gathering them writes to the trail.
std::string_view index_for(const AuditFilter& filter) {
  if (!filter.station.empty()) return "INDEXED BY record_station";
  if (!filter.rule.empty()) return "INDEXED BY record_rule";
  if (!filter.action.empty()) return "INDEXED BY record_action";
  if (filter.level) return "INDEXED BY record_level";
  if (filter.kind) return "INDEXED BY record_kind";
  if (filter.from_ns || filter.to_ns) return "INDEXED BY record_time";
  return "";
}

// The conditions of a filter as SQL, and its parameters in order.
class Conditions {
 public:
  explicit Conditions(const AuditFilter& filter) {
    if (filter.from_ns) number("time_ns >= ?", *filter.from_ns);
    if (filter.to_ns) number("time_ns < ?", *filter.to_ns);
    if (filter.after) number("idx > ?", to_parameter(*filter.after));
    if (filter.level) number("level >= ?", static_cast<std::int64_t>(*filter.level));
    if (filter.kind) text("kind = ?", std::string(to_string(*filter.kind)));
    if (!filter.station.empty()) text("station = ?", column_text(filter.station));
    if (!filter.rule.empty()) text("rule = ?", column_text(filter.rule));
    if (!filter.action.empty()) text("action = ?", column_text(filter.action));
    sql_ += " ORDER BY idx LIMIT ?";
    parameters_.push_back({to_parameter(filter.limit), {}});
  }

  [[nodiscard]] const std::string& sql() const { return sql_; }

  // The texts live as long as this object.
  void bind(Statement& statement) const {
    int number = 0;
    for (const Parameter& parameter : parameters_) {
      if (parameter.text.empty()) {
        statement.bind(++number, parameter.number);
      } else {
        statement.bind_text(++number, parameter.text);
      }
    }
  }

 private:
  struct Parameter {
    std::int64_t number;
    std::string text;
  };

  static std::int64_t to_parameter(std::uint64_t value) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
  }

  void add(std::string_view condition) {
    sql_ += sql_.empty() ? "WHERE " : " AND ";
    sql_ += condition;
  }

  void number(std::string_view condition, std::int64_t value) {
    add(condition);
    parameters_.push_back({value, {}});
  }

  void text(std::string_view condition, std::string value) {
    add(condition);
    parameters_.push_back({0, std::move(value)});
  }

  std::string sql_;
  std::vector<Parameter> parameters_;
};

}  // namespace

Expected<AuditReader> AuditReader::open(const std::string& folder) {
  const std::string path = fmt::format("{}/{}", folder, kAuditFileName);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return Error{ErrorCode::kUsage, fmt::format("no audit trail in \"{}\": there is no file {}",
                                                folder, kAuditFileName)};
  }
  auto database = Database::open(path, DatabaseAccess::kReadOnly);
  if (!database) return database.error();
  // Reading a WAL database needs the index of its log. Where that cannot be made, on a read-only
  // medium, an empty log means that the database itself is complete.
  if (!database->integer_of("SELECT count(*) FROM sqlite_schema")) {
    const auto log_size = std::filesystem::file_size(path + "-wal", error);
    if (error || log_size == 0) {
      database = Database::open(path, DatabaseAccess::kImmutable);
      if (!database) return database.error();
    }
  }
  auto version = check_schema(*database, path, EmptyStore::kRefused);
  if (!version) return version.error();
  return AuditReader(std::move(*database), *version);
}

Expected<void> AuditReader::query(const AuditFilter& filter,
                                  const std::function<bool(const StoredRecord&)>& take) {
  const Conditions conditions(filter);
  // The inner query runs on an index alone where it can; bodies are read for hits only.
  auto statement = database_.prepare(
      fmt::format("{} WHERE idx IN (SELECT idx FROM record {} {}) ORDER BY idx", kColumns,
                  version_ >= kIndexedVersion ? index_for(filter) : "", conditions.sql()));
  if (!statement) return statement.error();
  conditions.bind(*statement);
  while (true) {
    auto row = statement->step();
    if (!row) return row.error();
    if (!*row || !take(stored_record(*statement))) return {};
  }
}

Expected<bool> AuditReader::show(std::uint64_t index,
                                 const std::function<void(const StoredRecord&)>& take) {
  auto statement = database_.prepare(fmt::format("{} WHERE idx = ?", kColumns));
  if (!statement) return statement.error();
  if (index > INT64_MAX) return false;
  statement->bind(1, static_cast<std::int64_t>(index));
  auto row = statement->step();
  if (!row) return row.error();
  if (*row) take(stored_record(*statement));
  return *row;
}

Expected<std::uint64_t> AuditReader::count() {
  auto count = database_.integer_of("SELECT coalesce(max(idx) + 1, 0) FROM record");
  if (!count) return count.error();
  return static_cast<std::uint64_t>(*count);
}

}  // namespace chargewarden
