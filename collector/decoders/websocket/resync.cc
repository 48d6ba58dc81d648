#include "collector/decoders/websocket/resync.h"

#include <algorithm>

#include "collector/base/limits.h"
#include "collector/wire/websocket/frame.h"
#include "collector/wire/websocket/inflater.h"

namespace chargewarden::websocket {

namespace {

// Payload bytes that decide: blanks, "[", type digit, comma, quote.
constexpr std::size_t kLookLen = 8;

// Offsets of one segment at which a frame is looked for. Frames mostly begin where segments begin.
constexpr std::size_t kSearchLenMax = 64 * 1024;

bool is_blank(std::uint8_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Whether plain text begins like an OCPP-J message: [2, to [6,
bool begins_like_ocpp(Bytes text) {
  std::size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < text.size() && is_blank(text[at])) ++at;
  };
  skip_blanks();
  if (at >= text.size() || text[at] != '[') return false;
  ++at;
  skip_blanks();
  if (at >= text.size() || text[at] < '2' || text[at] > '6') return false;
  ++at;
  skip_blanks();
  return at < text.size() && text[at] == ',';
}

bool plain_text_frame_at(Bytes bytes, const FrameHeader& frame) {
  if (frame.opcode != kText || frame.rsv1 || frame.rsv23 || !frame.minimal) return false;
  if (frame.payload_len < 4 || frame.payload_len > kMessageMaxLen) return false;
  const Bytes payload = bytes.subspan(frame.header_len);
  const std::size_t len = std::min<std::size_t>(
      {kLookLen, payload.size(), static_cast<std::size_t>(frame.payload_len)});
  std::array<std::uint8_t, kLookLen> look{};
  if (frame.masked) {
    unmask(payload.first(len), frame.key, 0, look.data());
  } else {
    std::copy_n(payload.begin(), len, look.begin());
  }
  return begins_like_ocpp(Bytes(look).first(len));
}

// Whether the bytes are a whole number of frames of that masking, without text that is not OCPP.
bool frames_fill(Bytes bytes, bool masked, bool compression_possible) {
  std::size_t frames = 0;
  while (!bytes.empty()) {
    FrameHeader frame;
    if (!parse_frame_header(bytes, frame)) return false;
    const bool data_ok = frame.rsv1 ? compression_possible && frame.opcode == kText
                                    : frame.opcode != kText || plain_text_frame_at(bytes, frame);
    if (frame.masked != masked || frame.rsv23 || !frame.is_known() || !frame.minimal || !data_ok ||
        frame.opcode == kBinary || frame.opcode == kContinuation ||
        (frame.is_control() && (!frame.fin || frame.payload_len > kControlPayloadMaxLen)) ||
        frame.payload_len > bytes.size() - frame.header_len) {
      return false;
    }
    bytes = bytes.subspan(frame.header_len + frame.payload_len);
    ++frames;
  }
  return frames > 0;
}

// Whether a compressed text frame stands at the begin, fills the bytes, and inflates to something.
bool compressed_message_fills(Bytes bytes, const FrameHeader& frame) {
  if (!frame.rsv1 || frame.opcode != kText || !frame.fin || !frame.minimal || frame.rsv23 ||
      frame.payload_len == 0 || frame.payload_len != bytes.size() - frame.header_len) {
    return false;
  }
  std::vector<std::uint8_t> compressed(bytes.begin() + frame.header_len, bytes.end());
  if (frame.masked) unmask(bytes.subspan(frame.header_len), frame.key, 0, compressed.data());
  Inflater inflater(true);
  inflater.lose_window();
  ByteBuffer plain;
  return inflater.inflate_message(compressed, kMessageMaxLen, plain) == InflateStatus::kDone &&
         plain.size() >= 4 && (plain.bytes().back() == ']' || plain.bytes().back() == '?');
}

}  // namespace

std::optional<std::size_t> find_frame(Bytes bytes, Side side, bool compression_possible) {
  const bool masked = side == Side::kClient;
  if (frames_fill(bytes, masked, compression_possible)) return 0;
  const std::size_t end = std::min(bytes.size(), kSearchLenMax);
  for (std::size_t at = 0; at < end; ++at) {
    // FIN or not, text, not compressed.
    if ((bytes[at] & 0x7fU) != kText) continue;
    FrameHeader frame;
    if (!parse_frame_header(bytes.subspan(at), frame)) break;
    if (frame.masked == masked && plain_text_frame_at(bytes.subspan(at), frame)) return at;
  }
  return std::nullopt;
}

ProbeResult probe_midstream(Bytes first_bytes) {
  FrameHeader frame;
  if (!parse_frame_header(first_bytes, frame)) return {};
  const bool fits =
      plain_text_frame_at(first_bytes, frame) || compressed_message_fills(first_bytes, frame);
  if (!fits) return {};
  return {Probe::kYes, true, frame.masked ? Side::kClient : Side::kServer};
}

}  // namespace chargewarden::websocket
