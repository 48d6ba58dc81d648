#pragma once
// The contract of decoders.
//
// A StreamDecoder understands the bytes of one TCP connection; a MessageDecoder the messages of one
// WebSocket. A decoder never includes another decoder: http hands the connection over to websocket,
// and websocket asks the registry for somebody who understands its messages. One folder and one
// line in registry.cc make a new decoder.
//
// Decoders live on the thread of their shard. Bytes are valid during the call. A decoder keeps only
// what it needs to go on, within limits; what needs memory of other connections is a detector.

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/base/byte_buffer.h"
#include "collector/base/json_document.h"
#include "collector/decoders/decode_stats.h"
#include "collector/decoders/interest.h"
#include "collector/event/event.h"

namespace chargewarden {

class StreamDecoder;

// Gives each open connection of a shard a small number of its own.
class FlowSlots {
 public:
  [[nodiscard]] std::uint32_t take() {
    if (free_.empty()) return used_++;
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void release(std::uint32_t slot) { free_.push_back(slot); }

 private:
  std::vector<std::uint32_t> free_;
  std::uint32_t used_ = 0;
};

// What all connections of a shard share. Scratch memory is free for use during one call.
struct ShardContext {
  ShardContext(const Interest& wanted, EventConsumer& events)
      : interest(wanted), consumer(events) {}

  const Interest& interest;
  EventConsumer& consumer;
  DecodeStats stats;
  FlowSlots slots;
  ByteBuffer plain;  // One message, unmasked and inflated, with room for kJsonPadding behind it.
  JsonDocument payload;
  JsonDocument request;
  ValueArena arena;
  std::size_t hashed_streams = 0;  // Connections that a RawDigest follows.
};

// One connection, as its decoder sees it during a call.
struct StreamContext {
  ShardContext& shard;
  const FlowInfo& flow;
  std::string& station_id;  // Of the connection; set by whoever learns it.
  std::int64_t time_ns;
  Origin origin;
  bool midstream;  // The begin of the connection was not captured.
  bool encrypted;  // The bytes come out of a decrypted TLS stream.

  // A decoder that is done with the connection names its successor here, and what it had read
  // ahead. Without successor, `stop` ends decoding: nobody looks at the connection any more.
  std::unique_ptr<StreamDecoder> successor;
  std::array<std::vector<std::uint8_t>, 2> read_ahead;
  bool stop = false;

  // In on_end(): both ends have said that they are done, so that what lasts until the connection
  // closes is whole.
  bool ended_by_fin = false;
  // The connection is that of a log: whether it was encrypted is not known.
  bool from_log = false;

  [[nodiscard]] bool wants(const EventDef& def) const { return shard.interest.wants(def); }

  // An event of this connection, sent by `sender`.
  [[nodiscard]] Event make_event(const EventDef& def, Side sender) const {
    Event event(def, time_ns, origin);
    event.set_flow(flow, sender);
    event.set_station(station_id);
    return event;
  }

  void emit(const Event& event) const { shard.consumer.on_event(event); }
};

class StreamDecoder {
 public:
  virtual ~StreamDecoder() = default;

  // The next bytes that `side` sent.
  virtual void on_data(Side side, Bytes bytes, StreamContext& context) = 0;

  // Bytes that `side` sent and nobody captured.
  virtual void on_gap(Side side, std::uint64_t missing_bytes, StreamContext& context) = 0;

  // The connection has ended: what is open is reported. The decoder keeps its state all the same,
  // because a reset can be forged: on_data() may follow, and another on_end(), which does not
  // report the same things again.
  virtual void on_end(StreamContext& context) = 0;

  // Asks for the memory that the next bytes will touch.
  virtual void prefetch() const noexcept {}

  // For connection.closed: http, websocket, tls.
  [[nodiscard]] virtual std::string_view protocol() const = 0;
};

// Puts the successor that `context` names in the decoder's place and gives it what was read ahead:
// the client's bytes first, as the client began. The successor may name another.
inline void hand_over(std::unique_ptr<StreamDecoder>& decoder, StreamContext& context) {
  decoder = std::move(context.successor);
  const auto ahead = std::exchange(context.read_ahead, {});
  for (const Side side : {Side::kClient, Side::kServer}) {
    const auto& bytes = ahead[index_of(side)];
    if (!bytes.empty()) decoder->on_data(side, bytes, context);
  }
}

// A whole message of a WebSocket.
struct WebSocketMessage {
  Side sender;
  bool is_text;           // Else binary.
  bool damaged;           // Parts were not captured, or the compression window was lost.
  std::string_view text;  // With kJsonPadding readable bytes behind it.
};

enum class MessageVerdict : std::uint8_t { kFine, kNotUtf8 };

class MessageDecoder {
 public:
  virtual ~MessageDecoder() = default;
  virtual MessageVerdict on_message(const WebSocketMessage& message, StreamContext& context) = 0;
  // Messages may have been missed on this side.
  virtual void on_gap(Side side, StreamContext& context) = 0;
  // As of a StreamDecoder. What was partial may come again as a whole.
  virtual void on_end(StreamContext& context) = 0;
};

// What the opening handshake says about a WebSocket.
struct WebSocketParams {
  bool handshake_seen = false;
  std::string subprotocol;    // As the server chose it; may be empty.
  bool ocpp_offered = false;  // The client offered an OCPP subprotocol.
  std::string identity;       // Of the path; the station's, if the messages turn out to be OCPP.
  bool deflate = false;       // permessage-deflate was agreed on.
  bool client_context_takeover = true;
  bool server_context_takeover = true;
};

enum class Probe : std::uint8_t { kNo, kNeedMore, kYes };

// Which side a probe found to be the sender, when it can tell.
struct ProbeResult {
  Probe answer = Probe::kNo;
  bool sender_known = false;
  Side sender = Side::kClient;
};

// The registry (registry.cc).

struct StreamDecoderDef {
  std::string_view name;
  bool midstream_only;  // Asked only for connections whose begin was not captured.
  ProbeResult (*probe)(Bytes first_bytes);
  std::unique_ptr<StreamDecoder> (*create)();
};

std::span<const StreamDecoderDef> stream_decoders();

// The decoder of an agreed WebSocket.
std::unique_ptr<StreamDecoder> make_websocket_decoder(const WebSocketParams& params);

// Somebody who understands the messages of this WebSocket: by its subprotocol, or by this message,
// which may be empty; null when nobody does.
std::unique_ptr<MessageDecoder> make_message_decoder(const WebSocketParams& params,
                                                     std::string_view message);

}  // namespace chargewarden
