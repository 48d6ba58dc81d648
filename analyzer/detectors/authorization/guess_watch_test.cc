#include "analyzer/detectors/authorization/guess_watch.h"

#include <catch2/catch.hpp>

using namespace chargewarden::session;

TEST_CASE("the number of a token is its last digits, or all of it in hexadecimal") {
  CHECK(number_of("TAG00041") == 41U);
  CHECK(number_of("04A3F1") == 0x04A3F1U);
  CHECK(number_of("DE-ABC-C00001-7") == 7U);
  CHECK_FALSE(number_of("XYZ"));
  CHECK_FALSE(number_of(""));
  CHECK_FALSE(number_of("TAG99999999999999999999999"));
}

TEST_CASE("refused tokens are told apart up to a limit") {
  GuessWatch watch;
  for (std::uint64_t i = 0; i < 2 * kRefusedTokensMax; ++i) watch.on_refused("x", i, 1, i);
  CHECK(watch.tokens() == kRefusedTokensMax);
  CHECK(watch.attempts() == 2 * static_cast<std::int64_t>(kRefusedTokensMax));
}

TEST_CASE("what was refused some time ago does not count") {
  GuessWatch watch;
  for (std::uint64_t i = 0; i < 4; ++i) CHECK_FALSE(watch.on_refused("x", i, 1'000, i));
  CHECK(watch.was_refused(2, 1'000));
  CHECK_FALSE(watch.was_refused(2, 1'001 + kGuessWindowNs));
  CHECK_FALSE(watch.on_refused("x", 9, 1'001 + kGuessWindowNs, 9));
  CHECK(watch.tokens() == 1);
  CHECK(watch.on_accepted(77, 1'001 + kGuessWindowNs + kFoundWithinNs) == 1);
  CHECK(watch.on_accepted(77, 1'001 + kGuessWindowNs + kFoundWithinNs) == 0);
  watch.on_refused("x", 9, 2 * kGuessWindowNs, 9);
  CHECK(watch.on_accepted(9, 2 * kGuessWindowNs) == 0);  // The same token.
}
