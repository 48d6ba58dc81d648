#include "analyzer/detectors/configuration/certificate_watch.h"

#include <algorithm>

#include "collector/base/text.h"

namespace chargewarden::configuration {

namespace {

using F = FactField;

// How long a certificate authority may take: requests are answered within minutes by machines and
// within days by people. OCPP has the station ask again after CertSigningWaitMinimum.
constexpr std::int64_t kAnswerMaxNs = 30LL * 24 * 3'600 * 1'000'000'000;

// A request from before the watch began is answered within this time by nearly all authorities.
constexpr std::int64_t kWatchedMinNs = 3'600LL * 1'000'000'000;

bool contains(std::string_view text, std::string_view part) {
  if (part.empty()) return false;
  const auto same = [](char a, char b) { return iequals_ascii({&a, 1}, {&b, 1}); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

// Names of a station that its certificate may carry: vendors put the serial number, the identity,
// or one of them with something around it (A00.FR.405 asks for the serial number). A name that is
// not known may be the serial number of a station that did not tell it, unless it is another one's.
bool names_station(const std::string& common_name, const World& world) {
  if (common_name.empty()) return true;  // Nothing is claimed; other rules ask for a name.
  const Station& station = *world.station();
  const std::string& serial = station.inventory.serial;
  if (contains(common_name, station.id) || contains(station.id, common_name)) return true;
  if (contains(common_name, serial) || contains(serial, common_name)) return true;
  return serial.empty() && world.find_station(common_name) == kNoStation;
}

// Contract and V2G certificates are for the charger as ISO 15118 knows it, under other names.
bool is_station_certificate(const Fact& fact) {
  const std::string_view type = fact.text(F::kCertificateType);
  return type.empty() || type == "ChargingStationCertificate";
}

}  // namespace

CertificateFinding CertificateWatch::on_request(const Fact& fact, const World& world) {
  CertificateFinding out;
  pending_ = Request{std::nullopt, fact.time_ns()};
  auto request = crypto::CertificateRequest::parse(fact.text(F::kCsr));
  if (!request) {
    out.add("unreadable");
    return out;
  }
  const crypto::SubjectFacts& facts = request.value().facts();
  out.subject = facts.subject.text;
  if (request.value().signature() == crypto::Verdict::kInvalid) out.add("bad_signature");
  if (is_station_certificate(fact) && !names_station(facts.subject.common_name, world)) {
    out.add("other_station");
  }
  pending_->request = std::move(request).value();
  return out;
}

CertificateFinding CertificateWatch::on_certificate(const Fact& fact, const World& world) {
  CertificateFinding out;
  const auto certificate = crypto::Certificate::parse(fact.text(F::kCertificate));
  if (!certificate) {
    out.add("unreadable");
    return out;
  }
  const crypto::CertificateFacts& facts = certificate.value().facts();
  out.subject = facts.subject.text;
  const bool asked = pending_ && fact.time_ns() - pending_->time_ns <= kAnswerMaxNs;
  if (!asked) {
    const std::int64_t watched_ns = fact.time_ns() - world.station()->first_seen_ns;
    if (watched_ns >= kWatchedMinNs) out.add("no_request");
  } else if (pending_->request) {
    if (!crypto::same_key(*pending_->request, certificate.value())) out.add("other_key");
    const auto& wanted = pending_->request->facts().subject;
    if (wanted.common_name != facts.subject.common_name) out.add("other_subject");
  }
  if (is_station_certificate(fact) && !names_station(facts.subject.common_name, world)) {
    out.add("other_station");
  }
  return out;
}

}  // namespace chargewarden::configuration
