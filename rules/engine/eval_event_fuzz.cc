// Any bytes as a flat event, matched against rules that use every kind of test.

#include <cstdint>
#include <cstdlib>

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
    "  s: {a: null, b: true, c: 5, d|cased: X, e|neq: y, f: [1, 2, x]}\n  condition: 1 of them\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::RulesFromText rules(kRules);
  static Matcher matcher(*rules.set);
  static FlatEvent event;
  if (rules.set->size() != 3) std::abort();
  if (!event.load(as_text(Bytes(data, size)))) return 0;
  const std::size_t first = matcher.match(event).size();
  if (matcher.match(event).size() != first) std::abort();
  return 0;
}
