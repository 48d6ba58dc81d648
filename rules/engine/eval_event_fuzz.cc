// Any bytes as a flat event, matched against rules that use every kind of test; there are enough of
// them that gates are in use, and each must say alone what it says among the others.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "collector/base/text.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;

namespace {

constexpr const char* kRules =
    "title: A\nlogsource: {product: x}\ndetection:\n"
    "  s: {a: 'x*y?z', b|contains: [ab, cd], c|re: '(a|b)+c', d|cidr: 10.0.0.0/8, e|gt: 5}\n"
    "  condition: not s\n"
    "---\ntitle: B\nlogsource: {product: x}\ndetection:\n"
    "  s: [word, 'w*d']\n  t: {a.b|exists: true, a|fieldref: b}\n  condition: s or t\n"
    "---\ntitle: C\nlogsource: {product: x}\ndetection:\n"
    "  s: {a: null, b: true, c: 5, d|cased: X, e|neq: y, f: [1, 2, x]}\n  condition: 1 of them\n"
    "---\ntitle: D\nlogsource: {product: x}\ndetection:\n"
    "  s: {a|contains: needle}\n  f: {b|startswith: ab}\n  condition: s and not f\n"
    "---\ntitle: E\nlogsource: {product: x}\ndetection:\n"
    "  s: {a|endswith|cased: XY, c|lte: 9}\n  condition: s\n"
    "---\ntitle: F\nlogsource: {product: x}\ndetection:\n"
    "  s: {a|re|i: 'kelvin[0-9]', b: 7}\n  t: {a|re: '[^a-z]{3}'}\n  condition: s or t\n"
    "---\ntitle: G\nlogsource: {product: x}\ndetection:\n"
    "  s: {a: true, b: ''}\n  t: {'|all': [ab, '12']}\n  condition: 1 of them\n"
    "---\ntitle: H\nlogsource: {product: x}\ndetection:\n"
    "  s: {a|contains|all: [k, '\xD0\xB6', s]}\n  condition: s\n";

constexpr std::size_t kRuleCount = 8;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::RulesFromText rules(kRules);
  static Matcher matcher(*rules.set);
  static FlatEvent event;
  if (rules.set->size() != kRuleCount) std::abort();
  if (!event.load(as_text(Bytes(data, size)))) return 0;
  const auto found = matcher.match(event);
  const std::vector<std::uint32_t> together(found.begin(), found.end());
  std::vector<std::uint32_t> alone;
  for (std::uint32_t rule = 0; rule < kRuleCount; ++rule) {
    if (matcher.matches(rule, event)) alone.push_back(rule);
  }
  if (together != alone) std::abort();
  return 0;
}
