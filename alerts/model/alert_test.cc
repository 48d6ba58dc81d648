#include "alerts/model/alert.h"

#include <set>

#include <catch2/catch.hpp>

#include "alerts/model/alert_builder.h"
#include "alerts/model/digest.h"
#include "alerts/model/limits.h"
#include "collector/base/digest.h"

using namespace chargewarden;

TEST_CASE("SHA-256 agrees with the vectors of FIPS 180-4") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("fields of a fingerprint cannot run into each other") {
  CHECK(fingerprint({"ab", "c"}) != fingerprint({"a", "bc"}));
  CHECK(fingerprint({"a", ""}) != fingerprint({"a"}));
  CHECK(fingerprint({"a"}).size() == 32);
}

TEST_CASE("the name of a finding changes with each thing that identifies it, and only then") {
  const RuleInfo info = firmware_rule();
  RuleInfo other_rule = firmware_rule();
  other_rule.id = "another";
  Finding finding = alert_of(info).finding;
  finding.origin = "wire:a.pcap#7";
  std::set<std::string> names{finding_uid_of(finding)};

  Finding same = finding;
  same.event_json = "{}";
  CHECK(finding_uid_of(same) == *names.begin());

  std::vector<Finding> others(6, finding);
  others[0].rule = &other_rule;
  others[1].station_id = "CP-2";
  others[2].source_ip = "10.0.0.9";
  others[3].destination_ip = "10.0.0.9";
  others[4].time_ns += 1;
  others[5].origin = "wire:a.pcap#8";
  for (const Finding& other : others) names.insert(finding_uid_of(other));
  CHECK(names.size() == 7);
}

TEST_CASE("each message of a finding has a name of its own") {
  CHECK(message_uid_of("f", Activity::kCreate, 1) != message_uid_of("f", Activity::kUpdate, 1));
  CHECK(message_uid_of("f", Activity::kUpdate, 2) != message_uid_of("f", Activity::kUpdate, 3));
  CHECK(message_uid_of("f", Activity::kUpdate, 2) == message_uid_of("f", Activity::kUpdate, 2));
}

TEST_CASE("an origin is taken apart") {
  struct Row {
    std::string_view text;
    std::string_view kind;
    std::string_view source;
    std::uint64_t number;
  };

  const Row rows[] = {
      {"wire:day.pcap#42", "wire", "day.pcap", 42},
      {"log:C:\\logs\\csms#1.log#7", "log", "C:\\logs\\csms#1.log", 7},
      {"wire:#1", "wire", "", 1},
      {"", "", "", 0},
      {"wire:day.pcap", "", "wire:day.pcap", 0},
      {"wire:day.pcap#", "", "wire:day.pcap#", 0},
      {"wire:day.pcap#4x", "", "wire:day.pcap#4x", 0},
      {"wire:day.pcap#99999999999999999999", "", "wire:day.pcap#99999999999999999999", 0},
      {"#1:x", "", "#1:x", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const OriginParts parts = parse_origin(row.text);
    CHECK(parts.kind == row.kind);
    CHECK(parts.source == row.source);
    CHECK(parts.number == row.number);
  }
}

TEST_CASE("the sentence says what, where, who and how often") {
  const RuleInfo info = firmware_rule();
  Alert alert = alert_of(info);
  CHECK(sentence_of(alert) == "Unsigned firmware command on station CP-1 (10.0.0.1 to 10.0.0.2).");
  alert.count = 3;
  CHECK(sentence_of(alert) ==
        "Unsigned firmware command on station CP-1 (10.0.0.1 to 10.0.0.2), seen 3 times since "
        "2023-11-14T22:13:20.123456789Z.");
  alert.count = 1;
  alert.finding.station_id.clear();
  alert.finding.source_ip.clear();
  CHECK(sentence_of(alert) == "Unsigned firmware command.");
}

TEST_CASE("clipping counts bytes of JSON and never cuts a character in half") {
  struct Row {
    std::string_view text;
    std::size_t max;
    std::string_view expected;
  };

  const Row rows[] = {
      {"abc", 3, "abc"},
      {"abcd", 3, "abc"},
      {"", 0, ""},
      {"a\"b", 3, "a\""},
      {"a\x1b"
       "b",
       6, "a"},
      {"a\x1b"
       "b",
       7, "a\x1b"},
      {"\xc3\xa4\xc3\xb6", 3, "\xc3\xa4"},
      {"\xe2\x82\xac", 2, ""},
      {"\xff\xff\xff", 8, "\xff\xff"},
      {std::string_view("\0\0", 2), 6, std::string_view("\0", 1)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text, row.max);
    CHECK(clip(row.text, row.max) == row.expected);
    std::string json;
    append_json_escaped(json, clip(row.text, row.max));
    CHECK(json.size() <= row.max);
  }
}
