#include "collector/decoders/tls/handshake_watch.h"

#include <algorithm>
#include <utility>

#include "collector/base/text.h"
#include "collector/wire/tls/fingerprint.h"
#include "collector/wire/tls/suites.h"

namespace chargewarden::tls {

namespace {

// Types of handshake messages beside the hellos (RFC 8446, 4; RFC 5246, 7.4).
constexpr std::uint8_t kCertificateRequest = 13;

// An alert under TLS 1.3: two bytes, the type of the content, the tag (RFC 8446, 5.2). The shortest
// other message of a handshake, Finished, has 53.
constexpr std::size_t kSealedAlertLen = 19;

constexpr std::uint8_t kFatal = 2;

// Longest name that is kept (RFC 1035, 2.3.4).
// Test: handshake_watch_test.cc "a name beyond the limit is cut".
constexpr std::size_t kServerNameMaxLen = 255;

}  // namespace

std::string_view to_string(Outcome outcome) {
  constexpr std::array<std::string_view, 5> kNames = {"", "completed", "refused", "unfinished",
                                                      "lost"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::string_view to_string(Problem problem) {
  constexpr std::array<std::string_view, 7> kNames = {
      "not_a_record", "malformed_hello",        "damaged_extension",    "message_too_long",
      "second_hello", "malformed_certificates", "too_many_certificates"};
  return kNames[static_cast<std::size_t>(problem)];
}

void HandshakeWatch::feed(Side side, Bytes bytes) {
  if (outcome_ != Outcome::kOpen) return;
  const bool fine = directions_[index_of(side)].records.feed(bytes, [&](const Record& record) {
    on_record(side, record);
    return outcome_ == Outcome::kOpen;
  });
  if (fine) return;
  note(Problem::kNotARecord);
  close(Outcome::kUnfinished);
}

std::vector<Problem> HandshakeWatch::take_problems() {
  return std::exchange(problems_, {});
}

std::vector<Chain> HandshakeWatch::take_chains() {
  return std::exchange(chains_, {});
}

void HandshakeWatch::note(Problem problem) {
  const std::uint32_t bit = 1U << static_cast<unsigned>(problem);
  if ((noted_ & bit) != 0) return;
  noted_ |= bit;
  problems_.push_back(problem);
}

void HandshakeWatch::close(Outcome outcome) {
  if (outcome_ == Outcome::kOpen) outcome_ = outcome;
}

void HandshakeWatch::on_record(Side side, const Record& record) {
  Direction& own = directions_[index_of(side)];
  switch (record.type) {
    case RecordType::kHandshake:
      if (own.encrypted) return on_sealed(side, record);
      own.messages.feed(record.payload, [&](const Handshake& message) {
        on_handshake(side, message);
        return true;
      });
      if (own.messages.too_long() > own.too_long) note(Problem::kMessageTooLong);
      own.too_long = own.messages.too_long();
      return;
    case RecordType::kChangeCipherSpec:
      // TLS 1.3 sends it for the sake of old machines on the way (RFC 8446, D.4).
      if (!sights_.has_server_hello || is_13()) return;
      own.encrypted = true;
      // Without a certificate the server goes on with keys of before (RFC 5077, 3.1).
      if (side == Side::kServer && !server_certificate_) sights_.is_resumed = true;
      return;
    case RecordType::kAlert:
      // TLS 1.3 hides alerts as application data.
      if (own.encrypted && !is_13()) return on_sealed(side, record);
      return on_alert(side, record);
    case RecordType::kApplicationData:
      return on_sealed(side, record);
    case RecordType::kHeartbeat:
      return;
  }
}

void HandshakeWatch::on_handshake(Side side, const Handshake& message) {
  if (message.type == kClientHelloType && side == Side::kClient) {
    on_client_hello(message.body);
  } else if (message.type == kServerHelloType && side == Side::kServer) {
    on_server_hello(message.body);
  } else if (message.type == kCertificateRequest && side == Side::kServer) {
    sights_.certificate_requested = true;
  } else if (message.type == kCertificateType) {
    on_certificates(side, message.body);
  }
}

void HandshakeWatch::on_certificates(Side side, Bytes body) {
  bool& seen = side == Side::kServer ? server_certificate_ : client_certificate_;
  if (std::exchange(seen, true)) return;
  const auto list = parse_certificate_list(body);
  if (!list) return note(Problem::kMalformedCertificates);
  if (list->left_out > 0) note(Problem::kTooManyCertificates);
  if (side == Side::kClient) {
    sights_.certificate_empty = list->certificates.empty() && list->left_out == 0;
    sights_.certificate_sent = !sights_.certificate_empty;
  }
  if (list->certificates.empty()) return;
  Chain chain;
  chain.side = side;
  for (const Bytes der : list->certificates) chain.certificates.push_back(to_base64(der));
  chains_.push_back(std::move(chain));
}

void HandshakeWatch::on_client_hello(Bytes body) {
  const auto hello = parse_client_hello(body);
  if (!hello) return note(Problem::kMalformedHello);
  if (hello->has_damage) note(Problem::kDamagedExtension);
  // The second one repeats the first but for what the server has asked for.
  if (sights_.has_client_hello && !sights_.is_retried) return note(Problem::kSecondHello);
  if (sights_.has_client_hello) return;
  sights_.has_client_hello = true;
  directions_[index_of(Side::kClient)].session_id = as_text(hello->session_id);
  sights_.version_offered = hello->version();
  sights_.server_name = hello->server_name.substr(0, kServerNameMaxLen);
  sights_.has_early_data = hello->extensions.has(kEarlyDataExtension);
  sights_.ja3 = ja3(*hello);
  sights_.ja4 = ja4(*hello);
  for (std::size_t i = 0; i < hello->suites.size(); ++i) {
    const std::string_view weakness = suite_weakness(hello->suites[i]);
    auto& known = sights_.weak_offers;
    if (!weakness.empty() && std::find(known.begin(), known.end(), weakness) == known.end()) {
      known.push_back(weakness);
    }
  }
}

void HandshakeWatch::on_server_hello(Bytes body) {
  const auto hello = parse_server_hello(body);
  if (!hello) return note(Problem::kMalformedHello);
  if (hello->is_retry) {
    sights_.is_retried = true;
    return;
  }
  if (sights_.has_server_hello) return note(Problem::kSecondHello);
  sights_.has_server_hello = true;
  sights_.version = hello->version();
  sights_.suite = hello->suite;
  sights_.group = hello->group;
  sights_.compression = hello->compression;
  sights_.protocol = hello->protocol.substr(0, kServerNameMaxLen);
  sights_.ja3s = ja3s(*hello);
  if (is_13()) {
    sights_.is_resumed = hello->extensions.has(kPreSharedKeyExtension);
    for (Direction& each : directions_) each.encrypted = true;
  } else {
    const std::string& offered = directions_[index_of(Side::kClient)].session_id;
    sights_.is_resumed = !offered.empty() && offered == as_text(hello->session_id);
  }
}

void HandshakeWatch::on_alert(Side side, const Record& record) {
  if (record.payload.size() < 2) return;
  sights_.alert = record.payload[1];
  sights_.alert_by = side;
  // close_notify, or one that ends the handshake by its level.
  if (record.payload[0] == kFatal) close(Outcome::kRefused);
}

// Nothing of it can be read; that it is there says how far the handshake has come.
void HandshakeWatch::on_sealed(Side side, const Record& record) {
  Direction& own = directions_[index_of(side)];
  if (!sights_.has_server_hello) return;  // 0-RTT.
  ++own.sealed;
  const Direction& client = directions_[index_of(Side::kClient)];
  const Direction& server = directions_[index_of(Side::kServer)];
  if (!is_13()) {
    // Finished of both.
    if (client.sealed > 0 && server.sealed > 0) close(Outcome::kCompleted);
    return;
  }
  if (side == Side::kClient && own.sealed == 1 && record.payload.size() == kSealedAlertLen) {
    sights_.alert_encrypted = true;
    sights_.alert_by = Side::kClient;
    close(Outcome::kRefused);
    return;
  }
  // The client has answered, and the server goes on, or refuses it.
  if (side == Side::kClient || client.sealed == 0) return;
  if (record.payload.size() == kSealedAlertLen) {
    sights_.alert_encrypted = true;
    sights_.alert_by = Side::kServer;
    close(Outcome::kRefused);
    return;
  }
  close(Outcome::kCompleted);
}

}  // namespace chargewarden::tls
