#pragma once
// SHA-256 of what goes over a connection that no decoder understands, such as an FTP data
// connection. Owned by its Connection; one thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "collector/base/digest.h"
#include "collector/base/limits.h"

namespace chargewarden {

// Shorter streams have no hash: it would give a short text away to whoever guesses.
inline constexpr std::uint64_t kHashedStreamMinBytes = 512;

// One direction.
class RawDigest {
 public:
  // False when the limit of bytes is exceeded.
  [[nodiscard]] bool add(Bytes bytes) {
    bytes_ += bytes.size();
    if (bytes_ > kHashedStreamMaxBytes) return false;
    if (lost_ || bytes.empty()) return true;
    if (!digest_) digest_.emplace();
    digest_->add(bytes);
    return true;
  }

  // Part of the stream was not captured: there will be no hash.
  void lose() {
    lost_ = true;
    digest_.reset();
  }

  // Hex, of all bytes since the begin of the connection; empty when there is none.
  [[nodiscard]] std::string sha256() const {
    return digest_ && bytes_ >= kHashedStreamMinBytes ? digest_->hex() : std::string();
  }

 private:
  std::uint64_t bytes_ = 0;
  bool lost_ = false;
  std::optional<Sha256Stream> digest_;
};

// Both directions, by end; takes part in a count of those that exist, which outlives it.
class RawStreams {
 public:
  explicit RawStreams(std::size_t& count) : count_(count) { ++count_; }

  RawStreams(const RawStreams&) = delete;
  RawStreams& operator=(const RawStreams&) = delete;

  ~RawStreams() { --count_; }

  [[nodiscard]] RawDigest& operator[](std::size_t end) { return digests_[end]; }

 private:
  std::array<RawDigest, 2> digests_;
  std::size_t& count_;
};

}  // namespace chargewarden
