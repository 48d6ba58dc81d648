#pragma once
// Regex: a compiled regular expression that is searched for in linear time.
//
// The only place that knows RE2. Immutable; may be shared between threads.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "collector/base/expected.h"

namespace re2 {
class RE2;
}

namespace chargewarden {

// Longest regular expression, bytes; the longest public one has 1,300.
// Test: regex_test.cc "what is too large is refused".
inline constexpr std::size_t kRegexMax = 8 * 1024;

// Memory that one expression and its automaton may use, bytes; RE2 falls back to a slower linear
// method when its automaton would grow beyond it. Test: as above.
inline constexpr std::int64_t kRegexMemoryMax = std::int64_t{4} << 20U;

class Regex {
 public:
  // The error says what is wrong with the expression.
  static Expected<Regex> compile(std::string_view pattern);

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  // Whether it occurs anywhere in the text.
  [[nodiscard]] bool search(std::string_view text) const;

 private:
  explicit Regex(std::unique_ptr<re2::RE2> re);

  std::unique_ptr<re2::RE2> re_;
};

}  // namespace chargewarden
