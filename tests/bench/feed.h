#pragma once
// What benchmarks are fed with: messages of one station over several sessions, by the generator's
// own content, so that they are what stations send.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "collector/base/json_document.h"
#include "tests/bench/ocpp_content.h"

namespace chargewarden::bench {

inline constexpr std::size_t kMessages = 4096;  // More than the caches of the first level hold.
inline constexpr std::int64_t kTimeNs = 1'795'305'600'123'456'789;

// Calls, each followed by its answer, with padding behind each text.
inline const std::vector<std::string>& messages() {
  static const std::vector<std::string> all = [] {
    Random random(1);
    Station station(random, 1, Version::k16);
    std::vector<std::string> out;
    Exchange exchange;
    for (std::int64_t i = 0; out.size() < kMessages; ++i) {
      do {  // Calls of the station only, so that even messages are the client's.
        station.next(kTimeNs + i * 10'000'000'000, exchange);
      } while (exchange.caller != End::kClient);
      for (const std::string& text : {exchange.call, exchange.answer}) {
        out.push_back(text);
        out.back().reserve(text.size() + kJsonPadding);
      }
    }
    return out;
  }();
  return all;
}

enum class Which : std::uint8_t { kAll, kCalls };

// The next message, round and round.
class Feed {
 public:
  explicit Feed(Which which = Which::kAll) : step_(which == Which::kAll ? 1 : 2) {}

  std::string_view next() {
    const std::string& text = messages()[at_ % kMessages];
    at_ += step_;
    bytes_ += text.size();
    return text;
  }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::size_t step_;
  std::size_t at_ = 0;
  std::size_t bytes_ = 0;
};

inline void count(benchmark::State& state, std::size_t bytes) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

}  // namespace chargewarden::bench
