// Any text as a condition: no crash, and what is accepted prints and parses back to itself.

#include "rules/lang/condition.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/text.h"

using namespace chargewarden;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ConditionText text{std::string(as_text(Bytes(data, size))), {1, 1}, false};
  const SourceFile file("fuzz.yml", text.text);
  Diagnostics diagnostics;
  const auto tree = parse_condition(text, file, diagnostics);
  if (!tree) {
    if (diagnostics.all().empty()) std::abort();  // Refused without a reason.
    (void)render_text(diagnostics);
    return 0;
  }
  const ConditionText printed{print_condition(*tree), {1, 1}, false};
  const auto again = parse_condition(printed, file, diagnostics);
  if (!again || print_condition(*again) != printed.text) std::abort();
  const std::vector<std::string_view> names{"a", "sel_1", "sel_2", "_x"};
  std::vector<bool> used(names.size());
  (void)resolve_condition(*tree, text, names, used, file, diagnostics);
  return 0;
}
