// Requests for certificates and what came back.

#include "analyzer/detectors/configuration/certificate_watch.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "analyzer/crypto/testing/signer.h"
#include "analyzer/detectors/testing/scene.h"
#include "analyzer/facts/fact_buffer.h"

using namespace chargewarden;
using namespace chargewarden::testing;
namespace signer = chargewarden::crypto::testing;

namespace {

constexpr std::string_view kEvent = "configuration.certificate_mismatch";

// A station that asks for certificates and is sent some.
class Watched {
 public:
  explicit Watched(std::string_view subprotocol, std::string_view serial = "SN-77")
      : is_16_(subprotocol == "ocpp1.6"),
        station_(scene_.connect("CP1", {.subprotocol = std::string(subprotocol)})) {
    const std::string told = serial.empty() ? "" : std::string(serial);
    nlohmann::json boot;
    if (is_16_) {
      boot = {{"chargePointVendor", "V"}, {"chargePointModel", "M"}};
      if (!told.empty()) boot["chargePointSerialNumber"] = told;
    } else {
      boot = {{"reason", "PowerUp"}, {"chargingStation", {{"model", "M"}, {"vendorName", "V"}}}};
      if (!told.empty()) boot["chargingStation"]["serialNumber"] = told;
    }
    station_.call("BootNotification", boot.dump(),
                  "{'status':'Accepted','interval':300,'currentTime':'@'}");
    plan_.key = key_.get();
    plan_.issuer_key = authority_.get();
    plan_.issuer_name = "CPO CA";
    plan_.common_name = "CP1";
  }

  signer::CertificatePlan& plan() { return plan_; }

  Scene& scene() { return scene_; }

  std::string request(EVP_PKEY* with = nullptr, std::string_view type = {}) {
    const auto der = signer::make_request(plan_, with != nullptr ? with : plan_.key);
    return request_text(signer::pem(der, "CERTIFICATE REQUEST"), type);
  }

  std::string request_text(const std::string& csr, std::string_view type = {}) {
    nlohmann::json payload = {{"csr", csr}};
    if (!type.empty()) payload["certificateType"] = type;
    station_.call("SignCertificate", payload.dump(), "{'status':'Accepted'}");
    return problems();
  }

  std::string certificate(std::string_view type = {}) {
    return certificate_text(signer::pem(signer::make_certificate(plan_)), type);
  }

  std::string certificate_text(const std::string& chain, std::string_view type = {}) {
    nlohmann::json payload = {{"certificateChain", chain}};
    if (!type.empty()) payload["certificateType"] = type;
    station_.command("CertificateSigned", payload.dump());
    return problems();
  }

 private:
  // "step: problem,problem" of the one that was told, or nothing.
  std::string problems() {
    const auto lines = scene_.take(kEvent);
    if (lines.empty()) return {};
    REQUIRE(lines.size() == 1);
    return field(lines[0], "certificate_step") + ": " + field(lines[0], "certificate_problem");
  }

  bool is_16_;
  Scene scene_{find_detector("configuration")};
  Talk& station_;
  crypto::Handle<EVP_PKEY> key_ = signer::ec_key();
  crypto::Handle<EVP_PKEY> authority_ = signer::ec_key();
  signer::CertificatePlan plan_;
};

}  // namespace

TEST_CASE("a certificate that fits its request is no finding") {
  for (const char* version : {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"}) {
    INFO(version);
    for (const char* name : {"CP1", "cp1", "SN-77", "CP1.cpo.example.com", "Voltara SN-77", ""}) {
      INFO(name);
      Watched each(version);
      each.plan().common_name = name;
      CHECK(each.request().empty());
      each.scene().wait_s(7'200);
      CHECK(each.certificate().empty());
    }
  }
}

TEST_CASE("a certificate that nobody asked for is told once the station was watched") {
  Watched early("ocpp1.6");
  CHECK(early.certificate().empty());
  early.scene().wait_s(3'700);
  CHECK(early.certificate() == "certificate: [no_request]");
  Watched late("ocpp2.0.1");
  CHECK(late.request().empty());
  late.scene().wait_s(31 * 24 * 3'600);
  CHECK(late.certificate() == "certificate: [no_request]");
}

TEST_CASE("another key, another subject and another station are told") {
  Watched key("ocpp1.6");
  CHECK(key.request().empty());
  const auto other = signer::ec_key();
  key.plan().key = other.get();
  CHECK(key.certificate() == "certificate: [other_key]");

  Watched subject("ocpp2.0.1");
  CHECK(subject.request().empty());
  subject.plan().common_name = "SN-77";
  CHECK(subject.certificate() == "certificate: [other_subject]");

  Watched station("ocpp2.1");
  station.plan().common_name = "CP2";
  CHECK(station.request() == "request: [other_station]");
  CHECK(station.certificate() == "certificate: [other_station]");
}

TEST_CASE("a name that may be the serial number of the station is not another station's") {
  Watched unknown("ocpp1.6", "");
  unknown.plan().common_name = "SN-4711";
  CHECK(unknown.request().empty());
  unknown.scene().connect("CP2").call("Heartbeat", "{}", "{'currentTime':'@'}");
  unknown.plan().common_name = "CP2";
  CHECK(unknown.request() == "request: [other_station]");
}

TEST_CASE("certificates for contracts and for V2G have other names") {
  Watched v2g("ocpp2.0.1");
  v2g.plan().common_name = "DE-ABC-E1234";
  CHECK(v2g.request(nullptr, "V2GCertificate").empty());
  CHECK(v2g.certificate("V2GCertificate").empty());
  CHECK(v2g.request(nullptr, "ChargingStationCertificate") == "request: [other_station]");
}

TEST_CASE("requests and certificates that do not hold together are told") {
  Watched wrong("ocpp1.6");
  const auto other = signer::ec_key();
  CHECK(wrong.request(other.get()) == "request: [bad_signature]");
  CHECK(wrong.request_text("no request") == "request: [unreadable]");
  // What was asked for is not known, so its key is not compared.
  CHECK(wrong.certificate().empty());
  CHECK(wrong.certificate_text("") == "certificate: [unreadable]");
  CHECK(wrong.certificate_text(std::string(40'000, 'A')) == "certificate: [unreadable]");
}

TEST_CASE("a chain beyond the limit of a fact cannot be read") {
  Watched chain("ocpp2.0.1");
  CHECK(chain.request().empty());
  std::string text = signer::pem(signer::make_certificate(chain.plan()));
  while (text.size() <= kFactTextMaxLen) {
    text += signer::pem(signer::make_certificate(chain.plan()));
  }
  CHECK(chain.certificate_text(text) == "certificate: [unreadable]");
}
