// Signed meter values over sessions, in OCPP 1.6 and 2.x. Records are signed by keys made here.

#include <catch2/catch.hpp>

#include "analyzer/detectors/testing/signing_charger.h"
#include "analyzer/facts/fact_buffer.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

using Lines = std::vector<std::string>;

constexpr const char* kVersions[] = {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"};

// Sessions that are as they should be, each with two records.
void charge(SigningCharger& charger, const SigningMeter& meter, std::uint64_t first_page,
            int sessions = 1) {
  for (int i = 0; i < sessions; ++i) {
    charger.start(meter.record(begin_record(first_page)), meter.key());
    charger.stop(meter.record(end_record(first_page + 1)), meter.key());
    first_page += 2;
  }
}

}  // namespace

TEST_CASE("sessions whose records are in order are no finding") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    const SigningMeter meter;
    charge(charger, meter, 17, 4);
    // Begin and end in one record, and the key only once.
    charger.start("", "");
    charger.stop(meter.record({.transactions = "BE", .kwh = {100, 107.5}, .page = 25}), "");
    scene.wait_s(300);
    // What was sent once more.
    const std::string again = meter.record(begin_record(26));
    charger.start(again, meter.key());
    charger.values(again, meter.key());
    charger.values(again, meter.key());
    charger.stop(meter.record(end_record(27)), meter.key());
    scene.wait_s(300);
    CHECK(signed_problems(scene).empty());
    CHECK(scene.detector().dropped() == 0);
  }
}

TEST_CASE("a record that was changed is told") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    const SigningMeter meter;
    charger.start(broken_record(meter.record(begin_record(17))), meter.key());
    Lines lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("session.signed_value CP1 connector=1 "));
    CHECK(field(lines[0], "signed_problem") == "invalid");
    CHECK(field(lines[0], "signed_verdict") == "invalid");
    CHECK(field(lines[0], "meter_serial") == "M1");
    CHECK(field(lines[0], "page") == "17");
    CHECK(field(lines[0], "times") == "1");
    // A right record does not hide that its signature was exchanged when it comes once more.
    const std::string good = meter.record(begin_record(18));
    std::string bad = good;
    bad.replace(bad.find("\"SD\":\"30") + 6, 2, "31");
    charger.values(good, meter.key());
    CHECK(signed_problems(scene).empty());
    charger.values(bad, meter.key());
    CHECK(signed_problems(scene) == "invalid ");
  }
}

TEST_CASE("another key for the same meter is told, another meter is not") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    SigningMeter meter;
    charge(charger, meter, 17);
    const SigningMeter other("M2");
    charge(charger, other, 5);
    CHECK(signed_problems(scene).empty());
    meter.change_key();
    charger.start(meter.record(begin_record(19)), meter.key());
    const Lines lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "signed_problem") == "key_changed");
    CHECK(field(lines[0], "signed_verdict") == "valid");
    CHECK(field(lines[0], "key_fingerprint").size() == 64);
    CHECK(field(lines[0], "key_fingerprint_before").size() == 64);
    charger.stop(meter.record(end_record(20)), meter.key());
    CHECK(signed_problems(scene).empty());
  }
}

TEST_CASE("a record that is missing is told with what may explain it") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    const SigningMeter meter;
    charge(charger, meter, 1, 2);
    charge(charger, meter, 7);
    Lines lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "signed_problem") == "page_gap");
    CHECK(field(lines[0], "page_context") == "T");
    CHECK(field(lines[0], "page") == "7");
    CHECK(field(lines[0], "page_before") == "4");
    CHECK(field(lines[0], "pages_missing") == "2");
    CHECK(field(lines[0], "capture_gap") == "false");
    charge(charger, meter, 9, 2);
    charger.reconnect();
    charge(charger, meter, 15);
    lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "capture_gap") == "true");
  }
}

TEST_CASE("records that are used again are told") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    const SigningMeter meter;
    const std::string old = meter.record(begin_record(17));
    charger.start(old, meter.key());
    charger.stop(meter.record(end_record(18)), meter.key());
    charger.start(old, meter.key());
    CHECK(signed_problems(scene) == "replayed ");
    charger.stop(meter.record(end_record(19)), meter.key());
    // Another record under a number that was used.
    charger.start(meter.record({.transactions = "B", .kwh = {200}, .page = 18}), meter.key());
    CHECK(signed_problems(scene) == "page_back ");
    SigningCharger other(scene, "CP2", version, {.address = "10.0.0.2"});
    other.start(old, meter.key());
    const Lines lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("session.signed_value CP2 "));
    CHECK(field(lines[0], "signed_problem") == "replayed");
  }
}

TEST_CASE("a record that comes outside of a session and then within one is no replay") {
  Scene scene(find_detector("signed_meter"));
  SigningCharger charger(scene, "CP1", "ocpp1.6");
  const SigningMeter meter;
  const std::string record = meter.record(begin_record(17));
  charger.values(record, meter.key());
  charger.start(record, meter.key());
  CHECK(signed_problems(scene).empty());
}

