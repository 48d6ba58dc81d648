#pragma once
// Sequence: whether the events of one session of OCPP 2.x are whole (seqNo of
// TransactionEventRequest; OCPP 2.0.1 part 2, E). Part of the transactions detector.

#include <array>
#include <cstdint>

namespace chargewarden::session {

enum class SequenceStep : std::uint8_t {
  kNew,
  kRetry,     // The latest event, or one whose place was still open, again: lawful.
  kReplay,    // An earlier event, byte for byte.
  kConflict,  // Its number came before with another content.
};

class Sequence {
 public:
  SequenceStep add(std::int64_t number, std::int64_t payload);

  // Numbers between the first and the last that did not come.
  [[nodiscard]] std::int64_t missing() const noexcept;

  [[nodiscard]] std::int64_t conflicts() const noexcept { return conflicts_; }

  // Whether it began with the first number: some stations count over all sessions, and then gaps
  // mean nothing.
  [[nodiscard]] bool from_start() const noexcept { return count_ > 0 && first_ <= 1; }

 private:
  // The latest events, in which one that comes again is looked for.
  static constexpr std::size_t kKept = 8;

  struct Seen {
    std::int64_t number = -1;
    std::int64_t payload = 0;
  };

  std::array<Seen, kKept> seen_{};
  std::size_t next_ = 0;
  std::int64_t first_ = 0;
  std::int64_t last_ = -1;
  std::int64_t count_ = 0;
  std::int64_t conflicts_ = 0;
};

}  // namespace chargewarden::session
