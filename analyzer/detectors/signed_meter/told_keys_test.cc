#include "analyzer/detectors/signed_meter/told_keys.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/signing_charger.h"
#include "analyzer/facts/fact_buffer.h"
#include "analyzer/ocmf/meter_key.h"

namespace chargewarden::session {

namespace {

using F = FactField;

// Settings as the facts of messages have them.
class Answer {
 public:
  Answer() { buffer_.begin(FactHead(), "CP1"); }

  Answer& item() {
    buffer_.add_number(F::kItem, 0);
    return *this;
  }

  Answer& add(F field, std::string_view text) {
    buffer_.add_text(field, text);
    return *this;
  }

  void give_to(ToldKeys& keys) {
    buffer_.commit();
    keys.read(buffer_.read(0));
  }

 private:
  FactBuffer buffer_;
};

}  // namespace

TEST_CASE("keys of OCPP 1.6 are of the connector that their name has") {
  ToldKeys keys;
  CHECK(keys.find(1).empty());
  Answer()
      .item()
      .add(F::kSetting, "HeartbeatInterval")
      .add(F::kSettingValue, "300")
      .item()
      .add(F::kSetting, "MeterPublicKey1")
      .add(F::kSettingValue, "key one")
      .item()
      .add(F::kSettingValue, "key two")
      .add(F::kSetting, "meterpublickey[2]")
      .item()
      .add(F::kSetting, "MeterPublicKey3")
      .give_to(keys);
  CHECK(keys.find(1) == "key one");
  CHECK(keys.find(2) == "key two");
  CHECK(keys.find(3).empty());
  CHECK(keys.find(0).empty());
}

TEST_CASE("keys of OCPP 2.x are of the EVSE of their component, or of all") {
  ToldKeys keys;
  const auto report = [](std::string_view component, std::string_view name,
                         std::string_view instance, std::string_view value) {
    Answer out;
    out.item().add(F::kComponent, component);
    if (!instance.empty()) out.add(F::kInstance, instance);
    out.add(F::kSetting, name).add(F::kSettingValue, value);
    return out;
  };
  report("FiscalMetering", "PublicKey", "2", "key two").give_to(keys);
  report("FiscalMetering", "PublicKey", "", "key of all").give_to(keys);
  report("SecurityCtrlr", "PublicKey", "3", "no key").give_to(keys);
  report("FiscalMetering", "EnergyImport", "3", "no key").give_to(keys);
  CHECK(keys.find(2) == "key two");
  CHECK(keys.find(3) == "key of all");
  report("FiscalMetering", "PublicKey", "2", "another").give_to(keys);
  CHECK(keys.find(2) == "another");
}

TEST_CASE("the keys of a station are bounded") {
  ToldKeys keys;
  for (std::size_t i = 1; i <= ToldKeys::kKeysMax + 3; ++i) {
    Answer()
        .add(F::kSetting, fmt::format("MeterPublicKey{}", i))
        .add(F::kSettingValue, "k")
        .give_to(keys);
  }
  CHECK(keys.dropped() == 3);
  CHECK(keys.find(64) == "k");
  CHECK(keys.find(65).empty());
  Answer()
      .add(F::kSetting, "MeterPublicKey1")
      .add(F::kSettingValue, std::string(ocmf::kKeyTextMaxLen + 1, 'k'))
      .give_to(keys);
  CHECK(keys.find(1) == "k");
}

namespace {

constexpr const char* kVersions[] = {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"};

}  // namespace

using namespace chargewarden::testing;

TEST_CASE("a key that the station told in its settings verifies records that come without") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    SigningMeter meter;
    charger.tell_key(meter.key());
    charger.start(meter.record(begin_record(17)), "");
    charger.stop(meter.record(end_record(18)), "");
    CHECK(signed_problems(scene).empty());
    charger.start(broken_record(meter.record(begin_record(19))), "");
    CHECK(signed_problems(scene) == "invalid ");
    charger.stop(meter.record(end_record(20)), "");
    CHECK(signed_problems(scene) == "session.signed_mismatch ");  // 6.5 kWh and 7.5.
    // Told anew, after the meter was exchanged or somebody has put in his own.
    meter.change_key();
    charger.tell_key(meter.key());
    charger.start(meter.record(begin_record(21)), "");
    CHECK(signed_problems(scene) == "key_changed ");
    charger.stop(meter.record(end_record(22)), "");
    CHECK(signed_problems(scene).empty());
  }
}

TEST_CASE("a key beside the records that is not the one of the settings is told") {
  for (const char* version : kVersions) {
    INFO(version);
    Scene scene(find_detector("signed_meter"));
    SigningCharger charger(scene, "CP1", version);
    const SigningMeter told;
    SigningMeter other;
    charger.tell_key(told.key());
    charger.start(other.record(begin_record(17)), other.key());
    CHECK(signed_problems(scene) == "key_changed ");
  }
}

}  // namespace chargewarden::session
