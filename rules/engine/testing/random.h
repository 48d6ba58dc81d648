#pragma once
// For tests: choices that are the same in every run.

#include <cstddef>
#include <random>

namespace chargewarden::testing {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) { return engine_() % bound; }

  bool one_in(std::size_t count) { return below(count) == 0; }

  template <std::size_t N>
  const char* pick(const char* const (&words)[N]) {
    return words[below(N)];
  }

 private:
  std::mt19937 engine_;
};

}  // namespace chargewarden::testing
