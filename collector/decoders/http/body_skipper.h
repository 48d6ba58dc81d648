#pragma once
// BodySkipper: passes over HTTP bodies to find the next head (RFC 9112, 6 and 7.1), and shows a
// BodyMeter what they hold.

#include <cstdint>
#include <string>

#include "collector/base/byte_reader.h"
#include "collector/decoders/http/body_meter.h"
#include "collector/wire/http/http_head.h"

namespace chargewarden::http {

class BodySkipper {
 public:
  void begin(const Body& body);

  [[nodiscard]] bool active() const noexcept { return kind_ != BodyKind::kNone; }

  // Whether only the end of the connection ends the body.
  [[nodiscard]] bool until_close() const noexcept { return kind_ == BodyKind::kUntilClose; }

  // Returns what is left behind the body; its content, without the chunks' framing, goes to the
  // meter.
  Bytes skip(Bytes bytes, BodyMeter& meter);

  // Passes over bytes that were not captured; false when the end of the body may lie among them.
  bool skip_missing(std::uint64_t missing_bytes);

 private:
  enum class Chunk : std::uint8_t { kSize, kData, kDataEnd, kTrailer };

  Bytes skip_chunked(Bytes bytes, BodyMeter& meter);
  void on_line(BodyMeter& meter);

  BodyKind kind_ = BodyKind::kNone;
  std::uint64_t left_ = 0;
  Chunk chunk_ = Chunk::kSize;
  std::string line_;  // A chunk-size or trailer line that is not complete.
};

}  // namespace chargewarden::http
