// Certificates and signatures of the shared corpus, where there is one.

#include <catch2/catch.hpp>

#include "analyzer/crypto/certificate.h"
#include "collector/base/text.h"
#include "tests/support/captures.h"
#include "tests/support/files.h"

using namespace chargewarden;
using namespace chargewarden::crypto;
using namespace chargewarden::harness;

namespace {

std::string shared_file(std::string_view name) {
  return content_of((shared_folder() / "corpus" / name).string());
}

Certificate shared_certificate(std::string_view name) {
  return Certificate::parse(shared_file(name)).value();
}

// The label of a capture that is a digest in hex.
Sha256 labelled_digest(std::string_view scenario, const char* label) {
  const auto labels = nlohmann::json::parse(shared_file(std::string(scenario) + "/labels.json"));
  const std::string hex = labels.at("firmware").at(label).get<std::string>();
  Sha256 out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
  }
  return out;
}

}  // namespace

TEST_CASE("the signature of the labelled image is valid under its certificate") {
  if (shared_folder_is_missing()) return;
  const Certificate signer = shared_certificate("06b_fw_signed_ok/signing_certificate.pem");
  const Certificate root = shared_certificate("06b_fw_signed_ok/manufacturer_root.pem");
  REQUIRE(signer.key() != nullptr);
  const std::string signature = shared_file("06b_fw_signed_ok/signature.bin");
  const Sha256 digest = labelled_digest("06b_fw_signed_ok", "file_sha256");
  const SignatureResult result = verify_digest(digest, as_bytes(signature), *signer.key());
  CHECK(result.verdict == Verdict::kValid);
  CHECK(result.scheme == "ecdsa-der");
  CHECK(issued_by(signer, root) == IssuerCheck::kIssued);
  const Sha256 other = labelled_digest("06c_fw_signed_bad", "served_file_sha256");
  CHECK(verify_digest(other, as_bytes(signature), *signer.key()).verdict == Verdict::kInvalid);
}

TEST_CASE("weak and self-signed certificates of servers are told") {
  if (shared_folder_is_missing()) return;
  const Certificate sha1 = shared_certificate("05e_tls_weak_cert/srv_sha1.pem");
  CHECK(sha1.facts().signature_hash == "sha1");
  CHECK(sha1.facts().alternative_names.front() == "dns:csms.depot.example");
  CHECK(sha1.facts().alternative_names.back() == "ip:fd00:77::1");
  CHECK(shared_certificate("05e_tls_weak_cert/srv_rsa1024.pem").facts().key_bits == 1'024);
  CHECK(shared_certificate("05d_tls_selfsigned/self.pem").facts().self_signed);
  const Certificate expired = shared_certificate("05c_tls_expired/srv_expired.pem");
  CHECK(expired.facts().not_after_ns < parse_rfc3339("2026-11-22T00:00:00Z"));
}
