#include "collector/flow/connection.h"

#include <algorithm>

#include <fmt/format.h>

#include "collector/event/defs/connection_events.h"

namespace chargewarden {

namespace {

// First bytes of a direction that are kept while probes cannot decide.
constexpr std::size_t kProbeBytesMax = 64;

constexpr std::int64_t kNsPerMs = 1'000'000;

// How long after its end a connection can go on with everything known: as long as closed ones are
// kept for late packets.
constexpr std::int64_t kResumeNs = 60'000'000'000;

// How often a connection of unknown protocol that goes on is told: seldom enough to cost nothing,
// often enough that a channel which stays open for days is seen within its first hour.
constexpr std::int64_t kProgressNs = 600'000'000'000;

}  // namespace

// What one direction delivers while a segment is taken in.
class Connection::Feed : public TcpStreamConsumer {
 public:
  Feed(Connection& connection, std::size_t end, const Origin& origin, ShardContext& shard)
      : connection_(connection), end_(end), origin_(origin), shard_(shard) {}

  void on_bytes(Bytes bytes) override { connection_.on_bytes(end_, bytes, origin_, shard_); }

  void on_gap(std::uint64_t missing) override {
    connection_.on_gap(end_, missing, origin_, shard_);
  }

  void on_conflict(std::uint32_t bytes) override {
    connection_.on_conflict(end_, bytes, origin_, shard_);
  }

