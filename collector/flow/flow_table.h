#pragma once
// FlowTable: the TCP connections of one shard.
//
// A connection whose server says nothing at all for a minute is closed as unanswered.
//
// Bounded: at kFlowsPerShardMax the least recently active connection is evicted, counted and
// closed. Closed connections stay for a while, so that their late packets are not taken for new
// ones, and so that one whose end was forged goes on with everything that was known of it:
// kResumablePerShardMax of them. Time is that of the packets. One thread at a time.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "collector/base/slot_index.h"
#include "collector/decoders/decoder.h"
#include "collector/flow/connection.h"
#include "collector/wire/segment.h"

namespace chargewarden {

class FlowTable {
 public:
  // `sources` names the inputs for event.origin; it and `shard` must outlive the table.
  FlowTable(ShardContext& shard, const std::vector<std::string>& sources,
            std::size_t flows_max = kFlowsPerShardMax);

  // `hash` is that of FlowHasher: the same for both directions of a connection, and keyed, because
  // strangers choose addresses and ports. Its value changes nothing that is reported.
  void on_segment(const Segment& segment, std::uint64_t hash, std::uint16_t source);

  // Ask for the memory of a connection some segments before its turn, in this order and some
  // segments apart: with thousands of connections each look-up would wait for it three times.
  void prefetch_slot(std::uint64_t hash) const noexcept { slots_.prefetch(hash); }

  void prefetch_entry(std::uint64_t hash) const noexcept {
    const std::uint32_t index = slots_.first(hash);
    if (index != kNone) __builtin_prefetch(&entries_[index]);
  }

  void prefetch_connection(std::uint64_t hash) const noexcept {
    const std::uint32_t index = slots_.first(hash);
    if (index != kNone && entries_[index].connection != nullptr) {
      entries_[index].connection->prefetch();
    }
  }

  // The input has ended: every connection is flushed and closed, oldest first.
  void finish();

  [[nodiscard]] std::size_t size() const noexcept { return live_; }

 private:
  static constexpr std::uint32_t kNone = SlotIndex::kNone;

  struct Entry {
    std::unique_ptr<Connection> connection;
    std::uint64_t hash = 0;
    std::int64_t moved_ns = 0;  // When it was last moved to the front.
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
    std::uint32_t reuse_sequence = 0;  // A SYN was seen on the open connection; see reopens().
    bool reuse_pending = false;
    bool listed_hole = false;
  };

  struct Syn {
    std::uint32_t index = kNone;
    std::uint64_t first_packet = 0;
    std::int64_t time_ns = 0;
  };

  [[nodiscard]] std::uint32_t find(const FlowKey& key, std::uint64_t hash) const noexcept;
  std::uint32_t create(const Segment& segment, std::uint64_t hash, std::uint16_t source);
  void remove(std::uint32_t index);
  void replace(std::uint32_t index, const Segment& segment, std::uint16_t source,
               std::string_view reason);
  [[nodiscard]] std::unique_ptr<Connection> make_connection(const Segment& segment,
                                                            std::uint16_t source);
  std::size_t begin_again(std::uint32_t index, const Segment& segment, std::uint16_t source,
                          std::size_t end);
  void revive(std::uint32_t index, const Segment& segment, std::uint16_t source, std::size_t end);
  void note_closed(std::uint32_t index);
  void note_syn(std::uint32_t index, const Segment& segment);
  void expire_syns(std::int64_t now_ns);
  bool reopens(Entry& entry, const Segment& segment, std::size_t end);
  void touch(std::uint32_t index, std::int64_t now_ns);
  void unlink(std::uint32_t index);
  void push_front(std::uint32_t index);
  void make_room(std::int64_t now_ns);
  void check_holes(std::int64_t now_ns);
  void bound_waiting(Entry& entry, std::size_t before, const Origin& origin);
  [[nodiscard]] Origin origin_of(const Connection& connection) const;

  ShardContext& shard_;
  const std::vector<std::string>& sources_;
  std::size_t flows_max_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  SlotIndex slots_;
  std::vector<std::uint32_t> holes_;  // Connections that wait behind a hole.
  std::deque<std::pair<std::uint32_t, std::uint64_t>> closed_;  // Entry and first packet.
  // Connections that began with a SYN, in the order of their begin, until they are old enough to
  // have been answered; at most as many as connections.
  std::deque<Syn> syns_;
  std::uint32_t newest_ = kNone;
  std::uint32_t oldest_ = kNone;
  std::size_t live_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::int64_t holes_checked_ns_ = 0;
};

}  // namespace chargewarden
