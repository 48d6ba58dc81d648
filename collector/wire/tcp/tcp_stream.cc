#include "collector/wire/tcp/tcp_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace chargewarden {

namespace {

// Kept capacity of the comparison buffer; larger ones are given back when they empty, so that a
// connection that idles for days costs little.
constexpr std::size_t kUnackedKeepCapacity = 1024;

// Chunks that may wait behind holes of one stream; each costs a search.
constexpr std::size_t kWaitingChunksMax = 1024;

}  // namespace

void TcpStream::start(std::uint32_t next_sequence) noexcept {
  started_ = true;
  next_ = next_sequence;
  acked_ = next_sequence;
}

void TcpStream::ignore() noexcept {
  ignored_ = true;
  waiting_.clear();
  waiting_bytes_ = 0;
  unacked_ = {};
}

void TcpStream::rest() noexcept {
  drop_held();
  unacked_ = {};
}

void TcpStream::drop_held() noexcept {
  waiting_ = {};
  waiting_bytes_ = 0;
}

void TcpStream::hold(std::uint32_t sequence, Bytes payload, std::uint32_t missing_bytes,
                     std::int64_t time_ns) {
  class Nobody : public TcpStreamConsumer {
    void on_bytes(Bytes /*bytes*/) override {}

    void on_gap(std::uint64_t /*missing_bytes*/) override {}

    void on_conflict(std::uint32_t /*bytes*/) override {}
  };

  const bool room = waiting_bytes_ + payload.size() <= kHeldBytesMax;
  if (ignored_ || !started_ || !room || sequence - next_ > kWindowMaxLen) return;
  Nobody nobody;
  insert_waiting(sequence, payload, missing_bytes, time_ns, nobody);
}

void TcpStream::resume(TcpStreamConsumer& consumer) {
  fin_seen_ = false;
  far_seen_ = false;
  if (!ignored_) drain(consumer);
}

void TcpStream::on_segment(std::uint32_t sequence, Bytes payload, std::uint32_t missing_bytes,
                           std::int64_t time_ns, TcpStreamConsumer& consumer) {
  if (payload.empty() && missing_bytes == 0) return;
  if (!started_) start(sequence);
  const auto len = static_cast<std::uint32_t>(payload.size());
  if (ignored_) {
    if (before(next_, sequence + len)) {
      delivered_ += sequence + len - next_;
      next_ = sequence + len + missing_bytes;
    }
    return;
  }
  if (sequence == next_ && waiting_.empty()) {  // The ordinary case.
    deliver(payload, consumer);
    if (missing_bytes > 0) skip(missing_bytes, consumer);
    return;
  }
  if (before(sequence, next_)) {
    compare_with_unacked(sequence, payload, consumer);
    const std::uint32_t old = next_ - sequence;
    if (old >= len) {
      // All of the captured part is old; what was cut off behind it may still be new.
      if (old >= len + missing_bytes) return;
      if (waiting_.empty()) skip(len + missing_bytes - old, consumer);
      return;
    }
    payload = payload.subspan(old);
    sequence = next_;
  }
  if (sequence == next_) {
    // Bytes that wait already were captured first: only what lies before them is taken from here.
    insert_waiting(sequence, payload, missing_bytes, time_ns, consumer);
    drain(consumer);
    // The stream makes progress: what waits behind a hole may be forged, and must not end it.
    hole_since_ns_ = time_ns;
    return;
  }
  if (is_far_ahead(sequence, len)) return;
  insert_waiting(sequence, payload, missing_bytes, time_ns, consumer);
  if (waiting_bytes_ > kReorderBytesMax || waiting_.size() > kWaitingChunksMax) {
    overflowed_ = true;
    give_up_hole(consumer);
  } else {
    expire(time_ns, consumer);
  }
}

// A segment far beyond any window is not waited for, or a forged one could make the stream jump
// past what is really sent. Two that follow each other, or an acknowledgment, are believed.
bool TcpStream::is_far_ahead(std::uint32_t sequence, std::uint32_t len) {
  if (sequence - next_ <= kWindowMaxLen) return false;
  if (ack_seen_ && at_or_after(acked_, sequence)) return false;
  const bool follows = far_seen_ && sequence == far_end_;
  far_seen_ = true;
  far_end_ = sequence + len;
  return !follows;
}

void TcpStream::deliver(Bytes bytes, TcpStreamConsumer& consumer) {
  next_ += static_cast<std::uint32_t>(bytes.size());
  delivered_ += bytes.size();
  keep_unacked(bytes);
  if (!bytes.empty()) consumer.on_bytes(bytes);
}

void TcpStream::skip(std::uint32_t missing, TcpStreamConsumer& consumer) {
  next_ += missing;
  unacked_.clear();  // No longer contiguous.
  consumer.on_gap(missing);
}

void TcpStream::keep_unacked(Bytes bytes) {
  if (bytes.size() >= kUnackedBytesMax) {
    bytes = bytes.last(kUnackedBytesMax);
    unacked_.clear();
  } else if (unacked_.size() + bytes.size() > kUnackedBytesMax) {
    const std::size_t surplus = unacked_.size() + bytes.size() - kUnackedBytesMax;
    unacked_.erase(unacked_.begin(), unacked_.begin() + static_cast<std::ptrdiff_t>(surplus));
  }
  unacked_.insert(unacked_.end(), bytes.begin(), bytes.end());
}

