#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

// A site whose messages are on the wire and in the log of its CSMS.
struct Site {
  explicit Site(int stations = 2, const std::string& version = "ocpp1.6")
      : scene(find_detector("logs")), is_2x(version != "ocpp1.6") {
    for (int i = 0; i < stations; ++i) {
      const std::string id = fmt::format("CP{}", i + 1);
      wire.push_back(&scene.connect(id, {.subprotocol = version}));
      log.push_back(&scene.open(id, {.subprotocol = version, .from_log = true}));
    }
  }

  // Message `number` of the station: begins and ends of its sessions in turn.
  [[nodiscard]] std::string message(std::size_t station, int number) const {
    const std::string id = fmt::format("{}-{}", station, number);
    const bool begins = number % 2 == 0;
    const int transaction = number / 2;
    if (is_2x) {
      return fmt::format(
          R"([2,"{}","TransactionEvent",{{"eventType":"{}","timestamp":"2026-01-01T00:00:00Z",)"
          R"("triggerReason":"Authorized","seqNo":{},"transactionInfo":{{"transactionId":"{}"}}}}])",
          id, begins ? "Started" : "Ended", begins ? 0 : 1, transaction);
    }
    if (begins) {
      return fmt::format(R"([2,"{}","StartTransaction",{{"connectorId":1,"idTag":"A",)"
                         R"("meterStart":0,"timestamp":"2026-01-01T00:00:00Z"}}])",
                         id);
    }
    return fmt::format(R"([2,"{}","StopTransaction",{{"transactionId":{},"meterStop":1,)"
                       R"("timestamp":"2026-01-01T00:00:00Z"}}])",
                       id, transaction);
  }

  // Each station sends its next messages, one every `pause_s`; the log tells them at once, or not.
  void run(int messages, bool told, int pause_s = 120) {
    for (int i = 0; i < messages; ++i, ++next) {
      for (std::size_t station = 0; station < wire.size(); ++station) {
        wire[station]->say(Side::kClient, message(station, next));
        if (told) log[station]->say(Side::kClient, message(station, next));
      }
      scene.wait_s(pause_s);
    }
  }

  // The log tells what the wire has had before.
  void tell(int from, int to) {
    for (int i = from; i < to; ++i) {
      for (std::size_t station = 0; station < log.size(); ++station) {
        log[station]->say(Side::kClient, message(station, i));
      }
    }
  }

  Scene scene;
  bool is_2x;
  std::vector<Talk*> wire;
  std::vector<Talk*> log;
  int next = 0;
};

}  // namespace

TEST_CASE("a hole in the middle of a log is told once, with what is missing") {
  for (const std::string version : {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"}) {
    CAPTURE(version);
    Site site(2, version);
    site.run(8, true);
    site.run(10, false);
    site.run(12, true);
    const auto lines = site.scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("log.hole - silent_s=13"));
    CHECK(field(lines[0], "missing") == "20");
    CHECK(field(lines[0], "stations") == "2");
    CHECK(field(lines[0], "line_before") == "38");
    CHECK(field(lines[0], "line_after") == "60");
    CHECK(site.scene.packets().front() == 38);
  }
}

TEST_CASE("a whole log, and one that covers less than the wire, are none") {
  Site whole;
  whole.run(30, true);
  whole.scene.end();
  CHECK(whole.scene.take().empty());
  Site late;
  late.run(30, false);
  late.run(12, true);
  late.scene.end();
  CHECK(late.scene.take().empty());
}

