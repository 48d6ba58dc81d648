#include "alerts/model/digest.h"

#include "collector/base/digest.h"
#include "collector/base/text.h"

namespace chargewarden {

namespace {

constexpr std::size_t kFingerprintLen = 16;  // Bytes; enough against collisions, short to quote.

}  // namespace

std::string fingerprint(std::initializer_list<std::string_view> fields) {
  std::string joined;
  for (const std::string_view field : fields) {
    for (unsigned shift = 64; shift > 0;) {
      shift -= 8;
      joined += static_cast<char>((std::uint64_t{field.size()} >> shift) & 0xffU);
    }
    joined += field;
  }
  const auto digest = sha256(joined);
  return to_hex(Bytes(digest).first(kFingerprintLen));
}

}  // namespace chargewarden
