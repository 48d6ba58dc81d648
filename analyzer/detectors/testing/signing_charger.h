#pragma once
// For tests: a meter that signs, with a key made on the spot, and a station that sends what it
// signs in OCPP 1.6 and 2.x.

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzer/crypto/testing/signer.h"
#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace signer = chargewarden::crypto::testing;

// What a record says.
struct RecordPlan {
  std::string transactions = "B";  // One reading each.
  std::vector<double> kwh = {100};
  std::uint64_t page = 1;
  std::string state = "G";
  std::string errors = {};
  std::string obis = "01-00:B0.08.00*FF";
};

class SigningMeter {
 public:
  explicit SigningMeter(std::string serial = "M1") : serial_(std::move(serial)) {}

  [[nodiscard]] std::string record(const RecordPlan& plan) const {
    nlohmann::json readings;
    for (std::size_t i = 0; i < plan.transactions.size(); ++i) {
      readings.push_back({{"TM", "2026-01-01T00:00:00,000+0000 S"},
                          {"TX", std::string(1, plan.transactions[i])},
                          {"RV", plan.kwh[i]},
                          {"RI", plan.obis},
                          {"RU", "kWh"},
                          {"EF", plan.errors},
                          {"ST", plan.state}});
    }
    const std::string payload = nlohmann::json{
        {"FV", "1.0"},
        {"PG", fmt::format("T{}", plan.page)},
        {"MS", serial_},
        {"RD", readings}}.dump();
    const auto der = signer::sign_ecdsa(key_.get(), sha256(payload));
    return fmt::format(R"(OCMF|{}|{{"SD":"{}"}})", payload, to_hex(der));
  }

  [[nodiscard]] std::string key() const { return to_hex(signer::spki(key_.get())); }

  void change_key() { key_ = signer::ec_key(); }

 private:
  std::string serial_;
  crypto::Handle<EVP_PKEY> key_ = signer::ec_key();
};

// A station that charges, with the same words in both generations.
class SigningCharger {
 public:
  SigningCharger(Scene& scene, std::string id, const char* subprotocol, LinkSetup setup = {})
      : is_16_(std::string_view(subprotocol) == "ocpp1.6"), scene_(scene), id_(std::move(id)) {
    setup.subprotocol = subprotocol;
    talk_ = &scene_.connect(id_, setup);
  }

  Talk& talk() { return *talk_; }

  void reconnect() {
    talk_->close();
    talk_ = &scene_.connect(id_, {.subprotocol = is_16_ ? "ocpp1.6" : "ocpp2.0.1"});
  }

  // `record` may be empty: nothing is signed.
  void start(const std::string& record, const std::string& key, double register_wh = 100'000) {
    ++session_;
    register_wh_ = register_wh;
    scene_.wait_s(60);
    if (is_16_) {
      talk_->call(
          "StartTransaction",
          fmt::format("{{'connectorId':1,'idTag':'A','meterStart':{:.0f},"
                      "'timestamp':'@'}}",
                      register_wh),
          fmt::format("{{'transactionId':{},'idTagInfo':{{'status':'Accepted'}}}}", number()));
      if (!record.empty()) values(record, key, "Transaction.Begin");
    } else {
      event("Started", 0, record, key, "Transaction.Begin", register_wh);
    }
  }

  // The station tells the key of its connector in its settings.
  void tell_key(const std::string& key) {
    if (is_16_) {
      talk_->command("GetConfiguration", "{}",
                     fmt::format("{{'configurationKey':[{{'key':'MeterPublicKey1','readonly':true,"
                                 "'value':'{}'}}]}}",
                                 key));
    } else {
      talk_->call("NotifyReport",
                  fmt::format("{{'requestId':1,'seqNo':0,'generatedAt':'@','reportData':[{{"
                              "'component':{{'name':'FiscalMetering','evse':{{'id':1}}}},"
                              "'variable':{{'name':'PublicKey'}},"
                              "'variableAttribute':[{{'type':'Actual','value':'{}'}}]}}]}}",
                              key));
    }
  }