TEST_CASE("a quiet site makes no hole, nor does one message that got lost") {
  Site site;
  site.run(8, true);
  site.scene.wait_s(7'200);
  site.run(8, true);
  site.scene.wait_s(1'800);
  site.wire[0]->say(Side::kClient, site.message(0, 99));
  site.wire[1]->say(Side::kClient, site.message(1, 98));
  site.scene.wait_s(1'800);
  site.run(12, true);
  CHECK(site.scene.take().empty());
}

TEST_CASE("lines that come late are not missing") {
  Site site;
  site.run(8, true);
  const int from = site.next;
  site.run(10, false);
  site.tell(from, site.next);
  site.run(12, true);
  CHECK(site.scene.take().empty());
}

TEST_CASE("a log whose clock is set does not look like a hole") {
  Site site;
  site.run(8, true);
  // From here on the log is twenty minutes ahead, so its lines come so much later.
  constexpr int kLate = 10;
  const int begin = site.next;
  site.run(kLate, false);
  for (int i = 0; i < 30; ++i) {
    site.tell(begin + i, begin + i + 1);
    site.run(1, false);
  }
  CHECK(site.scene.take().empty());
}

TEST_CASE("what a log never tells is not missing in it") {
  Site site;
  const auto begins_only = [&](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      const int number = site.next;
      site.run(2, false, 900);
      site.tell(number, number + 1);
      site.scene.wait_s(60);
    }
  };
  begins_only(20);
  CHECK(site.scene.take().empty());
  // A log of one station says nothing about the other.
  Site one;
  for (int i = 0; i < 40; ++i) {
    for (std::size_t station = 0; station < 2; ++station) {
      one.wire[station]->say(Side::kClient, one.message(station, i));
    }
    if (i < 8 || i > 20) one.log[0]->say(Side::kClient, one.message(0, i));
    one.scene.wait_s(120);
  }
  const auto lines = one.scene.take("log.hole");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "missing") == "13");
  CHECK(field(lines[0], "stations") == "1");
}

TEST_CASE("a station that went to another backend is not awaited in the log of the first") {
  Site site;
  site.run(8, true);
  std::vector<Talk*> elsewhere;
  for (const char* id : {"CP1", "CP2"}) {
    elsewhere.push_back(&site.scene.connect(id, {.csms = "10.9.0.2"}));
  }
  for (int i = 0; i < 10; ++i) {
    for (std::size_t station = 0; station < 2; ++station) {
      elsewhere[station]->say(Side::kClient, site.message(station, 100 + i));
    }
    site.scene.wait_s(120);
  }
  site.run(12, true);
  CHECK(site.scene.take().empty());
}

TEST_CASE("a log that ends long before the wire is told at the end") {
  Site site;
  site.run(8, true);
  site.run(4, false, 600);
  site.scene.end();
  CHECK(site.scene.take().empty());
  Site more;
  more.run(8, true);
  more.run(10, false, 600);
  more.scene.end();
  const auto lines = more.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("log.ends_early - silent_s=6122 "));
  CHECK(field(lines[0], "missing") == "20");
}

TEST_CASE("of a long silence the first messages are looked for") {
  Site site;
  site.run(8, true);
  const int from = site.next;
  site.run(60, false, 30);
  site.run(12, true);
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "missing") == "64");
  // When those come late, so do the others.
  Site late;
  late.run(8, true);
  late.run(60, false, 30);
  late.tell(from, late.next);
  late.run(12, true);
  CHECK(late.scene.take().empty());
}

TEST_CASE("silences that wait are bounded") {
  Site site;
  site.run(8, true);
  // Nothing that both tell follows, so none is certain.
  for (int i = 0; i < 6; ++i) {
    site.run(10, false);
    site.log[0]->say(Side::kClient, fmt::format(R"([2,"h{}","Heartbeat",{{}}])", i));
  }
  site.scene.wait_s(10);
  CHECK(site.scene.take().empty());
  CHECK(site.scene.detector().dropped() == 2);
}

TEST_CASE("a station that is forgotten is awaited no more") {
  Scene scene(find_detector("logs"), 2);
  Talk& wire = scene.connect("CP1");
  Talk& log = scene.open("CP1", {.from_log = true});
  const Site words(0);
  for (int i = 0; i < 8; ++i) {
    wire.say(Side::kClient, words.message(0, i));
    log.say(Side::kClient, words.message(0, i));
    scene.wait_s(60);
  }
  for (int i = 8; i < 20; ++i) {
    wire.say(Side::kClient, words.message(0, i));
    scene.wait_s(120);
  }
  scene.connect("CP2").call("Heartbeat", "{}");
  scene.connect("CP3").call("Heartbeat", "{}");
  scene.end();
  CHECK(scene.take().empty());
}

}  // namespace chargewarden::testing
