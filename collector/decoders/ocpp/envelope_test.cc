#include "collector/decoders/ocpp/envelope.h"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace chargewarden;
using namespace chargewarden::ocpp;

namespace {

// "call id=1 action=Heartbeat payload={}", or "invalid", then the deviations behind a bar.
std::string read(std::string_view text) {
  static constexpr std::string_view kNames[] = {"call", "result", "error", "result_error", "send"};
  JsonDocument document;
  REQUIRE(document.load_copy(text) == JsonStatus::kOk);
  ValueArena arena;
  const Envelope envelope = read_envelope(document, arena);
  std::string out = "invalid";
  if (envelope.valid) {
    out = fmt::format("{} id={}", kNames[static_cast<std::size_t>(envelope.type)], envelope.id);
    if (!envelope.action.empty()) out += fmt::format(" action={}", envelope.action);
    if (!envelope.error_code.empty()) {
      out += fmt::format(" code={} ({})", envelope.error_code, envelope.error_description);
    }
    if (envelope.payload_token != 0) {
      document.set_root(envelope.payload_token);
      out += fmt::format(" payload={}", document.root_text());
    }
  }
  for (std::size_t i = 0; i < envelope.deviations.count; ++i) {
    out += fmt::format("{}{}", i == 0 ? " | " : " ", envelope.deviations.kinds[i]);
  }
  return out;
}

std::string partial(std::string_view text) {
  const Envelope envelope = read_partial_envelope(text);
  if (!envelope.valid) return "invalid";
  return fmt::format("{} {} {}", static_cast<int>(envelope.type) + 2, envelope.id, envelope.action);
}

}  // namespace

TEST_CASE("envelopes are read tolerantly, and each deviation is named") {
  struct Row {
    std::string_view text;
    std::string_view expected;
  };

  const Row rows[] = {
      {R"([2,"1","Heartbeat",{}])", "call id=1 action=Heartbeat payload={}"},
      {R"( [ 2 , "1" , "Heartbeat" , { "a" : 1 } ] )",
       "call id=1 action=Heartbeat payload={ \"a\" : 1 }"},
      {R"([3,"1",{"x":[]}])", "result id=1 payload={\"x\":[]}"},
      {R"([4,"1","NotImplemented","no",{}])", "error id=1 code=NotImplemented (no) payload={}"},
      {R"([5,"1","GenericError","",{}])", "result_error id=1 code=GenericError () payload={}"},
      {R"([6,"1","NotifyPeriodicEventStream",{}])",
       "send id=1 action=NotifyPeriodicEventStream payload={}"},
      {R"([2,"1","Heartbeat",null])", "call id=1 action=Heartbeat"},
      {R"([3,"1",null])", "result id=1"},
      {R"([2,"a\"b","Heart\u0062eat",{}])", "call id=a\"b action=Heartbeat payload={}"},
      // Signed messages carry an object between id and action (OCPP 2.1 part 4, 7).
      {R"([2,"1",{"x":1},"BootNotification-Signed",{"payload":"e30"}])",
       "call id=1 action=BootNotification-Signed payload={\"payload\":\"e30\"}"},
      // Deviations that leave a message.
      {R"([2,1,"Heartbeat",{}])", "call id=1 action=Heartbeat payload={} | bad_message_id"},
      {R"([2,1.5e3 ,"Heartbeat",{}])",
       "call id=1.5e3 action=Heartbeat payload={} | bad_message_id"},
      {R"([2,"","Heartbeat",{}])", "call id= action=Heartbeat payload={} | bad_message_id"},
      {R"([2,"1","Heartbeat"])", "call id=1 action=Heartbeat | missing_elements"},
      {R"([2,"1","Heartbeat",{},5])", "call id=1 action=Heartbeat payload={} | extra_elements"},
      {R"([2,"1","Heartbeat",{},1,2,3,4,5,6,7,8,9])",
       "call id=1 action=Heartbeat payload={} | extra_elements"},
      {R"([2,"1","Heartbeat",[]])", "call id=1 action=Heartbeat payload=[] | payload_not_object"},
      {R"([2,"1","Heartbeat","x"])", "call id=1 action=Heartbeat | payload_not_object"},
      {R"([2,"1",7,{}])", "call id=1 payload={} | bad_action"},
      {R"([2,"1","",{}])", "call id=1 payload={} | bad_action"},
      {R"([2,"1",{},{}])", "call id=1 payload={} | bad_action"},
      {R"([3,"1"])", "result id=1 | missing_elements"},
      {R"([3,"1",{},{}])", "result id=1 payload={} | extra_elements"},
      {R"([4,"1","InternalError"])", "error id=1 code=InternalError () | missing_elements"},
      {R"([4,"1","InternalError","text"])",
       "error id=1 code=InternalError (text) | missing_elements"},
      // What is no message.
      {R"({"a":1})", "invalid | not_an_array"},
      {"7", "invalid | not_an_array"},
      {R"("[2]")", "invalid | not_an_array"},
      {"[]", "invalid | bad_message_type"},
      {R"(["2","1","Heartbeat",{}])", "invalid | bad_message_type"},
      {R"([2.0,"1","Heartbeat",{}])", "invalid | bad_message_type"},
      {R"([1,"1","Heartbeat",{}])", "invalid | bad_message_type"},
      {R"([7,"1","Heartbeat",{}])", "invalid | bad_message_type"},
      {R"([[2],"1","Heartbeat",{}])", "invalid | bad_message_type"},
      {"[2]", "invalid | missing_elements"},
      {R"([2,{},"Heartbeat",{}])", "invalid | bad_message_id"},
      {R"([2,null,"Heartbeat",{}])", "invalid | bad_message_id"},
      {R"([2,"1"])", "invalid | missing_elements"},
      {R"([4,"1"])", "invalid | missing_elements"},
      {R"([4,"1",5,"",{}])", "invalid | bad_action"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(read(row.text) == row.expected);
  }
}

TEST_CASE("an id of 36 characters is fine, a longer one is reported and kept") {
  const std::string fine(kMessageIdMaxLen, 'x');
  CHECK(read("[3,\"" + fine + "\",{}]") == "result id=" + fine + " payload={}");
  const std::string long_id = fine + "y";
  CHECK(read("[3,\"" + long_id + "\",{}]") ==
        "result id=" + long_id + " payload={} | long_message_id");
}

TEST_CASE("of a cut message the envelope is read as far as it goes") {
  struct Row {
    std::string_view text;
    std::string_view expected;
  };

  const Row rows[] = {
      {R"([2,"1","Heartbeat",{"a":)", "2 1 Heartbeat"},
      {R"( [ 2 , "1" , "Heartbeat" )", "2 1 Heartbeat"},
      {R"([3,"1",{"st)", "3 1 "},
      {R"([4,"1","Int)", "4 1 "},
      {R"([2,"1","Heart)", "invalid"},
      {R"([2,"1")", "invalid"},
      {R"([3,"1)", "invalid"},
      {R"([3,7,{})", "invalid"},
      {R"([2,"a\"b","Heartbeat",{)", "invalid"},
      {R"([9,"1","Heartbeat",{)", "invalid"},
      {"[", "invalid"},
      {"", "invalid"},
      // The begin is missing: a list inside of the payload is no envelope.
      {R"("data":[2,"1","Reset",{}]}])", "invalid"},
      {R"({"x":[3,"1",{}]})", "invalid"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(partial(row.text) == row.expected);
  }
}
