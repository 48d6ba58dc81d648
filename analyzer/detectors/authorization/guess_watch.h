#pragma once
// GuessWatch: tokens that are refused at one station, one after the other. Part of the
// authorization detector.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "analyzer/detectors/packets.h"
#include "analyzer/detectors/window.h"

namespace chargewarden::session {

// Refused tokens of one station that are told apart; beyond, attempts are counted.
// Test: guess_watch_test.cc "refused tokens are told apart up to a limit".
inline constexpr std::size_t kRefusedTokensMax = 1'024;

// Over which time refusals belong together (threat SA-05: ten minutes).
inline constexpr std::int64_t kGuessWindowNs = 600LL * 1'000'000'000;

// A token that is accepted this soon after others were refused was perhaps found by trying (threat
// SA-06: two minutes).
inline constexpr std::int64_t kFoundWithinNs = 120LL * 1'000'000'000;

// From how many different refused tokens on they are told (threat SA-05). Drivers try the two or
// three cards that they have.
inline constexpr std::size_t kGuessFloor = 5;

class GuessWatch {
 public:
  // A token was refused; `hash` stands for it. Whether it is time to tell.
  bool on_refused(std::string_view token, std::uint64_t hash, std::int64_t now_ns,
                  std::uint64_t tag);

  // A token was accepted. How many others were refused shortly before.
  std::size_t on_accepted(std::uint64_t hash, std::int64_t now_ns);

  // Whether the token was refused here within the window.
  [[nodiscard]] bool was_refused(std::uint64_t hash, std::int64_t now_ns) const;

  [[nodiscard]] std::size_t tokens() const noexcept { return refused_.size(); }

  [[nodiscard]] std::int64_t attempts() const noexcept { return attempts_; }

  [[nodiscard]] std::int64_t accepted() const noexcept { return accepted_; }

  [[nodiscard]] std::int64_t consecutive() const noexcept { return consecutive_; }

  [[nodiscard]] std::int64_t span_ns() const noexcept { return last_ns_ - first_ns_; }

  [[nodiscard]] const Packets& packets() const noexcept { return packets_; }

 private:
  // The latest refusals, for what is accepted after them.
  static constexpr std::size_t kRecent = 16;

  struct Refusal {
    std::int64_t time_ns = 0;
    std::uint64_t hash = 0;
  };

  DistinctSet refused_{kRefusedTokensMax};
  std::array<Refusal, kRecent> recent_{};
  std::size_t next_recent_ = 0;
  std::int64_t attempts_ = 0;
  std::int64_t accepted_ = 0;
  std::int64_t consecutive_ = 0;
  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
  std::size_t told_at_ = 0;
  std::optional<std::uint64_t> last_number_;
  Packets packets_;
};

// The number at the end of a token, decimal, or the whole token as a hexadecimal number; nothing
// when it has neither.
std::optional<std::uint64_t> number_of(std::string_view token);

}  // namespace chargewarden::session
