#include "analyzer/detectors/network/peers.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

using Lines = std::vector<std::string>;

constexpr std::int64_t kDayS = 86'400;

LinkSetup to_peer(const std::string& peer, const std::string& station = "10.0.0.1") {
  return {.address = station, .csms = peer, .port = 4'444, .protocol = "unknown"};
}

constexpr ProgressDetail kQuiet = {.duration_s = 2'400,
                                   .client_bytes = 4'000,
                                   .server_bytes = 3'000,
                                   .largest_bytes = 300,
                                   .silence_s = 60};

}  // namespace

TEST_CASE("somebody new is told after a week of nobody new") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  scene.open("", to_peer("198.51.100.1")).close("fin", 10, 10);
  scene.wait_s(6 * kDayS);
  scene.open("", to_peer("198.51.100.2")).close("fin", 10, 10);
  CHECK(scene.take().empty());
  scene.wait_s(8 * kDayS);
  scene.open("", to_peer("198.51.100.1")).close("fin", 10, 10);
  CHECK(scene.take().empty());
  scene.open("", to_peer("198.51.100.3")).close("fin", 10, 10);
  CHECK(scene.take() ==
        Lines{"network.new_peer CP1 peer_stations=1 peer_is_outside=true steady_days=8 "
              "station_is_public=false"});
  // Not again, and not what comes right behind it: then it is not steady any more.
  scene.open("", to_peer("198.51.100.3")).close("fin", 10, 10);
  scene.open("", to_peer("198.51.100.4")).close("fin", 10, 10);
  CHECK(scene.take().empty());
}

TEST_CASE("what the whole fleet does is told with its number") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  scene.connect("CP2", {.address = "10.0.0.2"});
  scene.wait_s(8 * kDayS);
  scene.open("", to_peer("198.51.100.3")).close("fin", 10, 10);
  scene.open("", to_peer("198.51.100.3", "10.0.0.2")).close("fin", 10, 10);
  const Lines lines = scene.take();
  REQUIRE(lines.size() == 2);
  CHECK(field(lines[0], "peer_stations") == "1");
  CHECK(field(lines[1], "peer_stations") == "2");
}

TEST_CASE("backends, commanded places and refused connections are nobody new") {
  Scene scene(find_detector("network"));
  Talk& station = scene.connect("CP1");
  scene.wait_s(8 * kDayS);
  scene.connect("CP1", {.csms = "10.9.0.2"});
  scene.open("", to_peer("10.9.0.2")).close("fin", 10, 10);
  station.command("UpdateFirmware", "{'location':'ftp://198.51.100.9/fw','retrieveDate':'@'}");
  scene.open("", to_peer("198.51.100.9")).close("fin", 10, 10);
  LinkSetup refused = to_peer("198.51.100.8");
  refused.accepted = false;
  scene.open("", refused).close("reset");
  CHECK(scene.take().empty());
}

TEST_CASE("a quiet connection that stays open is told once") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  scene.connect("CP2", {.address = "10.0.0.2"});
  Talk& talk = scene.open("", to_peer("198.51.100.7"));
  ProgressDetail detail = kQuiet;
  detail.duration_s = 1'200;
  talk.progress(detail);
  CHECK(scene.take().empty());
  talk.progress(kQuiet);
  CHECK(scene.take() ==
        Lines{"network.channel CP1 duration_s=2400 station_bytes=4000 peer_bytes=3000 "
              "longest_silence_s=60 peer_stations=1 stations=2 peer_is_outside=true "
              "station_is_public=false"});
  detail.duration_s = 3'600;
  talk.progress(detail);
  CHECK(scene.take().empty());
}

TEST_CASE("what is no quiet channel is not told") {
  std::vector<ProgressDetail> details(4, kQuiet);
  details[0].client_bytes = 0;  // Only one side speaks.
  details[1].server_bytes = 0;
  details[2].server_bytes = 10'000'000;  // A download.
  details[3].largest_bytes = 1'400;      // Files or pictures.
  for (const ProgressDetail& detail : details) {
    Scene scene(find_detector("network"));
    scene.connect("CP1");
    scene.open("", to_peer("198.51.100.7")).progress(detail);
    // Of the backend, or of somebody who is no station.
    scene.open("", to_peer("10.9.0.1")).progress(kQuiet);
    scene.open("", to_peer("198.51.100.7", "10.5.5.5")).progress(kQuiet);
    CHECK(scene.take().empty());
  }
}

TEST_CASE("stations of one peer are told apart up to a limit") {
  Scene scene(find_detector("network"));
  for (std::size_t i = 0; i < network::kStationsPerPeerMax + 5; ++i) {
    const std::string address = fmt::format("10.0.1.{}", i);
    scene.connect(fmt::format("CP{}", i), {.address = address});
    scene.open("", to_peer("198.51.100.7", address)).progress(kQuiet);
  }
  const Lines lines = scene.take();
  CHECK(field(lines.back(), "peer_stations") == std::to_string(network::kStationsPerPeerMax));
}

TEST_CASE("the tables of peers are bounded") {
  constexpr std::size_t kMax = 20;
  static_assert(kMax < network::kPeersMax && kMax < network::kPeersOfStationsMax &&
                kMax < network::kChannelsMax);
  // The tables alone, beside the World of a scene that has a station.
  Scene scene;
  scene.connect("CP1");

  class Nobody : public Reporter {
   public:
    [[nodiscard]] Event make(const EventDef& def) const override { return {def, 0, {}}; }

    [[nodiscard]] Event make(const EventDef& def, const Subject& /*subject*/) const override {
      return {def, 0, {}};
    }

    [[nodiscard]] std::uint64_t tag() const override { return 1; }

    void emit(const Event& /*event*/) override {}
  };

  Nobody nobody;
  const World& world = scene.world();
  const auto talk_to = [&](network::Peers& peers, std::size_t count) {
    FactBuffer buffer;
    buffer.begin(FactHead(), "");
    buffer.add_number(FactField::kDurationMs, 2'400'000);
    buffer.add_number(FactField::kClientBytes, 10);
    buffer.add_number(FactField::kServerBytes, 10);
    buffer.commit();
    for (std::size_t i = 0; i < count; ++i) {
      Link link;
      link.flow.client_ip_text = "10.0.0.1";
      link.flow.server_ip_text = fmt::format("198.51.100.{}", i);
      link.flow.id = std::to_string(i);
      network::Contact contact;
      contact.link = &link;
      contact.client = world.find_station("CP1");
      peers.on_contact(contact, false, world, nobody);
      peers.on_progress(buffer.read(0), contact, world, nobody);
    }
  };
  network::Peers all(HashKey{}, kMax, kMax, kMax);
  talk_to(all, kMax);
  CHECK(all.dropped() == 0);
  talk_to(all, kMax + 3);
  CHECK(all.dropped() >= 9);
}

}  // namespace chargewarden::testing
