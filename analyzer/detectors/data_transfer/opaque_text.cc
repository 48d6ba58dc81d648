#include "analyzer/detectors/data_transfer/opaque_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace chargewarden::data_transfer {

namespace {

// Keys, signatures, tokens and identifiers stay below: a signature of ECDSA P-521 in Base64 has 188
// digits.
constexpr std::size_t kRunMin = 200;

// The entropy is taken of this much, at most: more does not change the judgement.
constexpr std::size_t kSampleLen = 1'024;

// Bits for each digit. Random data has 6 in Base64 and 4 in hexadecimal digits, in a sample of 200
// about 0.3 less; words without blanks have some 4.2, numbers in a row at most 3.3.
constexpr double kBase64BitsMin = 4.8;
constexpr double kHexBitsMin = 3.5;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Also the alphabet for URLs, padding, and the line ends of PEM and MIME.
bool is_base64(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '=' || c == '-' || c == '_' || c == '\n' || c == '\r';
}

std::string_view longest_run(std::string_view text) {
  std::string_view best;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_base64(text[i])) continue;
    if (i - start > best.size()) best = text.substr(start, i - start);
    start = i + 1;
  }
  return best;
}

double entropy_bits(std::string_view text) {
  std::array<std::uint32_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const std::uint32_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

}  // namespace

std::size_t opaque_length(std::string_view text) {
  const std::string_view run = longest_run(text);
  if (run.size() < kRunMin) return 0;
  const std::string_view sample = run.substr(0, kSampleLen);
  const bool hex = std::all_of(sample.begin(), sample.end(), is_hex);
  return entropy_bits(sample) >= (hex ? kHexBitsMin : kBase64BitsMin) ? run.size() : 0;
}

}  // namespace chargewarden::data_transfer
