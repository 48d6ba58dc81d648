#include "analyzer/app/table.h"

#include <algorithm>

#include "alerts/model/text_form.h"

namespace chargewarden {

namespace {

constexpr std::string_view kGap = "  ";

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

// Bytes of the first `count` characters.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!begins_character(text[i])) continue;
    if (count == 0) return i;
    --count;
  }
  return text.size();
}

void add_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + '\n';
}

std::string padded(std::string text, std::size_t width) {
  text.append(width - std::min(width, width_of(text)), ' ');
  return text;
}

}  // namespace

std::vector<std::string> wrap_words(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    std::string_view word = text.substr(0, text.find_first_of(" \t\r\n"));
    text.remove_prefix(word.size());
    if (word.empty()) break;
    const std::size_t used = width_of(lines.back());
    if (used > 0 && used + 1 + width_of(word) > width) lines.emplace_back();
    while (width_of(word) > width) {
      const std::size_t part = bytes_of(word, width);
      lines.back() = word.substr(0, part);
      lines.emplace_back();
      word.remove_prefix(part);
    }
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
  }
  return lines;
}

std::string render_table(const std::vector<TableRow>& rows, TableForm form) {
  std::vector<std::vector<std::string>> cells;
  std::vector<std::size_t> widths;
  for (const TableRow& row : rows) {
    auto& safe = cells.emplace_back();
    widths.resize(std::max(widths.size(), row.cells.size()));
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      append_terminal_safe(safe.emplace_back(), row.cells[i]);
      widths[i] = std::max(widths[i], width_of(safe.back()));
    }
  }
  if (widths.empty()) return {};
  std::size_t indent = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) indent += widths[i] + kGap.size();
  std::size_t last = std::max<std::size_t>(widths.back(), 1);
  if (form.columns != 0 && indent + last > form.columns) {
    last = std::max(kLastColumnMin, form.columns - std::min(form.columns, indent));
  }
  std::string out;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const bool coloured = form.colour && !rows[row].colour.empty();
    std::string line;
    for (std::size_t i = 0; i + 1 < cells[row].size(); ++i) {
      const std::string cell = padded(cells[row][i], widths[i]);
      line += coloured && i == 0 ? std::string(rows[row].colour) + cell + std::string(kColourOff)
                                 : cell;
      line += kGap;
    }
    const auto wrapped = wrap_words(cells[row].back(), last);
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
      add_line(out, (i == 0 ? line : std::string(indent, ' ')) + wrapped[i]);
    }
  }
  return out;
}

}  // namespace chargewarden