TEST_CASE("what the meter says of itself is told") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    const SigningMeter meter;
    charger.start(meter.record({.page = 17, .state = "M"}), meter.key());
    Lines lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "signed_problem") == "meter_state");
    CHECK(field(lines[0], "meter_state") == "M");
    charger.values(meter.record({.transactions = "C", .page = 18, .errors = "Et"}), meter.key());
    lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "signed_problem") == "meter_error");
    CHECK(field(lines[0], "meter_errors") == "Et");
    charger.values(meter.record({.transactions = "C", .page = 19, .errors = "t"}), meter.key());
    CHECK(scene.take().empty());
  }
}

TEST_CASE("a session without the signed value that the station always sends is told") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    const SigningMeter meter;
    charge(charger, meter, 17, 2);
    charger.start(meter.record(begin_record(21)), meter.key());
    charger.stop("", "");
    CHECK(scene.take().empty());
    scene.wait_s(200);
    Lines lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("session.signed_missing CP1 connector=1 "));
    CHECK(field(lines[0], "signed_before") == "2");
    CHECK(field(lines[0], "begin_signed") == "true");
    charger.start("", "");
    charger.stop("", "");
    scene.wait_s(200);
    lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(field(lines[0], "begin_signed") == "false");
    CHECK(field(lines[0], "times") == "2");
  }
}

TEST_CASE("sessions for which nothing need be signed are not missed") {
  Scene scene(find_detector("signed_meter"));
  SigningCharger charger(scene, "CP1", "ocpp1.6");
  const SigningMeter meter;
  charge(charger, meter, 17);
  charger.start("", "");
  charger.stop("", "");  // No habit yet.
  charge(charger, meter, 19);
  charger.start("", "");
  charger.stop("", "", 100'050);
  charger.start("", "");
  charger.stop("", "", 107'500, "PowerLoss");
  charger.start("", "");
  charger.stop("", "");
  scene.wait_s(60);
  charger.values(meter.record(end_record(21)), meter.key());  // Late.
  SigningCharger never(scene, "CP2", "ocpp2.0.1", {.address = "10.0.0.2"});
  never.start("", "");
  never.stop("", "");
  scene.wait_s(300);
  CHECK(signed_problems(scene).empty());
}

TEST_CASE("energy that is not what the meter signed is told once") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    const SigningMeter meter;
    charger.start(meter.record(begin_record(17)), meter.key());
    charger.stop(meter.record(end_record(18)), meter.key(), 115'000);
    const Lines lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("session.signed_mismatch CP1 connector=1 "));
    CHECK(field(lines[0], "signed_wh") == "7500");
    CHECK(field(lines[0], "reported_wh") == "15000");
    CHECK(field(lines[0], "difference_wh") == "7500");
    CHECK(field(lines[0], "difference_percent") == "50");
    // Rounded, and with the loss of the cable.
    charger.start(meter.record(begin_record(19)), meter.key());
    charger.stop(meter.record(end_record(20)), meter.key(), 107'590);
    // Fed back: other registers.
    const std::string exported = "01-00:C0.08.00*FF";
    charger.start(meter.record({.page = 21, .obis = exported}), meter.key());
    charger.stop(meter.record({.transactions = "E", .kwh = {103}, .page = 22, .obis = exported}),
                 meter.key());
    CHECK(signed_problems(scene).empty());
  }
}

TEST_CASE("what cannot be checked is told once for a station") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    const SigningMeter meter;
    charger.start("<?xml version=\"1.0\"?><signedMeterValue/>", "");
    charger.stop(meter.record(end_record(18)), "");
    const Lines lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("session.signed_unverifiable CP1 "));
    CHECK(field(lines[0], "signed_format") == "XML");
    CHECK(field(lines[0], "signed_reason") == "only records in OCMF can be verified");
  }
  Scene scene(find_detector("signed_meter"));
  SigningCharger charger(scene, "CP1", "ocpp1.6");
  charger.start(SigningMeter().record(begin_record(17)), "");
  CHECK(field(scene.take().at(0), "signed_reason") == "no public key is known");
}

