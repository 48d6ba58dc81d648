#pragma once
// TLS records (RFC 8446, 5.1; the same since TLS 1.0) and the handshake messages inside them
// (RFC 8446, 4): out of the bytes of one direction of a connection, however these were cut.
//
// Pure but for what is kept of an unfinished record and message. Views are valid during the call.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "collector/base/byte_reader.h"

namespace chargewarden::tls {

enum class RecordType : std::uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
  kApplicationData = 23,
  kHeartbeat = 24,
};

inline constexpr std::size_t kRecordHeadLen = 5;

// The version in front of a record: SSL 3.0 is 3.0, TLS 1.0 to 1.3 are 3.1 to 3.4.
inline constexpr std::uint8_t kMajorVersion = 3;
inline constexpr std::uint8_t kMinorVersionTls13 = 4;

// Longest payload that any version allows: 2^14 and 2,048 for compression, padding and MAC of
// TLS 1.2 (RFC 5246, 6.2.3). Test: record_test.cc "a record beyond the limit ends the reading".
inline constexpr std::size_t kRecordMaxLen = (std::size_t{1} << 14U) + 2'048;

// Longest handshake message that is kept. The format allows 16 MiB; chains of certificates have
// some 10 KB, and OCPP allows 10,000 characters for one.
// Test: record_test.cc "a handshake message beyond the limit is passed over".
inline constexpr std::size_t kHandshakeMaxLen = std::size_t{1} << 17U;

struct Record {
  RecordType type = RecordType::kHandshake;
  std::uint16_t version = 0;  // Of the record, which is not the one that is agreed on.
  Bytes head;                 // The five bytes in front.
  Bytes payload;
};

// Cuts the bytes of one direction into records.
class RecordReader {
 public:
  // Calls visit(record) for each whole record until it returns false. Returns false when the bytes
  // are no records any more; nothing is read from then on.
  template <typename Visit>
  bool feed(Bytes bytes, Visit&& visit) {
    while (!bytes.empty() && !broken_) {
      const Record* record = next(bytes);
      if (record == nullptr) break;
      if (!visit(*record)) return true;
    }
    return !broken_;
  }

  [[nodiscard]] bool broken() const noexcept { return broken_; }

  // Bytes that were lost: what follows begins anywhere.
  void forget() noexcept { pending_.clear(); }

 private:
  // Takes one record off the front of the bytes; null when it is not whole, and is kept.
  const Record* next(Bytes& bytes);
  // Length of the record that begins with these five bytes; 0 when they begin none.
  static std::size_t record_len(Bytes head) noexcept;

  Record record_;
  std::vector<std::uint8_t> pending_;  // Of the unfinished record; one record at most.
  bool given_ = false;                 // `pending_` was handed out, and is not needed any more.
  bool broken_ = false;
};

struct Handshake {
  std::uint8_t type = 0;
  Bytes body;
  Bytes whole;  // With its head, as signatures and transcripts take it.
};

// Puts the handshake messages of one direction together.
class HandshakeReader {
 public:
  // The payload of the next handshake record. Calls visit(handshake) for each whole message until
  // it returns false.
  template <typename Visit>
  void feed(Bytes bytes, Visit&& visit) {
    while (!bytes.empty()) {
      const Handshake* message = next(bytes);
      if (message == nullptr || !visit(*message)) return;
    }
  }

  // Messages that were too long, and passed over.
  [[nodiscard]] std::uint64_t too_long() const noexcept { return too_long_; }

  // In the middle of a message.
  [[nodiscard]] bool is_open() const noexcept {
    return skip_ > 0 || (!given_ && !pending_.empty());
  }

  void forget() noexcept {
    pending_.clear();
    skip_ = 0;
  }

 private:
  const Handshake* next(Bytes& bytes);

  Handshake message_;
  std::vector<std::uint8_t> pending_;
  bool given_ = false;
  std::size_t skip_ = 0;  // Of a message that is too long.
  std::uint64_t too_long_ = 0;
};

}  // namespace chargewarden::tls
