#include "rules/lang/diagnostics.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "collector/base/text.h"

namespace chargewarden {

namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Cuts around the column at borders of UTF-8 characters.
void set_line_text(Diagnostic& out, std::string_view line) {
  const std::size_t column =
      std::min<std::size_t>(out.position.column == 0 ? 0 : out.position.column - 1, line.size());
  std::size_t begin = 0;
  if (line.size() > kShownLineMax && column > kShownLineMax / 2) {
    begin = std::min(column - kShownLineMax / 2, line.size() - kShownLineMax);
    while (begin < line.size() && is_continuation(line[begin])) ++begin;
  }
  std::size_t end = std::min(line.size(), begin + kShownLineMax);
  while (end > begin && end < line.size() && is_continuation(line[end])) --end;
  out.line_text = line.substr(begin, end - begin);
  out.mark_column = out.position.column == 0
                        ? 0
                        : static_cast<std::uint32_t>(column < begin ? 1 : column - begin + 1);
}

std::string_view severity_name(Problem problem) {
  return problem_def(problem).severity == Severity::kError ? "error" : "warning";
}

// Spaces, and the line's own tabs, up to the marked byte: one for each character.
std::string mark_indent(const Diagnostic& diagnostic) {
  std::string out;
  for (std::size_t i = 0; i + 1 < diagnostic.mark_column; ++i) {
    const char c = i < diagnostic.line_text.size() ? diagnostic.line_text[i] : ' ';
    if (is_continuation(c)) continue;
    out += c == '\t' ? '\t' : ' ';
  }
  return out;
}

// What a terminal must not get from a file: control characters.
std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7F) c = '?';
  }
  return out;
}

}  // namespace

void Diagnostics::add(Problem problem, const SourceFile& file, Position position,
                      std::string message, std::string hint) {
  Diagnostic out{.problem = problem,
                 .file = file.path(),
                 .position = position,
                 .line_text = {},
                 .message = std::move(message),
                 .hint = std::move(hint)};
  set_line_text(out, file.line(position.line));
  all_.push_back(std::move(out));
}

void Diagnostics::add_file(Problem problem, std::string file, std::string message,
                           std::string hint) {
  all_.push_back({.problem = problem,
                  .file = std::move(file),
                  .position = {},
                  .line_text = {},
                  .message = std::move(message),
                  .hint = std::move(hint)});
}

std::size_t Diagnostics::error_count() const noexcept {
  return all_.size() - warning_count();
}

std::size_t Diagnostics::warning_count() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(all_.begin(), all_.end(), [](const Diagnostic& diagnostic) {
        return problem_def(diagnostic.problem).severity == Severity::kWarning;
      }));
}

void Diagnostics::sort() {
  std::stable_sort(all_.begin(), all_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.file != b.file ? a.file < b.file : a.position < b.position;
  });
}

std::string render_text(const Diagnostic& diagnostic) {
  std::string out = printable(diagnostic.file);
  if (diagnostic.position.line != 0) {
    out += fmt::format(":{}:{}", diagnostic.position.line, diagnostic.position.column);
  }
  out += fmt::format(": {} {}: {}\n", severity_name(diagnostic.problem),
                     problem_def(diagnostic.problem).code, printable(diagnostic.message));
  if (!diagnostic.line_text.empty()) {
    out += fmt::format("  {}\n", printable(diagnostic.line_text));
    if (diagnostic.mark_column != 0) out += fmt::format("  {}^\n", mark_indent(diagnostic));
  }
  if (!diagnostic.hint.empty()) out += fmt::format("  hint: {}\n", printable(diagnostic.hint));
  return out;
}

std::string render_text(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) out += render_text(diagnostic);
  return out;
}

std::string render_json(const Diagnostics& diagnostics) {
  std::string out = "[";
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (out.size() > 1) out += ',';
    out += fmt::format("\n  {{\"code\": \"{}\", \"severity\": \"{}\", \"file\": ",
                       problem_def(diagnostic.problem).code, severity_name(diagnostic.problem));
    append_json_string(out, diagnostic.file);
    out += fmt::format(", \"line\": {}, \"column\": {}, \"message\": ", diagnostic.position.line,
                       diagnostic.position.column);
    append_json_string(out, diagnostic.message);
    out += ", \"hint\": ";
    append_json_string(out, diagnostic.hint);
    out += ", \"text\": ";
    append_json_string(out, diagnostic.line_text);
    out += '}';
  }
  out += diagnostics.all().empty() ? "]\n" : "\n]\n";
  return out;
}

}  // namespace chargewarden
