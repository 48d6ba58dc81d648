// The small parts that formats share: JSON members of a line, words, text that is safe to keep.

#include "collector/logs/log_text.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "collector/logs/json_extent.h"
#include "collector/logs/json_fields.h"
#include "collector/logs/log_clock.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_words.h"

using namespace chargewarden;

namespace {

std::string fields_of(std::string_view text) {
  JsonFields fields(text);
  std::string out;
  for (JsonField field; fields.next(field);) {
    out += std::string(field.name) + "=" + std::string(field.value);
    out += field.whole ? ";" : "...";
  }
  return out + (fields.problem() ? "!" : "");
}

std::string shown(std::string_view text) {
  std::string out;
  append_log_text(out, text);
  return out;
}

}  // namespace

TEST_CASE("members of a line are found, and where the line is no object") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{}", ""},
      {R"({"a":1})", "a=1;"},
      {R"( {"a":1})", "!"},
      {R"({ "a" : "x\"y" , "b" : [1,{"c":"]"}] , "d":{"e":{}}, "f":true } )",
       R"(a=x\"y;b=[1,{"c":"]"}];d={"e":{}};f=true;)"},
      {R"({"a":"\\"})", R"(a=\\;)"},
      {R"({"a":"x)", "a=x...!"},
      {R"({"a":[1,2)", "a=[1,2...!"},
      {R"({"a":12)", "a=12...!"},
      {R"({"a":1,})", "a=1;!"},
      {R"({"a":1 "b":2})", "a=1;!"},
      {R"({"a"})", "!"},
      {R"({a:1})", "!"},
      {R"({"a":)", "!"},
      {R"({"a":1}})", "a=1;!"},
      {"{", "!"},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(fields_of(text) == expected);
    // No reading beyond the end, wherever it is cut.
    for (std::size_t len = 0; len < text.size(); ++len) {
      const std::vector<char> exact(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(len));
      (void)fields_of({exact.data(), exact.size()});
    }
  }
}

TEST_CASE("the end of a JSON value is found piece by piece") {
  const std::string text = R"([2,"]\"",{"a":"}"}] rest)";
  CHECK(json_extent(text) == 19);
  for (std::size_t cut = 0; cut < 19; ++cut) {
    JsonExtent extent;
    CHECK(extent.feed(text.substr(0, cut)) == JsonExtent::kOpen);
    CHECK(extent.feed(text.substr(cut)) == 19 - cut);
  }
  CHECK(json_extent("no brackets") == JsonExtent::kOpen);
  CHECK(json_extent("]") == JsonExtent::kOpen);
}

TEST_CASE("strings lose their escapes, also when they were cut within one") {
  ValueArena arena;
  CHECK(json_plain("abc", arena) == "abc");
  CHECK(json_plain(R"(a\"\u00e9\n)", arena) == "a\"\xc3\xa9\n");
  CHECK(json_plain(R"(a\u00)", arena) == "a");
  CHECK(json_plain(R"(a\)", arena) == "a");
  // No escape at all: as it stands.
  CHECK(json_plain(R"(a\q0123456789abcdef)", arena) == R"(a\q0123456789abcdef)");
}

