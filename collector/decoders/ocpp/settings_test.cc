#include "collector/decoders/ocpp/settings.h"

#include <string>

#include <catch2/catch.hpp>

using namespace chargewarden;

namespace {

std::string settings_of(std::string_view payload) {
  JsonDocument document;
  REQUIRE(document.load_copy(payload) == JsonStatus::kOk);
  ValueArena arena;
  std::string out;
  for (const Value& value : ocpp::read_settings(document, arena)) {
    out += std::string(value.as_text()) + '|';
  }
  return out;
}

}  // namespace

TEST_CASE("each variable has its own value") {
  CHECK(settings_of(R"({"setVariableData":[
      {"attributeValue":"300","component":{"name":"OCPPCommCtrlr"},
       "variable":{"name":"HeartbeatInterval","instance":"x"}},
      {"variable":{"name":"Enab\u006ced"},"attributeValue":"a \"b\"","attributeType":"Target",
       "component":{"instance":"1","name":"AuthCtrlr","evse":{"id":1}}}]})") ==
        "OCPPCommCtrlr/HeartbeatInterval=300|AuthCtrlr/Enabled=a \"b\"|");
}

TEST_CASE("of a secret the length is told") {
  CHECK(settings_of(R"({"setVariableData":[{"attributeValue":"hunter2hunter2",
      "component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}}]})") ==
        "SecurityCtrlr/BasicAuthPassword (14 bytes)|");
}

TEST_CASE("what breaks the schema is read as far as it goes") {
  CHECK(settings_of("{}").empty());
  CHECK(settings_of("[]").empty());
  CHECK(settings_of("7").empty());
  CHECK(settings_of(R"({"setVariableData":{}})").empty());
  CHECK(settings_of(R"({"setVariableData":[]})").empty());
  CHECK(settings_of(R"({"setVariableData":[1,[],{},{"attributeValue":{"a":1}}]})") ==
        "/=|/=|/=|/=|");
  CHECK(settings_of(R"({"setVariableData":[{"attributeValue":0 ,"component":"c",
      "variable":{"name":"HeartbeatInterval"}}]})") == "/HeartbeatInterval=0|");
}
