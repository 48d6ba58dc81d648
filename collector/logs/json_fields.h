#pragma once
// JsonFields: the members of the outermost object of a line, one after the other.
//
// For lines of logs, which may be cut, and may hold messages nested thousands deep: what is inside
// a member is skipped by its brackets and not checked. Constant memory, linear, no recursion.

#include <cstdint>
#include <string_view>

#include "collector/base/json_document.h"

namespace chargewarden {

enum class JsonFieldKind : std::uint8_t { kString, kNumber, kWord, kObject, kList };

struct JsonField {
  std::string_view name;   // As written, between the quotes.
  std::string_view value;  // Of a string what is between the quotes, else all of it.
  JsonFieldKind kind = JsonFieldKind::kWord;
  bool whole = true;  // False: the text ended within the value.
};

class JsonFields {
 public:
  // The text must begin with the opening brace.
  explicit JsonFields(std::string_view text) noexcept;

  // The next member; false at the end, or where the text is not JSON: see problem().
  bool next(JsonField& out) noexcept;

  // Whether the object did not end as an object does.
  [[nodiscard]] bool problem() const noexcept { return problem_; }

 private:
  bool fail() noexcept {
    problem_ = true;
    done_ = true;
    return false;
  }

  void skip_blanks() noexcept;
  [[nodiscard]] std::size_t string_end(std::size_t from) const noexcept;
  void read_value(JsonField& out) noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
  bool first_ = true;
  bool done_ = false;
  bool problem_ = false;
};

// The plain text of a string: as it stands, or without its escapes in memory of the arena. Has
// kJsonPadding readable bytes behind it if `raw` has.
std::string_view json_plain(std::string_view raw, ValueArena& arena);

// A copy in memory of the arena, with kJsonPadding readable bytes behind it.
std::string_view padded_copy(std::string_view text, ValueArena& arena);

}  // namespace chargewarden
