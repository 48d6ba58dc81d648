#pragma once
// YamlNode: a YAML value with its place. Plain data, owned by whoever holds it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/lang/source_file.h"

namespace chargewarden {

enum class YamlKind : std::uint8_t { kNull, kScalar, kList, kMap };

struct YamlEntry;

struct YamlNode {
  YamlKind kind = YamlKind::kNull;
  // '5', "5", | and > blocks, and !!str: text whatever it looks like.
  bool quoted = false;
  std::string text;  // Of a scalar.
  Position position;
  std::vector<YamlNode> items;     // Of a list.
  std::vector<YamlEntry> entries;  // Of a map, in the order of the file; keys are unique.

  // The value of the key; nullptr when this is no map or has no such key.
  [[nodiscard]] const YamlNode* find(std::string_view key) const noexcept;
};

struct YamlEntry {
  std::string key;
  Position position;  // Of the key.
  YamlNode value;
};

inline const YamlNode* YamlNode::find(std::string_view key) const noexcept {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

}  // namespace chargewarden
