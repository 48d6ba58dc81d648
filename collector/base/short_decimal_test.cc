#include "collector/base/short_decimal.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <random>
#include <string>

#include <catch2/catch.hpp>

namespace chargewarden {

namespace {

double by_library(const std::string& text) {
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::string random_number(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  std::string out = below(4) == 0 ? "-" : "";
  const std::size_t whole = 1 + below(9);
  for (std::size_t i = 0; i < whole; ++i) out += static_cast<char>('0' + below(10));
  if (below(3) == 0) return out;
  out += '.';
  const std::size_t places = 1 + below(9);
  for (std::size_t i = 0; i < places; ++i) out += static_cast<char>('0' + below(10));
  return out;
}

}  // namespace

TEST_CASE("a short number is bit for bit what the library reads") {
  std::mt19937_64 random(7);
  std::size_t read = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string text = random_number(random);
    const auto number = read_short_decimal(text);
    const std::size_t digits =
        text.size() - (text.front() == '-' ? 1 : 0) - (text.find('.') != std::string::npos ? 1 : 0);
    if (number.has_value() != (digits <= kShortDecimalDigits)) FAIL(text);
    if (!number) continue;
    ++read;
    if (std::bit_cast<std::uint64_t>(number->value()) !=
        std::bit_cast<std::uint64_t>(by_library(text))) {
      FAIL(text);
    }
  }
  CHECK(read > 100'000);
}

TEST_CASE("a short number ends where its digits end") {
  CHECK(read_short_decimal("12.50,")->value() == 12.5);
  CHECK(read_short_decimal("12 kWh")->integer() == 12);
  CHECK_FALSE(read_short_decimal("12")->has_point);
  CHECK(read_short_decimal("-7}")->integer() == -7);
  CHECK(read_short_decimal("1.5.6")->value() == 1.5);
  CHECK(std::signbit(read_short_decimal("-0.0")->value()));
}

TEST_CASE("numbers of another form are left to the library") {
  for (const char* text : {"", "-", ".5", "5.", "1e3", "1.5E-2", "+1", " 1", "abc", "-.5",
                           "1234567890123456", "0.1234567890123456", "99999999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(read_short_decimal(text).has_value());
  }
}

}  // namespace chargewarden
