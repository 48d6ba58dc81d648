#pragma once
// Regex: a compiled regular expression that is searched for in linear time; and RegexSet: many of
// them, of which one search tells whether any occurs.
//
// The only place that knows RE2. Immutable; may be shared between threads.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/expected.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace chargewarden {

// Longest regular expression, bytes; the longest public one has 1,300.
// Test: regex_test.cc "what is too large is refused".
inline constexpr std::size_t kRegexMax = 8 * 1024;

// Memory that one expression and its automaton may use, bytes; RE2 falls back to a slower linear
// method when its automaton would grow beyond it. Test: as above.
inline constexpr std::int64_t kRegexMemoryMax = std::int64_t{4} << 20U;

// Memory that a set and its automaton may use, bytes: four times that of one expression, for
// hundreds. Where they need more together there is no set, and where their automaton does, the set
// answers that it does not know.
// Test: regex_set_test.cc "expressions that are too large together make no set".
inline constexpr std::int64_t kRegexSetMemoryMax = std::int64_t{16} << 20U;

// Most literals of one expression that are weighed against each other, which takes time by their
// square; public expressions have 40. With more, none are told.
// Test: regex_set_test.cc "an expression of too many literals tells none".
inline constexpr std::size_t kRegexLiteralsMax = 200;

class Regex {
 public:
  // The error says what is wrong with the expression.
  static Expected<Regex> compile(std::string_view pattern);

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  // Whether it occurs anywhere in the text.
  [[nodiscard]] bool search(std::string_view text) const;

  [[nodiscard]] const std::string& pattern() const noexcept;

  // Folded ASCII literals of which the folded form of every text that it occurs in holds at least
  // one; empty when there are none to be told.
  [[nodiscard]] std::vector<std::string> required_literals() const;

 private:
  explicit Regex(std::unique_ptr<re2::RE2> re);

  std::unique_ptr<re2::RE2> re_;
};

class RegexSet {
 public:
  enum class Answer : std::uint8_t {
    kNone,
    kSome,
    kUnknown,  // Out of memory: each expression must be asked alone.
  };

  // Expressions that Regex::compile() takes; nullopt when they need more than the memory together.
  static std::optional<RegexSet> compile(const std::vector<std::string>& patterns,
                                         std::int64_t memory = kRegexSetMemoryMax);

  RegexSet(RegexSet&&) noexcept;
  RegexSet& operator=(RegexSet&&) noexcept;
  ~RegexSet();

  // Whether any of them occurs anywhere in the text.
  [[nodiscard]] Answer search(std::string_view text) const;

 private:
  class Impl;

  explicit RegexSet(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace chargewarden
