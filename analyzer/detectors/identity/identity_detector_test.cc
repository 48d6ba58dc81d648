#include <catch2/catch.hpp>

#include "analyzer/detectors/testing/scene.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

Scene scene() {
  return Scene(find_detector("identity"));
}

void beat(Talk& talk) {
  talk.call("Heartbeat", "{}", "{'currentTime':'@'}");
}

}  // namespace

TEST_CASE("two clients that speak for one identity are told, once") {
  Scene play = scene();
  Talk& station = play.connect("CP1", {.address = "10.0.0.1"});
  beat(station);
  Talk& other = play.connect("CP1", {.address = "10.0.0.66"});
  beat(other);
  play.take();
  play.wait_s(3);
  beat(station);
  const auto lines = play.take("identity.duplicate");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "other_address") == "10.0.0.1");
  CHECK(field(lines[0], "same_address") == "false");
  beat(other);
  beat(station);
  CHECK(play.take("identity.duplicate").empty());
}

TEST_CASE("the old client may speak only after the newcomer has left") {
  Scene play = scene();
  Talk& station = play.connect("CP1", {.address = "10.0.0.1"});
  Talk& other = play.connect("CP1", {.address = "10.0.0.66"});
  beat(other);
  play.wait_s(4);
  other.close_frame(Side::kClient);
  other.close();
  play.wait_s(1);
  beat(station);
  CHECK(play.take("identity.duplicate").size() == 1);
}

TEST_CASE("a half-dead connection is no duplicate, nor is what was still under way") {
  Scene play = scene();
  Talk& old = play.connect("CP1", {.address = "10.0.0.1"});
  beat(old);
  Talk& again = play.connect("CP1", {.address = "10.0.0.2"});
  beat(again);
  beat(old);  // A tenth of a second later: sent before the move.
  for (int i = 0; i < 10; ++i) {
    play.wait_s(30);
    beat(again);
  }
  CHECK(play.take("identity.duplicate").empty());
}

TEST_CASE("a connection that is being closed makes no duplicate") {
  Scene play = scene();
  Talk& old = play.connect("CP1");
  old.close_frame(Side::kClient);
  Talk& again = play.connect("CP1", {.address = "10.0.0.2"});
  play.wait_s(5);
  beat(again);
  beat(old);
  CHECK(play.take("identity.duplicate").empty());
}

TEST_CASE("addresses that push each other off an identity are counted in rounds") {
  Scene play = scene();
  const auto take_over = [&](Talk& old, const char* address) -> Talk& {
    play.wait_s(5);
    Talk& next = play.connect("CP1", {.address = address});
    old.close();
    return next;
  };
  Talk& first = play.connect("CP1", {.address = "10.0.0.1"});
  Talk& second = take_over(first, "10.0.0.66");
  auto lines = play.take("identity.displaced");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "rounds") == "0");
  Talk& third = take_over(second, "10.0.0.1");
  lines = play.take("identity.displaced");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "rounds") == "1");
  take_over(third, "10.0.0.66");
  lines = play.take("identity.displaced");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "rounds") == "2");
}

TEST_CASE("the end of the input displaces nobody, nor does a reconnect from the same address") {
  Scene play = scene();
  Talk& old = play.connect("CP1");
  play.connect("CP1", {.address = "10.0.0.2"});
  old.close("end_of_input");
  Talk& same = play.connect("CP2");
  play.connect("CP2");
  same.close("reset");
  CHECK(play.take("identity.displaced").empty());
}

TEST_CASE("a newcomer that is refused while the station speaks is told") {
  Scene play = scene();
  Talk& station = play.connect("CP1", {.address = "10.0.0.1"});
  beat(station);
  play.refuse("CP1", 409, {.address = "10.0.0.66"});
  auto lines = play.take("identity.refused_while_connected");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "still_speaks") == "false");
  play.wait_s(20);
  beat(station);
  play.refuse("CP1", 409, {.address = "10.0.0.66"});
  lines = play.take("identity.refused_while_connected");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "still_speaks") == "true");
  CHECK(field(lines[0], "count") == "2");
  play.refuse("CP1", 409, {.address = "10.0.0.1"});
  CHECK(play.take("identity.refused_while_connected").empty());
}

