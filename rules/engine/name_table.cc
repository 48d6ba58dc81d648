#include "rules/engine/name_table.h"

#include <utility>

#include <fmt/format.h>

#include "collector/base/text.h"

namespace chargewarden {

void NameTable::add(const RuleDocument& document, const SourceFile& file,
                    Diagnostics& diagnostics) {
  const RuleInfo& info = document.info;
  const NamedDocument named{document.kind, std::nullopt, info.path};
  if (!info.id.empty()) {
    const auto [known, added] = ids_.emplace(lower_ascii(info.id), named);
    if (!added) {
      diagnostics.add(
          Problem::kDuplicateId, file, document.id_position,
          fmt::format("the id {} is taken by a rule in \"{}\"", info.id, known->second.path),
          "make a new one with uuidgen");
    }
  }
  if (info.name.empty()) return;
  const auto [known, added] = names_.emplace(info.name, named);
  if (added) return;
  diagnostics.add(
      Problem::kDuplicateName, file, document.name_position,
      fmt::format("the name \"{}\" is taken by a rule in \"{}\"", info.name, known->second.path),
      "choose another name");
}

void NameTable::set_index(const RuleDocument& document, std::uint32_t index) {
  if (const auto found = ids_.find(lower_ascii(document.info.id)); found != ids_.end()) {
    found->second.index = index;
  }
  if (const auto found = names_.find(document.info.name); found != names_.end()) {
    found->second.index = index;
  }
}

const NamedDocument* NameTable::find(std::string_view id_or_name) const {
  if (const auto found = names_.find(id_or_name); found != names_.end()) return &found->second;
  const auto found = ids_.find(lower_ascii(id_or_name));
  return found == ids_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> NameTable::names() const {
  std::vector<std::string_view> out;
  for (const auto& [name, document] : names_) out.emplace_back(name);
  for (const auto& [id, document] : ids_) out.emplace_back(id);
  return out;
}

}  // namespace chargewarden
