#include "collector/wire/websocket/inflater.h"

#include <algorithm>
#include <array>

#include <zlib.h>

namespace chargewarden::websocket {

namespace {

constexpr int kRawWindowBits = -15;  // 15 fits every smaller window too.
constexpr std::size_t kWindowLen = 32'768;
constexpr std::size_t kOutputStep = 4096;
constexpr std::array<std::uint8_t, 4> kTail = {0x00, 0x00, 0xff, 0xff};  // RFC 7692, 7.2.2.

// Plain bytes of a window that was lost.
constexpr auto kPlaceholders = [] {
  std::array<std::uint8_t, kWindowLen> out{};
  for (std::uint8_t& byte : out) byte = '?';
  return out;
}();

}  // namespace

struct Inflater::State {
  z_stream stream{};
  bool ready = false;

  State() { ready = inflateInit2(&stream, kRawWindowBits) == Z_OK; }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (ready) inflateEnd(&stream);
  }
};

Inflater::Inflater(bool context_takeover)
    : state_(std::make_unique<State>()), context_takeover_(context_takeover) {}

Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

void Inflater::lose_window() {
  if (!state_->ready) return;
  inflateReset(&state_->stream);
  if (!context_takeover_) return;
  inflateSetDictionary(&state_->stream, kPlaceholders.data(), kWindowLen);
  lossy_ = true;
}

InflateStatus Inflater::inflate_message(Bytes compressed, std::size_t len_max, ByteBuffer& out) {
  if (!state_->ready) return InflateStatus::kMalformed;
  z_stream& stream = state_->stream;
  if (!context_takeover_) inflateReset(&stream);
  const std::size_t start = out.size();
  for (const Bytes input : {compressed, Bytes(kTail)}) {
    // zlib's interface is not const; it does not write to its input.
    stream.next_in = const_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    for (;;) {
      const std::size_t used = out.size();
      if (used - start > len_max) return InflateStatus::kTooLong;
      const std::size_t step =
          std::min(std::max(kOutputStep, compressed.size() * 4), len_max - (used - start) + 1);
      stream.next_out = out.room(step).data();
      stream.avail_out = static_cast<uInt>(step);
      const int result = inflate(&stream, Z_SYNC_FLUSH);
      out.more(step - stream.avail_out);
      if (result == Z_STREAM_END) {
        // A final block in the middle of a connection: the next block starts afresh.
        inflateReset(&stream);
        if (stream.avail_in == 0) break;
        continue;
      }
      if (result == Z_BUF_ERROR && stream.avail_in == 0) break;  // All used, nothing pending.
      if (result != Z_OK && result != Z_BUF_ERROR) return InflateStatus::kMalformed;
      if (stream.avail_out > 0 && stream.avail_in == 0) break;
    }
  }
  if (out.size() - start > len_max) return InflateStatus::kTooLong;
  return InflateStatus::kDone;
}

}  // namespace chargewarden::websocket
