#pragma once
// FieldTable: the distinct field names of a rule set, numbered.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/engine/leaf.h"

namespace chargewarden {

class FieldTable {
 public:
  FieldTable() { intern(""); }  // kKeywordField.

  FieldIndex intern(std::string_view name) {
    if (const FieldIndex* known = find(name)) return *known;
    names_.emplace_back(name);
    const auto index = static_cast<FieldIndex>(names_.size() - 1);
    return indexes_.emplace(name, index).first->second;
  }

  [[nodiscard]] const FieldIndex* find(std::string_view name) const {
    const auto found = indexes_.find(name);
    return found == indexes_.end() ? nullptr : &found->second;
  }

  [[nodiscard]] const std::string& name(FieldIndex index) const { return names_[index]; }

  [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }

 private:
  struct Hash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  std::vector<std::string> names_;
  std::unordered_map<std::string, FieldIndex, Hash, std::equal_to<>> indexes_;
};

}  // namespace chargewarden
