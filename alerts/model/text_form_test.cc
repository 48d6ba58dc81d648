#include "alerts/model/text_form.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "alerts/model/alert_builder.h"

using namespace chargewarden;

namespace {

RuleInfo rule_of_two_lines() {
  RuleInfo rule = firmware_rule(Level::kCritical);
  rule.description = "A station was told to install\nfirmware without a signature.";
  return rule;
}

}  // namespace

TEST_CASE("an alert reads as level, time, station, title, what was seen and what to do") {
  const RuleInfo rule = rule_of_two_lines();
  std::string out;
  render_text(alert_of(rule), Colour::kOff, out);
  CHECK(out ==
        "CRITICAL  2023-11-14T22:13:20.123456789Z  CP-1  Unsigned firmware command\n"
        "  what    A station was told to install firmware without a signature.\n"
        "  seen    ocpp.message from 10.0.0.1 to 10.0.0.2, wire:day.pcap#7\n"
        "  do      Ask who sent it.\n"
        "  rule    unsigned_firmware_command\n");
}

TEST_CASE("an update says how often and does not repeat the advice") {
  const RuleInfo rule = rule_of_two_lines();
  Alert alert = alert_of(rule);
  alert.activity = Activity::kUpdate;
  alert.count = 12;
  std::string out;
  render_text(alert, Colour::kOff, out);
  CHECK(out ==
        "CRITICAL  2023-11-14T22:13:20.123456789Z  CP-1  Unsigned firmware command\n"
        "  seen    ocpp.message from 10.0.0.1 to 10.0.0.2, wire:day.pcap#7, 12 times until\n"
        "          2023-11-14T22:13:20.123456789Z\n"
        "  rule    unsigned_firmware_command\n");
}

TEST_CASE("colour is around the level only") {
  const RuleInfo rule = rule_of_two_lines();
  std::string out;
  render_text(alert_of(rule), Colour::kOn, out);
  CHECK(out.starts_with("\x1b[1;31mCRITICAL\x1b[0m  2023"));
  CHECK(std::count(out.begin(), out.end(), '\x1b') == 2);
}

TEST_CASE("no line of an alert is longer than 100 columns unless one word is") {
  RuleInfo rule = rule_of_two_lines();
  rule.description.clear();
  for (int i = 0; i < 60; ++i) rule.description += "w\xc3\xb6rter ";
  std::string out;
  render_text(alert_of(rule), Colour::kOff, out);
  std::size_t longest = 0;
  std::size_t columns = 0;
  for (const char c : out) {
    if (c == '\n') {
      longest = std::max(longest, columns);
      columns = 0;
    } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) {
      ++columns;
    }
  }
  CHECK(longest <= 100);
  CHECK(longest > 90);
}

TEST_CASE("what a terminal would act upon is replaced") {
  struct Row {
    std::string_view text;
    std::string_view expected;
  };

  const Row rows[] = {
      {"plain \xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x8c", "plain \xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x8c"},
      {"\x1b[2Jgone", "?[2Jgone"},
      {"a\nb\tc\x7f", "a?b?c?"},
      {"\xc2\x9b"
       "31m",
       "?31m"},
      {"\xe2\x80\xae"
       "desrever",
       "?desrever"},
      {"\xe2\x81\xa6x\xe2\x81\xa9", "?x?"},
      {"\xe2\x80\x94", "\xe2\x80\x94"},
      {"bad\xff\x1b", "bad??"},
  };
  for (const Row& row : rows) {
    std::string out;
    append_terminal_safe(out, row.text);
    CHECK(out == row.expected);
  }
}

TEST_CASE("a hostile station id cannot reach the terminal") {
  const RuleInfo rule = rule_of_two_lines();
  Alert alert = alert_of(rule);
  alert.finding.station_id = "\x1b]0;owned\x07";
  alert.finding.origin = "wire:\x1b[31m#1";
  std::string out;
  render_text(alert, Colour::kOff, out);
  CHECK(out.find('\x1b') == std::string::npos);
  CHECK(out.find('\x07') == std::string::npos);
}
