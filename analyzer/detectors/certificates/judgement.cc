#include "analyzer/detectors/certificates/judgement.h"

#include <algorithm>

#include "collector/base/text.h"

namespace chargewarden::certificate {

namespace {

constexpr std::int64_t kDayNs = 86'400LL * 1'000'000'000;

// OCPP 2.0.1 part 2, A00: keys of 112 bits of security at least (NIST SP 800-57 part 1, table 2).
constexpr int kModulusMinBits = 2'048;
constexpr int kCurveMinBits = 224;

// Rounded down, also below zero.
std::int64_t days_between(std::int64_t from_ns, std::int64_t to_ns) {
  const std::int64_t ns = to_ns / 2 - from_ns / 2;  // Cannot overflow.
  constexpr std::int64_t kHalfDayNs = kDayNs / 2;
  return ns >= 0 ? ns / kHalfDayNs : -((-ns + kHalfDayNs - 1) / kHalfDayNs);
}

bool is_weak_key(const crypto::CertificateFacts& facts) {
  if (facts.key_bits == 0) return false;  // Not known.
  if (facts.key_type == "rsa" || facts.key_type == "rsa-pss" || facts.key_type == "dsa") {
    return facts.key_bits < kModulusMinBits;
  }
  return facts.key_type == "ec" && facts.key_bits < kCurveMinBits;
}

// A wildcard stands for one label (RFC 9525, 6.3).
bool name_fits(std::string_view name, std::string_view host) {
  if (!name.starts_with("*.")) return iequals_ascii(name, host);
  const auto dot = host.find('.');
  return dot != std::string_view::npos && dot > 0 &&
         iequals_ascii(name.substr(1), host.substr(dot));
}

// Where there are alternative names, the common name does not count for clients (RFC 9525, 2); OCPP
// puts the name there all the same.
bool is_of_host(const crypto::CertificateFacts& facts, std::string_view host) {
  constexpr std::string_view kDns = "dns:";
  if (facts.surplus_names > 0) return true;  // Among those that were not kept, perhaps.
  return name_fits(facts.subject.common_name, host) ||
         std::any_of(facts.alternative_names.begin(), facts.alternative_names.end(),
                     [&](const std::string& each) {
                       return each.starts_with(kDns) &&
                              name_fits(std::string_view(each).substr(kDns.size()), host);
                     });
}

bool is_broken(std::span<const crypto::Certificate> chain) {
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    const auto check = crypto::issued_by(chain[i], chain[i + 1]);
    if (check != crypto::IssuerCheck::kIssued && check != crypto::IssuerCheck::kCannotTell) {
      return true;
    }
  }
  return false;
}

}  // namespace

int stage_of(std::int64_t days_left) {
  int out = days_left < 0 ? 1 : 0;
  for (const std::int64_t days : kStagesDays) out += days_left <= days ? 1 : 0;
  return out;
}

ChainReading read_chain(std::span<const crypto::Certificate> chain) {
  ChainReading out;
  out.own = chain.front().facts();
  out.length = chain.size();
  for (const crypto::Certificate& each : chain) {
    const crypto::CertificateFacts& facts = each.facts();
    out.has_weak_key = out.has_weak_key || is_weak_key(facts);
    // Nobody looks at the signature of a root: its key is trusted, or it is not.
    const bool is_root = facts.self_signed && &each != &chain.front();
    const bool is_weak = facts.signature_hash == "sha1" || facts.signature_hash == "md5";
    out.has_weak_signature = out.has_weak_signature || (is_weak && !is_root);
  }
  out.is_broken = is_broken(chain);
  return out;
}

Judgement judge(const ChainReading& chain, std::string_view host, std::int64_t now_ns) {
  Judgement out;
  const crypto::CertificateFacts& own = chain.own;
  out.days_left = days_between(now_ns, own.not_after_ns);
  out.days_valid = days_between(own.not_before_ns, own.not_after_ns);
  const auto note = [&](bool is_so, std::string_view problem) {
    if (is_so) out.problems.push_back(problem);
  };
  note(now_ns > own.not_after_ns, "expired");
  note(now_ns < own.not_before_ns, "not_yet_valid");
  note(own.self_signed, "self_signed");
  note(chain.has_weak_key, "weak_key");
  note(chain.has_weak_signature, "weak_signature");
  note(!host.empty() && !is_of_host(own, host), "wrong_host");
  note(chain.is_broken, "broken_chain");
  return out;
}

}  // namespace chargewarden::certificate
