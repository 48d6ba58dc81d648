#include "analyzer/app/commands/rule_reload.h"

#include <chrono>
#include <csignal>
#include <thread>

#include <catch2/catch.hpp>

#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

// Waits for the offer of the thread that reads.
RulesOffer await(RuleReload& reload) {
  for (int i = 0; i < 2'000; ++i) {
    if (const auto offer = reload.poll()) return *offer;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  FAIL("no rules were offered");
  return {};
}

ReadRules some_rules() {
  RulesFromText rules(rule_of("  s: {a: 1}\n  condition: s\n"));
  return {std::make_unique<const RuleSet>(std::move(*rules.set)), {}, 0};
}

}  // namespace

TEST_CASE("nothing is read before SIGHUP comes") {
  int reads = 0;
  RuleReload reload([&] {
    ++reads;
    return some_rules();
  });
  CHECK_FALSE(reload.poll());
  CHECK_FALSE(reload.poll());
  CHECK(reads == 0);
}

TEST_CASE("SIGHUP has rules read, and they live on when others follow") {
  RuleReload reload(some_rules);
  REQUIRE(std::raise(SIGHUP) == 0);
  const RulesOffer first = await(reload);
  REQUIRE(first.rules != nullptr);
  REQUIRE(std::raise(SIGHUP) == 0);
  const RulesOffer second = await(reload);
  REQUIRE(second.rules != nullptr);
  CHECK(second.rules != first.rules);
  CHECK(first.rules->size() == 1);
  CHECK_FALSE(reload.poll());
}

TEST_CASE("rules with problems are offered as refused") {
  RuleReload reload([] { return ReadRules{nullptr, "", 3}; });
  REQUIRE(std::raise(SIGHUP) == 0);
  const RulesOffer offer = await(reload);
  CHECK(offer.rules == nullptr);
  CHECK(offer.problems == 3);
}

TEST_CASE("a SIGHUP that was ignored before stays ignored") {
  const auto before = std::signal(SIGHUP, SIG_IGN);
  {
    int reads = 0;
    RuleReload reload([&] {
      ++reads;
      return some_rules();
    });
    REQUIRE(std::raise(SIGHUP) == 0);
    CHECK_FALSE(reload.poll());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK_FALSE(reload.poll());
    CHECK(reads == 0);
  }
  (void)std::signal(SIGHUP, before);
}
