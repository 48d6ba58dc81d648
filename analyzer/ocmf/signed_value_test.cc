// Signed meter values as OCPP carries them, in all forms of the field.

#include "analyzer/ocmf/signed_value.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "collector/base/text.h"
#include "tests/support/files.h"

using namespace chargewarden;
using namespace chargewarden::ocmf;
using crypto::Verdict;

namespace {

std::string sample(const char* name) {
  return harness::content_of(std::string(CHARGEWARDEN_SAMPLES_DIR) + "/ocmf/" + name);
}

std::string base64(std::string_view text) {
  return to_base64(as_bytes(text));
}

std::string hex(std::string_view text) {
  return to_hex(as_bytes(text));
}

std::string object(const std::string& data_name, const std::string& data,
                   const std::string& key = "") {
  return nlohmann::json{
      {data_name, data}, {"encodingMethod", "OCMF"}, {"signingMethod", ""}, {"publicKey", key}}
      .dump();
}

}  // namespace

TEST_CASE("a record is found in every form in which 1.6 carries it") {
  const std::string record = sample("record.txt");
  const std::string key = sample("record.pubkey.hex");
  const std::string forms[] = {record,
                               "  " + record + "\n",
                               base64(record),
                               hex(record),
                               object("signedMeterData", base64(record)),
                               object("signedMeterData", record),
                               object("signedMeterData", hex(record)),
                               object("signedMeterValue", base64(record)),
                               base64(object("signedMeterData", base64(record))),
                               hex(object("signedMeterData", hex(record))),
                               base64(hex(record))};
  for (const std::string& form : forms) {
    INFO(form.substr(0, 40));
    const auto value = unwrap_value_text(form);
    REQUIRE(value);
    CHECK(value.value().format == SignedFormat::kOcmf);
    const SignedValueCheck checked = check_signed_value(value.value(), key);
    CHECK(checked.check.verdict == Verdict::kValid);
    REQUIRE(checked.record);
    CHECK(checked.record->meter_serial == "MTR0001");
  }
}

TEST_CASE("the key of the message counts before the one that is known") {
  const std::string record = sample("record.txt");
  const std::string key = sample("record.pubkey.hex");
  const std::string wrapped_key = base64("oca:base16:asn1:" + key);
  const auto with_key = unwrap_value_text(object("signedMeterData", base64(record), wrapped_key));
  REQUIRE(with_key);
  CHECK(with_key.value().public_key == wrapped_key);
  CHECK(with_key.value().encoding_method == "OCMF");
  CHECK(check_signed_value(with_key.value(), "").check.verdict == Verdict::kValid);
  CHECK(check_signed_value(with_key.value(), "nonsense").check.verdict == Verdict::kValid);
  const auto members = unwrap_members(base64(record), "", "OCMF", "");
  REQUIRE(members);
  CHECK(check_signed_value(members.value(), base64(key)).check.verdict == Verdict::kValid);
  CHECK(check_signed_value(members.value(), "").check.reason == "no public key is known");
}

TEST_CASE("values of other makers are handed on without a verdict") {
  const auto xml = unwrap_value_text(base64("<?xml version=\"1.0\"?><signedMeterValue/>"));
  REQUIRE(xml);
  CHECK(xml.value().format == SignedFormat::kXml);
  CHECK(xml.value().data.starts_with("<?xml"));
  const auto bytes = unwrap_members(base64("\x01\x02\xff"), "", "EDL", "");
  REQUIRE(bytes);
  CHECK(bytes.value().format == SignedFormat::kOther);
  CHECK(bytes.value().data == "\x01\x02\xff");
  CHECK(bytes.value().encoding_method == "EDL");
  const auto text = unwrap_value_text("AP;0;3;ALCV3ABBLDFNM;");
  REQUIRE(text);
  CHECK(text.value().data == "AP;0;3;ALCV3ABBLDFNM;");
  for (const auto& value : {xml, bytes, text}) {
    const SignedValueCheck checked = check_signed_value(value.value(), "00");
    CHECK(checked.check.verdict == Verdict::kCannotTell);
    CHECK(checked.check.reason == "only records in OCMF can be verified");
    CHECK_FALSE(checked.record);
  }
}

TEST_CASE("what holds no signed value is refused or left open") {
  for (const std::string_view text :
       {"", " \n", "{", "{}", R"({"signedMeterData":""})", R"({"signedMeterData":5})"}) {
    INFO(text);
    CHECK_FALSE(unwrap_value_text(text));
  }
  const auto broken = unwrap_value_text("OCMF|{}");
  REQUIRE(broken);
  const SignedValueCheck checked = check_signed_value(broken.value(), "00");
  CHECK(checked.check.verdict == Verdict::kCannotTell);
  CHECK(checked.check.reason == "the OCMF record has no signature section");
}

TEST_CASE("wrappings without end are not followed") {
  std::string text = sample("record.txt");
  for (int i = 0; i < 12; ++i) text = hex(text).substr(0, 60'000);
  const auto value = unwrap_value_text(text);
  REQUIRE(value);
  CHECK(value.value().format == SignedFormat::kOther);
}

TEST_CASE("a signed value beyond the limit is refused") {
  const auto value = unwrap_value_text(std::string(kSignedValueMaxLen + 1, 'A'));
  REQUIRE_FALSE(value);
  CHECK(value.error().message == "the signed meter value is longer than 131,072 characters");
}
