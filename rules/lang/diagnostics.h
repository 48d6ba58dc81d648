#pragma once
// Diagnostics: everything that is wrong with a set of rules, collected in one run.
//
// Filled by the steps of loading, then rendered as text for people or as JSON for editors. Data
// only; not shared between threads.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/lang/problem.h"
#include "rules/lang/source_file.h"

namespace chargewarden {

// Longest piece of the offending line that a message shows, bytes: a terminal's width twice over,
// so that a file of one endless line does not flood the screen.
// Test: diagnostics_test.cc "a long line is cut around the mark".
inline constexpr std::size_t kShownLineMax = 160;

struct Diagnostic {
  Problem problem;
  std::string file;
  Position position;
  std::string line_text;          // Piece of the line; empty when it concerns the whole file.
  std::uint32_t mark_column = 0;  // Byte of line_text that is meant, from 1; 0 when none is.
  std::string message;            // One sentence without capital and full stop.
  std::string hint;               // What to do; may be empty.
};

class Diagnostics {
 public:
  void add(Problem problem, const SourceFile& file, Position position, std::string message,
           std::string hint = {});

  // For a problem of a file that could not be read.
  void add_file(Problem problem, std::string file, std::string message, std::string hint = {});

  void add(Diagnostic diagnostic) { all_.push_back(std::move(diagnostic)); }

  [[nodiscard]] const std::vector<Diagnostic>& all() const noexcept { return all_; }

  [[nodiscard]] std::size_t error_count() const noexcept;
  [[nodiscard]] std::size_t warning_count() const noexcept;

  [[nodiscard]] bool has_errors() const noexcept { return error_count() != 0; }

  // By file, then line and column; the order of the same place stays.
  void sort();

 private:
  std::vector<Diagnostic> all_;
};

// file:line:column: error CW1305: message, the line, a mark below it, and the hint.
std::string render_text(const Diagnostic& diagnostic);
std::string render_text(const Diagnostics& diagnostics);

// A JSON list of objects {code, severity, file, line, column, message, hint, text}.
std::string render_json(const Diagnostics& diagnostics);

}  // namespace chargewarden
