#pragma once
// ATT&CK entries from the tags of a rule (Sigma tags appendix, namespace `attack`).
//
// attack.t0857 is a technique, attack.t1195.002 a sub-technique, attack.initial-access a tactic;
// groups (attack.g...), software (attack.s...) and other namespaces are not entries. A tag does not
// say which tactic its technique serves, so each stays an entry of its own.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chargewarden {

enum class AttackKind : std::uint8_t { kTactic, kTechnique, kSubTechnique };

struct AttackEntry {
  AttackKind kind;
  std::string uid;        // Such as T0857 or TA0043; empty where a tactic has two ids.
  std::string_view name;  // Static text; empty where we do not know it.
};

// nullopt when the tag is not a tactic, technique or sub-technique.
std::optional<AttackEntry> attack_entry(std::string_view tag);

}  // namespace chargewarden
