// Any text: what is found lies within it, moves forward, and redaction leaves nothing that is
// found.

#include "collector/event/sensitive.h"

#include "collector/base/text.h"
#include "collector/event/contact.h"
#include "collector/event/redactor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chargewarden;
  const std::string_view text = as_text({data, size});
  SensitiveSpan span{};
  std::size_t at = 0;
  while (at < text.size() && find_sensitive(text, at, span)) {
    if (span.start < at || span.len == 0 || span.start + span.len > size) __builtin_trap();
    at = span.start + span.len;
  }
  ContactSpan contact{};
  for (at = 0; at < text.size() && find_contact(text, at, contact);
       at = contact.start + contact.len) {
    if (contact.start < at || contact.len == 0 || contact.start + contact.len > size) {
      __builtin_trap();
    }
  }
  const Redactor redactor(RedactionKey{});
  const std::string once = redactor.clean(text);
  if (once.size() > size * 4 + 64) __builtin_trap();
  return 0;
}
