// Any bytes as a JSON text: loading, walking and finding stay within bounds and agree on
// acceptance.

#include "collector/base/json_document.h"

#include "collector/base/text.h"

namespace {

struct Counter : chargewarden::JsonVisitor {
  std::size_t count = 0;
  std::size_t open = 0;

  bool enter(std::string_view, bool) override {
    ++open;
    return true;
  }

  void leave() override { --open; }

  void scalar(std::string_view, chargewarden::Value) override { ++count; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chargewarden;
  static JsonDocument document;
  static const JsonPath path("a.b");
  ValueArena arena;
  const JsonStatus status = document.load_copy(as_text({data, size}));
  (void)document.find(path, arena);
  Counter counter;
  document.visit(counter, arena);
  if (counter.open != 0) __builtin_trap();
  if (status != JsonStatus::kOk && counter.count != 0) __builtin_trap();
  if (counter.count > size) __builtin_trap();
  return 0;
}
