// Certificates as peers show them in TLS handshakes (threats PK-01 to PK-05): expired or about to,
// weak, of another name, of another issuer than before. Those of TLS 1.3 are encrypted.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "analyzer/crypto/certificate.h"
#include "analyzer/detectors/certificates/judgement.h"
#include "analyzer/detectors/certificates/tables.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/window.h"
#include "collector/base/text.h"
#include "collector/event/defs/certificate_events.h"

namespace chargewarden::certificate {

namespace {

using F = FactField;

constexpr std::int64_t kDayNs = 86'400LL * 1'000'000'000;

// Chains that are read within a minute: one takes up to some milliseconds, and strangers choose how
// many they show. A fleet that comes back after an outage, each station with its own certificate.
// Test: certificates_detector_test.cc "no more than some chains are read in a minute".
constexpr std::int64_t kReadWindowNs = 60LL * 1'000'000'000;
constexpr std::uint64_t kReadPerWindowMax = 3'000;

// From how many clients of a server on their issuers are a custom: another one is told then, and
// does not become one of them, since everybody can make himself an issuer.
constexpr std::size_t kClientsMin = 3;

class CertificatesDetector final : public Detector {
 public:
  explicit CertificatesDetector(const HashKey& key) : key_(key), tables_(key) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.kinds[static_cast<std::size_t>(FactKind::kCertificates)] = true;
    return out;
  }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.link() == nullptr) return;
    const std::string_view role = fact.text(F::kCertificateType);
    const ChainReading* chain = reading_of(fact, role, reporter);
    if (chain == nullptr) return;
    const std::string_view host = fact.text(F::kHost);
    if (role == "server") follow_server(chain->own, host, world, reporter);
    look_at(*chain, role, host, world, reporter);
  }

  [[nodiscard]] std::uint64_t dropped() const override { return dropped_ + tables_.dropped(); }

 private:
  static Expected<crypto::Certificate> read(std::string_view base64) {
    const auto der = from_base64(base64);
    if (!der) return Error{ErrorCode::kUnreadable, "it is not base64"};
    return crypto::Certificate::from_der(as_bytes(*der));
  }

  // Null when there is none to be read.
  const ChainReading* reading_of(const Fact& fact, std::string_view role, Reporter& reporter) {
    SipHash13 hash(key_);
    for (const FactValue& value : fact.values()) {
      if (value.field != F::kCertificate) continue;
      hash.add(fact.text_of(value));
      hash.add(" ");
    }
    const std::string bytes = std::to_string(hash.finish());
    const std::int64_t now = fact.time_ns();
    if (ChainReading* known = tables_.chains.find(bytes, now)) return known;
    if (reads_.count(now) >= kReadPerWindowMax) {
      ++dropped_;
      return nullptr;
    }
    (void)reads_.add(now);
    std::vector<crypto::Certificate> chain;
    for (const FactValue& value : fact.values()) {
      if (value.field != F::kCertificate) continue;
      auto certificate = read(fact.text_of(value));
      if (!certificate) {
        if (chain.empty()) tell_unreadable(role, certificate.error().message, reporter);
        break;  // What is behind it cannot be held against it.
      }
      chain.push_back(std::move(certificate).value());
    }
    if (chain.empty()) return nullptr;
    return &(tables_.chains.at(bytes, now) = read_chain(chain));
  }

  static std::string server_of(const World& world) {
    const FlowInfo& flow = world.link()->flow;
    return flow.server_ip_text + ' ' + std::to_string(flow.server_port);
  }

  static void tell_unreadable(std::string_view role, std::string_view reason, Reporter& reporter) {
    Event event = reporter.make(kUnreadable);
    event.set_text(kUnreadableRole, role);
    event.set_text(kReason, reason);
    reporter.emit(event);
  }

  void follow_server(const crypto::CertificateFacts& facts, std::string_view host,
                     const World& world, Reporter& reporter) {
    const std::int64_t now = world.now_ns();
    Server& server = tables_.servers.at(server_of(world) + ' ' + lower_ascii(host), now);
    if (!server.sha256.empty() && server.sha256 != facts.sha256) {
      const std::array<std::uint64_t, 2> tags = {server.tag, reporter.tag()};
      Event event = reporter.make(kChanged);
      event.set_text(kIssuerNow, facts.issuer.text);
      event.set_text(kIssuerBefore, server.issuer);
      event.set_bool(kIssuerChanged, server.issuer != facts.issuer.text);
      event.set_text(kSha256Now, facts.sha256);
      event.set_text(kSha256Before, server.sha256);
      event.set_int(kDaysLeftBefore, (server.not_after_ns - now) / kDayNs);
      event.set_packets(tags);
      reporter.emit(event);
    }
    server.sha256 = facts.sha256;
    server.issuer = facts.issuer.text;
    server.not_after_ns = facts.not_after_ns;
    server.tag = reporter.tag();
  }

  // A client that the server has not seen yet. True when all before it had other issuers.
  bool note_client(const std::string& issuer, const World& world) {
    Clients& clients = tables_.clients.at(server_of(world), world.now_ns());
    auto& known = clients.issuers;
    if (std::find(known.begin(), known.end(), issuer) != known.end()) {
      ++clients.count;
      return false;
    }
    if (clients.count >= kClientsMin) return true;
    ++clients.count;
    known.push_back(issuer);
    return false;
  }

  void look_at(const ChainReading& chain, std::string_view role, std::string_view host,
               const World& world, Reporter& reporter) {
    const crypto::CertificateFacts& facts = chain.own;
    const bool is_server = role == "server";
    Judgement found = judge(chain, is_server ? host : std::string_view(), world.now_ns());
    const std::string key = std::string(role) + ' ' + server_of(world) + ' ' + facts.sha256;
    Shown& shown = tables_.shown.at(key, world.now_ns());
    if (!is_server) {
      if (!shown.is_known) shown.is_foreign = note_client(facts.issuer.text, world);
      if (shown.is_foreign) found.problems.emplace_back("other_issuer");
    }
    const int stage = stage_of(found.days_left);
    if (shown.is_known && stage <= shown.stage && found.problems == shown.problems) return;
    shown = {true, shown.is_foreign, std::max(stage, shown.stage), found.problems};
    tell(facts, found, chain.length, role, host, world, reporter);
  }

  static void tell(const crypto::CertificateFacts& facts, const Judgement& found,
                   std::size_t chain_length, std::string_view role, std::string_view host,
                   const World& world, Reporter& reporter) {
    const auto values_of = [](const auto& texts) {
      std::vector<Value> out;
      for (const auto& each : texts) out.push_back(Value::text(each));
      return out;
    };
    const std::vector<Value> problems = values_of(found.problems);
    const std::vector<Value> names = values_of(facts.alternative_names);
    const std::string not_before = to_rfc3339(facts.not_before_ns);
    const std::string not_after = to_rfc3339(facts.not_after_ns);
    Event event = reporter.make(kSeen);
    // Who a client is says its certificate, as long as nothing else does (OCPP 2.0.1 part 2, A00).
    if (role == "client" && world.station() == nullptr)
      event.set_station(facts.subject.common_name);
    const auto text = [&event](FieldKey key, std::string_view value) {
      if (!value.empty()) event.set_text(key, value);
    };
    text(kRole, role);
    if (!problems.empty()) event.set(kProblems, Value::list(problems));
    event.set_int(kDaysLeft, found.days_left);
    event.set_int(kDaysValid, found.days_valid);
    text(kNotBefore, not_before);
    text(kNotAfter, not_after);
    text(kSubject, facts.subject.text);
    text(kCommonName, facts.subject.common_name);
    text(kOrganization, facts.subject.organization);
    if (!names.empty()) event.set(kNames, Value::list(names));
    text(kIssuer, facts.issuer.text);
    text(kSerial, facts.serial);
    text(kSha256, facts.sha256);
    text(kKeyType, facts.key_type);
    if (facts.key_bits > 0) event.set_int(kKeyBits, facts.key_bits);
    text(kSignatureHash, facts.signature_hash);
    event.set_int(kChainLength, static_cast<std::int64_t>(chain_length));
    text(kHost, host);
    reporter.emit(event);
  }

  HashKey key_;
  Tables tables_;
  Window reads_{kReadWindowNs};
  std::uint64_t dropped_ = 0;
};

constexpr auto kEvents = std::to_array<const EventDef*>({&kSeen, &kChanged, &kUnreadable});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<CertificatesDetector>(context.hash_key);
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"certificates", kEvents, create};

}  // namespace chargewarden::certificate
