#include "alerts/audit/database.h"

#include <filesystem>

#include <fmt/format.h>
#include <sqlite3.h>

namespace chargewarden {

namespace {

// How long a statement waits for another connection, ms. In WAL mode readers and the writer do not
// block each other; only recovery and checkpoints hold locks, for moments.
constexpr int kBusyTimeoutMs = 5'000;

std::string_view column_bytes(sqlite3_stmt* statement, int column) {
  const void* const data = sqlite3_column_blob(statement, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return data == nullptr ? std::string_view()
                         : std::string_view(static_cast<const char*>(data), size);
}

// SQLite takes this promise only in a URI.
std::string immutable_uri(const std::string& path) {
  std::string out = "file://";
  for (const char c : std::filesystem::absolute(path).lexically_normal().string()) {
    if (c == '%' || c == '?' || c == '#') {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "?immutable=1";
}

Error error_of(int code, const char* message, std::string_view path) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {
          ErrorCode::kReadWrite,
          fmt::format("cannot write to audit trail \"{}\": the disk or its limit is full", path)};
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return {
          ErrorCode::kUnreadable,
          fmt::format("audit trail \"{}\" is damaged or not an audit trail ({}): keep the file, "
                      "and restore a backup or start with another folder",
                      path, message)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::kReadWrite,
              fmt::format("audit trail \"{}\" is in use by another program", path)};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {ErrorCode::kReadWrite,
              fmt::format("no permission to write to audit trail \"{}\"", path)};
    default:
      return {ErrorCode::kReadWrite,
              fmt::format("cannot read or write audit trail \"{}\": {}", path, message)};
  }
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  (void)sqlite3_finalize(statement);
}

void Database::Close::operator()(sqlite3* connection) const {
  (void)sqlite3_close_v2(connection);
}

// Binding fails only for a parameter that does not exist, or without memory; step() would then
// report it, since the columns do not take NULL in its place or the comparison finds nothing.
void Statement::bind(int parameter, std::int64_t value) {
  (void)sqlite3_bind_int64(statement_.get(), parameter, value);
}

void Statement::bind_text(int parameter, std::string_view text) {
  if (text.empty()) {
    bind_null(parameter);
    return;
  }
  (void)sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(), SQLITE_STATIC,
                            SQLITE_UTF8);
}

void Statement::bind_bytes(int parameter, std::string_view bytes) {
  (void)sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
}

void Statement::bind_null(int parameter) {
  (void)sqlite3_bind_null(statement_.get(), parameter);
}

Expected<bool> Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return error_of(result, sqlite3_errmsg(sqlite3_db_handle(statement_.get())), place_);
}

void Statement::reset() {
  (void)sqlite3_reset(statement_.get());
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  return column_bytes(statement_.get(), column);
}

Expected<Database> Database::open(const std::string& path, DatabaseAccess access) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == DatabaseAccess::kReadWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                : SQLITE_OPEN_READONLY;
  std::string name = path;
  if (access == DatabaseAccess::kImmutable) {
    name = immutable_uri(path);
    flags |= SQLITE_OPEN_URI;
  }
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(name.c_str(), &connection, flags, nullptr);
  Database database;
  database.connection_.reset(connection);
  database.path_ = path;
  if (result != SQLITE_OK) return error_of(result, sqlite3_errstr(result), path);
  (void)sqlite3_busy_timeout(connection, kBusyTimeoutMs);
  return database;
}

Error Database::error() const {
  return error_of(sqlite3_extended_errcode(connection_.get()), sqlite3_errmsg(connection_.get()),
                  path_);
}

Expected<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error();
  }
  return {};
}

Expected<Statement> Database::prepare(const std::string& sql) {
  sqlite3_stmt* prepared = nullptr;
  const int result = sqlite3_prepare_v2(connection_.get(), sql.c_str(),
                                        static_cast<int>(sql.size()), &prepared, nullptr);
  if (result != SQLITE_OK) return error();
  Statement statement;
  statement.statement_.reset(prepared);
  statement.place_ = path_;
  return statement;
}

Expected<std::int64_t> Database::integer_of(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  auto row = statement->step();
  if (!row) return row.error();
  return *row ? statement->integer(0) : 0;
}

}  // namespace chargewarden
