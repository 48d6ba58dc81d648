#include "collector/decoders/ocpp/pending_calls.h"

#include <string>

#include <catch2/catch.hpp>

using namespace chargewarden;
using namespace chargewarden::ocpp;

namespace {

std::string id_of(std::size_t number) {
  return "id-" + std::to_string(number);
}

// Adds a call; true when another was forgotten for it.
bool add(PendingCalls& calls, std::size_t number) {
  bool evicted = false;
  calls.add(id_of(number), evicted).time_ns = static_cast<std::int64_t>(number);
  return evicted;
}

}  // namespace

TEST_CASE("a call is taken once, by its id") {
  PendingCalls calls;
  add(calls, 1);
  add(calls, 2);
  CHECK(calls.take("id-3") == nullptr);
  REQUIRE(calls.take("id-1") != nullptr);
  CHECK(calls.take("id-1") == nullptr);
  const PendingCall* second = calls.take("id-2");
  REQUIRE(second != nullptr);
  CHECK(second->id == "id-2");
  CHECK(second->time_ns == 2);
  CHECK(calls.size() == 0);
}

TEST_CASE("of calls with the same id the oldest is taken first") {
  PendingCalls calls;
  bool evicted = false;
  calls.add("same", evicted).time_ns = 1;
  calls.add("same", evicted).time_ns = 2;
  CHECK(calls.take("same")->time_ns == 1);
  CHECK(calls.take("same")->time_ns == 2);
}

TEST_CASE("a reused entry holds nothing of the call before") {
  PendingCalls calls;
  bool evicted = false;
  PendingCall& first = calls.add("1", evicted);
  first.action_name = "Secret";
  first.payload = "{}";
  first.has_payload = true;
  REQUIRE(calls.take("1") != nullptr);
  const PendingCall& second = calls.add("2", evicted);
  CHECK(second.id == "2");
  CHECK(second.action_name.empty());
  CHECK(second.payload.empty());
  CHECK_FALSE(second.has_payload);
}

TEST_CASE("calls beyond the limit push out the oldest") {
  PendingCalls calls;
  for (std::size_t i = 0; i < kPendingCallsMax; ++i) CHECK_FALSE(add(calls, i));
  for (std::size_t i = kPendingCallsMax; i < 3 * kPendingCallsMax; ++i) CHECK(add(calls, i));
  CHECK(calls.size() == kPendingCallsMax);
  CHECK(calls.take(id_of(2 * kPendingCallsMax - 1)) == nullptr);
  CHECK(calls.take(id_of(2 * kPendingCallsMax)) != nullptr);
  CHECK(calls.take(id_of(3 * kPendingCallsMax - 1)) != nullptr);
}

TEST_CASE("whether a call waits is judged by the newest") {
  PendingCalls calls;
  CHECK_FALSE(calls.waits_since(0));
  add(calls, 10);
  CHECK(calls.waits_since(10));
  CHECK_FALSE(calls.waits_since(11));
  add(calls, 20);
  CHECK(calls.waits_since(11));
}

TEST_CASE("reuse of an id is noticed among the last ids only") {
  PendingCalls calls;
  CHECK_FALSE(calls.note_id("first"));
  for (std::size_t i = 1; i < kRecentIdsMax; ++i) CHECK_FALSE(calls.note_id(id_of(i)));
  CHECK(calls.note_id("first"));
  PendingCalls later;
  later.note_id("first");
  for (std::size_t i = 0; i < kRecentIdsMax; ++i) CHECK_FALSE(later.note_id(id_of(i)));
  CHECK_FALSE(later.note_id("first"));
}

TEST_CASE("answers are remembered among the last ids only") {
  PendingCalls calls;
  CHECK_FALSE(calls.seen_answer("a"));
  calls.note_answer("a");
  CHECK(calls.seen_answer("a"));
  for (std::size_t i = 0; i < kRecentIdsMax; ++i) calls.note_answer(id_of(i));
  CHECK_FALSE(calls.seen_answer("a"));
  CHECK(calls.seen_answer(id_of(0)));
}

TEST_CASE("every call is visited, oldest first, and kept or forgotten") {
  PendingCalls calls;
  for (std::size_t i = 1; i <= 3; ++i) add(calls, i);
  std::string seen;
  calls.keep_if([&](const PendingCall& call) {
    seen += call.id + " ";
    return call.id != "id-2";
  });
  CHECK(seen == "id-1 id-2 id-3 ");
  CHECK(calls.size() == 2);
  CHECK(calls.take("id-2") == nullptr);
  CHECK(calls.take("id-3") != nullptr);
  calls.keep_if([](const PendingCall& /*call*/) { return false; });
  CHECK(calls.size() == 0);
}
