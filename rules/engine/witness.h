#pragma once
// Witness: something about one field of an event that is cheap to find for all rules at once; and
// Gate: witnesses of which an event must hold at least one before a condition can be true.
//
// A gate only says "not this rule": the condition itself is asked afterwards. It must therefore
// never be narrower than the condition, and is compared with texts exactly as leaves see them.

#include <cstdint>
#include <string>
#include <vector>

#include "rules/engine/field_index.h"

namespace chargewarden {

enum class WitnessKind : std::uint8_t {
  kPresent,  // The field is there, with whatever value.
  kExact,    // The folded text of an element is `text`.
  kLiteral,  // The folded text of an element holds `text`.
  kNumber,   // An element is equal to `number`, or is text that reads as such a number.
  kRegex,    // The regular expression `text` is found in the raw text of an element.
};

struct Witness {
  WitnessKind kind = WitnessKind::kPresent;
  FieldIndex field = 0;
  std::string text;
  // Of kLiteral: it must stand at the beginning, or at the end, of the element's text.
  bool begins = false;
  bool ends = false;
  double number = 0;

  bool operator==(const Witness&) const = default;
};

// Without any witness it never opens: the condition cannot be true.
using Gate = std::vector<Witness>;

}  // namespace chargewarden