void TcpStream::compare_with_unacked(std::uint32_t sequence, Bytes payload,
                                     TcpStreamConsumer& consumer) {
  const std::uint32_t kept_start = next_ - static_cast<std::uint32_t>(unacked_.size());
  std::uint32_t start = before(sequence, kept_start) ? kept_start : sequence;
  const std::uint32_t end_of_payload = sequence + static_cast<std::uint32_t>(payload.size());
  const std::uint32_t end = before(end_of_payload, next_) ? end_of_payload : next_;
  if (!before(start, end)) return;
  const std::uint32_t len = end - start;
  if (std::memcmp(payload.data() + (start - sequence), unacked_.data() + (start - kept_start),
                  len) != 0) {
    consumer.on_conflict(len);
  }
}

void TcpStream::on_ack(std::uint32_t acknowledgment) noexcept {
  if (!ack_seen_ || before(acked_, acknowledgment)) acked_ = acknowledgment;
  ack_seen_ = true;
  if (unacked_.empty()) return;
  const std::uint32_t kept_start = next_ - static_cast<std::uint32_t>(unacked_.size());
  if (at_or_after(acknowledgment, next_)) {
    if (unacked_.capacity() > kUnackedKeepCapacity) {
      unacked_ = {};
    } else {
      unacked_.clear();
    }
  } else if (before(kept_start, acknowledgment)) {
    unacked_.erase(unacked_.begin(), unacked_.begin() + (acknowledgment - kept_start));
  }
}

void TcpStream::on_fin(std::uint32_t sequence) noexcept {
  if (fin_seen_) return;
  fin_seen_ = true;
  fin_sequence_ = sequence;
  if (!started_) start(sequence);
}

// Cuts the payload into the parts that no waiting chunk covers. Chunks do not overlap and stand in
// order, so one walk is enough.
void TcpStream::insert_waiting(std::uint32_t sequence, Bytes payload, std::uint32_t missing_bytes,
                               std::int64_t time_ns, TcpStreamConsumer& consumer) {
  if (waiting_.empty()) hole_since_ns_ = time_ns;
  std::uint32_t at = sequence;
  const std::uint32_t end = sequence + static_cast<std::uint32_t>(payload.size());
  std::vector<Chunk>::size_type i = 0;
  std::uint32_t conflicting = 0;
  const auto part = [&](std::uint32_t from, std::uint32_t to) {
    return payload.subspan(from - sequence, to - from);
  };
  while (i < waiting_.size() && before(at, end)) {
    const Chunk& chunk = waiting_[i];
    const std::uint32_t chunk_bytes_end =
        chunk.sequence + static_cast<std::uint32_t>(chunk.bytes.size());
    if (at_or_after(at, chunk.end())) {
      ++i;
      continue;
    }
    if (before(at, chunk.sequence)) {
      const std::uint32_t to = before(end, chunk.sequence) ? end : chunk.sequence;
      const std::size_t count_before = waiting_.size();
      add_chunk(at, part(at, to), to == end && before(end, chunk.sequence) ? missing_bytes : 0);
      i += waiting_.size() - count_before;
      at = to;
      continue;
    }
    const std::uint32_t to = before(end, chunk_bytes_end) ? end : chunk_bytes_end;
    if (before(at, to) && std::memcmp(part(at, to).data(),
                                      chunk.bytes.data() + (at - chunk.sequence), to - at) != 0) {
      conflicting += to - at;
    }
    at = chunk.end();
  }
  if (before(at, end)) add_chunk(at, part(at, end), missing_bytes);
  if (conflicting > 0) consumer.on_conflict(conflicting);
}

void TcpStream::add_chunk(std::uint32_t sequence, Bytes bytes, std::uint32_t missing_bytes) {
  const auto place = std::find_if(waiting_.begin(), waiting_.end(), [&](const Chunk& chunk) {
    return before(sequence, chunk.sequence);
  });
  waiting_.insert(place, Chunk{sequence, missing_bytes, {bytes.begin(), bytes.end()}});
  waiting_bytes_ += bytes.size();
}

void TcpStream::drain(TcpStreamConsumer& consumer) {
  std::size_t count = 0;
  while (count < waiting_.size() && at_or_after(next_, waiting_[count].sequence)) {
    // Moved out, because the consumer may call ignore(), which clears what waits.
    const Chunk chunk = std::move(waiting_[count++]);
    waiting_bytes_ -= chunk.bytes.size();
    const std::uint32_t old = next_ - chunk.sequence;
    if (old < chunk.bytes.size()) deliver(Bytes(chunk.bytes).subspan(old), consumer);
    if (!ignored_ && before(next_, chunk.end())) skip(chunk.end() - next_, consumer);
    if (ignored_) return;
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  if (waiting_.empty()) waiting_.shrink_to_fit();
}

void TcpStream::give_up_hole(TcpStreamConsumer& consumer) {
  if (waiting_.empty()) return;
  skip(waiting_.front().sequence - next_, consumer);
  drain(consumer);
}

void TcpStream::expire(std::int64_t now_ns, TcpStreamConsumer& consumer) {
  while (!waiting_.empty()) {
    const bool acked = ack_seen_ && at_or_after(acked_, waiting_.front().sequence);
    if (now_ns - hole_since_ns_ < (acked ? kAckedHoleNs : kHoleNs)) return;
    give_up_hole(consumer);
    hole_since_ns_ = now_ns;
  }
}

void TcpStream::flush(TcpStreamConsumer& consumer) {
  while (!waiting_.empty()) give_up_hole(consumer);
}

}  // namespace chargewarden
