// Signatures of OCMF records: those of a meter made here on each curve, and a record of others.

#include "analyzer/ocmf/ocmf_verifier.h"

#include <catch2/catch.hpp>

#include "analyzer/crypto/testing/signer.h"
#include "tests/support/files.h"

using namespace chargewarden;
using namespace chargewarden::ocmf;
using crypto::Verdict;
using crypto::testing::Octets;

namespace {

constexpr std::string_view kPayload =
    R"({"FV":"1.0","PG":"T1","MS":"M1","RD":[{"TX":"B","RV":1.50,"RU":"kWh"}]})";

// The record of a meter with that key; `signature` is its third section without the data.
Record record_of(const std::string& signature, std::string_view data) {
  const std::string text =
      "OCMF|" + std::string(kPayload) + "|{" + signature + "\"SD\":\"" + std::string(data) + "\"}";
  return parse_record(text).value();
}

std::string sample(const char* name) {
  return harness::content_of(std::string(CHARGEWARDEN_SAMPLES_DIR) + "/ocmf/" + name);
}

}  // namespace

TEST_CASE("a record made by OpenSSL's tools is valid, and any change of it is seen") {
  const std::string text = sample("record.txt");
  const std::string key = sample("record.pubkey.hex");
  const Record record = parse_record(text).value();
  const RecordCheck check = verify_record(record, key);
  CHECK(check.verdict == Verdict::kValid);
  CHECK(check.scheme == "ecdsa-der");
  CHECK(check.key_fingerprint.size() == 64);
  CHECK(record.meter_serial == "MTR0001");
  CHECK(record.page == 17U);
  REQUIRE(record.readings.size() == 2);
  CHECK(record.readings[1].value_wh.value() - record.readings[0].value_wh.value() == 7'500.0);
  for (const auto& [from, to] : {std::pair{"1007.500", "1007.501"},
                                 {"1007.500", "1007.50"},
                                 {"\"PG\":\"T17\"", "\"PG\": \"T17\""},
                                 {"MTR0001", "MTR0002"}}) {
    INFO(to);
    std::string changed = text;
    changed.replace(changed.find(from), std::string_view(from).size(), to);
    CHECK(verify_record(parse_record(changed).value(), key).verdict == Verdict::kInvalid);
  }
}

TEST_CASE("each algorithm of the standard verifies, with each form of signature") {
  const struct {
    const char* algorithm;
    const char* curve;
    int width_bytes;
  } rows[] = {{"ECDSA-secp192k1-SHA256", "secp192k1", 24},
              {"ECDSA-secp256k1-SHA256", "secp256k1", 32},
              {"ECDSA-secp192r1-SHA256", "prime192v1", 24},
              {"ECDSA-secp256r1-SHA256", "prime256v1", 32},
              {"ECDSA-brainpool256r1-SHA256", "brainpoolP256r1", 32},
              {"ECDSA-secp384r1-SHA256", "secp384r1", 48},
              {"ECDSA-brainpool384r1-SHA256", "brainpoolP384r1", 48}};

  for (const auto& row : rows) {
    INFO(row.algorithm);
    const auto own = crypto::testing::ec_key(row.curve);
    const std::string key = to_hex(crypto::testing::spki(own.get()));
    const Octets der = crypto::testing::sign_ecdsa(own.get(), sha256(kPayload));
    const Octets raw = crypto::testing::raw_form(der, row.width_bytes);
    const std::string named = "\"SA\":\"" + std::string(row.algorithm) + "\",";
    const std::string base64 = named + "\"SE\":\"base64\",";
    CHECK(verify_record(record_of(named, to_hex(der)), key).scheme == "ecdsa-der");
    CHECK(verify_record(record_of(named, to_hex(raw)), key).scheme == "ecdsa-raw");
    CHECK(verify_record(record_of(base64, to_base64(der)), key).scheme == "ecdsa-der");
    // The encoding is not what the record says.
    CHECK(verify_record(record_of(named, to_base64(der)), key).scheme == "ecdsa-der");
    // Of the key only the point, so that the curve is that of the record.
    const Octets spki = crypto::testing::spki(own.get());
    const auto point_bytes = 2 * row.width_bytes + 1;
    const std::string point = to_hex(Octets(spki.end() - point_bytes, spki.end()));
    CHECK(verify_record(record_of(named, to_hex(der)), point).verdict == Verdict::kValid);
    CHECK(verify_record(record_of("", to_hex(der)), point, row.algorithm).verdict ==
          Verdict::kValid);
    const auto other = crypto::testing::ec_key(row.curve);
    const std::string other_key = to_hex(crypto::testing::spki(other.get()));
    const RecordCheck wrong = verify_record(record_of(named, to_hex(raw)), other_key);
    CHECK(wrong.verdict == Verdict::kInvalid);
    CHECK(wrong.key_fingerprint == crypto::testing::public_key(other.get()).fingerprint());
  }
}

TEST_CASE("a record whose algorithm is not that of its key is verified by the key") {
  const auto own = crypto::testing::ec_key("secp192k1");
  const std::string key = to_hex(crypto::testing::spki(own.get()));
  const Octets der = crypto::testing::sign_ecdsa(own.get(), sha256(kPayload));
  CHECK(verify_record(record_of("", to_hex(der)), key).verdict == Verdict::kValid);
  const RecordCheck other = verify_record(record_of("", to_hex(Octets(70, 1))), key);
  CHECK(other.verdict == Verdict::kCannotTell);
  CHECK(other.reason == "the public key is on another curve than the record says");
}

TEST_CASE("what stands in the way of a verdict is told") {
  const auto own = crypto::testing::ec_key();
  const auto edwards = crypto::testing::ed25519_key();
  const std::string key = to_hex(crypto::testing::spki(own.get()));
  const auto reason = [](const RecordCheck& check) {
    return std::string(to_string(check.verdict)) + ": " + check.reason;
  };
  CHECK(reason(verify_record(record_of("", ""), key)) ==
        "cannot_tell: the record holds no signature");
  CHECK(reason(verify_record(record_of("\"SA\":\"RSA\",", "00"), key)) ==
        "cannot_tell: the algorithm of the signature is not one of OCMF");
  CHECK(reason(verify_record(record_of("", "00"), "")) == "cannot_tell: no public key is known");
  CHECK(reason(verify_record(record_of("", "00"), "??")) ==
        "cannot_tell: the public key is neither hex nor base64");
  CHECK(reason(verify_record(record_of("", "00"), to_hex(crypto::testing::spki(edwards.get())))) ==
        "cannot_tell: signatures with keys of this type are not known");
  CHECK(reason(verify_record(record_of("", "?!"), key)) ==
        "invalid: the signature is neither hex nor base64");
  CHECK(reason(verify_record(record_of("", "00"), key)) == "invalid: ");
}
