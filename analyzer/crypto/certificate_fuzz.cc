// Any bytes as a text with certificates or a request: nothing crashes, what is read is bounded, and
// what is done with two certificates ends.

#include "analyzer/crypto/certificate.h"

#include "analyzer/crypto/certificate_text.h"
#include "collector/base/text.h"

namespace {

using namespace chargewarden;
using namespace chargewarden::crypto;

void judge(const SubjectFacts& facts) {
  if (facts.alternative_names.size() > kAlternativeNamesMax) __builtin_trap();
  if (facts.subject.text.size() > kNameTextMaxLen) __builtin_trap();
  if (facts.sha256.size() != 64) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  const auto chain = parse_chain(text);
  if (chain) {
    if (chain.value().empty() || chain.value().size() > kChainMax) __builtin_trap();
    const Certificate& first = chain.value().front();
    for (const Certificate& each : chain.value()) {
      judge(each.facts());
      (void)issued_by(first, each);
      const auto named = hash_data(first, &each, "SHA256");
      if (!named || !means(*named, first, &each)) __builtin_trap();
    }
  }
  const auto request = CertificateRequest::parse(text);
  if (request) {
    judge(request.value().facts());
    if (chain) (void)same_key(request.value(), chain.value().front());
  }
  return 0;
}
