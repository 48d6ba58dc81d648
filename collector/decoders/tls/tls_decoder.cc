// TLS (RFC 8446, RFC 5246): recognises an encrypted connection, says what its handshake shows, and
// then looks at it no more. What is inside is not observable without keys.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "collector/decoders/decoder.h"
#include "collector/decoders/tls/handshake_watch.h"
#include "collector/event/defs/tls_events.h"
#include "collector/wire/tls/labels.h"
#include "collector/wire/tls/suites.h"

namespace chargewarden::tls {

namespace {

constexpr auto kHandshakeRecord = static_cast<std::uint8_t>(RecordType::kHandshake);
constexpr std::uint16_t kFirstRecordMaxLen = (1U << 14U) + 256;

std::string suite_label(std::uint16_t suite) {
  const std::string_view name = suite_name(suite);
  return name.empty() ? fmt::format("{:#06x}", suite) : std::string(name);
}

std::string_view client_certificate_of(const Sights& sights) {
  if (sights.is_resumed || !sights.has_server_hello) return {};
  if (sights.version == kTls13) return "hidden";
  if (sights.certificate_sent) return "sent";
  if (!sights.certificate_requested) return "not_requested";
  return sights.certificate_empty ? "none" : std::string_view();
}

// The texts that an event of a handshake points to.
class HandshakeReport {
 public:
  HandshakeReport(const Sights& sights, Outcome outcome, StreamContext& context)
      : event_(context.make_event(kHandshake, Side::kClient)) {
    event_.set_text(kOutcome, to_string(outcome));
    add_client(sights);
    if (sights.has_server_hello) add_server(sights);
    text(kClientCertificate, client_certificate_of(sights));
    if (outcome == Outcome::kRefused) add_alert(sights);
    context.emit(event_);
  }

 private:
  void text(FieldKey key, std::string_view value) {
    if (!value.empty()) event_.set_text(key, value);
  }

  void add_client(const Sights& sights) {
    if (!sights.has_client_hello) return;
    offered_ = version_label(sights.version_offered);
    text(kVersionOffered, offered_);
    text(kServerName, sights.server_name);
    event_.set_bool(kEarlyData, sights.has_early_data);
    text(kJa3, sights.ja3);
    text(kJa4, sights.ja4);
    for (const std::string_view each : sights.weak_offers) weak_.push_back(Value::text(each));
    if (!weak_.empty()) event_.set(kWeakOffers, Value::list(weak_));
  }

  void add_server(const Sights& sights) {
    version_ = version_label(sights.version);
    suite_ = suite_label(sights.suite);
    text(kVersion, version_);
    text(kSuite, suite_);
    text(kSuiteWeakness, suite_weakness(sights.suite));
    event_.set_bool(kForwardSecrecy, has_forward_secrecy(sights.suite));
    text(kProtocol, sights.protocol);
    text(kGroup, group_name(sights.group));
    event_.set_bool(kCompression, sights.compression != 0);
    event_.set_bool(kResumed, sights.is_resumed);
    event_.set_bool(kRetried, sights.is_retried);
    text(kJa3s, sights.ja3s);
  }

  void add_alert(const Sights& sights) {
    const std::string_view name = alert_name(sights.alert);
    alert_ = sights.alert_encrypted ? "encrypted"
             : name.empty()         ? fmt::format("{}", sights.alert)
                                    : std::string(name);
    text(kAlert, alert_);
    text(kAlertBy, sights.alert_by == Side::kClient ? "client" : "server");
  }

  Event event_;
  std::string offered_;
  std::string version_;
  std::string suite_;
  std::string alert_;
  std::vector<Value> weak_;
};

class TlsDecoder : public StreamDecoder {
 public:
  void on_data(Side side, Bytes bytes, StreamContext& context) override {
    if (!seen_) tell_seen(side, bytes, context);
    if (watch_ != nullptr) {
      watch_->feed(side, bytes);
      look(side, context);
    }
    context.stop = watch_ == nullptr;
  }

  void on_gap(Side side, std::uint64_t /*missing_bytes*/, StreamContext& context) override {
    if (watch_ == nullptr) return;
    watch_->lose();
    look(side, context);
    context.stop = true;
  }

  void on_end(StreamContext& context) override {
    if (watch_ == nullptr) return;
    watch_->end();
    look(Side::kClient, context);
  }

  [[nodiscard]] std::string_view protocol() const override { return "tls"; }

 private:
  void tell_seen(Side side, Bytes bytes, StreamContext& context) {
    seen_ = true;
    ++context.shard.stats.connections_tls;
    if (context.wants(kHandshake) || context.wants(kCertificates) || context.wants(kAnomaly)) {
      watch_ = std::make_unique<HandshakeWatch>();
    }
    if (!context.wants(kSeen) || bytes.size() < 3) return;
    Event event = context.make_event(kSeen, side);
    const std::string version = fmt::format("{}.{}", bytes[1], bytes[2]);
    event.set_text(kRecordVersion, version);
    context.emit(event);
  }

  // Tells what has come to light, and forgets it when there is no more to come.
  void look(Side side, StreamContext& context) {
    for (const Problem problem : watch_->take_problems()) {
      if (!context.wants(kAnomaly)) continue;
      Event event = context.make_event(kAnomaly, side);
      event.set_text(kAnomalyKind, to_string(problem));
      context.emit(event);
    }
    for (const Chain& chain : watch_->take_chains()) tell_chain(chain, context);
    if (watch_->outcome() == Outcome::kOpen) return;
    const Sights& sights = watch_->sights();
    const bool has_any = sights.has_client_hello || sights.has_server_hello;
    if (has_any && context.wants(kHandshake)) {
      const HandshakeReport report(sights, watch_->outcome(), context);
    }
    watch_.reset();
  }

  void tell_chain(const Chain& chain, StreamContext& context) const {
    if (!context.wants(kCertificates)) return;
    std::vector<Value> certificates;
    for (const std::string& each : chain.certificates) certificates.push_back(Value::text(each));
    const Sights& sights = watch_->sights();
    Event event = context.make_event(kCertificates, chain.side);
    event.set_text(kCertificatesOf, chain.side == Side::kClient ? "client" : "server");
    event.set(kChain, Value::list(certificates));
    if (!sights.server_name.empty()) event.set_text(kCertificatesHost, sights.server_name);
    context.emit(event);
  }

  bool seen_ = false;
  std::unique_ptr<HandshakeWatch> watch_;  // While the handshake goes on.
};

}  // namespace

ProbeResult probe_stream(Bytes first_bytes) {
  // Content type, version, length of a record, and the type of the first handshake message.
  if (first_bytes.size() < 6) {
    const bool possible = first_bytes.empty() || first_bytes[0] == kHandshakeRecord;
    return {possible ? Probe::kNeedMore : Probe::kNo, false, Side::kClient};
  }
  ByteReader reader(first_bytes);
  const std::uint8_t type = reader.u8();
  const std::uint8_t major = reader.u8();
  const std::uint8_t minor = reader.u8();
  const std::uint16_t len = reader.u16be();
  const std::uint8_t message = reader.u8();
  const bool hello = message == kClientHelloType || message == kServerHelloType;
  if (type != kHandshakeRecord || major != kMajorVersion || minor > kMinorVersionTls13 || len < 4 ||
      len > kFirstRecordMaxLen || !hello) {
    return {};
  }
  return {Probe::kYes, true, message == kClientHelloType ? Side::kClient : Side::kServer};
}

std::unique_ptr<StreamDecoder> create_stream() {
  return std::make_unique<TlsDecoder>();
}

}  // namespace chargewarden::tls
