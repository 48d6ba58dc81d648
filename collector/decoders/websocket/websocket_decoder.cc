// WebSocket (RFC 6455) with permessage-deflate (RFC 7692): frames into messages.
//
// Every abuse is reported and survived: the stream is read on as far as its framing allows, and
// found again after a gap.

#include <algorithm>
#include <optional>
#include <utility>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "collector/decoders/decoder.h"
#include "collector/decoders/websocket/first_messages.h"
#include "collector/decoders/websocket/resync.h"
#include "collector/event/defs/websocket_events.h"
#include "collector/wire/websocket/frame.h"
#include "collector/wire/websocket/inflater.h"

namespace chargewarden::websocket {

namespace {

// Capacity that a direction keeps between messages; more is given back.
constexpr std::size_t kKeepCapacity = 2048;

// Bytes without a frame after which a direction counts as lost; fewer may be the rest of a message.
constexpr std::uint64_t kSearchReportLen = 64 * 1024;

std::string_view opcode_name(std::uint8_t opcode) {
  if (opcode == kClose) return "close";
  return opcode == kPing ? "ping" : "pong";
}

// Ranges of RFC 6455, 7.4.2, and the registered codes up to 1014 that may be sent.
bool close_code_is_valid(unsigned code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

class WebSocketDecoder : public StreamDecoder {
 public:
  explicit WebSocketDecoder(const WebSocketParams& params) : params_(params) {
    for (SideState& side : sides_) side.lost = !params.handshake_seen;
  }

  void on_data(Side side, Bytes bytes, StreamContext& context) override {
    SideState& state = sides_[index_of(side)];
    while (!bytes.empty() && !context.stop) {
      if (state.lost) {
        const auto found = find_frame(bytes, side, params_.deflate || !params_.handshake_seen);
        if (!found) {
          note_search(side, state, bytes.size(), context);
          return;
        }
        bytes = bytes.subspan(*found);
        state.lost = false;
        state.searched = 0;
      }
      bytes = state.in_frame ? on_payload(side, state, bytes, context)
                             : on_header(side, state, bytes, context);
    }
  }

  void on_gap(Side side, std::uint64_t missing_bytes, StreamContext& context) override {
    SideState& state = sides_[index_of(side)];
    gap_seen_ = true;
    if (messages_ != nullptr) messages_->on_gap(side, context);
    if (state.in_frame && missing_bytes <= state.payload_left()) {
      // The framing survives: only this message is damaged, or this control frame.
      (state.frame.is_control() ? state.control_damaged : state.damaged) = true;
      state.payload_done += missing_bytes;
      if (state.payload_left() == 0) end_frame(side, state, context);
      return;
    }
    end_partial_message(side, state, context);
    state.window_lost = true;
    if (state.inflater) state.inflater->lose_window();
    state.reset();
    state.lost = true;
  }

  void on_end(StreamContext& context) override {
    for (const Side side : {Side::kClient, Side::kServer}) {
      report_partial_message(side, sides_[index_of(side)], context);
    }
    if (messages_ != nullptr) messages_->on_end(context);
    if (first_ != nullptr && first_->judged() > 0) give_up_recognising(Side::kClient, context);
  }

  void prefetch() const noexcept override {
    for (const SideState& side : sides_) {
      __builtin_prefetch(&side);
      __builtin_prefetch(&side.message);
    }
  }

  [[nodiscard]] std::string_view protocol() const override { return "websocket"; }

 private:
  struct SideState {
    std::array<std::uint8_t, kFrameHeaderMaxLen> header{};
    std::uint8_t header_have = 0;
    FrameHeader frame;
    bool in_frame = false;
    std::uint64_t payload_done = 0;
    bool in_message = false;  // Between the first frame of a message and its last.
    std::uint8_t opcode = 0;  // Of the message.
    bool compressed = false;
    bool too_long = false;
    bool damaged = false;
    bool partial_reported = false;  // When the connection seemed to end.
    bool control_damaged = false;
    bool lost = false;
    bool window_lost = false;  // Before there was an inflater.
    bool closed = false;
    std::uint64_t searched = 0;         // Bytes passed over in search of a frame.
    std::vector<std::uint8_t> message;  // Unmasked payloads of the message so far.
    std::vector<std::uint8_t> control;
    std::unique_ptr<Inflater> inflater;

    [[nodiscard]] std::uint64_t payload_left() const { return frame.payload_len - payload_done; }

    void reset() {
      header_have = 0;
      in_frame = false;
      in_message = false;
      too_long = false;
      damaged = false;
      partial_reported = false;
      message.clear();
      if (message.capacity() > kKeepCapacity) message.shrink_to_fit();
    }
  };

  // A message of which a part was seen, and no more is to come.
  void end_partial_message(Side side, SideState& state, StreamContext& context) {
    if (!state.in_message) return;
    state.damaged = true;
    end_message(side, state, context);
  }

  // The same at the end of the connection, of which nothing is taken away: it may go on.
  void report_partial_message(Side side, SideState& state, StreamContext& context) {
    const bool known = state.opcode == kText || state.opcode == kBinary;
    if (!state.in_message || state.too_long || !known) return;
    if (std::exchange(state.partial_reported, true)) return;
    ByteBuffer& out = context.shard.plain;
    out.clear();
    if (state.compressed) {
      // Not with the inflater of the stream, whose window belongs to the whole message.
      Inflater begin(true);
      begin.lose_window();
      (void)begin.inflate_message(state.message, kMessageMaxLen, out);
    } else {
      out.append(state.message);
    }
    (void)out.room(kJsonPadding);
    const Bytes text = out.bytes().first(std::min(out.size(), kMessageMaxLen));
    deliver(side, state.opcode == kText, true, as_text(text), context);
  }

  void note_search(Side side, SideState& state, std::size_t bytes, StreamContext& context) {
    const bool reported = state.searched > kSearchReportLen;
    state.searched += bytes;
    if (!reported && state.searched > kSearchReportLen) {
      report("lost_synchronisation", side, state.searched, context);
    }
  }

  Bytes on_header(Side side, SideState& state, Bytes bytes, StreamContext& context) {
    if (state.header_have == 0 && parse_frame_header(bytes, state.frame)) {
      bytes = bytes.subspan(state.frame.header_len);
    } else {
      do {
        if (bytes.empty()) return {};
        state.header[state.header_have++] = bytes.front();
        bytes = bytes.subspan(1);
      } while (!parse_frame_header(Bytes(state.header).first(state.header_have), state.frame));
      state.header_have = 0;
    }
    if (!begin_frame(side, state, context)) return bytes;
    const FrameHeader& frame = state.frame;
    const bool whole_message = frame.fin && frame.opcode == kText && !state.compressed &&
                               frame.payload_len <= bytes.size() && !state.too_long;
    if (whole_message) {
      const auto len = static_cast<std::size_t>(frame.payload_len);
      deliver_direct(side, state, bytes.first(len), context);
      return bytes.subspan(len);
    }
    state.in_frame = true;
    state.payload_done = 0;
    if (frame.payload_len == 0) end_frame(side, state, context);
    return bytes;
  }

  // Checks the frame and, for data, where it stands in its message. False when framing is lost.
  bool begin_frame(Side side, SideState& state, StreamContext& context) {
    const FrameHeader& frame = state.frame;
    if (state.closed) report("data_after_close", side, frame.payload_len, context);
    if (frame.masked != (side == Side::kClient)) {
      report(side == Side::kClient ? "unmasked_client_frame" : "masked_server_frame", side,
             frame.payload_len, context);
    }
    if (frame.rsv23) report("reserved_bit", side, frame.payload_len, context);
    if (!frame.is_known()) report("reserved_opcode", side, frame.payload_len, context);
    if (!frame.minimal) report("length_not_minimal", side, frame.payload_len, context);
    if (frame.payload_len > kMessageMaxLen) {
      // Nobody sends this: either an attack or no frame at all. Look for the next one.
      context.shard.stats.limits.hit(Limit::kMessage);
      report("frame_too_long", side, frame.payload_len, context);
      state.reset();
      state.lost = true;
      return false;
    }
    if (frame.is_control()) {
      if (frame.payload_len > kControlPayloadMaxLen) {
        report("long_control_frame", side, frame.payload_len, context);
      }
      if (!frame.fin) report("fragmented_control_frame", side, frame.payload_len, context);
      if (frame.rsv1) report("reserved_bit", side, frame.payload_len, context);
      state.control.clear();
      state.control_damaged = false;
      return true;
    }
    begin_data_frame(side, state, context);
    return true;
  }

  void begin_data_frame(Side side, SideState& state, StreamContext& context) {
    const FrameHeader& frame = state.frame;
    if (frame.opcode == kContinuation) {
      if (!state.in_message) {
        report("orphan_continuation", side, frame.payload_len, context);
        state.damaged = true;
        state.opcode = kContinuation;
      }
      if (frame.rsv1) report("reserved_bit", side, frame.payload_len, context);
      state.in_message = true;
      const std::uint64_t len = state.message.size() + frame.payload_len;
      if (len > kMessageMaxLen && !state.too_long) {
        context.shard.stats.limits.hit(Limit::kMessage);
        report("message_too_long", side, len, context);
        state.too_long = true;
        state.message = {};
      }
      return;
    }
    if (state.in_message) {
      report("interrupted_message", side, state.message.size(), context);
      state.reset();
    }
    state.in_message = true;
    state.opcode = frame.opcode;
    state.compressed = frame.rsv1;
    if (frame.rsv1 && params_.handshake_seen && !params_.deflate) {
      report("compression_not_negotiated", side, frame.payload_len, context);
    }
  }

  // A whole message in one piece: unmasked straight into the memory that all connections share.
  void deliver_direct(Side side, SideState& state, Bytes payload, StreamContext& context) {
    ByteBuffer& out = context.shard.plain;
    out.clear();
    const auto room = out.room(payload.size() + kJsonPadding);
    if (state.frame.masked) {
      unmask(payload, state.frame.key, 0, room.data());
    } else {
      std::copy(payload.begin(), payload.end(), room.begin());
    }
    out.more(payload.size());
    state.in_message = false;
    deliver(side, true, state.damaged, as_text(out.bytes()), context);
    state.damaged = false;
  }

  Bytes on_payload(Side side, SideState& state, Bytes bytes, StreamContext& context) {
    const auto len =
        static_cast<std::size_t>(std::min<std::uint64_t>(state.payload_left(), bytes.size()));
    append(state, bytes.first(len));
    state.payload_done += len;
    if (state.payload_left() == 0) end_frame(side, state, context);
    return bytes.subspan(len);
  }

  static void append(SideState& state, Bytes bytes) {
    const bool is_control = state.frame.is_control();
    if (state.too_long && !is_control) return;
    std::vector<std::uint8_t>& to = is_control ? state.control : state.message;
    if (is_control) bytes = bytes.first(std::min(bytes.size(), kControlPayloadMaxLen - to.size()));
    const std::size_t used = to.size();
    to.resize(used + bytes.size());
    if (state.frame.masked) {
      unmask(bytes, state.frame.key, state.payload_done, to.data() + used);
    } else {
      std::copy(bytes.begin(), bytes.end(), to.begin() + static_cast<std::ptrdiff_t>(used));
    }
  }

  void end_frame(Side side, SideState& state, StreamContext& context) {
    state.in_frame = false;
    if (state.frame.is_control()) {
      on_control(side, state, context);
    } else if (state.frame.fin) {
      end_message(side, state, context);
    }
  }

  void end_message(Side side, SideState& state, StreamContext& context) {
    const bool known = state.opcode == kText || state.opcode == kBinary;
    if (!state.too_long && known) {
      ByteBuffer& out = context.shard.plain;
      out.clear();
      if (state.compressed ? inflate(side, state, out, context) : true) {
        if (!state.compressed) out.append(state.message);
        (void)out.room(kJsonPadding);
        const bool lossy = state.damaged || (state.compressed && state.inflater->is_lossy());
        deliver(side, state.opcode == kText, lossy, as_text(out.bytes()), context);
      }
    }
    if (state.damaged && state.compressed && state.inflater) state.inflater->lose_window();
    state.compressed = false;
    state.reset();
  }

  bool inflate(Side side, SideState& state, ByteBuffer& out, StreamContext& context) {
    if (!state.inflater) {
      const bool takeover =
          side == Side::kClient ? params_.client_context_takeover : params_.server_context_takeover;
      state.inflater = std::make_unique<Inflater>(takeover);
      if (!params_.handshake_seen || state.window_lost) state.inflater->lose_window();
    }
    switch (state.inflater->inflate_message(state.message, kMessageMaxLen, out)) {
      case InflateStatus::kDone:
        return true;
      case InflateStatus::kTooLong:
        context.shard.stats.limits.hit(Limit::kMessage);
        report("compression_bomb", side, state.message.size(), context);
        break;
      case InflateStatus::kMalformed:
        // Of a damaged message the readable begin is still worth looking at.
        if (state.damaged && out.size() > 0) {
          state.inflater->lose_window();
          return true;
        }
        report("bad_compression", side, state.message.size(), context);
        break;
    }
    state.inflater->lose_window();
    return false;
  }

  void deliver(Side side, bool is_text, bool damaged, std::string_view text,
               StreamContext& context) {
    const WebSocketMessage message{side, is_text, damaged, text};
    if (messages_ == nullptr && (foreign_ || !recognise(message, context))) return;
    hand_on(message, context);
  }

  void hand_on(const WebSocketMessage& message, StreamContext& context) {
    if (!message.is_text) report("binary_message", message.sender, message.text.size(), context);
    if (messages_->on_message(message, context) == MessageVerdict::kNotUtf8) {
      report("invalid_utf8", message.sender, message.text.size(), context);
    }
  }

  // Whether the message makes clear that somebody understands this WebSocket. Otherwise it is kept,
  // until too many went by.
  bool recognise(const WebSocketMessage& message, StreamContext& context) {
    messages_ = make_message_decoder(params_, {});
    const bool agreed = messages_ != nullptr;
    if (!agreed) messages_ = make_message_decoder(params_, message.text);
    if (messages_ == nullptr) {
      if (first_ == nullptr) first_ = std::make_unique<FirstMessages>();
      first_->keep(message, context);
      if (first_->judged() >= kJudgedMessagesMax) {
        give_up_recognising(message.sender, context);
        foreign_ = true;
        first_.reset();
      }
      return false;
    }
    if (gap_seen_) messages_->on_gap(message.sender, context);
    if (context.station_id.empty()) context.station_id = params_.identity;
    const std::unique_ptr<FirstMessages> first = std::move(first_);
    const std::size_t before = first != nullptr ? first->judged() : 0;
    if (!agreed) report_content("ocpp", before + 1, message.sender, context);
    if (first != nullptr) hand_on_first(*first, context);
    return true;
  }

  // What was said before, with its own time and packet.
  void hand_on_first(const FirstMessages& first, StreamContext& context) {
    const std::int64_t now_ns = context.time_ns;
    const Origin here = context.origin;
    for (const FirstMessages::Kept& kept : first.kept()) {
      context.time_ns = kept.time_ns;
      // Of two captures, one for each direction, only the present one can be named.
      context.origin = kept.origin.source == here.source ? kept.origin : here;
      if (kept.anomaly.empty()) {
        hand_on(kept.message(), context);
      } else {
        report(kept.anomaly, kept.sender, kept.len, context);
      }
    }
    context.time_ns = now_ns;
    context.origin = here;
  }

  void give_up_recognising(Side sender, StreamContext& context) {
    if (given_up_) return;
    given_up_ = true;
    ++context.shard.stats.websockets_other;
    report_content("other", first_->judged(), sender, context);
  }

  // Not where the handshake is missing: there OCPP is what a WebSocket is found by.
  void report_content(std::string_view content, std::size_t judged, Side sender,
                      StreamContext& context) {
    if (!params_.handshake_seen || !context.wants(kRecognised)) return;
    Event event = context.make_event(kRecognised, sender);
    event.set_text(kContent, content);
    event.set_int(kJudgedMessages, static_cast<std::int64_t>(judged));
    context.emit(event);
  }

  void on_control(Side side, SideState& state, StreamContext& context) {
    DecodeStats& stats = context.shard.stats;
    const std::uint8_t opcode = state.frame.opcode;
    if (!state.frame.is_known()) return;
    ++(opcode == kClose ? stats.closes : opcode == kPing ? stats.pings : stats.pongs);
    std::optional<unsigned> code;
    std::string_view reason;
    if (opcode == kClose) {
      state.closed = true;
      if (state.control_damaged) state.control.clear();
      if (state.control.size() == 1) report("bad_close_code", side, 0, context);
      if (state.control.size() >= 2) {
        code = state.control[0] * 256U + state.control[1];
        reason = as_text(Bytes(state.control).subspan(2));
        if (!close_code_is_valid(*code)) report("bad_close_code", side, *code, context);
        const bool whole = state.frame.payload_len <= kControlPayloadMaxLen;
        if (whole && !is_valid_utf8(reason)) report("invalid_utf8", side, reason.size(), context);
      }
    }
    if (!context.wants(kControl)) return;
    Event event = context.make_event(kControl, side);
    event.set_text(kOpcode, opcode_name(opcode));
    event.set_int(kPayloadBytes, static_cast<std::int64_t>(state.frame.payload_len));
    if (code) event.set_int(kCloseCode, static_cast<std::int64_t>(*code));
    if (!reason.empty()) event.set_text(kCloseReason, reason);
    context.emit(event);
  }

  void report(std::string_view kind, Side side, std::uint64_t bytes, StreamContext& context) {
    if (foreign_) return;  // Only traffic of charging stations is judged.
    if (first_ != nullptr) {
      first_->keep_anomaly(kind, side, bytes, context);
      return;
    }
    ++context.shard.stats.anomalies;
    if (!context.wants(kAnomaly)) return;
    Event event = context.make_event(kAnomaly, side);
    event.set_text(kAnomalyKind, kind);
    event.set_int(kAnomalyBytes, static_cast<std::int64_t>(bytes));
    context.emit(event);
  }

  WebSocketParams params_;
  std::array<SideState, 2> sides_;
  std::unique_ptr<MessageDecoder> messages_;
  std::unique_ptr<FirstMessages> first_;  // Until it is clear who understands the messages.
  bool gap_seen_ = false;                 // Of either direction.
  bool foreign_ = false;                  // Nobody understands the messages.
  bool given_up_ = false;                 // Counted and reported as somebody else's.
};

}  // namespace

ProbeResult probe_stream(Bytes first_bytes) {
  return probe_midstream(first_bytes);
}

std::unique_ptr<StreamDecoder> create_agreed(const WebSocketParams& params) {
  return std::make_unique<WebSocketDecoder>(params);
}

std::unique_ptr<StreamDecoder> create_stream() {
  return create_agreed({});
}

}  // namespace chargewarden::websocket
