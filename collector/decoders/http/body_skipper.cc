#include "collector/decoders/http/body_skipper.h"

#include <algorithm>
#include <charconv>

namespace chargewarden::http {

namespace {

// Longest chunk-size line with its extensions that is kept to be read; sizes have 16 digits at
// most.
constexpr std::size_t kChunkLineMaxLen = 64;

}  // namespace

void BodySkipper::begin(const Body& body) {
  kind_ = body.kind;
  left_ = body.length;
  chunk_ = Chunk::kSize;
  line_.clear();
}

Bytes BodySkipper::skip(Bytes bytes, BodyMeter& meter) {
  switch (kind_) {
    case BodyKind::kNone:
      return bytes;
    case BodyKind::kUntilClose:
      meter.add(bytes);
      return {};
    case BodyKind::kLength: {
      const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      left_ -= step;
      if (left_ == 0) kind_ = BodyKind::kNone;
      meter.add(bytes.first(step));
      return bytes.subspan(step);
    }
    case BodyKind::kChunked:
      return skip_chunked(bytes, meter);
  }
  return {};
}

bool BodySkipper::skip_missing(std::uint64_t missing_bytes) {
  if (kind_ == BodyKind::kUntilClose) return true;
  const bool inside =
      kind_ == BodyKind::kLength || (kind_ == BodyKind::kChunked && chunk_ == Chunk::kData);
  if (!inside || missing_bytes > left_) {
    kind_ = BodyKind::kNone;
    return false;
  }
  left_ -= missing_bytes;
  if (left_ == 0) {
    if (kind_ == BodyKind::kLength) kind_ = BodyKind::kNone;
    chunk_ = Chunk::kDataEnd;
  }
  return true;
}

Bytes BodySkipper::skip_chunked(Bytes bytes, BodyMeter& meter) {
  std::size_t at = 0;
  while (at < bytes.size() && kind_ == BodyKind::kChunked) {
    if (chunk_ == Chunk::kData) {
      const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
      meter.add(bytes.subspan(at, step));
      left_ -= step;
      at += step;
      if (left_ == 0) chunk_ = Chunk::kDataEnd;
      continue;
    }
    const auto c = static_cast<char>(bytes[at++]);
    if (c == '\n') {
      on_line(meter);
      if (kind_ == BodyKind::kUntilClose) {
        meter.add(bytes.subspan(at));
        return {};
      }
    } else if (c != '\r' && line_.size() < kChunkLineMaxLen) {
      line_ += c;
    }
  }
  return bytes.subspan(at);
}

void BodySkipper::on_line(BodyMeter& meter) {
  switch (chunk_) {
    case Chunk::kSize: {
      std::uint64_t size = 0;
      const auto [end, failure] =
          std::from_chars(line_.data(), line_.data() + line_.size(), size, 16);
      (void)end;
      if (failure != std::errc{}) {
        meter.lose();
        kind_ = BodyKind::kUntilClose;  // Not chunks after all: nothing behind it can be found.
      } else {
        left_ = size;
        chunk_ = size == 0 ? Chunk::kTrailer : Chunk::kData;
      }
      break;
    }
    case Chunk::kDataEnd:
      chunk_ = Chunk::kSize;
      break;
    case Chunk::kTrailer:
      if (line_.empty()) kind_ = BodyKind::kNone;
      break;
    case Chunk::kData:
      break;
  }
  line_.clear();
}

}  // namespace chargewarden::http
