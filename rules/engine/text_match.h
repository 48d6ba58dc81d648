#pragma once
// TextMatch: a pattern compiled for one comparison with a text.
//
// Needles are folded when the rule is loaded; the caller hands in the folded text, or the raw one
// for a cased test. Immutable; may be shared between threads.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/lang/pattern.h"

namespace chargewarden {

class TextMatch {
 public:
  enum class Shape : std::uint8_t { kAny, kExact, kPrefix, kSuffix, kContains, kGlob };

  TextMatch(const Pattern& pattern, bool cased);

  [[nodiscard]] bool matches(std::string_view text) const;

  [[nodiscard]] bool cased() const noexcept { return cased_; }

  [[nodiscard]] Shape shape() const noexcept { return shape_; }

  // The longest literal that a text must hold; empty when there is none.
  [[nodiscard]] std::string_view longest_literal() const noexcept;

  // The literal of every shape but kAny and kGlob.
  [[nodiscard]] const std::string& needle() const noexcept { return needle_; }

 private:
  // Between two `*`: literals, and `?` as an empty piece.
  struct Segment {
    std::vector<std::string> pieces;
  };

  [[nodiscard]] bool matches_glob(std::string_view text) const;

  bool cased_;
  Shape shape_ = Shape::kAny;
  std::string needle_;
  std::vector<Segment> segments_;
  bool open_begin_ = false;  // The pattern begins with `*`.
  bool open_end_ = false;
};

}  // namespace chargewarden
