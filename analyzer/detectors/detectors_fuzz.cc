// Any conversation of a few stations with their CSMS: facts, World and all detectors take it, with
// an inventory that some of it fits.
//
// Each line of the input is one act. Its first byte tells the connection, the second what:
// < and > are messages of the station and of the CSMS, the rest of the line is the text; other
// bytes are those of act().

#include <array>
#include <cstdlib>
#include <utility>

#include "analyzer/detectors/testing/scene.h"
#include "analyzer/site/inventory_reader.h"
#include "collector/base/text.h"

namespace {

using namespace chargewarden;

constexpr std::size_t kActsMax = 64;
constexpr std::array<const char*, 4> kStations = {"CP1", "CP2", "CP1", "CP3"};
constexpr std::array<const char*, 3> kSubprotocols = {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"};

const SiteKnowledge& site() {
  static const SiteKnowledge kSite = [] {
    SiteKnowledge out;
    auto inventory =
        parse_inventory("fuzz.yml",
                        "stations:\n"
                        "  - id: CP1\n"
                        "    vendor: V\n"
                        "    firmware: ['1.0']\n"
                        "    security_profile: 2\n"
                        "    addresses: [10.0.0.1]\n"
                        "    connectors: [{id: 1, max_power_w: 22000}]\n"
                        "    settings: {HeartbeatInterval: 300, A: b, C.V: 1}\n"
                        "  - {id: CP2, settings: {OCPPCommCtrlr.V: x}}\n"
                        "csms: [other.example.com]\n"
                        "advisories: [{id: A, vendor: V, model: '*', fixed_in: '2'}]\n"
                        "end_of_support: [{vendor: V, model: M, since: 2020-01-01}]\n");
    if (!inventory) std::abort();
    out.inventory = std::move(inventory).value();
    const WeeklyTime time{{"thu", "fri"}, "00:00", "01:00"};
    if (!out.maintenance.add_weekly(time, {}) || !out.closed.add_weekly(time, {})) std::abort();
    return out;
  }();
  return kSite;
}

class Play {
 public:
  explicit Play(const DetectorDef& def) : scene_(&def, site()) {}

  void act(std::string_view line) {
    if (line.size() < 2) return;
    const auto place = static_cast<std::size_t>(line[0]) % kStations.size();
    const std::string_view rest = line.substr(2);
    switch (line[1]) {
      case '<':
        talk(place).say(Side::kClient, rest);
        break;
      case '>':
        talk(place).say(Side::kServer, rest);
        break;
      case 'c':
        if (talks_[place] != nullptr) talks_[place]->close(rest);
        talks_[place] = nullptr;
        break;
      case 'f':
        talk(place).close_frame(Side::kClient);
        break;
      case 'r':
        scene_.refuse(kStations[place], 401);
        break;
      case 'w':
        scene_.wait_s(static_cast<std::int64_t>(rest.size()) * 10);
        break;
      case 'g':
        scene_.fetch(rest, std::string(64, 'a'), 4'096, {});
        break;
      case 'n':
        network(place, rest);
        break;
      default:
        break;
    }
  }

  void end() {
    scene_.end();
    (void)scene_.take();
  }

 private:
  // The address of the place does something outside OCPP, or somebody does it to that address.
  void network(std::size_t place, std::string_view text) {
    const std::string here = "10.0.0." + std::to_string(place + 1);
    const std::string there = text.ends_with('!') ? "198.51.100.7" : "10.0.0.2";
    testing::LinkSetup setup;
    const bool inbound = text.starts_with('i');
    setup.address = inbound ? there : here;
    setup.csms = inbound ? here : there;
    setup.port = static_cast<std::uint16_t>(text.size());
    setup.protocol = text.size() % 2 == 0 ? "unknown" : "http";
    setup.accepted = !text.ends_with('.');
    testing::Talk& other = scene_.open("", setup);
    other.request("PUT", text, {.request_bytes = 4'096, .host = std::string(text), .basic = true});
    other.login(text);
    other.store(text);
    other.progress({.duration_s = 2'400, .client_bytes = 1, .server_bytes = 1});
    other.close("fin");
  }

  testing::Talk& talk(std::size_t place) {
    if (talks_[place] == nullptr) {
      testing::LinkSetup setup;
      setup.subprotocol = kSubprotocols[place % kSubprotocols.size()];
      setup.address = "10.0.0." + std::to_string(place + 1);
      talks_[place] = &scene_.connect(kStations[place], setup);
    }
    return *talks_[place];
  }

  testing::Scene scene_;
  std::array<testing::Talk*, kStations.size()> talks_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const DetectorDef& def : detector_defs()) {
    Play play(def);
    std::string_view text = as_text({data, size});
    for (std::size_t count = 0; count < kActsMax && !text.empty(); ++count) {
      const std::size_t end = text.find('\n');
      play.act(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    play.end();
  }
  return 0;
}
