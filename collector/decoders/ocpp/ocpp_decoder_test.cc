// OCPP messages in, events out: pairing, versions, deviations, limits.

#include <set>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "collector/base/limits.h"
#include "tests/support/decoder_harness.h"
#include "tests/support/frames.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Lines = std::vector<std::string>;

// One WebSocket; messages are given as text.
class Talk {
 public:
  explicit Talk(std::string_view subprotocol = "ocpp1.6", bool midstream = false,
                const Interest& interest = DecoderRig::all_interest())
      : rig_(make_websocket_decoder(params(subprotocol)), midstream, interest) {}

  Talk& station(std::string_view text) {
    rig_.send(Side::kClient, client_text(text));
    return *this;
  }

  Talk& csms(std::string_view text) {
    rig_.send(Side::kServer, server_text(text));
    return *this;
  }

  Talk& wait_s(std::int64_t seconds) {
    rig_.wait_s(seconds);
    return *this;
  }

  Talk& end() {
    rig_.end();
    return *this;
  }

  [[nodiscard]] Lines messages() const { return named(rig_.lines(), "ocpp.message"); }

  [[nodiscard]] std::string kinds() const { return rig_.kinds(); }

  DecoderRig& rig() { return rig_; }

 private:
  static WebSocketParams params(std::string_view subprotocol) {
    WebSocketParams out;
    out.handshake_seen = true;
    out.subprotocol = subprotocol;
    out.ocpp_offered = true;
    return out;
  }

  DecoderRig rig_;
};

std::string call(std::string_view id, std::string_view action = "Heartbeat",
                 std::string_view payload = "{}") {
  return fmt::format("[2,\"{}\",\"{}\",{}]", id, action, payload);
}

