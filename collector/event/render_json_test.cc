#include "collector/event/render_json.h"

#include <catch2/catch.hpp>

#include "collector/event/defs/ocpp_events.h"
#include "collector/event/ocpp_actions.h"

using namespace chargewarden;

namespace {

const Redactor kRedactor(RedactionKey{7});

std::string render(std::string_view action, std::string_view payload,
                   std::string_view request = {}) {
  JsonDocument payload_document;
  JsonDocument request_document;
  REQUIRE(payload_document.load_copy(payload) == JsonStatus::kOk);
  FlowInfo flow;
  flow.client_ip_text = "10.0.0.2";
  flow.client_port = 1234;
  flow.server_ip_text = "10.0.0.1";
  flow.server_port = 9000;
  flow.id = "f1";
  Event event(ocpp::kMessage, 0, {"wire", "x.pcap", 7});
  event.set_flow(flow, Side::kServer);
  event.set_station("CP-1");
  event.set_action(ocpp::action_id(action));
  event.set_text(ocpp::kAction, action);
  if (!request.empty()) REQUIRE(request_document.load_copy(request) == JsonStatus::kOk);
  event.set_payload(&payload_document, request.empty() ? nullptr : &request_document);
  std::string out;
  render_flat_json(event, kRedactor, out);
  return out;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an event is one flat object with the names that rules use") {
  CHECK(
      render("Reset", R"({"type":"Hard","n":1.5,"l":[1,"a"],"o":{"p":null,"q":true},"e":[]})") ==
      R"({"event.category":"ocpp","event.name":"ocpp.message",)"
      R"("event.time":"1970-01-01T00:00:00.000000000Z","event.origin":"wire:x.pcap#7",)"
      R"("source.ip":"10.0.0.1","source.port":9000,"destination.ip":"10.0.0.2",)"
      R"("destination.port":1234,"flow.id":"f1","station.id":"CP-1","ocpp.action":"Reset",)"
      R"("ocpp.payload.e":[],"ocpp.payload.l":[1,"a"],"ocpp.payload.n":1.5,"ocpp.payload.o.p":null,)"
      R"("ocpp.payload.o.q":true,"ocpp.payload.type":"Hard"})");
}

TEST_CASE("what is empty is shown, so that a rule finds it in the text as in the message") {
  const std::string out =
      render("DataTransfer", R"({"a":{},"b":[[],[]],"c":[1,[]],"d":[{},{"e":[]}],"f":{"g":{}}})");
  CHECK(has(out, R"("ocpp.payload.a":{},"ocpp.payload.b":[],"ocpp.payload.c":1,)"
                 R"("ocpp.payload.d":{},"ocpp.payload.d.e":[],"ocpp.payload.f.g":{}})"));
  const std::string none = render("Heartbeat", "{}", "[]");
  CHECK_FALSE(has(none, "ocpp.payload"));
  CHECK_FALSE(has(none, "ocpp.request"));
}

TEST_CASE("tokens become pseudonyms and secrets are taken out") {
  const std::string start = render("StartTransaction", R"({"idTag":"04A2B3C4","connectorId":1})");
  CHECK_FALSE(has(start, "04A2B3C4"));
  CHECK(has(start, kRedactor.pseudonym("04A2B3C4")));

  const std::string key =
      render("ChangeConfiguration", R"({"key":"AuthorizationKey","value":"00112233"})");
  CHECK(has(key, R"("ocpp.payload.key":"AuthorizationKey")"));
  CHECK(has(key, R"("ocpp.payload.value":"***")"));
  CHECK(has(render("ChangeConfiguration", R"({"value":"300","key":"HeartbeatInterval"})"),
            R"("ocpp.payload.value":"300")"));

  const std::string variables = render(
      "SetVariables",
      R"({"setVariableData":[{"attributeValue":"abcdefghijklmnop","component":{"name":"SecurityCtrlr"},)"
      R"("variable":{"name":"BasicAuthPassword"}},{"attributeValue":"60",)"
      R"("component":{"name":"OCPPCommCtrlr"},"variable":{"name":"HeartbeatInterval"}}]})");
  CHECK(has(variables, R"("ocpp.payload.setVariableData.attributeValue":["***","60"])"));

  const std::string report = render(
      "NotifyReport",
      R"({"reportData":[{"component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"},)"
      R"("variableAttribute":[{"value":"hunter2hunter2hunter2"}]}]})");
  CHECK_FALSE(has(report, "hunter2"));

  const std::string profile = render(
      "SetNetworkProfile",
      R"({"connectionData":{"vpn":{"key":"vpnkey1","password":"p1"},"apn":{"apnPassword":"p2"}}})");
  for (const char* secret : {"vpnkey1", "\"p1\"", "\"p2\""}) CHECK_FALSE(has(profile, secret));

  CHECK_FALSE(
      has(render("NotifyCustomerInformation", R"({"data":"Anna, Main St","seqNo":0})"), "Anna"));
  CHECK_FALSE(has(render("DataTransfer", R"({"data":"pay 4111111111111111"})"), "41111111"));
  CHECK_FALSE(has(render("DataTransfer", R"({"data":{"x":4111111111111111}})"), "41111111"));
  CHECK(has(render("DataTransfer", R"({"data":{"x":1795305600000}})"), "1795305600000"));
  CHECK_FALSE(has(render("UpdateFirmware", R"({"location":"ftp://u:pw123@h/x"})"), "pw123"));
}

TEST_CASE("an answer shows the call that it answers") {
  const std::string out =
      render("ChangeConfiguration", R"({"status":"Accepted"})", R"({"key":"SecurityProfile"})");
  CHECK(has(out, R"("ocpp.payload.status":"Accepted")"));
  CHECK(has(out, R"("ocpp.request.key":"SecurityProfile")"));
}
