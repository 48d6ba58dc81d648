#include "analyzer/detectors/authorization/token_book.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace chargewarden;
using namespace chargewarden::session;

TEST_CASE("tokens are known without regard to case, with what was said last") {
  TokenBook book(HashKey{});
  CHECK_FALSE(book.on_answer("Card", "Accepted", "Group", 3, 100));
  TokenEntry* entry = book.find("cARD", 200);
  REQUIRE(entry != nullptr);
  CHECK(entry->accepted_at == 3);
  CHECK(entry->group == book.hash("GROUP"));
  CHECK(book.on_answer("CARD", "Blocked", "", 3, 300));
  CHECK(entry->accepted_ns == 0);
  CHECK(entry->refused_ns == 300);
  CHECK_FALSE(book.on_answer("CARD", "ConcurrentTx", "", 3, 400));
  CHECK(entry->refused_ns == 300);
  CHECK(book.find("CARD", 100 + 2 * kTokenKnownNs) == nullptr);
  const std::string long_token(200, 'x');
  CHECK(book.hash(long_token) != book.hash(long_token + "x"));
}

TEST_CASE("guessed tokens do not push known ones out") {
  TokenBook book(HashKey{});
  for (int i = 0; i < 1'000; ++i) {
    CHECK(book.on_answer(fmt::format("GUESS{}", i), "Invalid", "", 1, i));
  }
  CHECK(book.find("GUESS1", 1'000) == nullptr);
}

TEST_CASE("the table of tokens is bounded") {
  TokenBook book(HashKey{});
  for (std::size_t i = 0; i <= kTokensMax; ++i) {
    book.on_answer(fmt::format("T{}", i), "Accepted", "", 1, static_cast<std::int64_t>(i));
  }
  CHECK(book.dropped() == 1);
  CHECK(book.find("T0", 1) == nullptr);
  CHECK(book.find("T1", 1) != nullptr);
}

TEST_CASE("the sessions of a token are bounded") {
  TokenBook book(HashKey{});
  for (std::uint32_t i = 0; i < kUsesMax; ++i) {
    TokenUse use;
    use.session = i;
    use.ended_ns = i == 3 ? 1 : 0;
    book.add_use("T", use, 1);
  }
  TokenUse more;
  more.session = 100;
  book.add_use("T", more, 1);
  const auto& uses = book.find("T", 1)->uses;
  REQUIRE(uses.size() == kUsesMax);
  CHECK(uses[3].session == 4);  // The one that had ended went first.
  book.add_use("T", more, 1);
  CHECK(uses.front().session == 1);
}
