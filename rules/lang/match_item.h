#pragma once
// MatchItem: what one entry of a selection asks for, after its modifiers were applied.
//
// Still data: regular expressions are text, fields are names. The compiler of the engine turns it
// into tests; the tests' own slow evaluator does not use it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/ip_address.h"
#include "collector/base/timestamp.h"
#include "rules/lang/diagnostics.h"
#include "rules/lang/pattern.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/rule_value.h"
#include "rules/lang/value_transform.h"

namespace chargewarden {

enum class TestKind : std::uint8_t {
  kNull,  // Absent, or null.
  kBool,
  kNumber,  // Equal by value.
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kPattern,
  kRegex,
  kCidr,
  kExists,       // `boolean` says whether it must.
  kFieldEquals,  // The other field's name is in `text`.
  kFieldContains,
  kFieldStarts,
  kFieldEnds,
  kTimePart,  // `part` of the field's time compares with `number` as `comparison` says.
};

struct ValueTest {
  TestKind kind = TestKind::kNull;
  Position position;
  bool boolean = false;
  Number number;
  Pattern pattern;
  std::string text;  // Regular expression with its flags, or name of a field.
  IpNetwork network;
  TimePart part = TimePart::kMinute;
  TestKind comparison = TestKind::kNumber;  // kNumber, or one of kLess to kGreaterEqual.
};

// The forms of one value of the rule: any of them.
using ValueGroup = std::vector<ValueTest>;

struct MatchItem {
  std::string field;  // Empty: keywords.
  Position position;
  bool all = false;     // Every group must hold, not just one.
  bool negate = false;  // `neq`: the opposite of all this.
  bool cased = false;
  std::vector<ValueGroup> groups;
};

// Reports every problem of the item; nullopt if there is one.
std::optional<MatchItem> make_match_item(const DetectionItem& item,
                                         const PlaceholderMap& placeholders, const SourceFile& file,
                                         Diagnostics& diagnostics);

// The names of all modifiers that can be used.
std::vector<std::string_view> modifier_names();

}  // namespace chargewarden
