// Signing certificates judged by event time, and images held against the signature of the command.

#include "analyzer/detectors/firmware/campaign.h"

#include <catch2/catch.hpp>

#include "analyzer/crypto/testing/signer.h"
#include "collector/base/timestamp.h"

using namespace chargewarden;
using namespace chargewarden::firmware;
namespace signer = chargewarden::crypto::testing;

namespace {

std::string problems(const signer::CertificatePlan& plan, std::string_view time) {
  const auto certificate = crypto::Certificate::parse(signer::pem(signer::make_certificate(plan)));
  REQUIRE(certificate);
  const CertificateProblems found =
      judge_certificate(certificate.value(), parse_timestamp_ns(time).value());
  std::string out;
  for (std::size_t i = 0; i < found.count; ++i) out += std::string(found.kinds[i]) + " ";
  return out;
}

constexpr std::string_view kImageText = "the image of a firmware";

Campaign signed_campaign(EVP_PKEY* key) {
  Campaign out;
  out.is_signed = true;
  out.signature = signer::sign_ecdsa(key, sha256(kImageText));
  out.key = signer::public_key(key);
  return out;
}

std::string digest_hex(std::string_view text) {
  return to_hex(sha256(text));
}

}  // namespace

TEST_CASE("a signing certificate is judged by the time of the command") {
  const auto own = signer::ec_key();
  const auto authority = signer::ec_key();
  signer::CertificatePlan plan;
  plan.key = own.get();
  plan.issuer_key = authority.get();
  plan.issuer_name = "Vendor Root";
  CHECK(problems(plan, "2026-06-01T00:00:00Z").empty());
  CHECK(problems(plan, "2026-01-01T00:00:00Z").empty());
  CHECK(problems(plan, "2025-12-31T23:59:59Z") == "not_yet_valid ");
  CHECK(problems(plan, "2027-01-01T00:00:00Z").empty());
  CHECK(problems(plan, "2027-01-01T00:00:01Z") == "expired ");
}

TEST_CASE("weak keys, weak hashes and self-signed certificates are named") {
  const auto authority = signer::ec_key();
  const auto own = signer::ec_key();
  const auto small = signer::ec_key("prime192v1");
  const crypto::Handle<EVP_PKEY> rsa(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1'024}));
  signer::CertificatePlan plan;
  plan.key = own.get();
  constexpr std::string_view kNow = "2026-06-01T00:00:00Z";
  CHECK(problems(plan, kNow) == "self_signed ");
  plan.issuer_key = authority.get();
  plan.issuer_name = "Vendor Root";
  plan.key = small.get();
  CHECK(problems(plan, kNow) == "weak_key ");
  plan.key = rsa.get();
  CHECK(problems(plan, kNow) == "weak_key ");
  plan.key = signer::rsa_key();
  CHECK(problems(plan, kNow).empty());
  plan.key = own.get();
  plan.hash = EVP_sha1();
  CHECK(problems(plan, kNow) == "weak_hash ");
}

TEST_CASE("an image is valid only under the signature and the key of the command") {
  const auto own = signer::ec_key();
  const Campaign campaign = signed_campaign(own.get());
  CHECK(verify_image(campaign, digest_hex(kImageText)).verdict == crypto::Verdict::kValid);
  CHECK(verify_image(campaign, digest_hex("another image")).verdict == crypto::Verdict::kInvalid);
  Campaign other = campaign;
  const auto other_key = signer::ec_key();
  other.key = signer::public_key(other_key.get());
  CHECK(verify_image(other, digest_hex(kImageText)).verdict == crypto::Verdict::kInvalid);
}

TEST_CASE("raw signatures that do not fit leave the verdict open") {
  const auto own = signer::ec_key();
  Campaign campaign = signed_campaign(own.get());
  campaign.signature = signer::raw_form(campaign.signature, 32);
  CHECK(verify_image(campaign, digest_hex(kImageText)).scheme == "ecdsa-raw");
  const auto result = verify_image(campaign, digest_hex("another image"));
  CHECK(result.verdict == crypto::Verdict::kCannotTell);
  CHECK_FALSE(result.reason.empty());
}

TEST_CASE("what is missing for a verdict is told") {
  const auto own = signer::ec_key();
  const Campaign campaign = signed_campaign(own.get());
  const std::string digest = digest_hex(kImageText);
  for (const std::string& text : {std::string(), digest.substr(1), digest + "0",
                                  "zz" + digest.substr(2), std::string(64, 'G')}) {
    INFO(text);
    CHECK(verify_image(campaign, text).reason == "the image was not seen as a whole");
  }
  Campaign no_key = campaign;
  no_key.key.reset();
  CHECK(verify_image(no_key, digest).reason == "the command has no certificate that can be read");
  Campaign no_signature = campaign;
  no_signature.signature.clear();
  CHECK(verify_image(no_signature, digest).reason == "the signature of the command cannot be read");
}
