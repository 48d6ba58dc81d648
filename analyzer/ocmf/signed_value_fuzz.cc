// Any bytes as a signed meter value, and as a key: nothing crashes, and what is kept is bounded.
//
// What stands before the first NUL is the key.

#include "analyzer/ocmf/signed_value.h"

#include "analyzer/ocmf/meter_key.h"
#include "collector/base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chargewarden;
  using namespace chargewarden::ocmf;
  std::string_view text = as_text({data, size});
  const auto end = text.find('\0');
  const std::string_view key = end == std::string_view::npos ? "" : text.substr(0, end);
  if (end != std::string_view::npos) text.remove_prefix(end + 1);
  const auto value = unwrap_value_text(text);
  if (!value) return 0;
  // Taking wrappings off makes nothing longer.
  if (value.value().data.size() > text.size()) __builtin_trap();
  const SignedValueCheck checked = check_signed_value(value.value(), key);
  if ((checked.check.verdict == crypto::Verdict::kValid) == checked.check.scheme.empty()) {
    __builtin_trap();
  }
  if (checked.record && checked.record->readings.size() > kReadingsMax) __builtin_trap();
  return 0;
}
