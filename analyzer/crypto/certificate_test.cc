// Certificates and requests: what they say, in every form in which OCPP carries them.

#include "analyzer/crypto/certificate.h"

#include <catch2/catch.hpp>

#include "analyzer/crypto/certificate_text.h"
#include "analyzer/crypto/testing/signer.h"
#include "tests/support/files.h"

using namespace chargewarden;
using namespace chargewarden::crypto;
using namespace chargewarden::crypto::testing;

namespace {

// Two certificates of samples/corpus/certificate: a signer of firmware and the root above it. What
// is expected of them was read by `openssl x509` and `openssl ocsp`.
std::string sample_chain() {
  return harness::content_of(std::string(CHARGEWARDEN_SAMPLES_DIR) +
                             "/corpus/certificate/firmware_chain.pem");
}

std::string error_of(const Expected<Certificate>& certificate) {
  return certificate ? "" : certificate.error().message;
}

Certificate made(const CertificatePlan& plan) {
  return Certificate::from_der(make_certificate(plan)).value();
}

}  // namespace

TEST_CASE("a certificate says what OpenSSL's tools say") {
  const auto chain = parse_chain(sample_chain());
  REQUIRE(chain);
  REQUIRE(chain.value().size() == 2);
  const CertificateFacts& facts = chain.value()[0].facts();
  CHECK(facts.subject.text == "CN=Voltara Firmware Signing,O=Voltara GmbH");
  CHECK(facts.subject.common_name == "Voltara Firmware Signing");
  CHECK(facts.subject.organization == "Voltara GmbH");
  CHECK(facts.issuer.text == "CN=Voltara Manufacturer Root,O=Voltara GmbH,C=DE");
  CHECK(facts.serial == "100d");
  CHECK(facts.not_before_ns == parse_rfc3339("2026-08-14T11:25:29Z"));
  CHECK(facts.not_after_ns == parse_rfc3339("2028-10-22T11:25:29Z"));
  CHECK_FALSE(facts.is_ca);
  CHECK_FALSE(facts.self_signed);
  CHECK(facts.key_type == "ec");
  CHECK(facts.key_bits == 256);
  CHECK(facts.curve == "prime256v1");
  CHECK(facts.signature_hash == "sha256");
  CHECK(facts.sha256 == "5fe4d641a1c00afc0ec3330a6df4e067a559eb8b608cc84f19fa16c72ae2239e");
  CHECK(facts.spki_sha256 == "0f600abe73d16aae0c99f3338ab395bf23c177c87ce77fd30f8c4e159546f47a");
  CHECK(facts.alternative_names.empty());
  const Certificate& root = chain.value()[1];
  CHECK(root.facts().is_ca);
  CHECK(root.facts().self_signed);
  CHECK(issued_by(chain.value()[0], root) == IssuerCheck::kIssued);
  CHECK(issued_by(root, root) == IssuerCheck::kIssued);
  CHECK(issued_by(root, chain.value()[0]) == IssuerCheck::kOtherIssuer);
}

TEST_CASE("the hash data of OCPP names a certificate as OCSP does") {
  const auto chain = parse_chain(sample_chain());
  REQUIRE(chain);
  const Certificate& leaf = chain.value()[0];
  const Certificate& root = chain.value()[1];
  const auto data = hash_data(leaf, &root, "SHA256");
  REQUIRE(data);
  CHECK(data->issuer_name_hash ==
        "5718998fc7b7704d7bc677158845f29b8927f14e6839adca32dabaf14ab5aaa0");
  CHECK(data->issuer_key_hash ==
        "1ebf4d59e3dfa7ecfc4d7b572fdaa634a4be3f778d15d59e70621409f20a96bd");
  CHECK(data->serial_number == "100d");
  CHECK(means(*data, leaf, &root));
  CHECK_FALSE(means(*data, root, nullptr));
  CertificateHashData loose = *data;
  loose.serial_number = "00100D";
  loose.issuer_key_hash = "1EBF" + loose.issuer_key_hash.substr(4);
  CHECK(means(loose, leaf, &root));
  CHECK(means(loose, leaf, nullptr));
  loose.issuer_key_hash[5] ^= 1;
  CHECK_FALSE(means(loose, leaf, &root));
  CHECK(means(loose, leaf, nullptr));  // Without its issuer nothing is known of that key.
  loose.hash_algorithm = "SHA1";
  CHECK_FALSE(means(loose, leaf, nullptr));
  CHECK(hash_data(leaf, &root, "SHA384")->issuer_key_hash.size() == 96);
  CHECK(hash_data(leaf, &root, "SHA512")->issuer_name_hash.size() == 128);
  CHECK(hash_data(leaf, nullptr, "SHA256")->issuer_key_hash.empty());
  CHECK(hash_data(root, nullptr, "SHA256")->issuer_key_hash == data->issuer_key_hash);
}