TEST_CASE("guessed passwords are told apart from a stale one") {
  Scene play = scene();
  for (int i = 0; i < 10; ++i) {
    play.refuse("CP1", 401, {.address = "10.0.0.66", .credential = "c" + std::to_string(i)});
  }
  auto lines = play.take("identity.login_failures");
  REQUIRE(lines.size() == 2);
  CHECK(field(lines[1], "failures") == "10");
  CHECK(field(lines[1], "credentials") == "10");
  play.connect("CP1", {.address = "10.0.0.66", .credential = "right"});
  lines = play.take("identity.login_after_failures");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "failures") == "10");

  for (int i = 0; i < 10; ++i) {
    play.refuse("CP2", 401, {.address = "10.0.0.2", .credential = "stale"});
    play.wait_s(4);
  }
  lines = play.take("identity.login_failures");
  REQUIRE_FALSE(lines.empty());
  CHECK(field(lines.back(), "credentials") == "1");
}

TEST_CASE("a few failures, and failures of somebody else, are no guessing") {
  Scene play = scene();
  for (int i = 0; i < 4; ++i) play.refuse("CP1", 401, {.address = "10.0.0.1"});
  play.connect("CP1", {.address = "10.0.0.1"});
  for (int i = 0; i < 9; ++i) play.refuse("CP2", 401, {.address = "10.0.0.66"});
  play.connect("CP2", {.address = "10.0.0.2"});  // The station itself, from its own address.
  const auto lines = play.take();
  for (const std::string& line : lines) CHECK_FALSE(line.starts_with("identity.login_after"));
}

TEST_CASE("a source that asks for many identities is told at doublings") {
  Scene play = scene();
  for (int i = 0; i < 40; ++i) {
    play.refuse("CP" + std::to_string(i), i % 2 == 0 ? 404 : 401, {.address = "10.0.0.66"});
  }
  const auto lines = play.take("identity.probing");
  REQUIRE(lines.size() == 4);  // 5, 10, 20, 40
  CHECK(field(lines[3], "refused") == "40");
  CHECK(field(lines[3], "unauthorised") == "20");
  CHECK(field(lines[3], "refused_percent") == "100");
}

TEST_CASE("one identity that is refused again and again is no enumeration") {
  Scene play = scene();
  for (int i = 0; i < 40; ++i) play.refuse("CP1", 404, {.address = "10.0.0.66"});
  CHECK(play.take("identity.probing").empty());
}

TEST_CASE("what differs from the connection before is named") {
  Scene play = scene();
  play.connect("CP1", {.address = "10.0.0.1", .user_agent = "a/1"}).close();
  play.connect("CP1", {.address = "10.0.0.1", .user_agent = "a/1"}).close();
  CHECK(play.take("identity.client_changed").empty());
  play.connect("CP1", {.address = "10.0.0.2", .user_agent = "b/1"}).close();
  const auto lines = play.take("identity.client_changed");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "changed") == "[address,user_agent]");
}

TEST_CASE("a password, a serial or a SIM card under two identities is told") {
  Scene play = scene();
  const char* boot =
      "{'chargePointVendor':'V','chargePointModel':'M',"
      "'chargePointSerialNumber':'S1','iccid':'8949'}";
  play.connect("CP1", {.credential = "same"}).call("BootNotification", boot);
  play.connect("CP2", {.credential = "same"}).call("BootNotification", boot);
  const auto lines = play.take("identity.shared");
  REQUIRE(lines.size() == 3);
  CHECK(field(lines[0], "shared") == "password");
  CHECK(field(lines[1], "shared") == "serial");
  CHECK(field(lines[2], "shared") == "iccid");
  CHECK(field(lines[2], "other_station") == "CP1");
}

TEST_CASE("the table of sources is bounded") {
  Scene play = scene();
  for (int i = 0; i < 20'010; ++i) {
    play.refuse("CP1", 404,
                {.address = "10." + std::to_string(i / 256) + ".0." + std::to_string(i % 256)});
  }
  CHECK(play.detector().dropped() == 10);
}

TEST_CASE("identities of one source are told apart up to a limit") {
  Scene play = scene();
  for (int i = 0; i < 1'400; ++i) {
    play.refuse("CP" + std::to_string(i), 404, {.address = "10.0.0.66"});
  }
  const auto lines = play.take("identity.probing");
  REQUIRE_FALSE(lines.empty());
  CHECK(field(lines.back(), "refused") == "640");
}
