#pragma once
// GateIndex: which rules of a set an event can match at all, found by one pass over its texts.
//
// Each rule has a gate (see witness.h). The index holds the witnesses of all gates by field: texts
// in tables, literals in one scan, numbers in a sorted list, and the regular expressions that need
// no literal in one set. Waking is a look at each field; only rules that are awake afterwards have
// their conditions asked. Rules without a gate are always awake.
//
// Immutable; may be shared between threads, each with its own AwakeRules. After the first events
// nothing is allocated.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/engine/field_index.h"
#include "rules/engine/leaf.h"
#include "rules/engine/literal_scan.h"
#include "rules/engine/regex.h"

namespace chargewarden {

struct CompiledRule;

// One bit for each rule.
class AwakeRules {
 public:
  void assign(std::span<const std::uint64_t> words) { words_.assign(words.begin(), words.end()); }

  void wake(std::uint32_t rule) noexcept { words_[rule / 64] |= std::uint64_t{1} << (rule % 64); }

  [[nodiscard]] bool is_awake(std::uint32_t rule) const noexcept {
    return (words_[rule / 64] >> (rule % 64) & 1U) != 0;
  }

  // Calls visit(rule) for each that is awake, ascending.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
        visit(static_cast<std::uint32_t>(i * 64) +
              static_cast<std::uint32_t>(std::countr_zero(word)));
      }
    }
  }

 private:
  std::vector<std::uint64_t> words_;
};

class GateIndex {
 public:
  // Fewest rules, and fewest candidates of a live event, for which looking at every field pays.
  static constexpr std::size_t kRulesMin = 8;

  // Empty: every rule is to be asked.
  GateIndex() = default;

  GateIndex(const std::vector<CompiledRule>& rules, const std::vector<Leaf>& leaves);

  [[nodiscard]] bool empty() const noexcept { return always_.empty(); }

  // How many fields are looked at to wake rules.
  [[nodiscard]] std::size_t field_count() const noexcept { return fields_.size(); }

  // How many rules are always awake.
  [[nodiscard]] std::size_t always_count() const noexcept;

  // Sets `awake` to the rules that the event can match. Not to be called when empty.
  void wake(FieldSource& source, AwakeRules& awake) const;

 private:
  class Builder;

  // Rules to wake: part of postings_.
  struct Posting {
    std::uint32_t begin = 0;
    std::uint32_t count = 0;
  };

  struct Hash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  struct NumberEntry {
    double number = 0;
    Posting rules;
  };

  struct Field {
    FieldIndex field = 0;
    Posting present;
    std::unordered_map<std::string, Posting, Hash, std::equal_to<>> exact;
    std::uint64_t exact_sizes = 0;  // One bit for each length of those, modulo 64.
    std::optional<LiteralScan> literals;
    std::vector<Posting> literal_rules;
    std::vector<NumberEntry> numbers;  // Ascending.
    std::optional<RegexSet> regexes;
    Posting regex_rules;
  };

  void wake_all(Posting posting, AwakeRules& awake) const {
    for (std::uint32_t i = posting.begin; i < posting.begin + posting.count; ++i) {
      awake.wake(postings_[i]);
    }
  }

  void wake_by_text(const Field& field, std::string_view folded, AwakeRules& awake) const;
  void wake_by_number(const Field& field, const Value& element, AwakeRules& awake) const;
  void wake_by_regex(const Field& field, FieldSource& source, AwakeRules& awake) const;

  std::vector<Field> fields_;
  std::vector<std::uint32_t> postings_;
  std::vector<std::uint64_t> always_;  // One bit for each rule.
};

}  // namespace chargewarden