std::string result(std::string_view id, std::string_view payload = "{}") {
  return fmt::format("[3,\"{}\",{}]", id, payload);
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("a call and its answer are paired, with action, latency and request") {
  Talk talk;
  talk.station(call("1", "BootNotification", R"({"chargePointVendor":"V"})")).wait_s(2);
  talk.csms(result("1", R"({"status":"Accepted"})"));
  REQUIRE(talk.messages().size() == 2);
  CHECK(talk.messages()[0] ==
        "ocpp.message c version=1.6 version_guessed=false type=call direction=station_to_csms "
        "action=BootNotification id=1 known_action=true size_bytes=52 encrypted=false "
        "payload={\"chargePointVendor\":\"V\"}");
  CHECK(talk.messages()[1] ==
        "ocpp.message s version=1.6 version_guessed=false type=result direction=csms_to_station "
        "action=BootNotification id=1 known_action=true size_bytes=29 latency_ms=2000 "
        "answered=true encrypted=false payload={\"status\":\"Accepted\"} "
        "request={\"chargePointVendor\":\"V\"}");
  CHECK(talk.kinds().empty());
}

TEST_CASE("both sides may have a call open with the same id") {
  Talk talk;
  talk.station(call("7")).csms(call("7", "Reset", R"({"type":"Hard"})"));
  talk.csms(result("7", R"({"currentTime":"x"})"));
  talk.station(result("7", R"({"status":"Accepted"})"));
  REQUIRE(talk.messages().size() == 4);
  CHECK(field(talk.messages()[2], "action") == "Heartbeat");
  CHECK(field(talk.messages()[3], "action") == "Reset");
  CHECK(talk.messages()[3].find("request={\"type\":\"Hard\"}") != std::string::npos);
  CHECK(talk.kinds().empty());
}

TEST_CASE("errors are paired too, with their code and description") {
  Talk talk;
  talk.csms(call("1", "GetLog")).station(R"([4,"1","NotSupported","no logs",{"a":1}])");
  const std::string line = talk.messages().back();
  CHECK(field(line, "type") == "error");
  CHECK(field(line, "action") == "GetLog");
  CHECK(field(line, "error_code") == "NotSupported");
  CHECK(field(line, "error_description") == "no logs");
  CHECK(field(line, "payload") == "{\"a\":1}");
}

TEST_CASE("each kind of OCPP anomaly is reported") {
  struct Row {
    std::string_view kinds;
    std::vector<Step> messages;  // Text of messages.
  };

  const std::string long_id(37, 'x');
  const Row rows[] = {
      {"malformed_json", {client(R"([2,"1","Heartbeat",{)")}},
      {"malformed_json", {client("")}},
      {"nested_too_deep", {client(call("1", "DataTransfer", "{\"a\":" + nested(100) + "}"))}},
      {"not_an_array", {client("{}")}},
      {"bad_message_type", {client(R"([1,"1","Heartbeat",{}])")}},
      {"bad_message_id", {client(R"([2,1,"Heartbeat",{}])")}},
      {"long_message_id", {client(call(long_id))}},
      {"missing_elements", {client(R"([2,"1","Heartbeat"])")}},
      {"extra_elements", {client(R"([2,"1","Heartbeat",{},{}])")}},
      {"bad_action", {client(R"([2,"1",7,{}])")}},
      {"unknown_action", {client(call("1", "MakeCoffee"))}},
      {"wrong_direction", {client(call("1", "Reset"))}},
      {"wrong_direction", {server(call("1", "BootNotification"))}},
      {"payload_not_object", {client(call("1", "Heartbeat", "[]"))}},
      {"unsolicited_answer", {server(result("1"))}},
      {"duplicate_answer", {client(call("1")), server(result("1")), server(result("1"))}},
      {"duplicate_message_id", {client(call("1")), server(result("1")), client(call("1"))}},
      {"overlapping_call", {client(call("1")), client(call("2"))}},
  };
  std::set<std::string_view> reported;
  for (const Row& row : rows) {
    INFO(row.kinds);
    Talk talk;
    for (const Step& step : row.messages) {
      step.side == Side::kClient ? talk.station(step.bytes) : talk.csms(step.bytes);
    }
    CHECK(talk.kinds() == row.kinds);
    CHECK(talk.rig().stats().anomalies == 1);
    reported.insert(row.kinds);
  }
  CHECK(reported.size() == 16);  // The others: tests of the limit and of partial messages.
}

TEST_CASE("an anomaly names version, direction, action, id and length") {
  Talk talk("ocpp2.0.1");
  const std::string text = call("42", "MakeCoffee");
  talk.csms(text);
  CHECK(talk.rig().lines()[0] ==
        fmt::format("ocpp.anomaly s kind=unknown_action bytes={} version=2.0.1 "
                    "direction=csms_to_station action=MakeCoffee id=42",
                    text.size()));
}

TEST_CASE("a message may break several rules") {
  Talk talk;
  talk.station(R"([2,1,"MakeCoffee",[],{}])");
  CHECK(talk.kinds() == "bad_message_id extra_elements payload_not_object unknown_action");
  CHECK(talk.messages().size() == 1);
}

TEST_CASE("numeric ids are paired by their text") {
  Talk talk;
  talk.station(R"([2,17,"Heartbeat",{}])").csms("[3,17,{}]");
  CHECK(field(talk.messages()[1], "action") == "Heartbeat");
  CHECK(talk.kinds() == "bad_message_id bad_message_id");
}

TEST_CASE("a call of three elements takes part in the exchange") {
  Talk talk;
  talk.station(R"([2,"1","Heartbeat"])").csms(result("1"));
  CHECK(field(talk.messages()[1], "action") == "Heartbeat");
  CHECK(talk.kinds() == "missing_elements");
}

TEST_CASE("a call nested too deep takes part in the exchange") {
  Talk talk("");
  talk.station(call("1", "TransactionEvent", "{\"a\":" + nested(5000) + "}")).csms(result("1"));
  CHECK(talk.kinds() == "nested_too_deep");
  REQUIRE(talk.messages().size() == 2);
  CHECK(talk.messages()[0].find("payload=") == std::string::npos);
  CHECK(field(talk.messages()[1], "action") == "TransactionEvent");
}

TEST_CASE("signed messages keep their envelope and go by the action that they sign") {
  Talk talk("ocpp2.0.1");
  talk.station(
      R"([2,"1",{"ext":1},"BootNotification-Signed",{"payload":"e30","protected":"e30","signature":"AA"}])");
  talk.csms(R"([3,"1",{"payload":"e30","protected":"e30","signature":"AA"}])");
  CHECK(talk.kinds().empty());
  REQUIRE(talk.messages().size() == 2);
  CHECK(field(talk.messages()[0], "action") == "BootNotification");
  CHECK(field(talk.messages()[0], "signed") == "true");
  CHECK(field(talk.messages()[0], "known_action") == "true");
  CHECK(field(talk.messages()[1], "action") == "BootNotification");
  CHECK(talk.messages()[1].find("signed=") == std::string::npos);
}

TEST_CASE("a sent message expects no answer and overlaps nothing") {
  Talk talk("ocpp2.1");
  const std::string stream = R"([6,"s","NotifyPeriodicEventStream",{}])";
  talk.station(call("1", "NotifyEvent")).station(stream).csms(result("1"));
  talk.station(call("2", "NotifyEvent")).csms(result("2")).end();
  CHECK(talk.kinds().empty());
  CHECK(field(talk.messages()[1], "type") == "send");
  CHECK(named(talk.rig().lines(), "ocpp.unanswered_call").empty());
}

TEST_CASE("an error about a result comes from the side that called") {
  // OCPP 2.1 part 4, 4.2.4: the caller could not use the result.
  Talk talk("ocpp2.1");
  talk.station(call("1", "NotifyEvent")).csms(result("1", R"({"x":1})"));
  talk.station(R"([5,"1","FormatViolation","",{}])");
  CHECK(talk.kinds().empty());
  CHECK(field(talk.messages().back(), "type") == "result_error");
  CHECK(field(talk.messages().back(), "answered") == "true");
  talk.station(R"([5,"9","FormatViolation","",{}])");
  CHECK(talk.kinds() == "unsolicited_answer");
}

TEST_CASE("the id -1 answers a call whose id could not be read") {
  Talk talk("ocpp2.0.1");
  talk.station("[2,{},\"Heartbeat\",{}]").csms(R"([4,"-1","RpcFrameworkError","",{}])");
  CHECK(talk.kinds() == "bad_message_id");
}

TEST_CASE("a call after thirty seconds does not overlap the one that was given up") {
  Talk talk;
  talk.station(call("1")).wait_s(31).station(call("2"));
  CHECK(talk.kinds().empty());
  talk.wait_s(29).station(call("3"));
  CHECK(talk.kinds() == "overlapping_call");
}

TEST_CASE("the version is that of the subprotocol") {
  struct Row {
    std::string_view subprotocol;
    std::string_view version;
  };

  for (const Row& row :
       {Row{"ocpp1.2", "1.2"}, Row{"ocpp1.5", "1.5"}, Row{"ocpp1.6", "1.6"},
        Row{"ocpp2.0", "2.0.1"}, Row{"ocpp2.0.1", "2.0.1"}, Row{"ocpp2.1", "2.1"}}) {
    Talk talk(row.subprotocol);
    // Evidence to the contrary does not matter.
    talk.station(call("1", "TransactionEvent")).wait_s(60).station(call("2", "StartTransaction"));
    for (const std::string& line : talk.messages()) {
      CHECK(field(line, "version") == row.version);
      CHECK(field(line, "version_guessed") == "false");
    }
  }
}

TEST_CASE("without a subprotocol the version is guessed from calls") {
  struct Row {
    std::string_view action;
    std::string_view payload;
    std::string_view version;
  };

  const Row rows[] = {
      {"BootNotification", R"({"chargePointVendor":"V","chargePointModel":"M"})", "1.6"},
      {"BootNotification", R"({"chargingStation":{"model":"M"},"reason":"PowerUp"})", "2.0.1"},
      {"StatusNotification", R"({"connectorId":1,"errorCode":"NoError"})", "1.6"},
      {"StatusNotification", R"({"connectorStatus":"Available","evseId":1,"connectorId":1})",
       "2.0.1"},
      {"StartTransaction", "{}", "1.6"},
      {"StopTransaction", "{}", "1.6"},
      {"TransactionEvent", "{}", "2.0.1"},
      {"Authorize", R"({"idTag":"T"})", "1.6"},
      {"Authorize", R"({"idToken":{"idToken":"T","type":"ISO14443"}})", "2.0.1"},
      {"MeterValues", R"({"connectorId":1})", "1.6"},
      {"MeterValues", R"({"evseId":1})", "2.0.1"},
      {"NotifyPeriodicEventStream", "{}", "2.1"},
      {"Heartbeat", "{}", ""},
      {"MakeCoffee", "{}", ""},
  };
  for (const Row& row : rows) {
    INFO(row.action << row.payload);
    Talk talk("");
    talk.station(call("1", row.action, row.payload));
    CHECK(field(talk.messages()[0], "version") == row.version);
    CHECK(field(talk.messages()[0], "version_guessed") == "true");
  }
}

TEST_CASE("message types that only 2.1 has tell the version") {
  for (const std::string_view text :
       {R"([5,"1","GenericError","",{}])", R"([6,"1","MakeCoffee",{}])"}) {
    Talk talk("");
    talk.station(text);
    CHECK(field(talk.messages()[0], "version") == "2.1");
  }
}

TEST_CASE("a guess is made better by later calls and never worse") {
  Talk talk("");
  talk.station(call("1")).csms(result("1"));
  talk.station(call("2", "TransactionEvent")).csms(result("2"));
  talk.station(R"([6,"3","NotifyPeriodicEventStream",{}])");
  talk.station(call("4", "TransactionEvent")).csms(result("4"));
  std::string versions;
  for (const std::string& line : talk.messages()) versions += field(line, "version") + ",";
  CHECK(versions == ",,2.0.1,2.0.1,2.1,2.1,2.1,");
}

TEST_CASE("unknown actions are counted by name, and named on their answers") {
  Talk talk;
  talk.station(call("1", "MakeCoffee")).csms(result("1"));
  const auto& actions = talk.rig().stats().unknown_actions;
  REQUIRE(actions.size() == 1);
  CHECK(actions.begin()->first == "MakeCoffee");
  CHECK(actions.begin()->second[0] == 1);
  CHECK(actions.begin()->second[1] == 1);
  CHECK(field(talk.messages()[1], "action") == "MakeCoffee");
  CHECK(field(talk.messages()[1], "known_action") == "false");
}

TEST_CASE("unknown actions beyond the limit are counted together") {
  Talk talk;
  for (std::size_t i = 0; i < 3 * kUnknownActionsMax; ++i) {
    talk.station(call(std::to_string(i), "Action" + std::to_string(i)));
    talk.csms(result(std::to_string(i)));
  }
  const auto& actions = talk.rig().stats().unknown_actions;
  CHECK(actions.size() == kUnknownActionsMax + 1);
  REQUIRE(actions.count("(others)") == 1);
  CHECK(actions.at("(others)")[0] == 2 * kUnknownActionsMax);
}

TEST_CASE("pending calls beyond the limit are forgotten, oldest first") {
  Talk talk;
  for (std::size_t i = 0; i <= kPendingCallsMax; ++i) {
    talk.wait_s(31).station(call(std::to_string(i)));
  }
  CHECK(talk.kinds() == "pending_calls_evicted");
  CHECK(talk.rig().stats().limits.count(Limit::kPendingCalls) == 1);
  talk.csms(result("0")).csms(result("1"));
  CHECK(talk.kinds() == "pending_calls_evicted unsolicited_answer");
  CHECK(field(talk.messages().back(), "action") == "Heartbeat");
}

TEST_CASE("long text from a peer is cut in events") {
  const std::string text(kEventTextMaxLen + 100, 'x');
  Talk talk;
  talk.station(call(text, text)).csms("[4,\"" + text + "\",\"" + text + "\",\"" + text + "\",{}]");
  REQUIRE(talk.messages().size() == 2);
  for (const std::string_view name : {"id", "action"}) {
    CHECK(field(talk.messages()[0], name).size() == kEventTextMaxLen);
    for (const std::string& line : named(talk.rig().lines(), "ocpp.anomaly")) {
      CHECK(field(line, name).size() <= kEventTextMaxLen);
    }
  }
  for (const std::string_view name : {"id", "action", "error_code", "error_description"}) {
    INFO(name);
    CHECK(field(talk.messages()[1], name).size() == kEventTextMaxLen);
  }
  // Cut or not, the answer was paired by the whole id.
  CHECK(field(talk.messages()[1], "answered") == "true");
}

TEST_CASE("calls that were never answered are told at the end, each side's own") {
  Talk talk;
  talk.station(call("1", "StartTransaction", R"({"idTag":"T"})"));
  talk.csms(call("2", "Reset", R"({"type":"Soft"})")).wait_s(5).end();
  const Lines lines = named(talk.rig().lines(), "ocpp.unanswered_call");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] ==
        "ocpp.unanswered_call c version=1.6 direction=station_to_csms action=StartTransaction id=1 "
        "waited_ms=5000 payload={\"idTag\":\"T\"}");
  CHECK(lines[1] ==
        "ocpp.unanswered_call s version=1.6 direction=csms_to_station action=Reset id=2 "
        "waited_ms=5000 payload={\"type\":\"Soft\"}");
}

