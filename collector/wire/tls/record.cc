#include "collector/wire/tls/record.h"

#include <algorithm>

namespace chargewarden::tls {

namespace {

constexpr std::size_t kHandshakeHeadLen = 4;

// Moves bytes to the end of `kept` until it has `len` of them.
bool fill(std::vector<std::uint8_t>& kept, Bytes& bytes, std::size_t len) {
  const std::size_t want = len - std::min(kept.size(), len);
  const std::size_t take = std::min(want, bytes.size());
  kept.insert(kept.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(take));
  bytes = bytes.subspan(take);
  return take == want;
}

std::size_t handshake_len(Bytes head) noexcept {
  return (std::size_t{head[1]} << 16U) | (std::size_t{head[2]} << 8U) | head[3];
}

}  // namespace

std::size_t RecordReader::record_len(Bytes head) noexcept {
  const std::size_t len = (std::size_t{head[3]} << 8U) | head[4];
  const bool known = head[0] >= static_cast<std::uint8_t>(RecordType::kChangeCipherSpec) &&
                     head[0] <= static_cast<std::uint8_t>(RecordType::kHeartbeat);
  if (!known || head[1] != kMajorVersion || head[2] > kMinorVersionTls13) return 0;
  return len <= kRecordMaxLen ? kRecordHeadLen + len : 0;
}

const Record* RecordReader::next(Bytes& bytes) {
  if (given_) pending_.clear();
  given_ = false;
  Bytes whole;
  if (pending_.empty() && bytes.size() >= kRecordHeadLen) {
    const std::size_t len = record_len(bytes);
    broken_ = len == 0;
    if (!broken_ && bytes.size() >= len) {
      whole = bytes.first(len);
      bytes = bytes.subspan(len);
    }
  }
  if (broken_) return nullptr;
  if (whole.empty()) {
    if (!fill(pending_, bytes, kRecordHeadLen)) return nullptr;
    const std::size_t len = record_len(pending_);
    broken_ = len == 0;
    if (broken_ || !fill(pending_, bytes, len)) return nullptr;
    whole = pending_;
    given_ = true;
  }
  record_.type = static_cast<RecordType>(whole[0]);
  record_.version = static_cast<std::uint16_t>((whole[1] << 8U) | whole[2]);
  record_.head = whole.first(kRecordHeadLen);
  record_.payload = whole.subspan(kRecordHeadLen);
  return &record_;
}

const Handshake* HandshakeReader::next(Bytes& bytes) {
  if (given_) pending_.clear();
  given_ = false;
  Bytes whole;
  while (whole.empty()) {
    const std::size_t skipped = std::min(skip_, bytes.size());
    skip_ -= skipped;
    bytes = bytes.subspan(skipped);
    if (pending_.empty() && bytes.size() >= kHandshakeHeadLen) {
      const std::size_t len = kHandshakeHeadLen + handshake_len(bytes);
      if (len <= kHandshakeMaxLen && bytes.size() >= len) {
        whole = bytes.first(len);
        bytes = bytes.subspan(len);
        break;
      }
    }
    if (!fill(pending_, bytes, kHandshakeHeadLen)) return nullptr;
    const std::size_t len = kHandshakeHeadLen + handshake_len(pending_);
    if (len > kHandshakeMaxLen) {
      ++too_long_;
      skip_ = len - kHandshakeHeadLen;
      pending_.clear();
      continue;
    }
    if (!fill(pending_, bytes, len)) return nullptr;
    whole = pending_;
    given_ = true;
  }
  message_.type = whole[0];
  message_.whole = whole;
  message_.body = whole.subspan(kHandshakeHeadLen);
  return &message_;
}

}  // namespace chargewarden::tls
