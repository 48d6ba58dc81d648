#pragma once
// NameTable: the documents of a rule set by id and by name, so that others can refer to them.
// Belongs to the builder of the set.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/lang/diagnostics.h"
#include "rules/lang/rule_document.h"
#include "rules/lang/source_file.h"

namespace chargewarden {

struct NamedDocument {
  DocumentKind kind = DocumentKind::kDetection;
  // Among the documents of its kind; nullopt when it has errors and was left out.
  std::optional<std::uint32_t> index;
  std::string path;  // Of its file.
};

class NameTable {
 public:
  // Registers id and name, without an index yet. Reports those that are taken.
  void add(const RuleDocument& document, const SourceFile& file, Diagnostics& diagnostics);

  // The document has become number `index` of its kind.
  void set_index(const RuleDocument& document, std::uint32_t index);

  // nullptr when nothing has this id or name.
  [[nodiscard]] const NamedDocument* find(std::string_view id_or_name) const;

  // For "did you mean".
  [[nodiscard]] std::vector<std::string_view> names() const;

 private:
  using Table = std::map<std::string, NamedDocument, std::less<>>;

  Table ids_;  // In lower case: RFC 9562, 4.
  Table names_;
};

}  // namespace chargewarden
