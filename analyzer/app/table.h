#pragma once
// Tables for people: columns as wide as their widest cell, the last one wrapped to what is left.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chargewarden {

// What a table is made for.
struct TableForm {
  std::size_t columns = 0;  // Width of the terminal, 0: as wide as the cells.
  bool colour = false;
};

struct TableRow {
  std::vector<std::string> cells;
  std::string_view colour = {};  // Escape sequence for the first cell; empty: none.
};

// The last column never becomes narrower than this, characters: a narrow terminal wraps the lines
// itself then. Test: table_test.cc "the last column is wrapped to what is left".
inline constexpr std::size_t kLastColumnMin = 20;

// Lines without blanks at their ends. Nothing in a cell can act upon the terminal. All rows have
// the same number of cells.
std::string render_table(const std::vector<TableRow>& rows, TableForm form);

// The words of the text, broken before `width` characters where there is a blank, and inside of a
// word that is longer.
std::vector<std::string> wrap_words(std::string_view text, std::size_t width);

}  // namespace chargewarden
