#include "collector/flow/flow_table.h"

#include <algorithm>
#include <cstdlib>

namespace chargewarden {

namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;

// How long a closed connection absorbs late packets: twice the usual maximum segment lifetime.
constexpr std::int64_t kClosedKeepNs = 60 * kNsPerS;

// Order of activity is kept to this precision, which spares most packets the work.
constexpr std::int64_t kTouchNs = kNsPerS;

// How long a server may take to answer a SYN. Clients repeat it after 1, 3, 7, 15 and 31 s (RFC
// 6298, 2.1 and 5.5); whoever answers does so by then.
constexpr std::int64_t kAnswerNs = 60 * kNsPerS;

constexpr std::size_t kFirstSlots = 1024;

bool same_connection(const FlowKey& a, const FlowKey& b) noexcept {
  if (a.tunnel != b.tunnel) return false;
  if (a.source_port == b.source_port && a.destination_port == b.destination_port &&
      a.source_ip == b.source_ip && a.destination_ip == b.destination_ip) {
    return true;
  }
  return a.source_port == b.destination_port && a.destination_port == b.source_port &&
         a.source_ip == b.destination_ip && a.destination_ip == b.source_ip;
}

}  // namespace

FlowTable::FlowTable(ShardContext& shard, const std::vector<std::string>& sources,
                     std::size_t flows_max)
    : shard_(shard), sources_(sources), flows_max_(flows_max), slots_(kFirstSlots) {}

Origin FlowTable::origin_of(const Connection& connection) const {
  return {"wire", sources_[connection.source()], connection.last_packet(), connection.source()};
}

std::uint32_t FlowTable::find(const FlowKey& key, std::uint64_t hash) const noexcept {
  return slots_.find(hash, [&](std::uint32_t index) {
    const Entry& entry = entries_[index];
    return entry.hash == hash && same_connection(entry.connection->key(), key);
  });
}

void FlowTable::unlink(std::uint32_t index) {
  Entry& entry = entries_[index];
  (entry.previous == kNone ? newest_ : entries_[entry.previous].next) = entry.next;
  (entry.next == kNone ? oldest_ : entries_[entry.next].previous) = entry.previous;
}

void FlowTable::push_front(std::uint32_t index) {
  Entry& entry = entries_[index];
  entry.previous = kNone;
  entry.next = newest_;
  (newest_ == kNone ? oldest_ : entries_[newest_].previous) = index;
  newest_ = index;
}

void FlowTable::touch(std::uint32_t index, std::int64_t now_ns) {
  Entry& entry = entries_[index];
  if (now_ns - entry.moved_ns < kTouchNs && now_ns >= entry.moved_ns) return;
  entry.moved_ns = now_ns;
  if (newest_ == index) return;
  unlink(index);
  push_front(index);
}

std::unique_ptr<Connection> FlowTable::make_connection(const Segment& segment,
                                                       std::uint16_t source) {
  const bool syn = (segment.flags & kTcpSyn) != 0;
  const bool ack = (segment.flags & kTcpAck) != 0;
  ++shard_.stats.connections;
  if (syn) ++shard_.stats.connections_with_syn;
  return std::make_unique<Connection>(segment.key, segment, source, syn && !ack, syn, !syn);
}

std::uint32_t FlowTable::create(const Segment& segment, std::uint64_t hash, std::uint16_t source) {
  make_room(segment.time_ns);
  std::uint32_t index = kNone;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Entry& entry = entries_[index];
  entry = Entry{};
  entry.connection = make_connection(segment, source);
  entry.hash = hash;
  entry.moved_ns = segment.time_ns;
  ++live_;
  const auto hash_of = [this](std::uint32_t each) { return entries_[each].hash; };
  if (live_ * 2 > slots_.slots()) slots_.grow(hash_of);
  slots_.insert(hash, index);
  push_front(index);
  note_syn(index, segment);
  return index;
}

void FlowTable::remove(std::uint32_t index) {
  Entry& entry = entries_[index];
  waiting_bytes_ -= std::min(waiting_bytes_, entry.connection->waiting_bytes());
  slots_.erase(index, [this](std::uint32_t each) { return entries_[each].hash; });
  unlink(index);
  if (entry.listed_hole) std::erase(holes_, index);
  entry = Entry{};
  free_.push_back(index);
  --live_;
}

