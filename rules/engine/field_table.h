#pragma once
// FieldTable: the distinct field names of a rule set, numbered.
//
// Asked for every name of a flat event, so names are found by a short hash in an open table that is
// at most half full. The names are those of the rules: who writes events cannot make it slow.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "rules/engine/field_index.h"

namespace chargewarden {

class FieldTable {
 public:
  FieldTable() : slots_(kSlotsMin) { intern(""); }  // kKeywordField.

  FieldIndex intern(std::string_view name) {
    if (const FieldIndex* known = find(name)) return *known;
    const auto index = static_cast<FieldIndex>(names_.size());
    names_.emplace_back(name);
    if (names_.size() * 2 > slots_.size()) {
      grow();
    } else {
      place(index);
    }
    return index;
  }

  // Valid until the next intern().
  [[nodiscard]] const FieldIndex* find(std::string_view name) const {
    const std::uint32_t hash = hash_of(name);
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (!slot.used) return nullptr;
      if (slot.hash == hash && names_[slot.index] == name) return &slot.index;
    }
  }

  [[nodiscard]] const std::string& name(FieldIndex index) const { return names_[index]; }

  [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    FieldIndex index = 0;
    bool used = false;
  };

  static constexpr std::size_t kSlotsMin = 64;  // A power of two, as every size.

  static std::uint64_t load(const char* from, std::size_t len) noexcept {
    std::uint64_t out = 0;
    std::memcpy(&out, from, len);
    return out;
  }

  // Eight bytes at a time; the last eight overlap those before them.
  static std::uint32_t hash_of(std::string_view name) noexcept {
    constexpr std::uint64_t kMultiplier =
        0x9E37'79B9'7F4A'7C15;  // 2^64 divided by the golden ratio.
    std::uint64_t hash = name.size();
    const char* at = name.data();
    std::size_t left = name.size();
    for (; left > 8; left -= 8, at += 8) hash = (hash ^ load(at, 8)) * kMultiplier;
    if (name.size() >= 8) {
      hash = (hash ^ load(name.data() + name.size() - 8, 8)) * kMultiplier;
    } else {
      hash = (hash ^ load(at, left)) * kMultiplier;
    }
    return static_cast<std::uint32_t>(hash >> 32U);
  }

  void place(FieldIndex index) {
    const std::uint32_t hash = hash_of(names_[index]);
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].used) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {hash, index, true};
  }

  void grow() {
    slots_.assign(slots_.size() * 2, Slot{});
    for (FieldIndex index = 0; index < names_.size(); ++index) place(index);
  }

  std::vector<std::string> names_;
  std::vector<Slot> slots_;
};

}  // namespace chargewarden
