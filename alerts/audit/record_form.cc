#include "alerts/audit/record_form.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "alerts/model/json_writer.h"
#include "alerts/model/text_form.h"

namespace chargewarden {

namespace {

std::string_view level_text(const StoredRecord& record) {
  return record.level ? to_string(*record.level) : std::string_view();
}

std::size_t width_of(std::string_view text) {
  const auto count = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  });
  return static_cast<std::size_t>(count);
}

// The first `columns` characters.
std::string_view cut_to(std::string_view text, std::size_t columns) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) == 0x80U) continue;
    if (columns == 0) return text.substr(0, i);
    --columns;
  }
  return text;
}

std::string safe(std::string_view text) {
  std::string out;
  append_terminal_safe(out, text);
  return out;
}

constexpr std::array<std::string_view, 7> kHeader = {"INDEX",   "TIME", "KIND",   "LEVEL",
                                                     "STATION", "WHAT", "OUTCOME"};

}  // namespace

void append_json_line(std::string& out, const StoredRecord& record) {
  JsonWriter json(out);
  json.begin_object();
  json.number("index", record.index);
  json.text("kind", record.kind);
  json.text("time", to_rfc3339(record.time_ns));
  const bool is_line = record.body.find('\n') == std::string_view::npos;
  if (is_line && nlohmann::json::accept(record.body)) {
    json.raw("body", record.body);
  } else {
    json.text("body", record.body);
  }
  json.end_object();
  out += '\n';
}

void append_csv_header(std::string& out) {
  out += "index,time,kind,level,station,rule,action,outcome,body\r\n";
}

void append_csv_cell(std::string& out, std::string_view text) {
  constexpr std::string_view kFormulaStarts = "=+-@\t\r";
  const bool formula = !text.empty() && kFormulaStarts.find(text[0]) != std::string_view::npos;
  const bool quoted = text.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) out += '"';
  if (formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quoted) out += '"';
}

void append_csv_row(std::string& out, const StoredRecord& record) {
  std::array<char, kRfc3339Len> time;
  out += std::to_string(record.index);
  for (const std::string_view cell :
       {format_rfc3339(record.time_ns, time), record.kind, level_text(record), record.station,
        record.rule, record.action, record.outcome, record.body}) {
    out += ',';
    append_csv_cell(out, cell);
  }
  out += "\r\n";
}

void RecordTable::add(const StoredRecord& record) {
  std::string what = safe(record.rule);
  if (!record.action.empty()) {
    if (!what.empty()) what += ' ';
    what += safe(record.action);
  }
  rows_.push_back({std::to_string(record.index), to_rfc3339(record.time_ns), safe(record.kind),
                   std::string(level_text(record)), safe(record.station), std::move(what),
                   safe(record.outcome)});
}

void RecordTable::render(std::size_t columns, std::string& out) const {
  std::array<std::size_t, kHeader.size()> widths{};
  for (std::size_t i = 0; i < kHeader.size(); ++i) widths[i] = kHeader[i].size();
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  const auto add_line = [&](const auto& cells) {
    std::string line;
    for (std::size_t i = 0; i < kHeader.size(); ++i) {
      const std::string_view cell = cells[i];
      const std::size_t padding = widths[i] - width_of(cell);
      const bool number = i == 0;
      if (number) line.append(padding, ' ');
      line += cell;
      if (!number) line.append(padding, ' ');
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += columns == 0 ? std::string_view(line) : cut_to(line, columns);
    out += '\n';
  };
  add_line(kHeader);
  for (const auto& row : rows_) add_line(row);
}

}  // namespace chargewarden