TEST_CASE("payloads of calls are kept only where somebody wants them") {
  Interest interest = Interest::all();
  interest.requests.fill(false);
  interest.requests[ocpp::action_id("Reset")] = true;
  Talk talk("ocpp1.6", false, interest);
  talk.csms(call("1", "Reset", R"({"type":"Soft"})")).station(result("1"));
  talk.csms(call("2", "ClearCache", R"({"a":1})")).station(result("2"));
  CHECK(talk.messages()[1].find("request={\"type\":\"Soft\"}") != std::string::npos);
  CHECK(talk.messages()[3].find("request=") == std::string::npos);
}

TEST_CASE("messages that nobody wants are counted and paired, and give no event") {
  Interest interest = Interest::all();
  interest.messages = {};
  interest.sensitive = {};
  interest.messages[ocpp::action_id("Reset")][1] = true;
  Talk talk("ocpp1.6", false, interest);
  talk.station(call("1")).csms(result("1")).csms(call("2", "Reset")).station(result("2"));
  REQUIRE(talk.messages().size() == 1);
  CHECK(field(talk.messages()[0], "id") == "2");
  CHECK(talk.rig().stats().total_messages() == 4);
}

TEST_CASE("a part of a message names its call, so that the answer has an action") {
  Talk talk;
  const std::string frame = client_text(call("1", "DataTransfer", R"({"data":"0123456789"})"));
  talk.rig().send(Side::kClient, frame.substr(0, frame.size() - 8)).gap(Side::kClient, 8);
  talk.csms(result("1"));
  CHECK(talk.kinds() == "partial_message");
  CHECK(field(named(talk.rig().lines(), "ocpp.anomaly")[0], "action") == "DataTransfer");
  CHECK(field(talk.messages()[0], "action") == "DataTransfer");
}

