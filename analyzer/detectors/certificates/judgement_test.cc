#include "analyzer/detectors/certificates/judgement.h"

#include <catch2/catch.hpp>

#include "analyzer/crypto/testing/signer.h"
#include "collector/base/text.h"

using namespace chargewarden;
using namespace chargewarden::certificate;
namespace signer = chargewarden::crypto::testing;

namespace {

using Words = std::vector<std::string_view>;

constexpr const char* kMiddle = "2026-06-15T12:00:00Z";

crypto::Certificate made(const signer::CertificatePlan& plan) {
  return crypto::Certificate::from_der(signer::make_certificate(plan)).value();
}

// A root, and what is wrong with a leaf of the plan that it issued.
class Authority {
 public:
  explicit Authority(const EVP_MD* hash = EVP_sha256())
      : root_(made({.common_name = "Root",
                    .key = key_.get(),
                    .hash = hash,
                    .basic_constraints = "critical,CA:TRUE"})) {}

  [[nodiscard]] Words problems(signer::CertificatePlan plan, std::string_view host = {},
                               const char* at = kMiddle) const {
    plan.issuer_name = "Root";
    plan.issuer_key = key_.get();
    const std::vector<crypto::Certificate> chain = {made(plan), root_};
    return judge(read_chain(chain), host, *parse_rfc3339(at)).problems;
  }

 private:
  crypto::Handle<EVP_PKEY> key_ = signer::ec_key();
  crypto::Certificate root_;
};

}  // namespace

TEST_CASE("a sound certificate has no problems") {
  const auto key = signer::ec_key();
  const Authority authority;
  CHECK(authority.problems({.common_name = "csms.example.net", .key = key.get()}).empty());
  CHECK(
      authority.problems({.common_name = "csms.example.net", .key = key.get()}, "CSMS.example.net")
          .empty());
  CHECK(authority.problems({.key = signer::rsa_key()}).empty());
  const auto ed25519 = signer::ed25519_key();
  CHECK(authority.problems({.key = ed25519.get()}).empty());
}

TEST_CASE("certificates out of their time are told") {
  const auto key = signer::ec_key();
  const Authority authority;
  const signer::CertificatePlan plan = {.key = key.get()};
  CHECK(authority.problems(plan, {}, "2027-01-01T00:00:00Z").empty());
  CHECK(authority.problems(plan, {}, "2027-01-01T00:00:01Z") == Words{"expired"});
  CHECK(authority.problems(plan, {}, "2026-01-01T00:00:00Z").empty());
  CHECK(authority.problems(plan, {}, "2025-12-31T23:59:59Z") == Words{"not_yet_valid"});
}

TEST_CASE("weak keys and signatures are told, wherever in the chain") {
  const auto key = signer::ec_key();
  const auto curve = signer::ec_key("prime192v1");
  const crypto::Handle<EVP_PKEY> small(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1'024}));
  const Authority authority;
  CHECK(authority.problems({.key = small.get()}) == Words{"weak_key"});
  CHECK(authority.problems({.key = curve.get()}) == Words{"weak_key"});
  CHECK(authority.problems({.key = key.get(), .hash = EVP_sha1()}) == Words{"weak_signature"});
  // The signature of a root counts for nothing.
  CHECK(Authority(EVP_sha1()).problems({.key = key.get()}).empty());
}

TEST_CASE("a certificate of another host is told") {
  const auto key = signer::ec_key();
  const Authority authority;
  const auto of = [&](const char* common_name, const char* names, std::string_view host) {
    return authority.problems(
        {.common_name = common_name, .key = key.get(), .alternative_names = names}, host);
  };
  CHECK(of("csms.example.net", "", "csms.example.org") == Words{"wrong_host"});
  CHECK(of("Backend", "DNS:a.example.net,DNS:b.example.net", "b.example.net").empty());
  CHECK(of("Backend", "DNS:*.example.net", "a.example.net").empty());
  CHECK(of("Backend", "DNS:*.example.net", "a.b.example.net") == Words{"wrong_host"});
  CHECK(of("Backend", "DNS:*.example.net", "example.net") == Words{"wrong_host"});
  CHECK(of("*.example.net", "", "x.example.net").empty());
}

TEST_CASE("a chain whose certificates did not issue each other is broken") {
  const auto key = signer::ec_key();
  const auto other = signer::ec_key();
  const auto root =
      made({.common_name = "Root", .key = other.get(), .basic_constraints = "critical,CA:TRUE"});
  const auto now = *parse_rfc3339(kMiddle);
  const std::vector<crypto::Certificate> forged = {
      made({.issuer_name = "Root", .key = key.get(), .issuer_key = key.get()}), root};
  CHECK(judge(read_chain(forged), {}, now).problems == Words{"broken_chain"});
  const std::vector<crypto::Certificate> alone = {forged[0]};
  CHECK(judge(read_chain(alone), {}, now).problems.empty());
  const std::vector<crypto::Certificate> own = {made({.key = key.get()})};
  CHECK(judge(read_chain(own), {}, now).problems == Words{"self_signed"});
}

TEST_CASE("days are counted down, and below zero when they are over") {
  const auto key = signer::ec_key();
  const std::vector<crypto::Certificate> chain = {made({.key = key.get()})};
  const auto days = [&](const char* at) {
    return judge(read_chain(chain), {}, *parse_rfc3339(at)).days_left;
  };
  CHECK(judge(read_chain(chain), {}, *parse_rfc3339(kMiddle)).days_valid == 365);
  CHECK(days("2026-12-22T00:00:00Z") == 10);
  CHECK(days("2026-12-22T00:00:01Z") == 9);
  CHECK(days("2027-01-01T00:00:00Z") == 0);
  CHECK(days("2027-01-01T00:00:01Z") == -1);
  CHECK(days("2027-01-31T00:00:00Z") == -30);
}

TEST_CASE("the stages on the way to the end are passed one by one") {
  CHECK(stage_of(61) == 0);
  CHECK(stage_of(60) == 1);
  CHECK(stage_of(30) == 2);
  CHECK(stage_of(14) == 3);
  CHECK(stage_of(8) == 3);
  CHECK(stage_of(7) == 4);
  CHECK(stage_of(1) == 5);
  CHECK(stage_of(0) == 5);
  CHECK(stage_of(-1) == 6);
}
