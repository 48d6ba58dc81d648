#pragma once
// SourceFile: the text that a rule came from, for messages that show the line.
//
// Owns the text. Shared by reference while a set of rules is loaded; nothing of it is kept later.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chargewarden {

// Place in a file, counted from 1; the column counts bytes. Line 0 means the file as a whole.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): it mistakes the 0 that the compiler compares with.
  auto operator<=>(const Position&) const = default;
};

class SourceFile {
 public:
  SourceFile(std::string path, std::string text);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  // The line without its line feed; empty when there is no such line.
  [[nodiscard]] std::string_view line(std::uint32_t number) const noexcept;

 private:
  std::string path_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
};

}  // namespace chargewarden
