#include "alerts/model/attack.h"

#include <catch2/catch.hpp>

using namespace chargewarden;

TEST_CASE("tags of ATT&CK become entries") {
  struct Row {
    std::string_view tag;
    AttackKind kind;
    std::string_view uid;
    std::string_view name;
  };

  const Row rows[] = {
      {"attack.t0857", AttackKind::kTechnique, "T0857", "System Firmware"},
      {"attack.T1040", AttackKind::kTechnique, "T1040", "Network Sniffing"},
      {"attack.t1195.002", AttackKind::kSubTechnique, "T1195.002",
       "Compromise Software Supply Chain"},
      {"attack.t9999", AttackKind::kTechnique, "T9999", ""},
      {"attack.t9999.001", AttackKind::kSubTechnique, "T9999.001", ""},
      {"attack.t0800", AttackKind::kTechnique, "T0800", "Activate Firmware Update Mode"},
      {"attack.t1657", AttackKind::kTechnique, "T1657", "Financial Theft"},
      {"attack.reconnaissance", AttackKind::kTactic, "TA0043", "Reconnaissance"},
      {"attack.credential_access", AttackKind::kTactic, "TA0006", "Credential Access"},
      {"attack.inhibit-response-function", AttackKind::kTactic, "TA0107",
       "Inhibit Response Function"},
      {"attack.impact", AttackKind::kTactic, "", "Impact"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.tag);
    const auto entry = attack_entry(row.tag);
    REQUIRE(entry.has_value());
    CHECK(entry->kind == row.kind);
    CHECK(entry->uid == row.uid);
    CHECK(entry->name == row.name);
  }
}

TEST_CASE("other tags are not entries") {
  for (const std::string_view tag :
       {"", "attack.", "attack.g0034", "attack.s0002", "attack.t", "attack.t08", "attack.t0857.",
        "attack.t0857.01", "attack.t08x7", "attack.x0857", "attack.nothing", "iec62443.sr-3.4",
        "chargewarden.fw-01", "t0857", "attack.t0857.0001"}) {
    CAPTURE(tag);
    CHECK_FALSE(attack_entry(tag).has_value());
  }
}
