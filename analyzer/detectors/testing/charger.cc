#include "analyzer/detectors/testing/charger.h"

#include <fmt/format.h>

namespace chargewarden::testing {

namespace {

// Numbers of transactions are given by the CSMS, and here by nobody twice.
int next_transaction() {
  static int last = 1'000;
  last += 3;
  return last;
}

std::string token_info(std::string_view status, std::string_view group, bool is_2x) {
  std::string out =
      fmt::format("'{}':{{'status':'{}'", is_2x ? "idTokenInfo" : "idTagInfo", status);
  if (!group.empty()) {
    out += is_2x ? fmt::format(",'groupIdToken':{{'idToken':'{}','type':'Central'}}", group)
                 : fmt::format(",'parentIdTag':'{}'", group);
  }
  return out + "}";
}

std::string id_token(std::string_view token) {
  return fmt::format("'idToken':{{'idToken':'{}','type':'ISO14443'}}", token);
}

}  // namespace

Charger::Charger(Scene& scene, std::string_view id, const std::string& version, LinkSetup setup)
    : scene_(&scene), id_(id), setup_(std::move(setup)), is_2x_(version != "ocpp1.6") {
  setup_.subprotocol = version;
  talk_ = &scene.connect(id_, setup_);
}

void Charger::reconnect() {
  talk_->close("reset");
  talk_ = &scene_->connect(id_, setup_);
}

void Charger::boot(std::string_view model) {
  talk_->call("BootNotification",
              is_2x_ ? fmt::format("{{'reason':'PowerUp','chargingStation':{{'vendorName':'V',"
                                   "'model':'{}'}}}}",
                                   model)
                     : fmt::format("{{'chargePointVendor':'V','chargePointModel':'{}'}}", model),
              "{'status':'Accepted','interval':300,'currentTime':'@'}");
}

void Charger::status(int connector, std::string_view status) {
  talk_->call("StatusNotification",
              is_2x_ ? fmt::format("{{'evseId':{},'connectorId':1,'connectorStatus':'{}',"
                                   "'timestamp':'@'}}",
                                   connector, status)
                     : fmt::format("{{'connectorId':{},'status':'{}','errorCode':'NoError',"
                                   "'timestamp':'@'}}",
                                   connector, status));
}

void Charger::authorize(std::string_view token, std::string_view status, std::string_view group) {
  talk_->call("Authorize",
              is_2x_ ? "{" + id_token(token) + "}" : fmt::format("{{'idTag':'{}'}}", token),
              "{" + token_info(status, group, is_2x_) + "}");
}

void Charger::remote_start(int connector, std::string_view token, std::string_view answer) {
  talk_->command(
      is_2x_ ? "RequestStartTransaction" : "RemoteStartTransaction",
      is_2x_ ? fmt::format("{{'evseId':{},'remoteStartId':5,{}}}", connector, id_token(token))
             : fmt::format("{{'connectorId':{},'idTag':'{}'}}", connector, token),
      fmt::format("{{'status':'{}'}}", answer));
}

void Charger::send_event(std::string_view type, const std::string& more, std::string_view status,
                         std::string_view group, int ago_s) {
  const std::string call = fmt::format(
      "{{'eventType':'{}','timestamp':'@-{}','triggerReason':'MeterValuePeriodic','seqNo':{},"
      "'transactionInfo':{{'transactionId':'{}','chargingState':'Charging'}},"
      "'evse':{{'id':{},'connectorId':1}}{}}}",
      type, ago_s, sequence_++, transaction_, connector_, more);
  talk_->call("TransactionEvent", call,
              status.empty() ? "{}" : "{" + token_info(status, group, true) + "}");
}

void Charger::start(int connector, std::string_view token, double meter_wh, std::string_view status,
                    int ago_s) {
  connector_ = connector;
  sequence_ = 0;
  const int number = next_transaction();
  if (is_2x_) {
    transaction_ = fmt::format("t-{}", number);
    const std::string who = token.empty() ? std::string() : "," + id_token(token);
    send_event("Started",
               who + ",'meterValue':" +
                   meter_value({.energy_wh = meter_wh, .power_w = {}, .soc_percent = {}},
                               "Transaction.Begin"),
               status, "", ago_s);
    return;
  }
  transaction_ = fmt::format("{}", number);
  talk_->call("StartTransaction",
              fmt::format("{{'connectorId':{},'idTag':'{}','meterStart':{},'timestamp':'@-{}'}}",
                          connector, token, meter_wh, ago_s),
              status.empty() ? std::string()
                             : fmt::format("{{'transactionId':{},{}}}", number,
                                           token_info(status, "", false)));
}

std::string Charger::meter_value(const MeterReading& reading, std::string_view context) const {
  std::string samples;
  const auto add = [&](std::string_view measurand, double value, std::string_view unit) {
    if (!samples.empty()) samples += ",";
    samples += is_2x_ ? fmt::format(
                            "{{'value':{},'measurand':'{}','context':'{}',"
                            "'unitOfMeasure':{{'unit':'{}'}}}}",
                            value, measurand, context, unit)
                      : fmt::format("{{'value':'{}','measurand':'{}','context':'{}','unit':'{}'}}",
                                    value, measurand, context, unit);
  };
  if (reading.energy_wh) add("Energy.Active.Import.Register", *reading.energy_wh, "Wh");
  if (reading.power_w) add("Power.Active.Import", *reading.power_w / 1'000, "kW");
  if (reading.soc_percent) add("SoC", *reading.soc_percent, "Percent");
  return fmt::format("[{{'timestamp':'@','sampledValue':[{}]}}]", samples);
}

void Charger::read(const MeterReading& reading) {
  const std::string value = meter_value(reading, "Sample.Periodic");
  if (is_2x_) {
    send_event("Updated", ",'meterValue':" + value, "");
    return;
  }
  talk_->call("MeterValues", fmt::format("{{'connectorId':{},'transactionId':{},'meterValue':{}}}",
                                         connector_, transaction_, value));
}

void Charger::stop(double meter_wh, std::string_view token, std::string_view reason,
                   std::string_view group) {
  const std::string_view status = token.empty() ? "" : "Accepted";
  if (is_2x_) {
    const std::string who = token.empty() ? std::string() : "," + id_token(token);
    send_event("Ended",
               who + ",'meterValue':" +
                   meter_value({.energy_wh = meter_wh, .power_w = {}, .soc_percent = {}},
                               "Transaction.End"),
               status, group);
    return;
  }
  const std::string who = token.empty() ? std::string() : fmt::format(",'idTag':'{}'", token);
  talk_->call("StopTransaction",
              fmt::format("{{'transactionId':{},'meterStop':{},'timestamp':'@','reason':'{}'{}}}",
                          transaction_, meter_wh, reason, who),
              status.empty() ? std::string("{}") : "{" + token_info(status, group, false) + "}");
}

void Charger::charge(int connector, std::string_view token, double meter_wh, double power_w,
                     int minutes) {
  authorize(token);
  start(connector, token, meter_wh);
  for (int i = 0; i < minutes; ++i) {
    read({.energy_wh = meter_wh + power_w / 60 * i, .power_w = power_w, .soc_percent = {}});
    scene_->wait_s(60);
  }
  stop(meter_wh + power_w / 60 * minutes);
}

}  // namespace chargewarden::testing
