#pragma once
// HandshakeWatch: what the handshake of one TLS connection shows without keys.
//
// Kept from the first byte until the handshake is done, at most two unfinished records and messages
// (record.h); then nothing of it stays.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/event/flow_info.h"
#include "collector/wire/tls/certificate_list.h"
#include "collector/wire/tls/hello.h"
#include "collector/wire/tls/record.h"

namespace chargewarden::tls {

enum class Outcome : std::uint8_t { kOpen, kCompleted, kRefused, kUnfinished, kLost };

// As tls.outcome spells it; empty while it is open.
std::string_view to_string(Outcome outcome);

// What is wrong with a handshake, as anomaly.kind spells it.
enum class Problem : std::uint8_t {
  kNotARecord,
  kMalformedHello,
  kDamagedExtension,
  kMessageTooLong,
  kSecondHello,
  kMalformedCertificates,
  kTooManyCertificates,
};

std::string_view to_string(Problem problem);

// What is known of the handshake.
struct Sights {
  bool has_client_hello = false;
  bool has_server_hello = false;
  std::uint16_t version = 0;
  std::uint16_t version_offered = 0;
  std::uint16_t suite = 0;
  std::uint16_t group = 0;
  std::uint8_t compression = 0;
  bool is_resumed = false;
  bool is_retried = false;
  bool has_early_data = false;
  bool certificate_requested = false;
  bool certificate_sent = false;  // By the client.
  bool certificate_empty = false;
  bool alert_encrypted = false;
  std::uint8_t alert = 0;
  Side alert_by = Side::kClient;
  std::string server_name;
  std::string protocol;
  std::string ja3;
  std::string ja3s;
  std::string ja4;
  std::vector<std::string_view> weak_offers;
};

// Certificates that a side has shown, DER as base64; the one of the side first.
struct Chain {
  Side side = Side::kServer;
  std::vector<std::string> certificates;
};

class HandshakeWatch {
 public:
  // The next bytes of a side. Nothing is read once outcome() is no longer kOpen.
  void feed(Side side, Bytes bytes);

  // Bytes that were not captured, or the end of the connection.
  void lose() { close(Outcome::kLost); }

  void end() { close(Outcome::kUnfinished); }

  [[nodiscard]] Outcome outcome() const noexcept { return outcome_; }

  [[nodiscard]] const Sights& sights() const noexcept { return sights_; }

  // Problems since the last call, each once in a handshake.
  std::vector<Problem> take_problems();

  // Chains since the last call: one of each side at most.
  std::vector<Chain> take_chains();

 private:
  struct Direction {
    RecordReader records;
    HandshakeReader messages;
    bool encrypted = false;      // From its ChangeCipherSpec on, or in TLS 1.3.
    std::uint64_t sealed = 0;    // Encrypted records since the ServerHello.
    std::uint64_t too_long = 0;  // Messages that were noted as such.
    std::string session_id;      // Of its hello.
  };

  void on_record(Side side, const Record& record);
  void on_handshake(Side side, const Handshake& message);
  void on_client_hello(Bytes body);
  void on_server_hello(Bytes body);
  void on_certificates(Side side, Bytes body);
  void on_alert(Side side, const Record& record);
  void on_sealed(Side side, const Record& record);
  void close(Outcome outcome);
  void note(Problem problem);

  [[nodiscard]] bool is_13() const noexcept { return sights_.version == kTls13; }

  Outcome outcome_ = Outcome::kOpen;
  bool server_certificate_ = false;
  bool client_certificate_ = false;
  Sights sights_;
  std::array<Direction, 2> directions_;
  std::vector<Problem> problems_;
  std::vector<Chain> chains_;
  std::uint32_t noted_ = 0;  // Bits of problems.
};

}  // namespace chargewarden::tls
