#pragma once
// TcpStream: one direction of a TCP connection, put in order (RFC 9293, 3.4 and 3.10).
//
// Policy where copies of the same bytes differ: the first copy that was captured wins, and the
// difference is reported once per segment. Copies are compared while the receiver has not
// acknowledged the bytes: later copies cannot reach it any more. A hole is given up when the
// receiver has acknowledged what is missing (so that the capture lost it, not the network) and some
// time has passed, after a longer time in any case, or when too much waits behind it.
//
// Owned by its connection; one thread. Sequence numbers are compared modulo 2^32.

#include <cstdint>
#include <vector>

#include "collector/base/byte_reader.h"
#include "collector/base/limits.h"

namespace chargewarden {

// What a stream reports while it takes segments. Bytes are valid during the call.
class TcpStreamConsumer {
 public:
  virtual ~TcpStreamConsumer() = default;
  virtual void on_bytes(Bytes bytes) = 0;
  virtual void on_gap(std::uint64_t missing_bytes) = 0;
  virtual void on_conflict(std::uint32_t bytes) = 0;
};

class TcpStream {
 public:
  // An acknowledged hole is given up after this: packets of the two directions may be captured in
  // the wrong order, by seconds where a capture was stretched in time.
  static constexpr std::int64_t kAckedHoleNs = 3'000'000'000;
  // Any hole is given up after this: longer than common retransmission time-outs.
  static constexpr std::int64_t kHoleNs = 60'000'000'000;

  // A segment farther ahead than this is not waited for at once: 8 MiB is more than the windows of
  // charging stations and their back ends.
  static constexpr std::uint32_t kWindowMaxLen = 8U << 20U;

  [[nodiscard]] bool started() const noexcept { return started_; }

  // Begins at the byte after a SYN, or anywhere for a connection that is met in the middle.
  void start(std::uint32_t next_sequence) noexcept;

  // Takes a segment's payload. `missing_bytes` were cut off its end by the capture.
  void on_segment(std::uint32_t sequence, Bytes payload, std::uint32_t missing_bytes,
                  std::int64_t time_ns, TcpStreamConsumer& consumer);

  // The other end acknowledges everything before `acknowledgment`.
  void on_ack(std::uint32_t acknowledgment) noexcept;

  // Gives up a hole that is due; call when time has passed.
  void expire(std::int64_t now_ns, TcpStreamConsumer& consumer);

  // Gives up all holes: the connection has ended or the memory is needed.
  void flush(TcpStreamConsumer& consumer);

  // Sequence number of the FIN, once seen.
  void on_fin(std::uint32_t sequence) noexcept;

  // Everything up to the FIN has been delivered.
  [[nodiscard]] bool finished() const noexcept {
    return fin_seen_ && started_ && at_or_after(next_, fin_sequence_);
  }

  [[nodiscard]] std::uint32_t next_sequence() const noexcept { return next_; }

  [[nodiscard]] std::uint64_t delivered_bytes() const noexcept { return delivered_; }

  [[nodiscard]] std::size_t waiting_bytes() const noexcept { return waiting_bytes_; }

  [[nodiscard]] bool has_hole() const noexcept { return !waiting_.empty(); }

  // True when a hole was given up because of kReorderBytesMax since the last call.
  bool take_overflow() noexcept {
    const bool out = overflowed_;
    overflowed_ = false;
    return out;
  }

  // The connection seems to have ended: gives memory back, and remembers where the stream stands.
  void rest() noexcept;

  // While it rests: keeps what comes in the window, kHeldBytesMax at most, because the end of the
  // connection may have been forged. Nothing is delivered.
  void hold(std::uint32_t sequence, Bytes payload, std::uint32_t missing_bytes,
            std::int64_t time_ns);

  // Whether an acknowledgment is for bytes that are held.
  [[nodiscard]] bool holds_acknowledged(std::uint32_t acknowledgment) const noexcept {
    return !waiting_.empty() && before(next_, acknowledgment) &&
           at_or_after(waiting_.back().end(), acknowledgment);
  }

  void drop_held() noexcept;

  // Goes on where it rested, and delivers what was held.
  void resume(TcpStreamConsumer& consumer);

  // Stops keeping and delivering; only counts. For streams that nobody understands. A consumer may
  // call it while it is being called.
  void ignore() noexcept;

  static bool before(std::uint32_t a, std::uint32_t b) noexcept {
    return static_cast<std::int32_t>(a - b) < 0;
  }

  static bool at_or_after(std::uint32_t a, std::uint32_t b) noexcept { return !before(a, b); }

 private:
  struct Chunk {
    std::uint32_t sequence;
    std::uint32_t missing_bytes;  // Cut off behind the chunk by the capture.
    std::vector<std::uint8_t> bytes;

    [[nodiscard]] std::uint32_t end() const noexcept {
      return sequence + static_cast<std::uint32_t>(bytes.size()) + missing_bytes;
    }
  };

  bool is_far_ahead(std::uint32_t sequence, std::uint32_t len);
  void deliver(Bytes bytes, TcpStreamConsumer& consumer);
  void skip(std::uint32_t missing, TcpStreamConsumer& consumer);
  void keep_unacked(Bytes bytes);
  void compare_with_unacked(std::uint32_t sequence, Bytes payload, TcpStreamConsumer& consumer);
  void insert_waiting(std::uint32_t sequence, Bytes payload, std::uint32_t missing_bytes,
                      std::int64_t time_ns, TcpStreamConsumer& consumer);
  void add_chunk(std::uint32_t sequence, Bytes bytes, std::uint32_t missing_bytes);
  void drain(TcpStreamConsumer& consumer);
  void give_up_hole(TcpStreamConsumer& consumer);

  std::vector<Chunk> waiting_;         // Behind a hole, by sequence, without overlaps.
  std::vector<std::uint8_t> unacked_;  // The newest delivered bytes that are not acknowledged.
  std::uint64_t delivered_ = 0;
  std::int64_t hole_since_ns_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::uint32_t next_ = 0;   // Sequence number of the next byte to deliver.
  std::uint32_t acked_ = 0;  // Highest acknowledgment of the other end.
  std::uint32_t fin_sequence_ = 0;
  std::uint32_t far_end_ = 0;  // End of the last segment that was too far ahead.
  bool far_seen_ = false;
  bool started_ = false;
  bool ack_seen_ = false;
  bool fin_seen_ = false;
  bool ignored_ = false;
  bool overflowed_ = false;
};

}  // namespace chargewarden