TEST_CASE("texts that hold no record do no harm") {
  Scene scene(find_detector("signed_meter"));
  SigningCharger charger(scene, "CP1", "ocpp2.0.1");
  const SigningMeter meter;
  for (const std::string& text :
       {std::string("OCMF|"), std::string("OCMF|{}|{}"), std::string("OCMF|[]|[]"),
        std::string("\xff\xfe"), std::string("{"), std::string(40'000, 'A')}) {
    charger.start(text, meter.key());
    charger.stop(text, "");
  }
  CHECK(scene.take("session.signed_value").empty());
}

TEST_CASE("a station has a bounded number of meters") {
  Scene scene(find_detector("signed_meter"));
  SigningCharger charger(scene, "CP1", "ocpp2.1");
  charger.start("", "");
  const SigningMeter last("L");
  for (int i = 0; i < 64; ++i) {
    charger.values(fmt::format(R"(OCMF|{{"PG":"T1","MS":"{}"}}|{{"SD":""}})", i), "");
  }
  CHECK(scene.detector().dropped() == 0);
  charger.values(last.record(begin_record(1)), last.key());
  CHECK(scene.detector().dropped() == 1);
}

TEST_CASE("a station is checked no more than some times a minute") {
  Scene scene(find_detector("signed_meter"));
  SigningCharger charger(scene, "CP1", "ocpp2.1");
  charger.start("", "");
  const auto flood = [&](int from) {
    for (int i = 0; i < 125; ++i) {
      charger.values(fmt::format(R"(OCMF|{{"PG":"T{}","MS":"M"}}|{{"SD":""}})", from + i), "");
    }
  };
  flood(0);
  CHECK(scene.detector().dropped() == 5);
  scene.wait_s(120);
  flood(1'000);
  CHECK(scene.detector().dropped() == 10);
}

TEST_CASE("signed values of a message beyond the limit are left out") {
  Scene scene(find_detector("signed_meter"));
  SigningCharger charger(scene, "CP1", "ocpp2.1");
  nlohmann::json samples;
  for (int i = 0; i < 103; ++i) {
    samples.push_back(
        {{"value", 1},
         {"signedMeterValue",
          {{"signedMeterData", fmt::format(R"(OCMF|{{"PG":"T{}","MS":"M"}}|{{"SD":""}})", i)},
           {"encodingMethod", "OCMF"}}}});
  }
  charger.talk().call(
      "MeterValues",
      nlohmann::json{
          {"evseId", 1},
          {"meterValue", {{{"timestamp", "2026-01-01T00:00:00Z"}, {"sampledValue", samples}}}}}
          .dump());
  CHECK(scene.detector().dropped() == 3);
}

TEST_CASE("a signed value that a fact cannot hold is left out") {
  Scene scene(find_detector("signed_meter"));
  SigningCharger charger(scene, "CP1", "ocpp2.1");
  charger.start(std::string(kFactTextMaxLen, 'x'), "");
  CHECK(scene.detector().dropped() == 1);
  CHECK(scene.take().empty());
}

TEST_CASE("records that are remembered are bounded") {
  Scene scene(find_detector("signed_meter"));
  // Many stations, so that none is checked too often.
  for (int station = 0; station <= 1'024; ++station) {
    SigningCharger charger(scene, fmt::format("CP{}", station), "ocpp2.1");
    for (int i = 0; i < 64; ++i) {
      charger.talk().call(
          "MeterValues",
          nlohmann::json{
              {"evseId", 1},
              {"meterValue",
               {{{"timestamp", "2026-01-01T00:00:00Z"},
                 {"sampledValue",
                  {{{"value", 1},
                    {"signedMeterValue",
                     {{"signedMeterData",
                       fmt::format(R"(OCMF|{{"PG":"T{}","MS":"{}"}}|{{"SD":""}})", i, station)},
                      {"encodingMethod", "OCMF"}}}}}}}}}}
              .dump());
    }
  }
  CHECK(scene.detector().dropped() == 64);
}

TEST_CASE("sessions that wait for their signed value are bounded") {
  Scene scene(find_detector("signed_meter"));
  Talk& talk = scene.connect("CP1");
  talk.call("MeterValues",
            "{'connectorId':1,'meterValue':[{'sampledValue':[{'value':'x','format':'SignedData'}]}"
            "]}");
  for (int i = 0; i <= 4'096; ++i) {
    talk.call("StartTransaction", "{'connectorId':1,'idTag':'A','meterStart':0,'timestamp':'@'}",
              fmt::format("{{'transactionId':{},'idTagInfo':{{'status':'Accepted'}}}}", i + 1));
    talk.call("StopTransaction",
              fmt::format("{{'transactionId':{},'meterStop':9000,'timestamp':'@'}}", i + 1));
  }
  CHECK(scene.detector().dropped() == 1);
}

TEST_CASE("signed values of a station that was forgotten say nothing about the next") {
  Scene scene(find_detector("signed_meter"), 1);
  const SigningMeter meter;
  {
    SigningCharger first(scene, "CP1", "ocpp1.6", {.address = "10.0.0.1"});
    charge(first, meter, 17, 3);
    first.start("", "");
    first.stop("", "");
    first.talk().close();
  }
  SigningCharger second(scene, "CP2", "ocpp1.6", {.address = "10.0.0.2"});
  second.start("", "");
  second.stop("", "");
  scene.wait_s(300);
  CHECK(scene.take().empty());
}
