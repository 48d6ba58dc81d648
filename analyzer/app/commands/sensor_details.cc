#include "analyzer/app/commands/sensor_details.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "alerts/model/limits.h"
#include "collector/base/text.h"

namespace chargewarden {

namespace {

// An id, a name or a title: whatever names the rule first. Clipped, because titles are longer.
std::string label_of(const RuleInfo& info) {
  constexpr std::size_t kLabelLen = 96;
  const std::string& text = !info.id.empty()     ? info.id
                            : !info.name.empty() ? info.name
                                                 : info.title;
  std::string out;
  append_json_string(out, clip(text, kLabelLen));
  return out;
}

}  // namespace

std::string filter_details(const RuleSet& rules, std::span<const std::uint64_t> suppressed) {
  const auto uses = rules.filter_uses();
  if (uses.empty() || suppressed.size() != uses.size()) return {};
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (suppressed[i] > 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return suppressed[a] > suppressed[b]; });
  const std::size_t named = std::min(order.size(), kFiltersNamedMax);
  std::string list;
  for (std::size_t i = 0; i < named; ++i) {
    const FilterUse& use = uses[order[i]];
    list += fmt::format("{}{{\"filter\":{},\"rule\":{},\"suppressed\":{}}}", i > 0 ? "," : "",
                        label_of(rules.filter_info(use.filter)), label_of(rules.info(use.rule)),
                        suppressed[order[i]]);
  }
  const std::uint64_t sum = std::accumulate(suppressed.begin(), suppressed.end(), std::uint64_t{0});
  return fmt::format("{{\"filters\":[{}],\"filters_not_named\":{},\"suppressed\":{}}}", list,
                     order.size() - named, sum);
}

}  // namespace chargewarden