void FlowTable::make_room(std::int64_t now_ns) {
  // Two of the oldest at each new connection: closed ones go as fast as they come.
  for (int i = 0; i < 2 && oldest_ != kNone; ++i) {
    const Connection& oldest = *entries_[oldest_].connection;
    if (!oldest.closed() || now_ns - oldest.last_time_ns() < kClosedKeepNs) break;
    remove(oldest_);
  }
  while (live_ >= flows_max_) {
    Connection& victim = *entries_[oldest_].connection;
    if (!victim.closed()) {
      shard_.stats.limits.hit(Limit::kFlows);
      victim.close("evicted", origin_of(victim), shard_);
    }
    remove(oldest_);
  }
}

void FlowTable::replace(std::uint32_t index, const Segment& segment, std::uint16_t source,
                        std::string_view reason) {
  Entry& entry = entries_[index];
  waiting_bytes_ -= std::min(waiting_bytes_, entry.connection->waiting_bytes());
  entry.connection->close(reason, origin_of(*entry.connection), shard_);
  entry.connection = make_connection(segment, source);
  entry.reuse_pending = false;
  note_syn(index, segment);
}

// Whether the segment begins a new connection on the addresses of an old one. On an open connection
// a SYN alone proves nothing, it may be forged: the other end has to accept it, or data has to
// follow.
bool FlowTable::reopens(Entry& entry, const Segment& segment, std::size_t end) {
  Connection& connection = *entry.connection;
  const bool syn = (segment.flags & kTcpSyn) != 0;
  const bool ack = (segment.flags & kTcpAck) != 0;
  // A closed one of which something is known is as good as open: its end may be forged as well.
  if (connection.closed() && !(connection.resumable() && connection.has_data())) {
    return syn && !ack;
  }
  if (syn && !ack) {
    const TcpStream& own = connection.stream(end);
    const bool begun =
        own.delivered_bytes() + segment.payload.size() > 0 || connection.start_confirmed(end);
    if (own.started() && begun && segment.sequence + 1 != own.next_sequence()) {
      entry.reuse_pending = true;
      entry.reuse_sequence = segment.sequence + 1;
    }
    return false;
  }
  if (!entry.reuse_pending) return false;
  return (syn && ack && segment.acknowledgment == entry.reuse_sequence) ||
         (!segment.payload.empty() && segment.sequence == entry.reuse_sequence);
}

void FlowTable::on_segment(const Segment& segment, std::uint64_t hash, std::uint16_t source) {
  const std::int64_t now_ns = segment.time_ns;
  // The clock of a capture may leap, also back.
  if (!holes_.empty() && std::abs(now_ns - holes_checked_ns_) >= kNsPerS) check_holes(now_ns);
  if (!syns_.empty() && now_ns - syns_.front().time_ns >= kAnswerNs) expire_syns(now_ns);
  std::uint32_t index = find(segment.key, hash);
  if (index == kNone) {
    const bool begins =
        (segment.flags & kTcpSyn) != 0 || !segment.payload.empty() || segment.missing_bytes > 0;
    if (!begins || (segment.flags & kTcpRst) != 0) return;
    index = create(segment, hash, source);
  }
  Entry& entry = entries_[index];
  std::size_t end = entry.connection->end_of(segment.key);
  if (entry.connection->closed() || entry.reuse_pending || (segment.flags & kTcpSyn) != 0) {
    end = begin_again(index, segment, source, end);
  }
  touch(index, now_ns);
  const Origin origin{"wire", sources_[source], segment.packet_number, source};
  const std::size_t waiting_before = entry.connection->waiting_bytes();
  if (entry.connection->closed()) {
    entry.connection->hold(segment, end);
    bound_waiting(entry, waiting_before, origin);
    return;
  }
  entry.connection->on_segment(segment, end, origin, shard_);
  bound_waiting(entry, waiting_before, origin);
  if (entry.connection->closed()) note_closed(index);
  if (entry.connection->has_hole() && !entry.listed_hole) {
    entry.listed_hole = true;
    holes_.push_back(index);
  }
}

// Takes care of a segment that begins a new connection on these addresses, or shows that the old
// one did not end. Which end sent it, in the connection that it is for then.
std::size_t FlowTable::begin_again(std::uint32_t index, const Segment& segment,
                                   std::uint16_t source, std::size_t end) {
  Entry& entry = entries_[index];
  if (entry.connection->survives_close(segment, end)) {
    revive(index, segment, source, end);
  } else if (reopens(entry, segment, end)) {
    const std::uint32_t client_start = entry.reuse_sequence;
    const bool accepted = entry.reuse_pending;
    replace(index, segment, source, "replaced");
    end = entry.connection->end_of(segment.key);
    if (accepted && (segment.flags & kTcpSyn) != 0) {
      entry.connection->stream(1 - end).start(client_start);
    }
    return end;
  }
  return entry.connection->end_of(segment.key);
}