TEST_CASE("names, directions, levels and events are known however they are written") {
  for (const auto* name : {"station", "stationId", "station_id", "ChargePointID", "charge-box-id",
                           "cpId", "identity", "client"}) {
    CHECK(log_role(name) == LogRole::kStation);
  }
  for (const auto* name : {"ts", "@timestamp", "Time", "date"}) {
    CHECK(log_role(name) == LogRole::kTime);
  }
  CHECK(log_role("") == LogRole::kNone);
  CHECK(log_role(std::string(10'000, 'a')) == LogRole::kNone);
  CHECK(log_direction("CP->CS") == LogDirection::kFromStation);
  CHECK(log_direction("station_to_csms") == LogDirection::kFromStation);
  CHECK(log_direction("RECV") == LogDirection::kReceived);
  CHECK(log_direction("[OUT]") == LogDirection::kSent);
  CHECK_FALSE(log_direction("sideways"));
  CHECK(log_level("WARN ") == "warning");
  CHECK(log_level("FTL") == "critical");
  CHECK(log_level("loud").empty());
  CHECK(log_level_of_number("40") == "warning");
  CHECK(log_level_of_number("3") == "error");
  CHECK(log_level_of_number("99").empty());
  CHECK(log_event_word("handshake-refused") == LogEventWord::kRefused);
  CHECK(log_event_word("Connected") == LogEventWord::kOpened);
  CHECK(log_event_word("x") == LogEventWord::kOther);
}

TEST_CASE("credentials and tokens do not get into the text of a line") {
  CHECK(shown("Authorization: Basic Q1AwMDE6c2VjcmV0, Upgrade: websocket") ==
        "Authorization: Basic ***, Upgrade: websocket");
  CHECK(shown("password=hunter2 user=x") == "password=*** user=x");
  CHECK(shown("set basicAuthPassword to 'hunter2'") == "set basicAuthPassword *** '***'");
  CHECK(shown("Wrong X-API-Key! Caller='abc'") == "Wrong X-API-Key*** Caller='***'");
  CHECK(shown("idTag '04A1B2C3' is blocked") == "idTag '***' is blocked");
  CHECK(shown("idToken: 04A1B2C3 accepted") == "idToken: *** accepted");
  CHECK(shown("Failed to send message: [2,\"1\",\"RemoteStart\",{\"idTag\":\"04A1\"}] to CP1") ==
        "Failed to send message:");
  CHECK(shown("payload {\"idTag\":\"04A1\"}") == "payload");
  CHECK(shown("payload { \"idTag\": 1") == "payload");
  CHECK(shown("idTags=04A1,04A2") == "idTags=***,04A2");
  const std::string harmless = "[chargeBoxId=CP1] basically the pinning of spinach";
  CHECK(shown(harmless) == harmless);
  CHECK(shown("nothing special: a=b") == "nothing special: a=b");
  CHECK(shown(std::string(100'000, 'x')).size() == kEventTextMaxLen);
}

TEST_CASE("an address is one, or is left out") {
  const auto remote = [](std::string_view text) {
    LogRecord record;
    set_remote(text, record);
    return fmt::format("{} {} {}", record.remote_ip, record.remote_port, record.session);
  };
  CHECK(remote("10.0.0.5:4711") == "10.0.0.5 4711 10.0.0.5:4711");
  CHECK(remote("10.0.0.5") == "10.0.0.5 0 ");
  CHECK(remote("[2001:db8::1]:80") == "2001:db8::1 80 [2001:db8::1]:80");
  CHECK(remote("2001:db8::1") == "2001:db8::1 0 ");
  CHECK(remote("10.0.0.5:99999") == "10.0.0.5 0 ");
  CHECK(remote("[10.0.0.5") == " 0 ");
  CHECK(remote("example.net:80") == " 0 ");
  CHECK(remote("") == " 0 ");
}

TEST_CASE("times of a day and dates in a text are found") {
  std::size_t len = 0;
  CHECK(parse_time_of_day_ns("01:02:03.5 x", len) == 3'723'500'000'000);
  CHECK(len == 10);
  CHECK(parse_time_of_day_ns("23:59:60", len) == 86'399'000'000'000);
  for (const auto* text : {"", "1:02:03", "24:00:00", "01-02-03", "01:02:0"}) {
    CHECK_FALSE(parse_time_of_day_ns(text, len));
  }
  bool is_date = false;
  CHECK(to_rfc3339(*find_date_ns("steve-20260102.log", is_date)).starts_with("2026-01-02T00"));
  CHECK(is_date);
  CHECK(to_rfc3339(*find_date_ns("at 2026-01-02T03:04:05Z", is_date)).starts_with("2026-01-02T03"));
  CHECK_FALSE(is_date);
  for (const auto* text : {"", "2026-13-02", "20261302", "120260102", "3026-01-02", "2026-1-2"}) {
    CHECK_FALSE(find_date_ns(text, is_date));
  }
}

TEST_CASE("the day that the calendar does not have every year is found") {
  LogClock clock;
  bool is_date = false;
  clock.set_start(*find_date_ns("2026-06-01", is_date), is_date);
  CHECK(to_rfc3339(*clock.without_year(2, 29, 0)).starts_with("2028-02-29"));
  CHECK_FALSE(clock.without_year(2, 30, 0));
  CHECK_FALSE(clock.without_year(0, 1, 0));
}