TEST_CASE("a certificate is read in every form in which OCPP carries it") {
  const auto key = ec_key();
  const Octets der = make_certificate({.key = key.get()});
  const std::string text = pem(der);
  std::string one_line;
  std::string escaped;
  std::string dos;
  for (const char c : text) {
    if (c != '\n') one_line += c;
    escaped += c == '\n' ? "\\n" : std::string(1, c);
    dos += c == '\n' ? "\r\n" : std::string(1, c);
  }
  const std::string forms[] = {text,
                               one_line,
                               escaped,
                               dos,
                               "Subject: /CN=leaf\n" + text,
                               pem(Octets(8, 1), "EC PARAMETERS") + text,
                               to_hex(der),
                               "0x" + to_hex(der),
                               to_base64(der),
                               std::string(as_text(der))};
  for (const std::string& form : forms) {
    INFO(form.substr(0, 40));
    const auto certificate = Certificate::parse(form);
    REQUIRE(certificate);
    CHECK(certificate.value().facts().sha256 == sha256_hex(as_text(der)));
  }
}

TEST_CASE("what is no certificate is refused with a reason") {
  const auto key = ec_key();
  const Octets der = make_certificate({.key = key.get()});
  Octets longer = der;
  longer.push_back(0);

  const struct {
    std::string text;
    std::string_view reason;
  } rows[] = {
      {"", "it is neither PEM nor DER, hex or base64 of DER"},
      {"no certificate", "it is neither PEM nor DER, hex or base64 of DER"},
      {"-----BEGIN CERTIFICATE-----\nAAAA\n", "a PEM block has no end"},
      {"-----BEGIN CERTIFICATE", "the PEM text holds no block of the kind that is expected"},
      {"-----BEGIN CERTIFICATE-----\n(!)\n-----END CERTIFICATE-----",
       "a PEM block holds something other than base64"},
      {pem(der, "PRIVATE KEY"), "the PEM text holds no block of the kind that is expected"},
      {pem(Octets(20, 0x30)), "these bytes are no X.509 certificate"},
      {to_hex(longer), "these bytes are no X.509 certificate"},
  };

  for (const auto& row : rows) {
    INFO(row.text.substr(0, 40));
    CHECK(error_of(Certificate::parse(row.text)) == row.reason);
  }
  for (std::size_t size = 0; size < der.size(); ++size) {
    CHECK_FALSE(Certificate::from_der(Bytes(der).first(size)));
  }
}

TEST_CASE("a text beyond the limit is refused") {
  CHECK(error_of(Certificate::parse(std::string(kCertificateTextMaxLen + 1, 'A'))) ==
        "it is longer than 131,072 characters");
}

TEST_CASE("a certificate beyond the limit of its bytes is refused") {
  const Octets long_der(kCertificateMaxBytes + 1, 0x30);
  CHECK(error_of(Certificate::from_der(long_der)) == "it is longer than 32,768 bytes");
  CHECK(error_of(Certificate::parse(pem(long_der))) == "it is longer than 32,768 bytes");
  CHECK(error_of(Certificate::parse(to_hex(long_der))) == "it is longer than 32,768 bytes");
  CHECK_FALSE(CertificateRequest::from_der(long_der));
}

TEST_CASE("a chain beyond the limit is refused") {
  const auto key = ec_key();
  const std::string one = pem(make_certificate({.key = key.get()}));
  std::string text;
  for (std::size_t i = 0; i < kChainMax; ++i) text += one;
  CHECK(parse_chain(text).value().size() == kChainMax);
  const auto refused = parse_chain(text + one);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "the chain has more than 16 certificates");
}