void FlowTable::revive(std::uint32_t index, const Segment& segment, std::uint16_t source,
                       std::size_t end) {
  Entry& entry = entries_[index];
  if (!entry.connection->can_resume(segment, end)) {
    if (entry.connection->forgotten()) shard_.stats.limits.hit(Limit::kResumable);
    replace(index, segment, source, "replaced");
    return;
  }
  const Origin origin{"wire", sources_[source], segment.packet_number, source};
  const std::size_t before = entry.connection->waiting_bytes();
  entry.connection->resume(segment, end, source, origin, shard_);
  entry.reuse_pending = false;
  bound_waiting(entry, before, origin);
}

void FlowTable::note_closed(std::uint32_t index) {
  const Connection& connection = *entries_[index].connection;
  if (!connection.resumable() || !connection.has_data()) return;
  closed_.emplace_back(index, connection.first_packet());
  if (closed_.size() <= kResumablePerShardMax) return;
  const auto [oldest, first_packet] = closed_.front();
  closed_.pop_front();
  Connection* victim = entries_[oldest].connection.get();
  if (victim == nullptr || !victim->closed() || victim->first_packet() != first_packet) return;
  waiting_bytes_ -= std::min(waiting_bytes_, victim->waiting_bytes());
  victim->forget();
}

void FlowTable::note_syn(std::uint32_t index, const Segment& segment) {
  if ((segment.flags & (kTcpSyn | kTcpAck)) != kTcpSyn) return;
  // What is left out is told when it is evicted, or at the end.
  if (syns_.size() >= flows_max_) syns_.pop_front();
  syns_.push_back({index, entries_[index].connection->first_packet(), segment.time_ns});
}

void FlowTable::expire_syns(std::int64_t now_ns) {
  while (!syns_.empty() && now_ns - syns_.front().time_ns >= kAnswerNs) {
    const Syn syn = syns_.front();
    syns_.pop_front();
    Connection* connection = entries_[syn.index].connection.get();
    if (connection == nullptr || connection->first_packet() != syn.first_packet) continue;
    if (connection->closed() || !connection->is_unanswered()) continue;
    connection->close_at(now_ns, "unanswered", origin_of(*connection), shard_);
  }
}

void FlowTable::bound_waiting(Entry& entry, std::size_t before, const Origin& origin) {
  const auto account = [&] {
    const std::size_t now = entry.connection->waiting_bytes();
    waiting_bytes_ = waiting_bytes_ + now - before;
    before = now;
  };
  account();
  if (waiting_bytes_ <= kReorderBytesPerShardMax) return;
  shard_.stats.limits.hit(Limit::kReorderBytesPerShard);
  entry.connection->flush(origin, shard_);
  account();
}

void FlowTable::check_holes(std::int64_t now_ns) {
  holes_checked_ns_ = now_ns;
  const std::vector<std::uint32_t> listed = std::move(holes_);
  holes_.clear();
  for (const std::uint32_t index : listed) {
    Entry& entry = entries_[index];
    const std::size_t before = entry.connection->waiting_bytes();
    if (!entry.connection->closed()) {
      entry.connection->expire(now_ns, origin_of(*entry.connection), shard_);
    }
    waiting_bytes_ = waiting_bytes_ + entry.connection->waiting_bytes() - before;
    entry.listed_hole = entry.connection->has_hole();
    if (entry.listed_hole) holes_.push_back(index);
  }
}

void FlowTable::finish() {
  // By first packet: the order of the table's memory is chance, the order of the input is not.
  std::vector<std::uint32_t> open;
  for (std::uint32_t index = newest_; index != kNone; index = entries_[index].next) {
    if (!entries_[index].connection->closed()) open.push_back(index);
  }
  std::sort(open.begin(), open.end(), [&](std::uint32_t a, std::uint32_t b) {
    const Connection& x = *entries_[a].connection;
    const Connection& y = *entries_[b].connection;
    return std::pair(x.source(), x.first_packet()) < std::pair(y.source(), y.first_packet());
  });
  for (const std::uint32_t index : open) {
    Connection& connection = *entries_[index].connection;
    connection.close("end_of_input", origin_of(connection), shard_);
  }
}

}  // namespace chargewarden
