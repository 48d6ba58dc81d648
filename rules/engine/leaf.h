#pragma once
// Leaf: one entry of a selection compiled for matching; and FieldCell: what an event says about the
// field that the leaf asks for.
//
// Leaves are immutable and shared between threads. Cells belong to one matcher and one event.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/ip_address.h"
#include "collector/base/value.h"
#include "rules/engine/field_index.h"
#include "rules/engine/regex.h"
#include "rules/engine/text_match.h"
#include "rules/engine/witness.h"
#include "rules/lang/diagnostics.h"
#include "rules/lang/match_item.h"

namespace chargewarden {

// The text of one element of a field.
struct TextForm {
  std::string_view raw;
  std::string_view folded;
  bool is_text = false;  // False for null and objects, which have nothing to compare.
};

// Gives leaves what they ask about. Implemented by the matcher; results live as long as its event.
class FieldSource {
 public:
  virtual ~FieldSource() = default;
  virtual Value value(FieldIndex field) = 0;
  // Text of each element, in the order of the value's list; one element for a single value.
  virtual std::span<const TextForm> raw_texts(FieldIndex field) = 0;
  // The same with the folded form filled in.
  virtual std::span<const TextForm> folded_texts(FieldIndex field) = 0;
};

// How much a leaf costs, for the order in which leaves are asked.
enum class LeafCost : std::uint8_t { kCheap, kText, kSearch, kRegex, kExpensive };

class Leaf {
 public:
  using FieldLookup = FieldIndex (*)(void* table, std::string_view name);

  // Reports regular expressions that are wrong; nullopt then. `lookup` gives the index of fields
  // that are named as values (`fieldref`).
  static std::optional<Leaf> compile(const MatchItem& item, FieldIndex field, FieldLookup lookup,
                                     void* table, const SourceFile& file, Diagnostics& diagnostics);

  [[nodiscard]] bool matches(FieldSource& source) const;

  [[nodiscard]] FieldIndex field() const noexcept { return field_; }

  // Every field that it reads.
  [[nodiscard]] const std::vector<FieldIndex>& fields() const noexcept { return fields_; }

  [[nodiscard]] LeafCost cost() const noexcept { return cost_; }

  // Gates for the given answer, each good by itself: an event that opens one of them not cannot
  // give that answer. Empty when nothing can be said. (In leaf_gates.cc.)
  [[nodiscard]] std::vector<Gate> gates(bool answer) const;

 private:
  struct Test {
    TestKind kind;
    bool boolean = false;
    Number number;
    IpNetwork network;
    TimePart part = TimePart::kMinute;
    TestKind comparison = TestKind::kNumber;  // Of a part.
    FieldIndex other = 0;
    std::uint32_t index = 0;  // Into texts_ or regexes_.
  };

  // The forms of one value; with many exact ones, those are a sorted list that is searched.
  struct Group {
    std::vector<Test> tests;
    std::vector<std::string> exact;
  };

  [[nodiscard]] std::optional<Gate> gate_of(const Group& group) const;
  [[nodiscard]] std::optional<Gate> gate_of(const Test& test) const;
  [[nodiscard]] std::optional<Gate> gate_of(const TextMatch& text) const;

  bool add_test(const ValueTest& test, Group& group, FieldLookup lookup, void* table,
                const SourceFile& file, Diagnostics& diagnostics);

  void raise_cost(LeafCost cost) { cost_ = cost > cost_ ? cost : cost_; }

  [[nodiscard]] bool group_matches(const Group& group, FieldSource& source) const;
  [[nodiscard]] bool test_matches(const Test& test, FieldSource& source) const;
  [[nodiscard]] bool text_matches(const Test& test, FieldSource& source) const;
  [[nodiscard]] bool exact_matches(const Group& group, FieldSource& source) const;
  [[nodiscard]] bool reference_matches(const Test& test, FieldSource& source) const;

  FieldIndex field_ = 0;
  bool all_ = false;
  bool negate_ = false;
  bool cased_ = false;
  LeafCost cost_ = LeafCost::kCheap;
  std::vector<Group> groups_;
  std::vector<TextMatch> texts_;
  std::vector<Regex> regexes_;
  std::vector<FieldIndex> fields_;
};

}  // namespace chargewarden