  // A message of its own within the session.
  void values(const std::string& record, const std::string& key,
              std::string_view context = "Sample.Periodic") {
    if (is_16_) {
      talk_->call("MeterValues",
                  nlohmann::json{{"connectorId", 1},
                                 {"transactionId", number()},
                                 {"meterValue", {meter_value(record, key, context, 0)}}}
                      .dump());
    } else {
      event("Updated", 1, record, key, context, register_wh_);
    }
  }

  void stop(const std::string& record, const std::string& key, double register_wh = 107'500,
            std::string_view reason = "Local") {
    scene_.wait_s(600);
    if (is_16_) {
      nlohmann::json payload = {{"transactionId", number()},
                                {"idTag", "A"},
                                {"meterStop", static_cast<int>(register_wh)},
                                {"timestamp", "2026-01-01T00:10:00Z"},
                                {"reason", reason}};
      if (!record.empty()) {
        payload["transactionData"] = {meter_value(record, key, "Transaction.End", 0)};
      }
      talk_->call("StopTransaction", payload.dump());
    } else {
      event("Ended", 2, record, key, "Transaction.End", register_wh, reason);
    }
  }

 private:
  [[nodiscard]] int number() const { return 100 + session_; }

  [[nodiscard]] nlohmann::json meter_value(const std::string& record, const std::string& key,
                                           std::string_view context, double wh) const {
    nlohmann::json sample = {{"context", context}};
    const nlohmann::json members = {{"signedMeterData", to_base64(as_bytes(record))},
                                    {"signingMethod", ""},
                                    {"encodingMethod", "OCMF"},
                                    {"publicKey", key}};
    if (is_16_) {
      sample["format"] = "SignedData";
      sample["value"] = members.dump();
    } else {
      sample["value"] = wh;
      sample["measurand"] = "Energy.Active.Import.Register";
      if (!record.empty()) sample["signedMeterValue"] = members;
    }
    return {{"timestamp", "2026-01-01T00:00:00Z"}, {"sampledValue", {sample}}};
  }

  void event(std::string_view type, int seq, const std::string& record, const std::string& key,
             std::string_view context, double wh, std::string_view reason = {}) {
    nlohmann::json info = {{"transactionId", fmt::format("t{}", session_)}};
    if (!reason.empty()) info["stoppedReason"] = reason;
    talk_->call("TransactionEvent",
                nlohmann::json{{"eventType", type},
                               {"timestamp", "2026-01-01T00:00:00Z"},
                               {"triggerReason", "Authorized"},
                               {"seqNo", seq},
                               {"transactionInfo", info},
                               {"evse", {{"id", 1}, {"connectorId", 1}}},
                               {"meterValue", {meter_value(record, key, context, wh)}}}
                    .dump());
  }

  bool is_16_;
  Scene& scene_;
  std::string id_;
  Talk* talk_ = nullptr;
  int session_ = 0;
  double register_wh_ = 0;
};

inline RecordPlan begin_record(std::uint64_t page) {
  return {.transactions = "B", .kwh = {100}, .page = page};
}

inline RecordPlan end_record(std::uint64_t page, double kwh = 107.5) {
  return {.transactions = "E", .kwh = {kwh}, .page = page};
}

// "problem" of each signed_value event, in order.
inline std::string signed_problems(Scene& scene) {
  std::string out;
  for (const std::string& line : scene.take()) {
    if (!line.starts_with("session.signed_value ")) {
      out += line.substr(0, line.find(' '));
    } else {
      out += field(line, "signed_problem");
    }
    out += ' ';
  }
  return out;
}

inline std::string broken_record(std::string record) {
  record.replace(record.find("100"), 3, "101");
  return record;
}

}  // namespace chargewarden::testing