TEST_CASE("keys, hashes and periods of certificates are told") {
  const auto ec = ec_key("secp384r1");
  const auto edwards = ed25519_key();
  const Certificate weak = made({.key = rsa_key(),
                                 .hash = EVP_sha1(),
                                 .serial = 0,
                                 .not_before = "16000101000000Z",
                                 .not_after = "99991231235959Z"});
  CHECK(weak.facts().key_type == "rsa");
  CHECK(weak.facts().key_bits == 2'048);
  CHECK(weak.facts().curve.empty());
  CHECK(weak.facts().signature_hash == "sha1");
  CHECK(weak.facts().serial == "0");
  CHECK(weak.facts().not_before_ns == std::numeric_limits<std::int64_t>::min());
  CHECK(weak.facts().not_after_ns == std::numeric_limits<std::int64_t>::max());
  CHECK(weak.facts().self_signed);
  const Certificate strong = made({.key = ec.get(), .hash = EVP_sha512(), .serial = -0x1f});
  CHECK(strong.facts().key_bits == 384);
  CHECK(strong.facts().signature_hash == "sha512");
  CHECK(strong.facts().serial == "-1f");
  const Certificate modern = made({.key = edwards.get(), .hash = nullptr});
  CHECK(modern.facts().key_type == "ed25519");
  CHECK(modern.facts().signature_hash == "none");
  CHECK(modern.facts().self_signed);
}

TEST_CASE("names of a certificate are kept, the special ones too") {
  const auto key = ec_key();
  const Certificate certificate =
      made({.common_name = "S\xc3\xa4ule, 1",
            .key = key.get(),
            .alternative_names =
                "DNS:cp1.example,IP:10.0.0.1,IP:fd00::1,URI:urn:x,email:a@example.org,RID:1.2.3"});
  CHECK(certificate.facts().subject.common_name == "S\xc3\xa4ule, 1");
  CHECK(certificate.facts().subject.text == "CN=S\xc3\xa4ule\\, 1,O=Example CPO");
  const std::vector<std::string> expected = {"dns:cp1.example", "ip:10.0.0.1", "ip:fd00::1",
                                             "uri:urn:x", "email:a@example.org"};
  CHECK(certificate.facts().alternative_names == expected);
}

TEST_CASE("alternative names beyond the limit are counted") {
  const auto key = ec_key();
  std::string names = "DNS:first.example";
  for (std::size_t i = 0; i < kAlternativeNamesMax + 2; ++i) names += ",DNS:other.example";
  const Certificate certificate = made({.key = key.get(), .alternative_names = names});
  CHECK(certificate.facts().alternative_names.size() == kAlternativeNamesMax);
  CHECK(certificate.facts().surplus_names == 3);
}

TEST_CASE("a long name is cut") {
  const auto key = ec_key();
  const Certificate certificate =
      made({.key = key.get(), .alternative_names = "DNS:" + std::string(5'000, 'x')});
  CHECK(certificate.facts().alternative_names.at(0).size() ==
        kNameTextMaxLen + std::string_view("dns:").size());
}

TEST_CASE("who issued a certificate is found by its signature, not by names") {
  const auto root_key = ec_key();
  const auto other_key = ec_key();
  const auto leaf_key = ec_key();
  const Certificate root =
      made({.common_name = "Root", .key = root_key.get(), .basic_constraints = "critical,CA:TRUE"});
  const Certificate impostor = made(
      {.common_name = "Root", .key = other_key.get(), .basic_constraints = "critical,CA:TRUE"});
  const Certificate no_authority =
      made({.common_name = "Root", .key = root_key.get(), .basic_constraints = "CA:FALSE"});
  const Certificate stranger = made(
      {.common_name = "Other", .key = root_key.get(), .basic_constraints = "critical,CA:TRUE"});
  const Certificate leaf =
      made({.issuer_name = "Root", .key = leaf_key.get(), .issuer_key = root_key.get()});
  CHECK(issued_by(leaf, root) == IssuerCheck::kIssued);
  CHECK(issued_by(leaf, impostor) == IssuerCheck::kBadSignature);
  CHECK(issued_by(leaf, no_authority) == IssuerCheck::kNotAuthority);
  CHECK(issued_by(leaf, stranger) == IssuerCheck::kOtherIssuer);
  CHECK_FALSE(leaf.facts().self_signed);
  const Certificate forged =
      made({.common_name = "Root", .key = leaf_key.get(), .issuer_key = root_key.get()});
  CHECK_FALSE(forged.facts().self_signed);  // Its names are equal, its signature is another's.
}

TEST_CASE("a certification request says what it asks for, and proves its key") {
  const auto key = ec_key();
  const auto other = ec_key();
  const CertificatePlan plan{
      .common_name = "SN4711", .key = key.get(), .alternative_names = "DNS:cp1.example"};
  const Octets der = make_request(plan, key.get());
  const auto request = CertificateRequest::parse(pem(der, "CERTIFICATE REQUEST"));
  REQUIRE(request);
  CHECK(request.value().signature() == Verdict::kValid);
  CHECK(request.value().facts().subject.common_name == "SN4711");
  CHECK(request.value().facts().subject.organization == "Example CPO");
  CHECK(request.value().facts().key_bits == 256);
  CHECK(request.value().facts().signature_hash == "sha256");
  CHECK(request.value().facts().alternative_names == std::vector<std::string>{"dns:cp1.example"});
  CHECK(request.value().facts().sha256 == sha256_hex(as_text(der)));
  CHECK(same_key(request.value(), made({.key = key.get()})));
  CHECK_FALSE(same_key(request.value(), made({.key = other.get()})));
  const auto stolen = CertificateRequest::from_der(make_request(plan, other.get()));
  REQUIRE(stolen);
  CHECK(stolen.value().signature() == Verdict::kInvalid);
  CHECK_FALSE(CertificateRequest::parse(pem(make_certificate(plan))));
  CHECK_FALSE(CertificateRequest::parse(to_hex(make_certificate(plan))));
  for (std::size_t size = 0; size < der.size(); ++size) {
    CHECK_FALSE(CertificateRequest::from_der(Bytes(der).first(size)));
  }
}
