#pragma once
// BodyMeter: how long an HTTP body is, and its SHA-256 when somebody wants that.
//
// A hash is of the content as transferred: chunks are put together (RFC 9112, 7.1), a
// Content-Encoding stays. One per direction of a connection; memory only while hashing.

#include <cstdint>
#include <optional>
#include <string>

#include "collector/base/byte_reader.h"
#include "collector/base/digest.h"

namespace chargewarden::http {

// Shorter bodies are not hashed: they are neither firmware nor logs, and the hash of a short text
// would give it away to whoever guesses.
inline constexpr std::uint64_t kHashedBodyMinBytes = 512;

struct BodyFacts {
  std::uint64_t bytes = 0;  // Content that was captured.
  bool complete = false;
  std::string sha256;  // Hex; empty when it is not complete, short or not wanted.
};

class BodyMeter {
 public:
  // Makes it ready for the next body.
  void begin(bool hash) {
    bytes_ = 0;
    lost_ = false;
    digest_.reset();
    if (hash) digest_.emplace();
  }

  void add(Bytes bytes) {
    bytes_ += bytes.size();
    if (digest_) digest_->add(bytes);
  }

  // Part of it was not captured, or where it ends is not known.
  void lose() {
    lost_ = true;
    digest_.reset();
  }

  // What is known when it has ended, or when `ended` is false, so far.
  [[nodiscard]] BodyFacts facts(bool ended) const {
    BodyFacts out;
    out.bytes = bytes_;
    out.complete = ended && !lost_;
    if (out.complete && digest_ && bytes_ >= kHashedBodyMinBytes) out.sha256 = digest_->hex();
    return out;
  }

 private:
  std::uint64_t bytes_ = 0;
  bool lost_ = false;
  std::optional<Sha256Stream> digest_;
};

}  // namespace chargewarden::http
