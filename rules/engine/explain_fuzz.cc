// Any bytes as a flat event, explained by rules that use every kind of test: the explanation must
// say what the matcher says, and show nothing that is not JSON.

#include "rules/engine/explain.h"

#include <cstdint>
#include <cstdlib>

#include "collector/base/json_document.h"
#include "collector/base/text.h"
#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;

namespace {

constexpr const char* kRules =
    "title: A\nlogsource: {product: x}\ndetection:\n"
    "  s: {a: 'x*y?z', b|contains: [ab, cd], c|re: '(a|b)+c', d|cidr: 10.0.0.0/8, e|gt: 5}\n"
    "  condition: not s\n"
    "---\ntitle: B\nlogsource: {product: x}\ndetection:\n"
    "  s: [word, 'w*d']\n  t: {a.b|exists: true, a|fieldref: b, b|fieldref|cased|contains: a}\n"
    "  condition: s or t\n"
    "---\ntitle: C\nlogsource: {product: x}\ndetection:\n"
    "  s: {a: null, b: true, c: 5, d|cased: X, e|neq: y, f: [1, 2, x]}\n"
    "  t: {ocpp.payload.idTag: ' x', ocpp.payload.value|cased: y, f|contains|all: [a, b]}\n"
    "  condition: 1 of them\n";

// Also with an element of a list: a JSON document is an object or a list.
bool is_json(const std::string& value) {
  JsonDocument document;
  return document.load_copy("[" + value + "]") == JsonStatus::kOk;
}

void check_entry(const EntryExplanation& entry) {
  if (entry.holds != (entry.reason == Reason::kHolds)) std::abort();
  for (const std::string& value : entry.seen) {
    if (!is_json(value)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::RulesFromText rules(kRules);
  static const Redactor redactor{RedactionKey{}};
  static Explainer explainer(*rules.set, redactor);
  static Matcher matcher(*rules.set);
  static FlatEvent event;
  if (rules.set->size() != 3) std::abort();
  if (!event.load(as_text(Bytes(data, size)))) return 0;
  for (std::uint32_t rule = 0; rule < 3; ++rule) {
    const RuleExplanation told = explainer.explain(rule, rules.documents[rule], rules.file, event);
    if (told.matches != matcher.matches(rule, event)) std::abort();
    for (const SelectionExplanation& selection : told.selections) {
      for (const auto& map : selection.maps) {
        for (const EntryExplanation& entry : map) check_entry(entry);
      }
    }
  }
  return 0;
}
