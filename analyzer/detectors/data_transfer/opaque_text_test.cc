#include "analyzer/detectors/data_transfer/opaque_text.h"

#include <string>

#include <catch2/catch.hpp>

namespace chargewarden::data_transfer {

namespace {

// Digits as random as they get.
std::string digits(std::string_view alphabet, std::size_t length) {
  std::string out;
  std::uint64_t state = 88'172'645'463'325'252U;
  for (std::size_t i = 0; i < length; ++i) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    out += alphabet[state % alphabet.size()];
  }
  return out;
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

TEST_CASE("runs of random digits are opaque, whatever stands around them") {
  CHECK(opaque_length(digits(kBase64, 5000)) == 5000);
  CHECK(opaque_length(digits(kUrl, 300)) == 300);
  CHECK(opaque_length(digits("0123456789abcdef", 400)) == 400);
  CHECK(opaque_length("{\"n\":1,\"chunk\":\"" + digits(kBase64, 900) + "==\"}") == 902);
  std::string lines;
  for (int i = 0; i < 10; ++i) lines += digits(kBase64, 64) + "\n";
  CHECK(opaque_length(lines) == lines.size());
}

TEST_CASE("what people and programs write is not opaque") {
  CHECK(opaque_length("") == 0);
  CHECK(opaque_length(digits(kBase64, 199)) == 0);
  CHECK(opaque_length(std::string(5000, 'A')) == 0);
  CHECK(opaque_length(digits("0123456789", 5000)) == 0);
  std::string json = "{";
  for (int i = 0; i < 200; ++i) json += "\"temperature\":31.5,\"state\":\"charging\",";
  CHECK(opaque_length(json) == 0);
  std::string words;
  for (int i = 0; i < 100; ++i) words += "thechargingstationtellsitstemperature";
  CHECK(opaque_length(words) == 0);
}

}  // namespace chargewarden::data_transfer
