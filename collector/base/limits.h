#pragma once
// Every limit of the collector, with its unit and its reason. What happens at a limit is counted by
// its name (LimitCounters) and reported as sensor.limit_hit.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chargewarden {

// Connections that one shard keeps; 16 shards make a million. A fleet of 100,000 stations needs
// one each, and mirror ports show other traffic too. The least recently active goes first.
// Test: flow_table_test.cc "the least recently active connection is evicted at the limit".
inline constexpr std::size_t kFlowsPerShardMax = 65'536;

// Out-of-order bytes kept for one direction of a connection: a generous TCP window of a mobile
// link. Beyond it the hole is given up. Test: tcp_stream_test.cc "a hole is given up when too much
// waits".
inline constexpr std::size_t kReorderBytesMax = 256 * 1024;

// Out-of-order bytes of all connections of a shard. Test: flow_table_test.cc "waiting bytes of all
// connections are bounded".
inline constexpr std::size_t kReorderBytesPerShardMax = 32 * 1024 * 1024;

// Sent but not yet acknowledged bytes that are kept to compare retransmissions with.
// Test: tcp_stream_test.cc "only the newest unacknowledged bytes are compared".
inline constexpr std::size_t kUnackedBytesMax = 64 * 1024;

// Bytes that one end goes on sending after the other end's reset, kept until it is clear whether
// that was forged: some messages. Test: tcp_stream_test.cc "a stream that rests".
inline constexpr std::size_t kHeldBytesMax = 16 * 1024;

// Closed connections of a shard that go on with everything known when their reset or FIN turns out
// to be forged; beyond it the one that closed first forgets what its decoder knew. Without
// compression that is below 2 KB, with it up to 80 KB. Test: flow_table_test.cc "more closed
// connections than are remembered".
inline constexpr std::size_t kResumablePerShardMax = 1'024;

// Head of an HTTP message: most servers stop at 8 to 16 KB.
// Test: http_head_test.cc "a head beyond the limit is refused".
inline constexpr std::size_t kHttpHeadMaxLen = 16 * 1024;

// Requests of one connection that wait for their response and are remembered whole; browsers
// pipeline none, scripts a few. Those beyond it are reported without their response.
// Test: http_decoder_test.cc "pipelined requests beyond the limit".
inline constexpr std::size_t kPendingRequestsMax = 32;

// Further ones of which the place in the order is remembered, so that responses stay with their
// requests. Test: http_decoder_test.cc "requests that are never answered".
inline constexpr std::size_t kUnkeptRequestsMax = 4'096;

// A line of an FTP control connection: paths of file systems end at 4 KB, those of stations are
// short. What is beyond is counted and left out. Test: ftp_decoder_test.cc "a line of FTP beyond
// the limit is cut".
inline constexpr std::size_t kFtpLineMaxLen = 1'024;

// FTP commands that wait for their reply; clients send one. Beyond it the oldest is told without
// its reply. Test: ftp_decoder_test.cc "commands that are never answered".
inline constexpr std::size_t kFtpCommandsMax = 32;

// Bytes of one direction of a connection of which the protocol is unknown that are hashed: images
// of chargers stay below 200 MB. Beyond it nobody looks at the connection any more.
// Test: raw_digest_test.cc "a stream beyond the limit has no hash".
inline constexpr std::uint64_t kHashedStreamMaxBytes = 256 * 1024 * 1024;

// Connections of a shard that are hashed at the same time: 1 KB each. Others are not looked at.
// Test: connection_test.cc "more streams than are hashed at a time".
inline constexpr std::size_t kHashedStreamsPerShardMax = 4'096;

// One WebSocket message after decompression. SteVe stops at 8 MiB, OCPP.Core at 1 MiB.
// Test: websocket_decoder_test.cc "a message beyond the limit is skipped and reported".
inline constexpr std::size_t kMessageMaxLen = 8 * 1024 * 1024;

// Messages above this are reported as large: nearly all OCPP messages stay below 2 KB (OCPP-J 2.1,
// 4.1). Not a limit: they are decoded like others, and rules decide what size is too much.
inline constexpr std::size_t kLargeMessageLen = 16 * 1024;

// Calls without an answer that are remembered per direction of a connection. The protocol allows
// one. Test: ocpp_decoder_test.cc "pending calls beyond the limit are forgotten, oldest first".
inline constexpr std::size_t kPendingCallsMax = 32;

// Different action names outside the standard that are counted by name in one shard.
// Test: ocpp_decoder_test.cc "unknown actions beyond the limit are counted together".
inline constexpr std::size_t kUnknownActionsMax = 64;

// Station identities that one shard counts: more than the largest fleets together. Somebody who
// tries identities makes new ones without end. Test: ocpp_decoder_test.cc "stations beyond the
// limit are not counted".
inline constexpr std::size_t kStationsCountedMax = 65'536;

// Characters of a peer's text that go into an event as they are: enough for every standard field.
// Test: ocpp_decoder_test.cc "long text from a peer is cut in events".
inline constexpr std::size_t kEventTextMaxLen = 512;

enum class Limit : std::uint8_t {
  kFlows,
  kResumable,
  kReorderBytes,
  kReorderBytesPerShard,
  kHttpHead,
  kPendingRequests,
  kFtpLine,
  kFtpCommands,
  kHashedStreamBytes,
  kHashedStreams,
  kMessage,
  kJudgedMessages,
  kPendingCalls,
  kStations,
  kLogFlows,
  kLogRecord,
  kCount,
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(Limit::kCount)> kLimitNames =
    {"flows_per_shard",     "resumable_per_shard", "reorder_bytes",   "reorder_bytes_per_shard",
     "http_head_length",    "pending_requests",    "ftp_line_length", "ftp_pending_commands",
     "hashed_stream_bytes", "hashed_streams",      "message_length",  "judged_messages",
     "pending_calls",       "stations_counted",    "log_connections", "log_record_length"};

class LimitCounters {
 public:
  void hit(Limit limit, std::uint64_t times = 1) noexcept {
    counts_[static_cast<std::size_t>(limit)] += times;
  }

  [[nodiscard]] std::uint64_t count(Limit limit) const noexcept {
    return counts_[static_cast<std::size_t>(limit)];
  }

  void add(const LimitCounters& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  }

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(Limit::kCount)> counts_{};
};

}  // namespace chargewarden