TEST_CASE("a part of a sent message waits for no answer") {
  Talk talk("ocpp2.1");
  const std::string frame =
      client_text(R"([6,"1","NotifyPeriodicEventStream",{"a":"0123456789"}])");
  talk.rig().send(Side::kClient, frame.substr(0, frame.size() - 8)).gap(Side::kClient, 8);
  talk.station(call("2", "NotifyEvent"));
  CHECK(talk.kinds() == "partial_message");
}

TEST_CASE("answers without a call are no news after a gap, for two minutes") {
  Talk talk;
  talk.station(call("1")).csms(result("1"));
  talk.rig().gap(Side::kClient, 100);
  talk.csms(result("2"));
  CHECK(talk.kinds().empty());
  talk.wait_s(121).csms(result("3"));
  CHECK(talk.kinds() == "unsolicited_answer");
}

TEST_CASE("the first answers of a connection met in the middle are no news") {
  Talk talk("", true);
  talk.csms(result("1"));
  CHECK(talk.kinds().empty());
  CHECK(field(talk.messages()[0], "answered") == "false");
  talk.wait_s(121).csms(result("2"));
  CHECK(talk.kinds() == "unsolicited_answer");
}

TEST_CASE("personal data in the text of a message is named by its kind") {
  Talk talk;
  talk.station(call("1", "DataTransfer", R"({"data":"4111111111111111 me@example.org"})"));
  CHECK(field(talk.messages()[0], "sensitive") == "[card_number,email]");
  talk.station(call("2", "DataTransfer", R"({"data":"nothing"})"));
  CHECK(field(talk.messages()[1], "sensitive").empty());
}

TEST_CASE("sessions are counted by their first message in either version") {
  Talk talk("");
  talk.station(call("1", "StartTransaction"));
  talk.station(call("2", "TransactionEvent", R"({"eventType":"Started"})"));
  talk.station(call("3", "TransactionEvent", R"({"eventType":"Updated"})"));
  CHECK(talk.rig().stats().session_starts == 2);
}

TEST_CASE("stations beyond the limit are not counted") {
  Talk talk;
  talk.rig().set_station("one more");
  auto& stats = talk.rig().shard().stats;
  for (std::size_t i = 0; i < kStationsCountedMax; ++i) {
    stats.stations.insert("station " + std::to_string(i));
  }
  talk.station(call("1"));
  CHECK(stats.stations.size() == kStationsCountedMax);
  CHECK(stats.limits.count(Limit::kStations) == 1);
}
