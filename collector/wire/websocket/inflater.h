#pragma once
// Inflater: one direction of permessage-deflate (RFC 7692, 7.2.2).
//
// Owned by its WebSocket connection; one thread. Holds zlib's state and window (about 40 KB), which
// is what context takeover costs. Output is bounded.

#include <cstdint>
#include <memory>

#include "collector/base/byte_buffer.h"
#include "collector/base/byte_reader.h"

namespace chargewarden::websocket {

enum class InflateStatus : std::uint8_t { kDone, kMalformed, kTooLong };

class Inflater {
 public:
  // Without takeover each message starts with an empty window.
  explicit Inflater(bool context_takeover);
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  // Appends the plain text of one whole message to `out`, at most `len_max` bytes in all. After
  // anything but kDone the window is lost.
  InflateStatus inflate_message(Bytes compressed, std::size_t len_max, ByteBuffer& out);

  // Data was lost: what the window held is unknown. Later references into it come out as '?', until
  // the text has filled in again.
  void lose_window();

  // True while output may hold placeholders for lost text.
  [[nodiscard]] bool is_lossy() const noexcept { return lossy_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool context_takeover_;
  bool lossy_ = false;
};

}  // namespace chargewarden::websocket
