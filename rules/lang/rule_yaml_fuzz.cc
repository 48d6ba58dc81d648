// Any bytes as a file of rules: no crash, bounded work, and every refusal has a reason.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "collector/base/text.h"
#include "rules/lang/match_item.h"
#include "rules/lang/rule_parser.h"
#include "rules/lang/yaml_reader.h"

using namespace chargewarden;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const SourceFile file("fuzz.yml", std::string(as_text(Bytes(data, size))));
  const PlaceholderMap placeholders{{"a", {"x", "y*"}}, {"none", {}}};
  Diagnostics diagnostics;
  for (YamlDocument& document : read_yaml(file, diagnostics)) {
    const auto rule = parse_rule(std::move(document), file, diagnostics);
    if (!rule) {
      if (!diagnostics.has_errors()) std::abort();
      continue;
    }
    for (const Selection& selection : rule->selections) {
      for (const DetectionMap& map : selection.maps) {
        for (const DetectionItem& item : map.items) {
          const std::size_t before = diagnostics.error_count();
          const auto made = make_match_item(item, placeholders, file, diagnostics);
          if (made.has_value() == (diagnostics.error_count() != before)) std::abort();
        }
      }
    }
  }
  (void)render_text(diagnostics);
  (void)render_json(diagnostics);
  return 0;
}