 private:
  Connection& connection_;
  std::size_t end_;
  const Origin& origin_;
  ShardContext& shard_;
};

Connection::Connection(const FlowKey& key, const Segment& first, std::uint16_t source,
                       bool source_is_client, bool roles_known, bool midstream)
    : key_(key),
      first_time_ns_(first.time_ns),
      last_time_ns_(first.time_ns),
      first_packet_(first.packet_number),
      last_packet_(first.packet_number),
      source_(source),
      end0_is_client_(source_is_client),
      roles_known_(roles_known),
      midstream_(midstream) {}

void Connection::on_segment(const Segment& segment, std::size_t end, const Origin& origin,
                            ShardContext& shard) {
  last_time_ns_ = segment.time_ns;
  last_packet_ = segment.packet_number;
  TcpStream& own = streams_[end];
  TcpStream& other = streams_[1 - end];
  const bool syn = (segment.flags & kTcpSyn) != 0;
  if (syn && (segment.flags & kTcpAck) != 0 && side_of(end) == Side::kServer) accepted_ = true;
  const std::uint32_t sequence = segment.sequence + (syn ? 1U : 0U);
  // A second attempt on the same ports brings a new number.
  if (syn && !confirmed_[end] && own.delivered_bytes() == 0 && !own.has_hole()) own.start(sequence);
  Feed feed(*this, end, origin, shard);
  own.on_segment(sequence, segment.payload, segment.missing_bytes, segment.time_ns, feed);
  if (gave_up_ && !segment.payload.empty()) note_unknown(segment, origin, shard);
  if (own.take_overflow()) shard.stats.limits.hit(Limit::kReorderBytes);
  if ((segment.flags & kTcpAck) != 0 && other.started()) {
    if (segment.acknowledgment == other.next_sequence()) confirmed_[1 - end] = true;
    other.on_ack(segment.acknowledgment);
    if (other.has_hole()) {
      Feed other_feed(*this, 1 - end, origin, shard);
      other.expire(segment.time_ns, other_feed);
    }
  }
  // A reset or a FIN outside the window is not one (RFC 9293, 3.10.7.4). Inside it receivers accept
  // a reset only at the next number (RFC 5961, 3.2), which a sensor knows less exactly than they
  // do: it believes any, and resumes the connection when the peers do not.
  const auto in_window = [&own](std::uint32_t place) {
    return !own.started() || place - own.next_sequence() <= TcpStream::kWindowMaxLen;
  };
  if ((segment.flags & kTcpFin) != 0) {
    const std::uint32_t fin =
        sequence + static_cast<std::uint32_t>(segment.payload.size()) + segment.missing_bytes;
    if (in_window(fin)) own.on_fin(fin);
  }
  if ((segment.flags & kTcpRst) != 0) {
    if (in_window(sequence)) {
      reset_end_ = static_cast<std::uint8_t>(end);
      reset_sequence_ = sequence;
      close("reset", origin, shard);
    }
  } else if (own.finished() && other.finished()) {
    close("fin", origin, shard);
  }
}

bool Connection::survives_close(const Segment& segment, std::size_t end) const noexcept {
  const bool by_this_end = reset_end_ == end || reset_end_ >= streams_.size();
  if (!closed_ || !by_this_end || (segment.flags & kTcpRst) != 0) return false;
  const TcpStream& own = streams_[end];
  const bool ack = (segment.flags & kTcpAck) != 0;
  if ((segment.flags & kTcpSyn) != 0) return ack && !own.started();
  if (segment.payload.empty()) {
    return ack && streams_[1 - end].holds_acknowledged(segment.acknowledgment);
  }
  return !own.started() || TcpStream::at_or_after(segment.sequence, own.next_sequence());
}

bool Connection::can_resume(const Segment& segment, std::size_t end) const noexcept {
  const TcpStream& own = streams_[end];
  const bool in_window = !own.started() || segment.payload.empty() ||
                         segment.sequence - own.next_sequence() <= TcpStream::kWindowMaxLen;
  // Nor does a new connection of which the SYN was not captured know what the other end sent (RFC
  // 5961, 5.2).
  const TcpStream& other = streams_[1 - end];
  const std::uint32_t ack_from = other.next_sequence() - TcpStream::kWindowMaxLen;
  const bool ack_fits = (segment.flags & kTcpAck) == 0 || !other.started() ||
                        segment.acknowledgment - ack_from <= 2 * TcpStream::kWindowMaxLen;
  return resumable_ && in_window && ack_fits && segment.time_ns - last_time_ns_ <= kResumeNs;
}

void Connection::resume(const Segment& segment, std::size_t end, std::uint16_t source,
                        const Origin& origin, ShardContext& shard) {
  // Data before the reset was only overtaken by it.
  const std::uint32_t segment_end =
      segment.sequence + static_cast<std::uint32_t>(segment.payload.size());
  const bool by_reset = reset_end_ < streams_.size();
  const bool late =
      by_reset && !segment.payload.empty() && TcpStream::at_or_after(reset_sequence_, segment_end);
  closed_ = false;
  resumable_ = false;
  reported_ = false;
  reset_end_ = 2;
  first_time_ns_ = last_time_ns_ = segment.time_ns;
  first_packet_ = last_packet_ = segment.packet_number;
  source_ = source;
  for (std::size_t i = 0; i < streams_.size(); ++i)
    bytes_before_[i] = streams_[i].delivered_bytes();
  ++shard.stats.connections;
  const std::string before = std::move(info_.id);
  settle_roles(origin, shard, before);
  if (!late) report_anomaly(by_reset ? "reset_ignored" : "fin_ignored", {}, end, origin, shard);
  // The other end first: it went on speaking while this one was silent.
  for (const std::size_t each : {1 - end, end}) {
    TcpStream& stream = streams_[each];
    const bool had_finished = stream.finished();
    const std::uint32_t fin = stream.next_sequence();
    Feed feed(*this, each, origin, shard);
    stream.resume(feed);
    // Only the FIN of the end that goes on is disproved.
    if (had_finished && each != end) stream.on_fin(fin);
  }
}

void Connection::hold(const Segment& segment, std::size_t end) {
  if (!resumable_ || (segment.flags & kTcpRst) != 0) return;
  if (segment.payload.empty() && segment.missing_bytes == 0) return;
  streams_[end].hold(segment.sequence, segment.payload, segment.missing_bytes, segment.time_ns);
}

void Connection::forget() {
  forgotten_ = resumable_;
  resumable_ = false;
  stop_decoding();
}

void Connection::expire(std::int64_t now_ns, const Origin& origin, ShardContext& shard) {
  for (std::size_t end = 0; end < streams_.size(); ++end) {
    Feed feed(*this, end, origin, shard);
    streams_[end].expire(now_ns, feed);
  }
}

void Connection::flush(const Origin& origin, ShardContext& shard) {
  if (closed_) {
    for (TcpStream& stream : streams_) stream.drop_held();
    return;
  }
  for (std::size_t end = 0; end < streams_.size(); ++end) {
    Feed feed(*this, end, origin, shard);
    streams_[end].flush(feed);
  }
}

void Connection::close_at(std::int64_t now_ns, std::string_view reason, const Origin& origin,
                          ShardContext& shard) {
  last_time_ns_ = now_ns;
  close(reason, origin, shard);
}

void Connection::close(std::string_view reason, const Origin& origin, ShardContext& shard) {
  if (closed_) return;
  flush(origin, shard);
  settle_roles(origin, shard);
  StreamContext context = make_context(origin, shard);
  context.ended_by_fin = reason == "fin";
  if (decoder_ != nullptr) {
    decoder_->on_end(context);
    protocol_ = decoder_->protocol();
  }
  if (decoder_ == nullptr && protocol_ == "unknown" && has_data()) {
    ++shard.stats.connections_unknown;
  }
  if (context.wants(connection::kClosed)) {
    Event event = context.make_event(connection::kClosed, Side::kClient);
    event.set_text(connection::kCloseReason, reason);
    event.set_int(connection::kDurationMs, (last_time_ns_ - first_time_ns_) / kNsPerMs);
    event.set_int(connection::kClientBytes, bytes_of(Side::kClient));
    event.set_int(connection::kServerBytes, bytes_of(Side::kServer));
    event.set_text(connection::kProtocol, protocol_);
    set_accepted(event, connection::kClosedAccepted);
    const std::size_t client = end0_is_client_ ? 0 : 1;
    std::array<std::string, 2> hashes;
    for (std::size_t end = 0; raw_ != nullptr && end < hashes.size(); ++end) {
      if (streams_[end].finished()) hashes[end] = (*raw_)[end].sha256();
    }
    if (!hashes[client].empty()) event.set_text(connection::kClientSha256, hashes[client]);
    if (!hashes[1 - client].empty()) event.set_text(connection::kServerSha256, hashes[1 - client]);
    context.emit(event);
  }
  shard.slots.release(info_.slot);
  closed_ = true;
  // Only a reset or a FIN of somebody else can have been forged.
  resumable_ = reason == "reset" || reason == "fin";
  if (!resumable_) stop_decoding();
  for (TcpStream& stream : streams_) stream.rest();
}

std::int64_t Connection::bytes_of(Side side) const noexcept {
  const std::size_t end = side_of(0) == side ? 0 : 1;
  return static_cast<std::int64_t>(streams_[end].delivered_bytes() - bytes_before_[end]);
}

void Connection::set_accepted(Event& event, FieldKey key) const {
  if (!midstream_) event.set_bool(key, accepted_);
}

// A segment with payload on a connection that nobody understands.
void Connection::note_unknown(const Segment& segment, const Origin& origin, ShardContext& shard) {
  if (decoder_ != nullptr || protocol_ != "unknown" || closed_) return;
  if (rhythm_ == nullptr) {
    rhythm_ = std::make_unique<Rhythm>();
    rhythm_->told_ns = rhythm_->latest_ns = segment.time_ns;
  }
  rhythm_->longest_silence_ns =
      std::max(rhythm_->longest_silence_ns, segment.time_ns - rhythm_->latest_ns);
  rhythm_->latest_ns = segment.time_ns;
  rhythm_->largest_bytes = std::max(rhythm_->largest_bytes, segment.payload.size());
  if (segment.time_ns - rhythm_->told_ns < kProgressNs) return;
  rhythm_->told_ns = segment.time_ns;
  report_progress(origin, shard);
}

void Connection::report_progress(const Origin& origin, ShardContext& shard) {
  settle_roles(origin, shard);
  const StreamContext context = make_context(origin, shard);
  if (!context.wants(connection::kProgress)) return;
  Event event = context.make_event(connection::kProgress, Side::kClient);
  event.set_int(connection::kProgressDurationMs, (last_time_ns_ - first_time_ns_) / kNsPerMs);
  event.set_int(connection::kProgressClientBytes, bytes_of(Side::kClient));
  event.set_int(connection::kProgressServerBytes, bytes_of(Side::kServer));
  event.set_int(connection::kLongestSilenceMs, rhythm_->longest_silence_ns / kNsPerMs);
  event.set_int(connection::kLargestSegmentBytes,
                static_cast<std::int64_t>(rhythm_->largest_bytes));
  context.emit(event);
}

void Connection::stop_decoding() {
  if (decoder_ != nullptr) protocol_ = decoder_->protocol();
  decoder_.reset();
  raw_.reset();
  gave_up_ = true;
  for (TcpStream& stream : streams_) stream.ignore();
  first_bytes_ = {};
}

// Goes on with a connection that no decoder understands, for the sake of its hash.
void Connection::begin_raw(std::size_t end, Bytes bytes, ShardContext& shard) {
  if (shard.hashed_streams >= kHashedStreamsPerShardMax) {
    shard.stats.limits.hit(Limit::kHashedStreams);
    stop_decoding();
    return;
  }
  raw_ = std::make_unique<RawStreams>(shard.hashed_streams);
  add_raw(1 - end, first_bytes_[1 - end], shard);
  add_raw(end, bytes, shard);
  first_bytes_ = {};
}

void Connection::add_raw(std::size_t end, Bytes bytes, ShardContext& shard) {
  if (raw_ == nullptr || (*raw_)[end].add(bytes)) return;
  shard.stats.limits.hit(Limit::kHashedStreamBytes);
  stop_decoding();
}

// Fills in who is who and reports the connection, as soon as that is known for good.
void Connection::settle_roles(const Origin& origin, ShardContext& shard, std::string_view resumes) {
  if (reported_) return;
  reported_ = true;
  if (!roles_known_) {
    // Servers listen on the lower port more often than not.
    end0_is_client_ = key_.source_port >= key_.destination_port;
    roles_known_ = true;
  }
  info_.client_ip = end0_is_client_ ? key_.source_ip : key_.destination_ip;
  info_.server_ip = end0_is_client_ ? key_.destination_ip : key_.source_ip;
  info_.client_port = end0_is_client_ ? key_.source_port : key_.destination_port;
  info_.server_port = end0_is_client_ ? key_.destination_port : key_.source_port;
  info_.client_ip_text = info_.client_ip.to_string();
  info_.server_ip_text = info_.server_ip.to_string();
  info_.id = fmt::format("{}-{}", source_, first_packet_);
  info_.slot = shard.slots.take();
  StreamContext context = make_context(origin, shard);
  if (!context.wants(connection::kOpened)) return;
  Event event = context.make_event(connection::kOpened, Side::kClient);
  event.set_bool(connection::kMidstream, midstream_);
  set_accepted(event, connection::kAccepted);
  event.set_text(connection::kOpenedProtocol,
                 decoder_ != nullptr ? decoder_->protocol() : protocol_);
  if (!resumes.empty()) event.set_text(connection::kResumes, resumes);
  context.emit(event);
}

StreamContext Connection::make_context(const Origin& origin, ShardContext& shard) {
  return StreamContext{shard, info_,   station_id_, last_time_ns_, origin, midstream_,
                       false, nullptr, {},          false};
}

void Connection::on_bytes(std::size_t end, Bytes bytes, const Origin& origin, ShardContext& shard) {
  if (decoder_ != nullptr) {
    give_to_decoder(end, bytes, origin, shard);
    return;
  }
  if (gave_up_) {
    add_raw(end, bytes, shard);
    return;
  }
  std::vector<std::uint8_t>& first = first_bytes_[end];
  const Bytes newest = bytes;
  const bool joined = !first.empty();
  if (joined) {
    first.insert(first.end(), bytes.begin(), bytes.end());
    bytes = first;
  }
  bool chosen = choose_decoder(end, bytes);
  if (!chosen && joined && midstream_) {
    // What came before may be the rest of something, or a ping.
    first.assign(newest.begin(), newest.end());
    bytes = first;
    chosen = choose_decoder(end, bytes);
  }
  if (!chosen) {
    if (!gave_up_ && first.empty()) first.assign(bytes.begin(), bytes.end());
    // That nobody will understand it is all there is to wait for.
    if (gave_up_) settle_roles(origin, shard);
    if (gave_up_ && shard.interest.wants(connection::kClosed)) {
      begin_raw(end, bytes, shard);
      return;
    }
    if (gave_up_) stop_decoding();
    if (midstream_ && first.size() > kProbeBytesMax) first.clear();  // Look at the next ones.
    return;
  }
  settle_roles(origin, shard);
  const std::array<std::vector<std::uint8_t>, 2> kept = std::move(first_bytes_);
  first_bytes_ = {};
  // What the other side said before is older.
  if (!kept[1 - end].empty()) give_to_decoder(1 - end, kept[1 - end], origin, shard);
  if (decoder_ != nullptr) {
    give_to_decoder(end, kept[end].empty() ? bytes : Bytes(kept[end]), origin, shard);
  }
}

// True when a decoder was found. Otherwise either more bytes are needed or gave_up_ is set.
bool Connection::choose_decoder(std::size_t end, Bytes bytes) {
  bool need_more = false;
  for (const StreamDecoderDef& def : stream_decoders()) {
    if (def.midstream_only && !midstream_) continue;
    const ProbeResult result = def.probe(bytes);
    if (result.answer == Probe::kNeedMore) need_more = true;
    if (result.answer != Probe::kYes) continue;
    if (result.sender_known && !roles_known_) {
      end0_is_client_ = (result.sender == Side::kClient) == (end == 0);
      roles_known_ = true;
    }
    decoder_ = def.create();
    return true;
  }
  // In the middle of a connection any later segment may begin with a frame.
  gave_up_ = !midstream_ && (!need_more || bytes.size() >= kProbeBytesMax);
  return false;
}

void Connection::give_to_decoder(std::size_t end, Bytes bytes, const Origin& origin,
                                 ShardContext& shard) {
  StreamContext context = make_context(origin, shard);
  decoder_->on_data(side_of(end), bytes, context);
  if (context.successor != nullptr || context.stop) after_decoder(context);
}

void Connection::after_decoder(StreamContext& context) {
  while (context.successor != nullptr) hand_over(decoder_, context);
  if (context.stop) stop_decoding();
}

void Connection::on_gap(std::size_t end, std::uint64_t missing, const Origin& origin,
                        ShardContext& shard) {
  ++shard.stats.gaps;
  shard.stats.gap_bytes += missing;
  settle_roles(origin, shard);
  StreamContext context = make_context(origin, shard);
  if (context.wants(connection::kGap)) {
    Event event = context.make_event(connection::kGap, side_of(end));
    event.set_int(connection::kMissingBytes, static_cast<std::int64_t>(missing));
    context.emit(event);
  }
  first_bytes_[end].clear();
  if (raw_ != nullptr) {
    (*raw_)[end].lose();
    return;
  }
  // The begin of the connection is gone as far as probes are concerned.
  if (decoder_ == nullptr) midstream_ = true;
  if (decoder_ == nullptr) return;
  decoder_->on_gap(side_of(end), missing, context);
  if (context.successor != nullptr || context.stop) after_decoder(context);
}

void Connection::on_conflict(std::size_t end, std::uint32_t bytes, const Origin& origin,
                             ShardContext& shard) {
  if (gave_up_) return;
  report_anomaly("overlap_conflict", fmt::format("{} bytes", bytes), end, origin, shard);
}

void Connection::report_anomaly(std::string_view kind, std::string_view detail, std::size_t end,
                                const Origin& origin, ShardContext& shard) {
  ++shard.stats.anomalies;
  settle_roles(origin, shard);
  const StreamContext context = make_context(origin, shard);
  if (!context.wants(connection::kAnomaly)) return;
  Event event = context.make_event(connection::kAnomaly, side_of(end));
  event.set_text(connection::kAnomalyKind, kind);
  if (!detail.empty()) event.set_text(connection::kAnomalyDetail, detail);
  context.emit(event);
}

}  // namespace chargewarden
