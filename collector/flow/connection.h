#pragma once
// Connection: one TCP connection, from its first packet to its last.
//
// Puts both directions in order, finds out what is spoken by looking at the first bytes (never at
// ports), and feeds the decoder. Owned by the FlowTable of its shard; one thread.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "collector/base/prefetch.h"
#include "collector/decoders/decoder.h"
#include "collector/flow/raw_digest.h"
#include "collector/wire/segment.h"
#include "collector/wire/tcp/tcp_stream.h"

namespace chargewarden {

class Connection {
 public:
  // `key` is that of the first segment; its sender is end 0.
  Connection(const FlowKey& key, const Segment& first, std::uint16_t source, bool source_is_client,
             bool roles_known, bool midstream);

  // Asks for the memory that the next segment will touch.
  void prefetch() const noexcept {
    prefetch_memory(this, sizeof(Connection));
    if (decoder_ != nullptr) decoder_->prefetch();
  }

  // Which end (0 or 1) sent the segment.
  [[nodiscard]] std::size_t end_of(const FlowKey& key) const noexcept {
    return key.source_port == key_.source_port && key.source_ip == key_.source_ip ? 0 : 1;
  }

  void on_segment(const Segment& segment, std::size_t end, const Origin& origin,
                  ShardContext& shard);

  // Gives up holes that are due.
  void expire(std::int64_t now_ns, const Origin& origin, ShardContext& shard);

  // Gives up all holes.
  void flush(const Origin& origin, ShardContext& shard);

  // Ends the connection: flushes, tells the decoder, reports. Once only.
  void close(std::string_view reason, const Origin& origin, ShardContext& shard);

  // The same some time after its last packet.
  void close_at(std::int64_t now_ns, std::string_view reason, const Origin& origin,
                ShardContext& shard);

  [[nodiscard]] bool closed() const noexcept { return closed_; }

  // Whether there was nothing but a SYN.
  [[nodiscard]] bool is_unanswered() const noexcept {
    return !accepted_ && !has_data() && !has_hole() &&
           !(streams_[0].started() && streams_[1].started());
  }

  // Once closed: whether an end that sent a reset or a FIN goes on sending, or acknowledges what
  // came after it, so that this was a forgery.
  [[nodiscard]] bool survives_close(const Segment& segment, std::size_t end) const noexcept;

  // Whether what is known of the closed connection is kept.
  [[nodiscard]] bool resumable() const noexcept { return resumable_; }

  // Whether the segment, which survives_close(), goes on where the connection stood.
  [[nodiscard]] bool can_resume(const Segment& segment, std::size_t end) const noexcept;

  // Opens the closed connection again, as a new one that knows what the old one knew; the segment
  // is then for on_segment().
  void resume(const Segment& segment, std::size_t end, std::uint16_t source, const Origin& origin,
              ShardContext& shard);

  // Once closed: keeps what an end goes on sending, until resume().
  void hold(const Segment& segment, std::size_t end);

  // Gives up what resume() needs.
  void forget();

  // Whether forget() took something.
  [[nodiscard]] bool forgotten() const noexcept { return forgotten_; }

  // Whether a decoder has data of it.
  [[nodiscard]] bool has_data() const noexcept {
    return streams_[0].delivered_bytes() + streams_[1].delivered_bytes() > 0;
  }

  // Whether the other end has acknowledged where this end begins: a SYN with another number is not
  // of this connection any more.
  [[nodiscard]] bool start_confirmed(std::size_t end) const noexcept { return confirmed_[end]; }

  [[nodiscard]] bool has_hole() const noexcept {
    return streams_[0].has_hole() || streams_[1].has_hole();
  }

  [[nodiscard]] std::size_t waiting_bytes() const noexcept {
    return streams_[0].waiting_bytes() + streams_[1].waiting_bytes();
  }

  [[nodiscard]] TcpStream& stream(std::size_t end) noexcept { return streams_[end]; }

  [[nodiscard]] const FlowKey& key() const noexcept { return key_; }

  [[nodiscard]] std::int64_t last_time_ns() const noexcept { return last_time_ns_; }

  [[nodiscard]] std::uint64_t first_packet() const noexcept { return first_packet_; }

  [[nodiscard]] std::uint64_t last_packet() const noexcept { return last_packet_; }

  [[nodiscard]] std::uint16_t source() const noexcept { return source_; }

 private:
  class Feed;

  // How payload comes on a connection of unknown protocol.
  struct Rhythm {
    std::int64_t told_ns = 0;  // When it was told last.
    std::int64_t latest_ns = 0;
    std::int64_t longest_silence_ns = 0;
    std::size_t largest_bytes = 0;
  };

  [[nodiscard]] Side side_of(std::size_t end) const noexcept {
    return (end == 0) == end0_is_client_ ? Side::kClient : Side::kServer;
  }

  void on_bytes(std::size_t end, Bytes bytes, const Origin& origin, ShardContext& shard);
  void on_gap(std::size_t end, std::uint64_t missing, const Origin& origin, ShardContext& shard);
  void on_conflict(std::size_t end, std::uint32_t bytes, const Origin& origin, ShardContext& shard);
  void report_anomaly(std::string_view kind, std::string_view detail, std::size_t end,
                      const Origin& origin, ShardContext& shard);
  bool choose_decoder(std::size_t end, Bytes bytes);
  void settle_roles(const Origin& origin, ShardContext& shard, std::string_view resumes = {});
  void give_to_decoder(std::size_t end, Bytes bytes, const Origin& origin, ShardContext& shard);
  void after_decoder(StreamContext& context);
  void stop_decoding();
  void note_unknown(const Segment& segment, const Origin& origin, ShardContext& shard);
  void report_progress(const Origin& origin, ShardContext& shard);
  void set_accepted(Event& event, FieldKey key) const;
  [[nodiscard]] std::int64_t bytes_of(Side side) const noexcept;
  void begin_raw(std::size_t end, Bytes bytes, ShardContext& shard);
  void add_raw(std::size_t end, Bytes bytes, ShardContext& shard);
  StreamContext make_context(const Origin& origin, ShardContext& shard);

  FlowKey key_;
  std::array<TcpStream, 2> streams_;  // By end.
  FlowInfo info_;
  std::string station_id_;
  std::unique_ptr<StreamDecoder> decoder_;
  std::array<std::vector<std::uint8_t>, 2> first_bytes_;  // Until a decoder is found.
  std::unique_ptr<RawStreams> raw_;  // By end: nobody understands it, and it counts.
  std::unique_ptr<Rhythm> rhythm_;   // Of one that nobody understands.
  std::int64_t first_time_ns_;
  std::int64_t last_time_ns_;
  std::uint64_t first_packet_;
  std::uint64_t last_packet_;
  std::string_view protocol_ = "unknown";
  std::array<std::uint64_t, 2> bytes_before_{};  // By end: delivered before it was resumed.
  std::uint32_t reset_sequence_ = 0;
  std::uint16_t source_;
  std::uint8_t reset_end_ = 2;       // Who sent the reset that closed it; 2 is nobody.
  std::array<bool, 2> confirmed_{};  // By end; see start_confirmed().
  bool end0_is_client_;
  bool roles_known_;
  bool reported_ = false;  // connection.opened was emitted, and info_ is filled.
  bool midstream_;
  bool accepted_ = false;  // The server's SYN-ACK was seen.
  bool gave_up_ = false;   // Nobody understands this connection.
  bool closed_ = false;
  bool resumable_ = false;
  bool forgotten_ = false;
};

}  // namespace chargewarden
