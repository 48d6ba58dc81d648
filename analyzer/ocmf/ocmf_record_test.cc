// OCMF records: what they say, and what is refused.

#include "analyzer/ocmf/ocmf_record.h"

#include <catch2/catch.hpp>

#include "collector/base/text.h"

using namespace chargewarden;
using namespace chargewarden::ocmf;

namespace {

constexpr std::string_view kSignature = R"(|{"SD":"00"})";

Record record_of(const std::string& payload) {
  auto record = parse_record("OCMF|" + payload + std::string(kSignature));
  if (!record) FAIL(record.error().message);
  return std::move(record).value();
}

std::string error_of(std::string_view text) {
  const auto record = parse_record(text);
  return record ? "" : record.error().message;
}

}  // namespace

TEST_CASE("a record says what the meter measured") {
  const Record record = record_of(
      R"({"FV":"1.0","GS":"GW1","PG":"T17","MV":"EX","MM":"M1","MS":"MTR1","CI":"DE*X*E1","ID":"04A1",)"
      R"("LC":{"LR":1,"LU":"mOhm","TM":"no"},"RD":[)"
      R"({"TM":"2026-01-02T03:05:00,250+0100 S","TX":"B","RV":1000.5,"RI":"01-00:B2.08.00*FF",)"
      R"("RU":"kWh","RT":"AC","EF":"t","ST":"G"},)"
      R"({"TM":"2026-01-02T03:35:00,000+0000 R","TX":"E","RV":1007,"ST":"M"}]})");
  CHECK(record.format_version == "1.0");
  CHECK(record.context == 'T');
  CHECK(record.page == 17U);
  CHECK(record.gateway_serial == "GW1");
  CHECK(record.meter_vendor == "EX");
  CHECK(record.meter_model == "M1");
  CHECK(record.meter_serial == "MTR1");
  CHECK(record.charge_point == "DE*X*E1");
  REQUIRE(record.readings.size() == 2);
  const Reading& begin = record.readings[0];
  CHECK(begin.time_ns == parse_rfc3339("2026-01-02T02:05:00.25Z"));
  CHECK(begin.time_state == 'S');
  CHECK(begin.transaction == 'B');
  CHECK(begin.value_wh == 1'000'500.0);
  CHECK(begin.obis == "01-00:B2.08.00*FF");
  CHECK(begin.error_flags == "t");
  CHECK(begin.meter_state == 'G');
  const Reading& end = record.readings[1];
  CHECK(end.time_ns == parse_rfc3339("2026-01-02T03:35:00Z"));
  CHECK(end.time_state == 'R');
  CHECK(end.transaction == 'E');
  CHECK(end.value_wh == 1'007'000.0);
  CHECK(end.obis == begin.obis);  // Left out: that of the reading before.
  CHECK(end.unit == "kWh");
  CHECK(end.error_flags == "t");
  CHECK(end.meter_state == 'M');
}

TEST_CASE("the payload of a record stays as it was signed") {
  const std::string payload = R"( { "PG" : "F1",  "RD":[ ] , "x":1.50 } )";
  CHECK(record_of(payload).payload == payload);
  CHECK(record_of(payload).context == 'F');
}

TEST_CASE("values are told in watt-hours, or not at all") {
  const struct {
    std::string_view reading;
    std::optional<double> value_wh;
  } rows[] = {
      {R"({"RV":2.5,"RU":"kWh"})", 2'500.0},
      {R"({"RU":"Wh","RV":2500})", 2'500.0},
      {R"({"RV":"2.5","RU":"kWh"})", 2'500.0},
      {R"({"RV":-1,"RU":"Wh"})", -1.0},
      {R"({"RV":"2.5x","RU":"kWh"})", std::nullopt},
      {R"({"RV":12,"RU":"mOhm"})", std::nullopt},
      {R"({"RV":12})", std::nullopt},
      {R"({"RV":null,"RU":"Wh"})", std::nullopt},
      {R"({"RU":"Wh"})", std::nullopt},
  };

  for (const auto& row : rows) {
    INFO(row.reading);
    const Record record = record_of(R"({"RD":[)" + std::string(row.reading) + "]}");
    REQUIRE(record.readings.size() == 1);
    CHECK(record.readings[0].value_wh == row.value_wh);
  }
}

TEST_CASE("odd members of a record are passed over") {
  const Record record = record_of(
      R"({"PG":"17","MS":5,"RD":[7,[{"RV":1}],{"TM":"soon","TX":"","RD":[{"TX":"E"}]}],"RD2":[{}]})");
  CHECK(record.context == '1');
  CHECK(record.page == 7U);
  CHECK(record.meter_serial.empty());
  REQUIRE(record.readings.size() == 1);
  CHECK_FALSE(record.readings[0].time_ns);
  CHECK(record.readings[0].transaction == '\0');
  CHECK(record_of(R"({"PG":"T"})").context == 'T');
  CHECK_FALSE(record_of(R"({"PG":"T"})").page);
  CHECK_FALSE(record_of(R"({"PG":"T99999999999999999999"})").page);
  CHECK_FALSE(record_of(R"({"PG":17})").page);
}

TEST_CASE("the signature section has its defaults") {
  const auto bare = parse_record(R"(OCMF|{}|{"SD":"0a"})");
  REQUIRE(bare);
  CHECK(bare.value().algorithm.empty());
  CHECK(bare.value().encoding == "hex");
  CHECK(bare.value().signature == "0a");
  const auto full = parse_record(
      "OCMF|{}|{\"SA\":\"ECDSA-secp192k1-SHA256\",\"SE\":\"base64\",\"SD\":\"AA==\"}\r\n");
  REQUIRE(full);
  CHECK(full.value().algorithm == "ECDSA-secp192k1-SHA256");
  CHECK(full.value().encoding == "base64");
  CHECK(full.value().signature == "AA==");
  CHECK(parse_record("OCMF|{}|{}").value().signature.empty());
}

TEST_CASE("what is no record is refused with its reason") {
  CHECK(error_of("") == "the text does not begin as an OCMF record");
  CHECK(error_of("ocmf|{}|{}") == "the text does not begin as an OCMF record");
  CHECK(error_of("OCMF|{}") == "the OCMF record has no signature section");
  CHECK(error_of("OCMF|{}|{}|{}") == "the OCMF record has more than three sections");
  CHECK(error_of("OCMF|[]|{}") == "the payload section of the OCMF record is no JSON object");
  CHECK(error_of("OCMF|{|{}") == "the payload section of the OCMF record is no JSON object");
  CHECK(error_of("OCMF||{}") == "the payload section of the OCMF record is no JSON object");
  CHECK(error_of("OCMF|{}|") == "the signature section of the OCMF record is no JSON");
}

TEST_CASE("a record beyond the limit is refused") {
  CHECK(error_of("OCMF|{}|" + std::string(kRecordMaxBytes, '{')) ==
        "the OCMF record is longer than 65,536 bytes");
}

TEST_CASE("readings beyond the limit are counted") {
  std::string readings = R"({"TX":"B"})";
  for (std::size_t i = 0; i < kReadingsMax + 1; ++i) readings += R"(,{"TX":"C"})";
  const Record record = record_of(R"({"RD":[)" + readings + "]}");
  CHECK(record.readings.size() == kReadingsMax);
  CHECK(record.surplus_readings == 2);
}

TEST_CASE("long texts of a record are cut") {
  const std::string text(kTextMaxLen + 1, 'x');
  CHECK(record_of(R"({"MS":")" + text + R"("})").meter_serial.size() == kTextMaxLen);
}
