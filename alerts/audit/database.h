#pragma once
// Database and Statement: SQLite connections and prepared statements that close themselves and
// report errors as Expected. Only the audit trail uses them.
//
// A connection belongs to one thread at a time.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collector/base/byte_reader.h"
#include "collector/base/expected.h"

struct sqlite3;
struct sqlite3_stmt;

namespace chargewarden {

enum class DatabaseAccess : std::uint8_t {
  kReadWrite,  // Created when it is missing.
  kReadOnly,
  kImmutable,  // Read only, and promised that nobody writes: works on a read-only medium.
};

class Statement {
 public:
  Statement() = default;

  // Index of a parameter counts from 1, of a column from 0. Text and bytes must live until the next
  // reset(). Empty text is bound as NULL.
  void bind(int parameter, std::int64_t value);
  void bind_text(int parameter, std::string_view text);
  void bind_bytes(int parameter, std::string_view bytes);
  void bind_null(int parameter);

  // True: there is a row. False: done.
  Expected<bool> step();
  void reset();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  // Valid until the next step() or reset().
  [[nodiscard]] std::string_view text(int column) const;

 private:
  friend class Database;

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string place_;
};

class Database {
 public:
  Database() = default;

  static Expected<Database> open(const std::string& path, DatabaseAccess access);

  // One or more statements without parameters.
  Expected<void> execute(const std::string& sql);

  Expected<Statement> prepare(const std::string& sql);

  // The single integer that a query gives.
  Expected<std::int64_t> integer_of(const std::string& sql);

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };

  // What SQLite said last, as a sentence about the file.
  [[nodiscard]] Error error() const;

  std::unique_ptr<sqlite3, Close> connection_;
  std::string path_;
};

}  // namespace chargewarden
