#pragma once
// How records are shown: JSON lines, CSV, and a table for people.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/audit/audit_reader.h"

namespace chargewarden {

// Appends one line: {"index":N,"kind":...,"time":...,"body":{...}}. A body that is not JSON, in a
// trail that somebody changed, becomes a JSON string.
void append_json_line(std::string& out, const StoredRecord& record);

// RFC 4180: header and one row for each record, lines end with CR LF. A cell that a spreadsheet
// would take for a formula (first character = + - @, tab or carriage return) gets a ' in front.
void append_csv_header(std::string& out);
void append_csv_row(std::string& out, const StoredRecord& record);

// Appends one cell of CSV.
void append_csv_cell(std::string& out, std::string_view text);

// Collects rows, then sets the columns as wide as their widest cell.
class RecordTable {
 public:
  void add(const StoredRecord& record);

  // Appends header and rows. Lines are cut at `columns` when that is not 0. Nothing in a cell can
  // act upon the terminal.
  void render(std::size_t columns, std::string& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace chargewarden
